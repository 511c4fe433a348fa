"""Signals in words: what speaks for two rows being one person, what against, and how much each weighs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from parinaya_cli.domain.dedupe.compare import Signals
from parinaya_cli.domain.dedupe.normalise import Entry
from parinaya_cli.domain.dedupe.score import log_odds, probability, weight


@dataclass(frozen=True, slots=True)
class Reason:
    """One signal: its words, its weight in log-odds (above 0 speaks for one person), its name among the weights."""

    words: str
    weight: float
    signal: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """All signals of a pair; their weights add up to ``odds``, and ``score`` is its probability."""

    score: float
    odds: float
    reasons: tuple[Reason, ...]

    @property
    def why(self) -> tuple[str, ...]:
        """What speaks for one person, the heaviest first."""
        return _told(reason for reason in self.reasons if reason.weight > _SAID and not _parts(reason.signal))

    @property
    def against(self) -> tuple[str, ...]:
        """What speaks against it, the heaviest first."""
        return _told(
            reason for reason in self.reasons if reason.weight < -_SAID and not _meets(reason.signal)
        )


_SAID = 0.2

_WORDS = {
    "base": "before anything else is known",
    "group": "both name a household",
    "kind:other": "one names a household, the other one person",
    "number:one": "same phone",
    "number:two": "same phone, which two people use",
    "number:few": "same phone, which several people use",
    "number:many": "same phone, but it stands for many people",
    "number:near": "phones differ in one digit",
    "number:spoilt": "what a spreadsheet left of the phone fits",
    "number:misfit": "what a spreadsheet left of the phone does not fit",
    "number:differ": "different phones",
    "number:silent": "no phone to compare",
    "line:one": "same landline",
    "line:few": "same landline, which several people use",
    "email:same": "same e-mail",
    "email:alike": "e-mails with the same name at another provider",
    "email:differ": "different e-mails",
    "given:same": "same given name",
    "given:variant": "given names are spellings of one name",
    "given:close": "given names are close spellings",
    "given:slip": "given names differ by a slip of the pen",
    "given:short": "one given name is short for the other",
    "given:ending": "given names differ in their last vowel, as a man's and a woman's",
    "given:pet": "one is called by a pet name",
    "given:initial": "an initial stands for the given name",
    "given:same_initial": "same initial",
    "given:other_initial": "another initial",
    "given:swapped": "given and family name are swapped",
    "given:crossed": "father and son pattern: one's given name stands inside the other's name",
    "given:as_family": "one's given name is the other's family name",
    "given:absent": "a given name is missing",
    "given:alike": "given names look alike but are two names",
    "given:other": "different given names",
    "family:same": "same family name",
    "family:variant": "family names are spellings of one name",
    "family:close": "family names are close spellings",
    "family:slip": "family names differ by a slip of the pen",
    "family:ending": "family names differ in their last vowel",
    "family:initial": "an initial stands for the family name",
    "family:letter": "same initial for the family name",
    "family:other_letter": "another initial for the family name",
    "family:other_initial": "another initial of the family name",
    "family:filler": "same Singh, Kaur or Kumar",
    "family:absent": "a family name is missing",
    "family:none": "no family names",
    "family:patronym": "different last names, one of which is a given name, as a father's or husband's",
    "family:half_patronym": "one has a last name that is a given name, as a father's or husband's",
    "letters:1": "one given name in these lists fits the initial",
    "letters": "several given names in these lists fit the initial",
    "family:alike": "family names look alike but are two names",
    "family:other": "different family names",
    "middle:same": "same middle name",
    "middle:initial": "middle initial fits",
    "middle:other": "different middle names",
    "middle:fillers": "different second names",
    "full:0": "the full name is rare in these lists",
    "full:1": "the full name is rather rare in these lists",
    "full": "the full name is common in these lists",
    "first:0": "nobody else bears the given name in these lists",
    "first:1": "one family alone has the given name in these lists",
    "first": "several families have the given name in these lists",
    "spelt:often": "both spellings stand often in the lists",
    "spelt:some": "both spellings stand more than once in the lists",
    "gender:same": "both are of one gender",
    "gender:kaur": "one is Singh, the other Kaur",
    "numbers:1": "one phone stands under the full name",
    "numbers:2": "two phones stand under the full name",
    "numbers": "many phones stand under the full name",
    "gender:told": "different honorific gender",
    "gender:half": "a title or word of kinship does not fit the other's gender",
    "gender:names": "one is a man's name, the other a woman's",
    "city:same": "same city",
    "city:differ": "different cities",
    "country:differ": "different countries",
    "side:differ": "one is the bride's guest, the other the groom's",
    "label:same": "the lists put them into one household",
    "label:differ": "the lists put them into different households",
    "list:same": "both stand in one list",
    "list:version": "they stand in two versions of one list",
    "list:other": "they stand in different lists",
    "list:apart": "they stand in lists of different collections",
    "beside": "they stand next to each other in the list",
    "copy:whole": "the row is repeated as it was",
    "id:same": "same id in the system that the list comes from",
    "group_family:same": "same family name",
    "group_family:slip": "family names differ by a slip of the pen",
    "group_family:half": "a name of one is the family name of the other",
    "group_family:absent": "a family name is missing",
    "group_family:other": "different family names",
    "heads:same": "they name the same person",
    "heads:short": "the people that they name have similar names",
    "heads:other": "they name different people",
    "heads:absent": "one names nobody but the family",
}
_SHOWING = (
    "given:variant",
    "given:close",
    "given:slip",
    "given:short",
    "given:alike",
    "given:other",
    "given:ending",
)


def words_of(signal: str, left: Entry, right: Entry) -> str:
    """A signal in words, with the two given names where they say more."""
    plain, _, _ = signal.partition("@")
    bare = plain.removeprefix("group_") if plain not in _WORDS else plain
    text = _WORDS.get(bare) or _WORDS.get(bare.partition(":")[0], bare)
    if bare in _SHOWING:
        text += f" ({left.name.given}, {right.name.given})"
    return text


def explain(left: Entry, right: Entry, signals: Signals) -> Explanation:
    """Every signal of two entries with its words and weight, the heaviest first."""
    reasons = [Reason(words_of(signal, left, right), weight(signal), signal) for signal in signals.told]
    reasons.sort(key=lambda reason: -abs(reason.weight))
    odds = log_odds(signals)
    return Explanation(probability(odds), odds, tuple(reasons))


def _told(reasons: Iterable[Reason]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reason.words for reason in reasons if not _is_ground(reason.signal)))


_MEETING = frozenset(
    ("same", "variant", "close", "slip", "initial", "swapped", "near", "one", "two", "spoilt", "yes")
)
_PARTING = frozenset(
    ("differ", "other", "misfit", "crossed", "alike", "told", "half", "names", "silent", "absent")
)


def _meets(signal: str) -> bool:
    """An agreement, which is no reason against, even where it is worth less than agreements are on the whole."""
    return (
        not signal.startswith(("first:", "numbers:"))
        and signal.partition(":")[2].partition("@")[0] in _MEETING
    )


def _parts(signal: str) -> bool:
    """A difference or a gap, which is no reason for, even where it costs less than usual."""
    return signal.partition(":")[2].partition("@")[0] in _PARTING


def _is_ground(signal: str) -> bool:
    """Signals that say where a pair starts from rather than what was found."""
    return signal.startswith(("base:", "group:", "list:", "group_list:"))
