"""What the tests of merges share: a small wedding made from a few facts, and all that is shown of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from parinaya_cli.domain.errors import NotFound, UsedWrongly
from parinaya_cli.services import answers, audit, consent, invitations, merge_undo, merges, people, units
from parinaya_cli.services.answers import AnswerRequest
from parinaya_cli.services.imports import ImportRequest, import_people
from parinaya_cli.services.merges import MergeReport
from parinaya_cli.services.people import PeopleRequest
from parinaya_cli.store import counts
from tests.fakes.contact_source import sheet
from tests.services.wedding_kit import Scene

HEADER = (
    "Id", "Name", "Phone", "Email", "City", "Side", "Tags", "Notes", "Household", "Events", "Gift", "Pax", "Language",
)  # fmt: skip
EVENTS = ("haldi", "sangeet")


@dataclass(frozen=True)
class Facts:
    """A small wedding: rows of a list, and by their places (from 1): whose household is invited where, what it said,
    who stopped, what was recorded of consent, who is in a household that was made by hand."""

    rows: Sequence[Sequence[str]]
    invited: frozenset[tuple[int, str]] = frozenset()
    said: Sequence[tuple[int, str, str, int]] = ()
    stopped: Sequence[int] = ()
    opted: Sequence[tuple[int, str]] = ()
    by_hand: Sequence[int] = ()


def phone(number: int) -> str:
    """A phone of the list."""
    return f"98765000{number:02d}"


_FAMILIES = ("", "", "Rao", "Sharma")
_row = st.tuples(
    st.sampled_from(["Asha Rao", "Aasha Rao", "Ravi Sharma", "R. Sharma"]),
    st.lists(st.integers(1, 4), max_size=2, unique=True),
    st.sampled_from(["", "", "asha@example.com", "rao@example.com"]),
    st.sampled_from(["", "Pune", "Poona"]),
    st.sampled_from(["", "bride", "groom", "both"]),
    st.sampled_from(["", "vip", "close", "vip, close"]),
    st.sampled_from(["", "comes late", "no nuts"]),
    st.sampled_from(_FAMILIES),
    st.sampled_from(["", "haldi", "sangeet", "haldi, sangeet"]),
    st.sampled_from(["", "vase", "lamp"]),
    st.sampled_from(["", "1", "2", "4"]),
    st.sampled_from(["", "hi", "en"]),
)


@st.composite
def weddings(draw: st.DrawFn) -> Facts:
    """Small weddings of four to six people, in any households."""
    drawn = draw(st.lists(_row, min_size=4, max_size=6))
    rows = [
        [str(place), name, ", ".join(map(phone, phones)), *rest]
        for place, (name, phones, *rest) in enumerate(drawn, 1)
    ]
    count = len(rows)
    some = st.integers(1, count)
    return Facts(
        rows,
        draw(st.frozensets(st.tuples(some, st.sampled_from(EVENTS)), max_size=6)),
        draw(
            st.lists(
                st.tuples(
                    some, st.sampled_from(EVENTS), st.sampled_from(["yes", "no", "maybe"]), st.integers(1, 3)
                ),
                max_size=4,
            )
        ),
        draw(st.lists(some, max_size=2, unique=True)),
        draw(st.lists(st.tuples(some, st.sampled_from(["opt-in", "opt-out"])), max_size=2)),
        draw(st.lists(some, max_size=2, unique=True)),
    )


def make(scene: Scene, facts: Facts, slug: str = "") -> None:
    """Make the wedding, as one of its own in the database when a slug is given."""
    if slug:
        scene.wedding = scene.another(slug)
    for days, event in enumerate(EVENTS, 50):
        scene.event(event, days=days)
    import_people(scene.begin, sheet(HEADER, *map(list, facts.rows)), ImportRequest("list.csv"))
    with scene.begin() as tx:
        refs = {
            one.external_ids[0]: one.ref
            for one in people.list_people(tx, PeopleRequest())[0]
            if one.external_ids
        }
    named = {place: refs[row[0]] for place, row in enumerate(facts.rows, 1)}
    with scene.begin() as tx:
        for place in facts.by_hand:
            if people.find(tx, named[place]).unit is None:
                units.add(tx, f"By hand {place}", [named[place]], extra_seats=place % 3)
        units.build(tx, dry_run=False)
    with scene.begin() as tx:
        for place, event in sorted(facts.invited):
            unit = people.find(tx, named[place]).unit
            invitations.add(tx, invitations.InviteRequest([event], units=[str(unit)]))
    for place, event, status, heads in facts.said:
        _answer(scene, named[place], event, status, heads)
    with scene.begin() as tx:
        for place in facts.stopped:
            consent.do_not_message(tx, named[place], lift=False, reason="mourning")
    for place, kind in facts.opted:
        try:
            with scene.begin() as tx:
                consent.record(tx, named[place], kind, source="on the phone", evidence="a note")
        except NotFound:
            continue


def _answer(scene: Scene, ref: str, event: str, status: str, heads: int) -> None:
    try:
        with scene.begin() as tx:
            unit = people.find(tx, ref).unit
            answers.set_answer(
                tx, AnswerRequest(str(unit), event, status, heads if status == "yes" else None)
            )
    except (NotFound, UsedWrongly):
        return  # not invited, or not for so many


def picture(scene: Scene) -> dict[str, Any]:
    """All that lists, pages and reports show of the wedding, and the counts; they agree with a rebuild."""
    with scene.begin() as tx:
        found, _ = people.list_people(tx, PeopleRequest())
        homes = units.list_units(tx)
        told = {
            "people": [people.whole(tx, one) for one in found],
            "units": [units.document(tx, unit) for unit in homes],
            "invited": invitations.list_invited(tx, None),
            "standing": answers.list_standings(tx),
            "said": {unit.ref: answers.history(tx, unit.ref) for unit in homes},
            "consent": {phone: consent.history(tx, phone) for one in found for phone in one.phones},
        }  # fmt: skip
        assert counts.drift(tx.conn, tx.wedding.id) == []
        told["counts"] = tx.rows(
            "SELECT event_id, side, invited_units, invited_seats, answered_units, yes_heads, no_units, maybe_units "
            "FROM projection_event_counts WHERE wedding_id = :wedding ORDER BY event_id, side"
        )
        told["queue"] = tx.rows(
            "SELECT id, state, reason, person_id, unit_id FROM invite_dispatch WHERE wedding_id = :wedding ORDER BY id"
        )
        assert audit.verify(tx).ok
    return told


def merge(scene: Scene, *names: str, **more: Any) -> MergeReport:
    """Merge people."""
    with scene.begin() as tx:
        return merges.merge(tx, names, **more)


def unmerge(scene: Scene, name: str) -> None:
    """Take a merge apart."""
    with scene.begin() as tx:
        merge_undo.unmerge(tx, name)
