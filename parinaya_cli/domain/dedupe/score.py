"""Signals become a probability: the weights of all that was told are added to log-odds."""

from __future__ import annotations

from math import exp, log

from parinaya_cli.domain.dedupe.compare import Signals
from parinaya_cli.domain.dedupe.weights import WEIGHTS

SURE = 0.95
"""From this score on a pair is sure, if nothing makes it doubtful: what ``dedupe apply`` merges by itself."""

LIKELY = 0.5
"""From this score on two rows are rather one person than two."""


def weight(signal: str) -> float:
    """The weight of one signal ``what:how@reach`` in log-odds; one that was never learned weighs nothing."""
    return _FLAT.get(signal, 0.0)


_FIXED = {"kind:other": -14.0, "id:same": 8.0, "gender:kaur": -8.0}
"""What is known without learning: a household is no person, another system's id means one person, and of two
who are called Mandeep the one is Singh and the other Kaur."""

_FLAT = {
    f"{table.partition('@')[0]}:{how}" + (f"@{reach}" if (reach := table.partition("@")[2]) else ""): value
    for table, levels in WEIGHTS.items()
    for how, value in levels.items()
} | _FIXED


def log_odds(signals: Signals) -> float:
    """The sum of the weights of all signals."""
    return sum(_FLAT.get(signal, 0.0) for signal in signals.told)


_BEYOND_DOUBT = frozenset(("copy:whole", "id:same"))
_DOUBTFUL = frozenset(
    f"{what}@{reach}"
    for what, reaches in (
        ("given:initial", ("differ", "silent", "weak")),
        ("family:other", ("shared", "weak")),
        ("family:other_letter", ("shared", "silent", "weak")),
        ("family:patronym", ("shared", "weak")),
    )
    for reach in reaches
) | frozenset(
    f"{what}:{how}"
    for what, hows in (
        ("letters", "234"),
        ("middle", ("other", "fillers")),
        ("spelt", ("some", "often")),
        ("gender", ("told", "half")),
    )
    for how in hows
)


def doubt(signals: Signals) -> str:
    """The signal that speaks against one person whatever the score, so that somebody has to decide; or nothing.

    An initial without a shared number, or that several names fit; another last name, as a wife's or son's who bears
    the husband's or father's name; other second names; a title that does not fit; two spellings that both stand often.
    On invented lists these are the pairs of a high score that are wrong several times as often as the others.
    """
    if not _BEYOND_DOUBT.isdisjoint(signals.told):
        return ""
    return next((signal for signal in signals.told if signal in _DOUBTFUL), "")


def probability(odds: float) -> float:
    """The probability of log-odds."""
    return 1.0 / (1.0 + exp(-max(min(odds, 50.0), -50.0)))


def odds_of(chance: float) -> float:
    """The log-odds of a probability between 0 and 1, both left out."""
    return log(chance / (1.0 - chance))
