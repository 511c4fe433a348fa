"""Any sequence of versions of a list, edits by hand, and imports taken back leaves what the rules say.

The rules once more, small, in Python: three values are compared for each field (what the list said, what it says,
what parinaya has), and what an import changed goes back where nobody has changed it since.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from parinaya_cli.services import import_undo, imports, people
from parinaya_cli.services.imports import ImportRequest
from parinaya_cli.services.people import PeopleRequest, PersonFields
from tests.fakes.contact_source import sheet
from tests.services.wedding_kit import Scene

HEADER = ("Id", "Name", "Phone", "City", "Tags", "Gift")
NAMES = {"1": "Asha Sharma", "2": "Vikram Seth", "3": "Leela Nair"}
PHONES = {id_: (f"987650000{id_}", f"987651111{id_}") for id_ in NAMES}


@dataclass(frozen=True)
class Row:
    """What a version of the list says of somebody."""

    city: str
    tags: frozenset[str]
    gift: str
    phone: int = 0

    def cells(self, id_: str) -> list[str]:
        return [id_, NAMES[id_], PHONES[id_][self.phone], self.city, ";".join(sorted(self.tags)), self.gift]


@dataclass
class Person:
    """What parinaya should have: ``said`` is what the list said last."""

    city: str
    tags: frozenset[str]
    gift: str
    said: Row
    phones_by_hand: bool = False

    def hear(self, row: Row) -> dict[str, Any]:
        """An edited row comes: what it changes is changed; returns what was there before."""
        before: dict[str, Any] = {}
        was = self.said
        if row.city not in (was.city, self.city) and self.city == was.city:
            before["city"], self.city = self.city, row.city
        tags = frozenset(t for t in self.tags if t in row.tags or t not in was.tags) | (row.tags - was.tags)
        if tags != self.tags and row.tags != was.tags:
            before["tags"], self.tags = self.tags, tags
        if row.gift != was.gift:
            before["gift"], self.gift = self.gift, row.gift
        self.said = row
        return before

    def forget(self, before: dict[str, Any], had: Row) -> bool:
        """The row is taken back: what nobody changed since is as before; whether anything stays as it is."""
        says, stays = self.said, False
        if "city" in before:
            stays = self.city != says.city
            self.city = self.city if stays else before["city"]
        if "tags" in before:
            self.tags = self.tags - (says.tags - had.tags - before["tags"]) | (
                before["tags"] & (had.tags - says.tags)
            )
        if "gift" in before:
            self.gift = before["gift"]
        self.said = had
        return stays


@dataclass
class Import:
    """What an import did. ``changed``: before-values, what the list had said, whether it named them; by id.

    ``missed``: whom it did not name any more.
    """

    made: set[str] = field(default_factory=set)
    changed: dict[str, tuple[dict[str, Any], Row, bool]] = field(default_factory=dict)
    missed: set[str] = field(default_factory=set)
    undone: bool = False


rows = st.builds(
    Row,
    st.sampled_from(["", "Pune", "Goa"]),
    st.frozensets(st.sampled_from(["close", "near"]), max_size=2),
    st.sampled_from(["", "vase"]),
    st.integers(0, 1),
)
versions = st.dictionaries(st.sampled_from(sorted(NAMES)), rows, min_size=1)
somebody = st.sampled_from(sorted(NAMES))


class Lists(RuleBasedStateMachine):
    """One wedding, one list that comes again and again."""

    scene: Scene

    def __init__(self) -> None:
        super().__init__()
        number = self.scene.value("SELECT count(*) FROM weddings")
        self.wedding = self.scene.another(f"wedding-{number}")
        self.people: dict[str, Person] = {}
        self.gone: set[str] = set()
        self.imports: list[Import] = []
        self.last: dict[str, Row] = {}
        self.snapshots: list[tuple[int, list[dict[str, Any]]]] = []

    def begin(self) -> Any:
        return self.scene.begin(wedding=self.wedding)

    def exported(self) -> list[dict[str, Any]]:
        with self.begin() as tx:
            found, _ = people.list_people(tx, PeopleRequest())
            return [people.document(tx, one) for one in found]

    def ref(self, id_: str) -> str:
        return next(str(one["ref"]) for one in self.exported() if one["external_ids"] == [id_])

    # ── what happens ───────────────────────────────────────────────────────────────────────────────────

    @rule(version=versions)
    def the_list_comes(self, version: dict[str, Row]) -> None:
        before = self.exported()
        self.snapshots.append((len(self.imports), before))
        cells = [row.cells(id_) for id_, row in version.items()]
        report = imports.import_people(self.begin, sheet(HEADER, *cells), ImportRequest("list.csv"))
        assert (
            report.created + report.updated + report.unchanged + report.rejected
            == report.rows
            == len(version)
        )
        one = Import()
        for id_, row in version.items():
            known = self.people.get(id_)
            if known is None:
                one.made.add(id_)
                self.people[id_] = Person(row.city, row.tags, row.gift, row)
            elif row != known.said or id_ in self.gone:
                had = known.said
                one.changed[id_] = (known.hear(row) if row != had else {}, had, id_ in self.gone)
        one.missed = set(self.people) - set(version) - self.gone
        self.gone = set(self.people) - set(version)
        self.imports.append(one)
        self.last = version
        assert report.created == len(one.made)
        assert len(self.exported()) == len(before) + report.created, "an import removes nobody"
        self.check()

    @precondition(lambda self: self.last)
    @rule()
    def the_same_list_comes_again(self) -> None:
        before = self.exported()
        self.the_list_comes(self.last)
        if all(one in self.people and not self.imports[-1].changed for one in self.last):
            assert [one for one in self.exported() if one in before] == before

    @rule(id_=somebody, city=st.sampled_from(["Pune", "Agra"]), tag=st.sampled_from(["vip", "close"]))
    def a_hand_edits(self, id_: str, city: str, tag: str) -> None:
        person = self.people.get(id_)
        if person is None:
            return
        self.snapshots.clear()
        drop = (tag,) if tag in person.tags else ()
        add = () if drop else (tag,)
        with self.begin() as tx:
            people.edit(tx, self.ref(id_), PersonFields(city=city, add_tags=add, drop_tags=drop))
        person.city, person.tags = city, person.tags ^ {tag}
        self.check()

    @rule(id_=somebody, place=st.integers(0, 1))
    def a_hand_chooses_a_phone(self, id_: str, place: int) -> None:
        person = self.people.get(id_)
        if person is None:
            return
        self.snapshots.clear()
        with self.begin() as tx:
            people.edit(tx, self.ref(id_), PersonFields(phones=[PHONES[id_][place]]))
        person.phones_by_hand = True
        shown = next(one for one in self.exported() if one["external_ids"] == [id_])
        assert shown["phones"][0].endswith(PHONES[id_][place])
        self.check()

    @precondition(lambda self: self.imports)
    @rule(data=st.data())
    def an_import_is_taken_back(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(0, len(self.imports) - 1)) if data.draw(st.booleans()) else -1
        number %= len(self.imports)
        report = import_undo.undo(self.begin, f"I{number + 1}")
        one = self.imports[number]
        if one.undone:
            assert report.already
            return
        later = {id_ for other in self.imports[number + 1 :] for id_ in other.changed}
        assert {self.id_of(left.person) for left in report.refused} == later & (one.made | set(one.changed))
        self.take_back(one, later, {self.id_of(left.person) for left in report.kept})
        one.undone = not (one.made or set(one.changed) & later)
        assert report.undone == one.undone
        self.check()
        if self.snapshots and self.snapshots[-1][0] == number:
            assert self.exported() == self.snapshots.pop()[1]
        else:
            self.snapshots.clear()

    def take_back(self, one: Import, later: set[str], kept: set[str]) -> None:
        self.gone -= one.missed
        one.missed = set()
        for id_ in sorted(one.made - later):
            person = self.people[id_]
            said = person.said
            as_listed = (person.city, person.tags, person.gift) == (said.city, said.tags, said.gift)
            assert (id_ in kept) == (not as_listed) or person.phones_by_hand, id_
            if id_ not in kept:
                one.made.discard(id_)
                del self.people[id_]
                self.gone.discard(id_)
        for id_ in sorted(set(one.changed) - later):
            before, had, was_gone = one.changed.pop(id_)
            self.gone |= {id_} if was_gone else set()
            stays = self.people[id_].forget(before, had)
            assert (id_ in kept) == stays or self.people[id_].phones_by_hand, id_

    def id_of(self, ref: str) -> str:
        return self.refs[ref]

    # ── what must hold ─────────────────────────────────────────────────────────────────────────────────

    refs: dict[str, str]

    def check(self) -> None:
        """Everybody is there once, with the values of the model; what was typed by hand is never lost."""
        found = self.exported()
        self.refs = {
            **getattr(self, "refs", {}),
            **{str(one["ref"]): one["external_ids"][0] for one in found},
        }
        told = {
            one["external_ids"][0]: (one["city"], set(one["tags"]), one["extra"].get("Gift", ""))
            for one in found
        }
        assert len(told) == len(found)
        assert told == {id_: (one.city, set(one.tags), one.gift) for id_, one in self.people.items()}


def test_any_sequence_leaves_what_the_rules_say(scene: Scene) -> None:
    class Here(Lists):
        pass

    Here.scene = scene
    most = hypothesis.settings.default.max_examples if hypothesis.settings.default else 40
    told = hypothesis.settings(max_examples=max(10, most // 4), stateful_step_count=10, deadline=None)
    run_state_machine_as_test(Here, settings=told)
