"""Signals become a probability: the weights of all that was told are added to log-odds."""

from __future__ import annotations

from math import exp, log

from parinaya_cli.domain.dedupe.compare import Signals
from parinaya_cli.domain.dedupe.weights import WEIGHTS

SURE = 0.94
"""From this score on a pair is sure: what ``dedupe apply`` merges unless told otherwise."""

LIKELY = 0.5
"""From this score on two rows are rather one person than two."""


def weight(signal: str) -> float:
    """The weight of one signal ``what:how@reach`` in log-odds; one that was never learned weighs nothing."""
    return _FLAT.get(signal, 0.0)


_FIXED = {"kind:other": -14.0, "id:same": 8.0, "gender:kaur": -6.0}
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


def probability(odds: float) -> float:
    """The probability of log-odds."""
    return 1.0 / (1.0 + exp(-max(min(odds, 50.0), -50.0)))


def odds_of(chance: float) -> float:
    """The log-odds of a probability between 0 and 1, both left out."""
    return log(chance / (1.0 - chance))
