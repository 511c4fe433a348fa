"""Two entries become signals: what of their names, numbers and other cells agrees, what doesn't, how rare it is."""

from __future__ import annotations

from dataclasses import dataclass

from parinaya_cli.domain.dedupe.contact import contact_of, email_of
from parinaya_cli.domain.dedupe.lexicon import FILLERS, PET_NAMES
from parinaya_cli.domain.dedupe.lists import Lists, list_of, source_of
from parinaya_cli.domain.dedupe.normalise import Entry
from parinaya_cli.domain.dedupe.roles import Name
from parinaya_cli.domain.dedupe.spelling import Likeness, gender_of, likeness, sound

_SLIP = Likeness.SLIP
_WORD = {
    Likeness.SAME: "same",
    Likeness.VARIANT: "variant",
    Likeness.CLOSE: "close",
    Likeness.SLIP: "slip",
    Likeness.ENDING: "ending",
    Likeness.SHORT: "short",
    Likeness.ALIKE: "alike",
    Likeness.OTHER: "other",
}


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for and against: ``reach``, how far contact goes, and the signals, each ``what:how`` or
    ``what:how@reach``."""

    reach: str
    told: tuple[str, ...]


# ── names ──────────────────────────────────────────────────────────────────────────────────────────────


def _whole(name: Name) -> str:
    """Given name and what stands beside it as one word: Raj Kumar and Rajkumar."""
    return name.given + "".join(word for word in (*name.middle, *name.fillers) if len(word) > 1)


def given_likeness(left: Name, right: Name) -> str:
    """How the given names stand to each other: same … other, initial, swapped, crossed, absent."""
    if not left.given or not right.given:
        return "absent"
    if len(left.given) == 1 or len(right.given) == 1:
        return _initial(left, right)
    found = likeness(left.given, right.given)
    if found >= _SLIP:
        return _WORD[found]
    if left.pet or right.pet:
        pets = {left.pet, left.given} & {right.pet, right.given}
        if pets - {""}:
            return "short"
    if left.given in PET_NAMES or right.given in PET_NAMES:
        return "pet"
    whole, other = _whole(left), _whole(right)
    if (whole != left.given or other != right.given) and max(
        likeness(whole, other), likeness(left.given, other), likeness(whole, right.given)
    ) >= Likeness.CLOSE:
        return "close"
    return _elsewhere(left, right) or _WORD[found]


def _initial(left: Name, right: Name) -> str:
    if left.given[0] == right.given[0]:
        if len(left.given) == len(right.given) == 1:
            return "same_initial"
        return "initial"
    return "other_initial"


def _elsewhere(left: Name, right: Name) -> str:
    """Whether a given name stands at another place of the other name: swapped, or a father's or husband's."""
    for one, other in ((left, right), (right, left)):
        if other.family and len(other.family) > 1 and likeness(one.given, other.family) >= _SLIP:
            if any(
                len(word) > 1 and likeness(word, other.given) >= _SLIP for word in (one.family, *one.middle)
            ):
                return "swapped"
            if any(len(word) == 1 and word == other.given[0] for word in (*one.middle, one.family)):
                return "initial"
            return "as_family" if not one.family else "crossed"
        if any(len(word) > 1 and likeness(one.given, word) >= _SLIP for word in other.middle):
            return "crossed"
    return ""


def _family(left: Name, right: Name, swapped: bool) -> str:
    if swapped:
        return "same"
    ours, theirs = left.family or _letter(left), right.family or _letter(right)
    if not ours or not theirs:
        if gender_of(ours or theirs):
            return "half_patronym"
        return "absent" if ours or theirs else "none"
    if len(ours) == 1 or len(theirs) == 1:
        both = "letter" if len(ours) == len(theirs) else "initial"
        return both if ours[0] == theirs[0] else f"other_{both}"
    found = likeness(ours, theirs)
    if found < Likeness.SHORT and (gender_of(ours) or gender_of(theirs)):
        return "patronym"
    if ours in FILLERS or theirs in FILLERS:
        return "filler" if found >= _SLIP else "absent"
    return _WORD[found] if found != Likeness.SHORT else "alike"


def _letter(name: Name) -> str:
    """The initial that stands for a father's or husband's name where there is no family name: S. Ramanathan."""
    return next((word for word in name.middle if len(word) == 1), "") if len(name.given) > 1 else ""


def _middle(left: Name, right: Name) -> str:
    """Whether what stands between agrees: father's and husband's names, fillers, initials."""
    ours, theirs = (*left.middle, *left.fillers), (*right.middle, *right.fillers)
    if not ours or not theirs:
        return ""
    best = 0
    for one in ours:
        for other in theirs:
            if len(one) == 1 or len(other) == 1:
                best = max(best, 2 if one[0] == other[0] else 0)
            else:
                best = max(best, 3 if likeness(one, other) >= _SLIP else 0)
    if best:
        return "middle:same" if best == 3 else "middle:initial"
    return "middle:other" if left.middle and right.middle else "middle:fillers"


_AGREE = frozenset(("same", "variant", "close", "slip", "swapped"))
_STEPS = (0.05, 0.15, 0.4, 1.0, 3.0)


def _rarity(left: Entry, right: Entry, given: str, family: str, lists: Lists) -> str:
    """How many rows would bear the agreeing names by chance: from 0, hardly any, to 5, several."""
    if given not in _AGREE:
        return ""
    keys = [(list_of(entry.source)[0], sound(entry.name.given)) for entry in (left, right)]
    if family in _AGREE:
        last = [
            (folder, sound(entry.name.family)) for (folder, _), entry in zip(keys, (left, right), strict=True)
        ]
        rows = max(min(lists.rows[folder] for folder, _ in keys), 200)
        chance = min(lists.given[key] for key in keys) * min(lists.family[key] for key in last) / rows
        return f"full:{sum(chance > step for step in _STEPS)}"
    bearers = max(lists.bearers.get(key, 0) for key in keys)
    return f"first:{min(bearers, 4) if bearers < 6 else 5 if bearers < 10 else 6}"


def _namesakes(entry: Entry, lists: Lists) -> str:
    """How many numbers stand under the full name: nobody has many, so that many are several people's."""
    key = (list_of(entry.source)[0], sound(entry.name.given), sound(entry.name.family))
    return f"numbers:{min(lists.numbers.get(key, 1), 5)}"


def _letters(left: Entry, right: Entry, given: str, lists: Lists) -> str:
    """How many given names of the lists an initial beside the family name may stand for."""
    if given not in ("initial", "same_initial"):
        return ""
    keys = [(list_of(one.source)[0], one.name.given[:1], sound(one.name.family)) for one in (left, right)]
    return f"letters:{min(max(lists.letters.get(key, 1) for key in keys), 4)}"


def _slips(left: Entry, right: Entry, given: str, lists: Lists) -> str:
    """A slip of the pen is rare: where both spellings stand often in the lists, they are two names."""
    if given not in ("slip", "close", "ending"):
        return ""
    rarer = min(lists.written[left.name.given], lists.written[right.name.given])
    return "spelt:often" if rarer >= 5 else "spelt:some" if rarer >= 2 else ""


# ── all together ───────────────────────────────────────────────────────────────────────────────────────


def compare(left: Entry, right: Entry, lists: Lists) -> Signals:
    """Everything that two entries say about being one person; a group and a person never are."""
    if left.name.group != right.name.group:
        return Signals("differ", ("kind:other",))
    contact, reach = contact_of(left, right, lists)
    email = email_of(left, right)
    if email == "email:same":
        reach = "weak" if reach == "differ" else "shared"
    if set(left.external_ids) & set(right.external_ids):
        return Signals("shared", ("id:same", contact))
    if left.name.group:
        return _compare_groups(left, right, (contact, email), reach, lists)
    given = given_likeness(left.name, right.name)
    family = _family(left.name, right.name, given == "swapped")
    rarity = _rarity(left, right, given, family, lists)
    told = [
        "base:" + reach,
        contact,
        email,
        f"given:{given}@{reach}",
        f"family:{family}@{reach}",
        _middle(left.name, right.name),
        f"{rarity}@{reach}" if rarity else "",
        f"{_namesakes(left, lists)}@{reach}" if rarity.startswith("full") else "",
        _letters(left, right, given, lists),
        _slips(left, right, given, lists),
        _gender(left.name, right.name, given),
        *_surroundings(left, right, reach, lists),
    ]
    return Signals(reach, tuple(filter(None, told)))


def _gender(left: Name, right: Name, given: str) -> str:
    ours, theirs = ({*name.fillers, name.family} for name in (left, right))
    if ("kaur" in ours and "sing" in theirs) or ("sing" in ours and "kaur" in theirs):
        return "gender:kaur"
    if not left.gender or not right.gender:
        return ""
    if left.gender == right.gender:
        return "gender:same" if given == "absent" else ""
    told = "told" if left.told and right.told else "half" if left.told or right.told else "names"
    return f"gender:{told}"


def _surroundings(left: Entry, right: Entry, reach: str, lists: Lists) -> tuple[str, ...]:
    """City, side, household and list."""
    city = side = label = country = ""
    if left.country and right.country and left.country != right.country:
        country = "country:differ@" + reach
    if left.city and right.city:
        city = "city:same" if left.city == right.city else "city:differ"
        city += "@" + reach
    if left.side and right.side and left.side != right.side:
        side = "side:differ"
    if left.label and right.label:
        label = "label:same" if left.label == right.label else "label:differ"
    source = source_of(left.source, right.source)
    copied = _copied(left, right) if source == "list:version" else ""
    beside = "beside:yes" if _beside(left, right, lists) else ""
    return city, country, side, label, f"{source}@{reach}", copied, f"{beside}@{reach}" if beside else ""


def _beside(left: Entry, right: Entry, lists: Lists) -> bool:
    """Whether they stand next to each other in a list that isn't sorted by name: families are listed together."""
    near = left.source == right.source and left.line > 0 < right.line and abs(left.line - right.line) <= 2
    return near and left.source in lists.mixed


def _copied(left: Entry, right: Entry) -> str:
    """A row that a second version of a list repeats as it was."""
    if left.text != right.text:
        return ""
    rest = (left.mobiles, left.landlines, left.spoilt, left.city, left.label)
    return (
        "copy:whole"
        if rest == (right.mobiles, right.landlines, right.spoilt, right.city, right.label)
        else ""
    )


def _compare_groups(
    left: Entry, right: Entry, contacts: tuple[str, str], reach: str, lists: Lists
) -> Signals:
    family = _group_family(left.name, right.name)
    heads = _heads(left.name, right.name)
    told = [
        "group:" + reach,
        *contacts,
        f"group_family:{family}",
        f"heads:{heads}@{reach}",
        *(f"group_{each}" for each in _surroundings(left, right, reach, lists) if each),
    ]
    return Signals(reach, tuple(filter(None, told)))


def _group_family(left: Name, right: Name) -> str:
    ours = {word for word in (left.family, *left.heads) if len(word) > 1}
    theirs = {word for word in (right.family, *right.heads) if len(word) > 1}
    if left.family and right.family:
        found = likeness(left.family, right.family)
        return "same" if found >= Likeness.VARIANT else "slip" if found >= _SLIP else "other"
    return "absent" if not ours or not theirs else "half"


def _heads(left: Name, right: Name) -> str:
    if not left.heads or not right.heads:
        return "absent"
    best = max(likeness(one, other) for one in left.heads for other in right.heads)
    return "same" if best >= _SLIP else "short" if best >= Likeness.ALIKE else "other"
