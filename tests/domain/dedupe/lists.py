"""Invented lists of guests with the truth beside them: several lists of several weddings, of any mixture.

What stands here was written without looking at how names are compared: it invents what families do to names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from parinaya_cli.domain.dedupe.normalise import Record
from parinaya_cli.domain.people import read_side
from tests.domain.dedupe import noise
from tests.domain.dedupe.families import Family, Mix, Person, Registry

_TIES = ["gym", "office", "school", "temple", "society", "kitty", "shop", "club", "neighbour", "tuition"]
_TAGS = [
    "friend",
    "family",
    "VIP",
    "neighbour",
    "office",
    "sangeet",
    "veg",
    "Jain food",
    "hotel",
    "outstation",
    "close family",
    "kids",
]
_TITLES = {
    True: ["Mr", "Mr.", "Shri", "Sh.", "Dr", "Dr.", "Adv."],
    False: ["Mrs", "Mrs.", "Smt", "Smt.", "Ms", "Dr", "Kum."],
}
_SIDES = {
    "bride": ["Bride", "Bride side", "Ladki wale", "B"],
    "groom": ["Groom", "Groom side", "Ladke wale", "G"],
}


@dataclass(frozen=True)
class Truth:
    """The lists as records, and for each which person and which household it really is."""

    records: list[Record]
    people: list[str]
    households: list[str]


@dataclass(frozen=True)
class Habit:
    """How one kind of list is written. ``sheet``: families stand together and have city and household."""

    name: str
    kin: float
    given_only: float
    full: float
    groups: float
    numbers: float
    sheet: bool = False
    sorted: bool = False
    mail: float = 0.1
    ties: float = 0.0
    old: bool = False


_HABITS = (
    Habit(
        "google-contacts.csv",
        kin=0.6,
        given_only=1.3,
        full=0.0,
        groups=0.15,
        numbers=1.0,
        sorted=True,
        mail=0.5,
        ties=0.05,
    ),
    Habit(
        "mummy-contacts.vcf",
        kin=1.6,
        given_only=1.3,
        full=0.0,
        groups=0.1,
        numbers=1.0,
        sorted=True,
        ties=0.06,
    ),
    Habit("papa-list.xlsx", kin=0.7, given_only=0.5, full=0.2, groups=2.0, numbers=0.75, sheet=True),
    Habit("office.xlsx", kin=0.1, given_only=0.3, full=0.2, groups=1.0, numbers=0.9, sheet=True, mail=0.4),
    Habit("whatsapp-group.csv", kin=0.1, given_only=1.0, full=0.0, groups=0.0, numbers=1.0),
    Habit("rsvp-form.csv", kin=0.0, given_only=0.2, full=0.4, groups=0.0, numbers=1.0, mail=0.8),
    Habit(
        "old-event-list.xlsx",
        kin=0.6,
        given_only=0.5,
        full=0.2,
        groups=2.0,
        numbers=0.6,
        sheet=True,
        old=True,
    ),
)


class Writer:
    """Writes rows as families do, from one source of chance."""

    def __init__(self, random: Random, mix: Mix) -> None:
        self.random = random
        self.mix = mix

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    # ── names ──────────────────────────────────────────────────────────────────────────────────────────

    def word(self, spelling: str, cell: tuple[str, ...]) -> str:
        """One word of a name as this list spells it."""
        script = cell[-1] if cell and not cell[-1].isascii() else ""
        if script and self.chance(self.mix.script):
            return script
        latin = [form for form in cell if form.isascii()] or [spelling]
        word = self.random.choice(latin) if self.chance(self.mix.respelt * 0.6) else spelling
        if self.chance(self.mix.respelt * 0.4):
            word = noise.respelt(word, self.random)
        return noise.slipped(word, self.random) if self.chance(self.mix.slip) else word

    def full(self, person: Person) -> str:
        """Given, middle and family name, in the region's manner, sometimes the family name first."""
        given = self.word(person.spelling, person.given)
        family = self.word(person.family_spelling, person.family)
        middle = ""
        if person.middle and self.chance(person.region.middle):
            middle = person.middle if self.chance(0.6) else person.middle[0] + self.random.choice(["", "."])
        filler = self.word(person.filler[0], person.filler) if person.filler and self.chance(0.7) else ""
        if person.region.initials and self.chance(person.region.initials):
            return self.southern(person, given)
        if filler in ("Mohammed", "Mohd", "Md", "Mohd.", "Mohammad", "Abdul", "Syed"):
            given, filler = f"{filler} {given}", ""
        if filler and self.chance(0.35) and person.filler[0] in ("Singh", "Kaur", "Kumar", "Devi"):
            family = ""
        inner = " ".join(part for part in (filler, middle) if part)
        if self.chance(self.mix.initials) and family:
            dot = self.random.choice([".", "", ". "])
            letters = given[0] + dot + (middle[0] + dot if middle else "")
            return f"{letters.strip()} {family}"
        if self.chance(self.mix.swapped) and family:
            comma = "," if self.chance(0.3) else ""
            return " ".join(f"{family}{comma} {given} {inner}".split())
        return " ".join(f"{given} {inner} {family}".split())

    def southern(self, person: Person, given: str) -> str:
        """An initial for the father or husband, in front or behind, or his name written out."""
        first = person.middle or person.family[0]
        roll = self.random.random()
        if roll < 0.12:
            return f"{given} {first}"
        if roll < 0.2:
            return f"{first} {given}"
        letters = first[0] + (self.random.choice(["", "."]) if roll > 0.5 else ".")
        return f"{letters} {given}" if self.chance(0.7) else f"{given} {letters}"

    def person(self, person: Person, habit: Habit) -> str:
        """A row's name cell for one person."""
        mix, random = self.mix, self.random
        male = person.male
        given = self.word(person.spelling, person.given)
        if person.pet and self.chance(mix.pets):
            given = person.pet
        kin = random.choice((person.region.kin_men if male else person.region.kin_women).split())
        tail = " ji" if self.chance(0.08) else ""
        roll = random.random()
        if roll < mix.family_only * habit.kin * 1.5:
            family = self.word(person.family_spelling, person.family)
            return random.choice(
                [
                    f"{family} {kin}",
                    f"{family} ji",
                    f"{'Mr' if male else 'Mrs'} {family}",
                    f"{family} sahab" if male else f"Smt {family}",
                ]
            )
        if roll < mix.kin * habit.kin * 0.6 and not person.child:
            return f"{given} {kin}"
        if roll < (mix.kin * habit.kin + mix.given_only * habit.given_only) * 0.8:
            tie = f" {random.choice(_TIES)}" if self.chance(habit.ties) else ""
            return f"{given}{tail}{tie}" if self.chance(0.8) else f"{tie.strip()} {given}".strip()
        title = random.choice(_TITLES[male]) + " " if self.chance(mix.titles) and not person.child else ""
        name = self.full(person)
        if person.pet and self.chance(mix.pets * 0.5):
            name = name.replace(" ", f" ({person.pet}) ", 1)
        return f"{title}{name}{tail if not title else ''}"

    def group(self, family: Family) -> str:
        """A row that names a household."""
        head = family.members[0]
        wife = family.members[1] if len(family.members) > 1 else None
        given = self.word(head.spelling, head.given)
        name = self.word(head.family_spelling, head.family)
        couple = self.random.choice(["Mr & Mrs", "Mr. & Mrs.", "Mr and Mrs", "Shri & Smt", "Mr/Mrs"])
        ways = [
            f"{couple} {name}",
            f"{couple} {given} {name}",
            f"{name} & family",
            f"{given} {name} & family",
            f"{given} {name} and family",
            f"{name} family",
            f"{given} {name} + family",
        ]
        if wife is not None and not wife.child:
            other = self.word(wife.spelling, wife.given)
            ways += [f"{given} & {other} {name}", f"{given} and {other} {name}"]
        return self.random.choice(ways)

    # ── numbers and the other cells ────────────────────────────────────────────────────────────────────

    def number(self, person: Person, family: Family, habit: Habit) -> str:
        """A row's phone cell."""
        mix, random = self.mix, self.random
        tidy = habit.name.endswith(("vcf", "group.csv")) or habit.sorted
        missing = mix.no_number * (1.4 if habit.sheet else 0.25)
        if self.chance(missing):
            return ""
        number = person.numbers[0]
        if len(person.numbers) > 1 and self.chance(0.6 if habit.old else 0.35):
            number = person.numbers[1]
        elif self.chance(mix.family_number * (1.0 if habit.sheet or person.child else 0.4)):
            number = family.number
        cell = noise.written(number, random, tidy)
        if self.chance(mix.spoilt * 2) and habit.sheet:
            cell = noise.spoilt(number, random)
        elif self.chance(mix.lost_digit):
            cell = noise.mutilated(number, random)
        if len(person.numbers) > 1 and self.chance(0.15):
            cell += random.choice([" / ", " ::: ", ", "]) + noise.written(person.numbers[-1], random, tidy)
        if family.line and self.chance(mix.line):
            cell = random.choice([f"{family.line} / {cell}", f"{cell} ; {family.line}", family.line])
        return cell

    def row(self, name: str, number: str, who: tuple[Person, Family], habit: Habit, source: str) -> Record:
        """A whole record."""
        person, family = who
        random, mix = self.random, self.mix
        tags = [random.choice(_TAGS)] if self.chance(0.25) else []
        if self.chance(mix.label * (1.0 if habit.sheet else 0.35)):
            tags.append(family.label if self.chance(0.9) else family.label.lower())
        city = random.choice(family.cities) if self.chance(mix.city * (1.6 if habit.sheet else 0.5)) else ""
        return Record(
            id="",
            full_name=noise.cased(name, random, mix.shout),
            phones=(number,) if number else (),
            emails=(person.email,) if person.email and self.chance(habit.mail) else (),
            city=noise.cased(city, random, 0.1),
            side=read_side(random.choice(_SIDES[family.side])) if self.chance(0.5) else None,
            tags=tuple(tags),
            source=source,
        )


Row = tuple[Record, str, str]


def _mentions(writer: Writer, sheet: bool) -> int:
    """How often one list names somebody: families put the same guest down again without looking."""
    mix = writer.mix
    often = mix.repeated * (1.3 if sheet else 0.8)
    return 1 + writer.chance(often) + writer.chance(often * 0.35) + writer.chance(often * 0.15)


def _list_rows(writer: Writer, families: list[Family], habit: Habit, source: str) -> list[Row]:
    rows: list[Row] = []
    strays: list[Row] = []

    def put(name: str, who: tuple[Person, Family], key: str, mention: int) -> None:
        number = "" if mention and writer.chance(0.4 if habit.sheet else 0.05) else writer.number(*who, habit)
        row = (writer.row(name, number, who, habit, source), key, who[1].key)
        (strays if mention and writer.chance(0.35) else rows).append(row)

    for family in families:
        if not writer.chance(writer.mix.coverage * (1.3 if habit.sheet else 0.8)):
            continue
        if writer.chance(writer.mix.groups * habit.groups):
            for mention in range(_mentions(writer, True)):
                speaker = writer.random.choice(family.members) if writer.chance(0.2) else family.members[0]
                put(writer.group(family), (speaker, family), f"g{family.key}", mention)
            if writer.chance(0.55):
                continue
        for person in family.members:
            if writer.chance(0.65 if habit.sheet else 0.4):
                for mention in range(_mentions(writer, habit.sheet)):
                    put(writer.person(person, habit), (person, family), person.key, mention)
    for stray in strays:
        rows.insert(writer.random.randrange(len(rows) + 1), stray)
    return rows


def _second_version(writer: Writer, rows: list[Row], source: str) -> list[Row]:
    """The same sheet some weeks later: most rows as they were, some gone, some in another place."""
    kept = [
        (replace(record, source=source), person, home) for record, person, home in rows if writer.chance(0.8)
    ]
    if writer.chance(0.4):
        writer.random.shuffle(kept)
    return kept


def invent(seed: int, mix: Mix) -> Truth:
    """Lists of a mixture; the same seed and mixture give the same lists."""
    random = Random(seed)
    rows: list[Row] = []
    registry = Registry(random, mix)
    before: list[Family] = []
    for wedding in range(mix.weddings):
        families = registry.families()
        for family in families:
            family.key = f"w{wedding}{family.key}"
        families += [family for family in before if random.random() < mix.again]
        random.shuffle(families)
        before = families
        writer = Writer(random, mix)
        for side in _SIDES:
            theirs = [family for family in families if family.side == side or random.random() < mix.across]
            for habit in _HABITS:
                rows += _one_list(writer, theirs, habit, f"W{wedding + 1:02}/{side}-{habit.name}")
    return _numbered(rows)


def _one_list(writer: Writer, families: list[Family], habit: Habit, source: str) -> list[Row]:
    if writer.chance(0.3):
        return []
    families = list(families)
    writer.random.shuffle(families)
    rows = _list_rows(writer, families, habit, source)
    order: Callable[[Row], str] = lambda row: row[0].full_name.casefold()  # noqa: E731
    if habit.sorted:
        rows.sort(key=order)
    elif not habit.sheet:
        writer.random.shuffle(rows)
    if habit.name.startswith("papa") and writer.chance(writer.mix.version * 0.5):
        rows = _second_version(writer, rows, source.replace(".xlsx", "-v2.xlsx")) + rows
    return rows


def _numbered(rows: list[Row]) -> Truth:
    records: list[Record] = []
    lines: dict[str, int] = {}
    for place, (record, _, _) in enumerate(rows):
        lines[record.source] = line = lines.get(record.source, 0) + 1
        records.append(replace(record, id=f"r{place + 1:06}", line=line))
    return Truth(records, [person for _, person, _ in rows], [home for _, _, home in rows])
