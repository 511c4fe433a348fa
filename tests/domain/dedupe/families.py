"""Invented families: who lives together, how each is called, and which numbers each can be reached by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from parinaya_cli.domain.names import words
from tests.domain.dedupe.name_pool import REGIONS, Region
from tests.domain.dedupe.noise import respelt

_MAIL = (
    "gmail.com",
    "gmail.com",
    "yahoo.com",
    "hotmail.com",
    "outlook.com",
    "yahoo.co.in",
    "rediffmail.com",
    "icloud.com",
)
_PETS = sorted(
    words(
        "Pinky Sonu Monu Guddu Bablu Munna Raju Chintu Bunty Rinku Tinku Dolly Sweety Bittu Lucky Happy",
        "Pappu Guddi Babu Chhotu Rocky Vicky Minku Puchu Buro Tutul Appu Kuttan Goldie Jimmy Nanu Bebo Lalli",
        "Bholu Simmi Titu",
    )
)
_LOCALITIES = [
    "Sector 9",
    "MG Road",
    "Civil Lines",
    "Alwarpet",
    "Ballygunge",
    "Navrangpura",
    "Koregaon",
    "Model Town",
    "Anna Nagar",
    "Banjara",
    "Fontainhas",
]
_STREETS = 40
_NAMED_APART = 0.6


@dataclass(frozen=True)
class Mix:
    """How often what happens, as shares from 0 to 1; ``regions``: names of regions, each as often as it stands."""

    regions: tuple[str, ...]
    households: int = 400
    respelt: float = 0.2
    slip: float = 0.04
    script: float = 0.03
    shout: float = 0.1
    kin: float = 0.3
    given_only: float = 0.3
    family_only: float = 0.05
    initials: float = 0.05
    swapped: float = 0.12
    titles: float = 0.1
    pets: float = 0.03
    no_number: float = 0.15
    family_number: float = 0.35
    changed: float = 0.12
    line: float = 0.08
    spoilt: float = 0.03
    lost_digit: float = 0.015
    groups: float = 0.12
    label: float = 0.25
    city: float = 0.4
    repeated: float = 0.2
    again: float = 0.02
    across: float = 0.1
    coverage: float = 0.4
    twins: float = 0.02
    namesakes: float = 0.03
    planner: float = 0.0
    email: float = 0.3
    version: float = 0.7
    weddings: int = 2


def drawn(random: Random, regions: tuple[str, ...], households: int = 400) -> Mix:
    """A mix whose shares are all drawn anew: lists of one wedding are unlike those of another."""
    share = random.uniform
    return Mix(
        regions=regions,
        households=households,
        respelt=share(0.05, 0.4),
        slip=share(0.01, 0.07),
        script=share(0.0, 0.08),
        shout=share(0.03, 0.2),
        kin=share(0.1, 0.45),
        given_only=share(0.12, 0.45),
        family_only=share(0.03, 0.13),
        initials=share(0.02, 0.12),
        swapped=share(0.03, 0.2),
        titles=share(0.03, 0.2),
        pets=share(0.02, 0.16),
        no_number=share(0.05, 0.3),
        family_number=share(0.1, 0.5),
        changed=share(0.02, 0.12),
        line=share(0.0, 0.15),
        spoilt=share(0.0, 0.08),
        lost_digit=share(0.0, 0.03),
        groups=share(0.04, 0.22),
        label=share(0.0, 0.4),
        city=share(0.15, 0.6),
        repeated=share(0.08, 0.4),
        again=share(0.0, 0.06),
        across=share(0.0, 0.3),
        coverage=share(0.2, 0.5),
        twins=share(0.0, 0.05),
        namesakes=share(0.0, 0.05),
        planner=random.choice([0.0, 0.0, 0.03]),
        email=share(0.1, 0.45),
        version=share(0.3, 1.0),
        weddings=random.choice([1, 1, 2, 3]),
    )


@dataclass
class Person:
    """One invented guest. ``numbers``: those of now and before, the one in use first."""

    key: str
    male: bool
    given: tuple[str, ...]
    middle: str
    family: tuple[str, ...]
    filler: tuple[str, ...]
    region: Region
    numbers: list[str] = field(default_factory=list)
    email: str = ""
    pet: str = ""
    child: bool = False
    spelling: str = ""
    family_spelling: str = ""


@dataclass
class Family:
    """Who lives together; ``line``: their landline; ``number``: the one that stands for all of them."""

    key: str
    members: list[Person]
    family: tuple[str, ...]
    region: Region
    cities: tuple[str, ...]
    line: str
    number: str
    label: str
    side: str = ""


def forms(cell: str) -> tuple[str, ...]:
    """The spellings of one entry of the pool, the form in another script last and marked by its letters."""
    latin, _, script = cell.partition("=")
    return tuple(latin.split("/")) + ((script,) if script else ())


class Registry:
    """Makes families, one after the other, from one source of chance."""

    def __init__(self, random: Random, mix: Mix) -> None:
        self.random = random
        self.mix = mix
        self.people = 0
        self.planner = self.mobile()

    def mobile(self, abroad: bool = False) -> str:
        """A number that nobody else of the lists has, as good as surely."""
        if abroad:
            area = self.random.choice(["+4474", "+1713555", "+1732555", "+97150", "+658"])
            return area + "".join(
                self.random.choices("0123456789", k=(13 if area[1] == "4" else 12) - len(area))
            )
        series = self.random.choice(["98", "99", "97", "94", "93", "90", "88", "87", "80", "78", "70", "96"])
        return (
            "+91"
            + series
            + "".join(self.random.choices("123456789", k=1) + self.random.choices("0123456789", k=7))
        )

    def person(self, region: Region, male: bool, family: tuple[str, ...], middle: str) -> Person:
        """Somebody with a name of the region."""
        random = self.random
        given = forms(random.choice((region.men if male else region.women).split()))
        fillers = (region.fill_men if male else region.fill_women).split()
        filler = forms(random.choice(fillers)) if fillers and random.random() < region.fillers else ()
        self.people += 1
        pet = random.choice(_PETS) if random.random() < 0.25 else ""
        spelling = random.choice(given[:2]) if random.random() < 0.5 else given[0]
        if random.random() < self.mix.respelt * 0.5:
            spelling = respelt(spelling, random)
        return Person(
            f"p{self.people}", male, given, middle, family, filler, region, pet=pet, spelling=spelling
        )

    def families(self) -> list[Family]:
        """All of them; now and then two households share one name, as brothers' families do."""
        made: list[Family] = []
        for count in range(self.mix.households):
            made.append(self._family(count, made))
            made[-1].side = self.random.choice(["bride", "groom"])
        self._namesakes(made)
        return made

    def _family(self, count: int, made: list[Family]) -> Family:
        random = self.random
        region = REGIONS[random.choice(self.mix.regions)]
        family = forms(random.choice(region.families.split()))
        if made and random.random() < 0.12:
            region, family = (brothers := random.choice(made)).region, brothers.family
        head = self.person(region, random.random() < 0.85, family, "")
        father = random.choice(forms(random.choice(region.men.split()))[:1])
        head.middle = father if head.male else ""
        members = [head]
        if random.random() < 0.75:
            husband = head.spelling if head.male else ""
            members.append(self._another(members, not head.male, husband))
        for _ in range(random.choices([0, 1, 2, 3], [45, 25, 22, 8])[0]):
            child = self._another(members, random.random() < 0.5, head.spelling)
            child.child = True
            members.append(child)
        if random.random() < 0.2:
            parent = self._another(members, random.random() < 0.5, "")
            members.append(parent)
            if parent.male:
                head.middle = parent.spelling
        self._twins(members)
        for member in members:
            member.family_spelling = random.choice(family[:2]) if random.random() < 0.3 else family[0]
        return self._reachable(Family(f"h{count}", members, family, region, (), "", "", ""))

    def _another(self, members: Sequence[Person], male: bool, middle: str) -> Person:
        """One more of the household, seldom with a given name that somebody in it bears already."""
        head = members[0]
        one = self.person(head.region, male, head.family, middle)
        if one.given in [member.given for member in members] and self.random.random() < _NAMED_APART:
            one = self.person(head.region, male, head.family, middle)
        return one

    def _twins(self, members: list[Person]) -> None:
        """Brothers and sisters whose names rhyme or begin alike."""
        children = [member for member in members if member.child]
        if len(children) > 1 and self.random.random() < self.mix.twins * 5:
            first, second = children[0], children[1]
            rhyming = [
                name
                for name in (first.region.men if second.male else first.region.women).split()
                if forms(name)[0] != first.given[0]
                and (name[:2] == first.given[0][:2] or name[-3:] == first.given[0][-3:])
            ]
            if rhyming:
                second.given = forms(self.random.choice(rhyming))
                second.spelling = second.given[0]

    def _reachable(self, family: Family) -> Family:
        random, mix = self.random, self.mix
        abroad = family.region is REGIONS["abroad"] or random.random() < 0.03
        family.number = self.mobile(abroad) if random.random() > mix.planner else self.planner
        family.cities = tuple(random.choice(family.region.cities.split()).split("/"))
        code = random.choice((family.region.numbers or "11").split())
        if random.random() < 0.35:
            family.line = f"0{code}-{random.randrange(2, 7)}" + "".join(
                random.choices("0123456789", k=9 - len(code))
            )
        place = (
            f"{random.choice(_LOCALITIES)} {random.randrange(1, _STREETS)}"
            if random.random() < 0.3
            else random.choice(_LOCALITIES)
        )
        family.label = f"{family.family[0]} family ({place})"
        for place_, member in enumerate(family.members):
            own = random.random() < (0.5 if member.child else 0.75)
            member.numbers = [family.number if place_ == 0 or not own else self.mobile(abroad)]
            if random.random() < mix.changed:
                member.numbers.append(self.mobile(abroad))
            if random.random() < mix.email:
                member.email = self._email(member)
        return family

    def _email(self, member: Person) -> str:
        random = self.random
        given, family = member.spelling.lower(), member.family[0].lower().replace("'", "")
        local = random.choice(
            [f"{given}.{family}", f"{given}{family}", f"{given[0]}{family}", f"{given}_{family}", given]
        )
        year = random.choice(["", random.randrange(1, 99), random.randrange(1950, 2006)])
        return f"{local}{year}@{random.choice(_MAIL)}"

    def _namesakes(self, made: list[Family]) -> None:
        """Two people of two households with one name."""
        for _ in range(int(self.mix.namesakes * len(made))):
            one, other = self.random.sample(made, 2)
            first, second = one.members[0], self.random.choice(other.members)
            if first.male == second.male and first.region is second.region:
                second.given, second.spelling, second.family = first.given, first.spelling, first.family
                second.family_spelling = first.family_spelling
