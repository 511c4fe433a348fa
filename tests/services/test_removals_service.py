"""Removing people and bringing them back: what follows of it, and that the one undoes the other."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from parinaya_cli.domain.access import Role
from parinaya_cli.domain.errors import NotFound, NotPermitted, UsedWrongly
from parinaya_cli.domain.messages import Text
from parinaya_cli.services import audit, people, removals, units
from parinaya_cli.services.imports import ImportRequest, import_people
from parinaya_cli.services.people import PeopleRequest
from parinaya_cli.store import counts
from tests.fakes.contact_source import sheet
from tests.services.wedding_kit import Scene

HEADER = ["Name", "Phone", "Household", "Side", "Tags"]
ROWS = (
    ["Asha Rao", "+919820012345", "Rao", "bride", "vip"],
    ["Neel Rao", "+919820012346", "Rao", "groom", "close"],
    ["Ravi Iyer", "+919820012347", "Iyer", "bride", ""],
)


def family(scene: Scene) -> None:
    """The Raos, Asha and Neel, in U1, and Ravi alone in U2: all invited to the sangeet."""
    scene.event()
    scene.template()
    import_people(scene.begin, sheet(HEADER, *ROWS), ImportRequest("list.csv"))
    with scene.begin() as tx:
        units.build(tx, dry_run=False)
    scene.invite("sangeet")


def remove(scene: Scene, *names: str, **more: Any) -> removals.RemovalReport:
    with scene.begin() as tx:
        return removals.remove(tx, names, **more)


def restore(scene: Scene, name: str) -> None:
    with scene.begin() as tx:
        removals.restore(tx, name)


def picture(scene: Scene) -> list[Any]:
    """What lists and reports show of everybody."""
    with scene.begin() as tx:
        found, total = people.list_people(tx, PeopleRequest())
        homes = [units.document(tx, unit) for unit in units.list_units(tx)]
        assert counts.drift(tx.conn, tx.wedding.id) == []
        assert audit.verify(tx).ok
    kept = scene.rows("SELECT side, invited_units, invited_seats FROM projection_event_counts ORDER BY side")
    return [[(one.ref, one.unit, one.phones) for one in found], total, homes, kept]


def test_a_removed_person_is_listed_messaged_and_counted_no_more(scene: Scene) -> None:
    family(scene)
    scene.send()
    told = remove(scene, "P1")
    assert [(one.unit, one.primary, one.ended) for one in told.units] == [("U1", "P2", False)]
    assert told.cancelled == 1
    with scene.begin() as tx:
        assert [one.ref for one in people.list_people(tx, PeopleRequest())[0]] == ["P2", "P3"]
        home = units.find(tx, "U1")
        with pytest.raises(NotFound):
            people.find(tx, "P1")
    assert (home.primary, home.side, home.tags, home.seats) == ("P2", "groom", ("close",), 1)
    assert scene.states()[0] == ("cancelled", "person_removed")
    scene.deliver()
    assert [message.to for message in scene.sender.sent] == ["+919820012347"]
    assert scene.hear(scene.say(None, Text("hello"), sender=_sender("+919820012345"))) == ""
    assert scene.value("SELECT unit_id FROM inbound_messages") is None
    picture(scene)


def _sender(phone: str) -> Any:
    from parinaya_cli.domain.messages import Sender

    return Sender(phone)


def test_the_list_does_not_bring_them_back(scene: Scene) -> None:
    family(scene)
    remove(scene, "P1")
    import_people(scene.begin, sheet(HEADER, *ROWS), ImportRequest("list.csv"))
    changed = [[*ROWS[0][:4], "new tag"], *ROWS[1:]]
    import_people(scene.begin, sheet(HEADER, *changed), ImportRequest("list.csv"))
    assert scene.value("SELECT count(*) FROM people WHERE removed_at IS NULL") == 2
    with scene.begin() as tx:
        assert [member.ref for member in units.find(tx, "U1").members] == ["P2"]


def test_a_household_that_is_invited_is_not_left_empty_by_the_way(scene: Scene) -> None:
    family(scene)
    before = picture(scene)
    with pytest.raises(UsedWrongly, match="sangeet") as caught:
        remove(scene, "P3")
    assert "--with-household" in caught.value.hint
    with pytest.raises(UsedWrongly):
        remove(scene, "P1", "P2")
    assert picture(scene) == before
    told = remove(scene, "P3", with_household=True, dry_run=True)
    assert told.units[0].ended
    assert picture(scene) == before
    remove(scene, "P3", with_household=True)
    assert scene.counts()["sangeet"]["units"] == 1
    assert [home["ref"] for home in picture(scene)[2]] == ["U1"]
    restore(scene, "P3")
    assert picture(scene) == before


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sets(st.sampled_from(["P1", "P2", "P3"]), min_size=1), min_size=1, max_size=3),
    st.permutations(["P1", "P2", "P3"]),
)
@example(steps=[{"P1"}, {"P2"}], back=["P1", "P2", "P3"])
@example(steps=[{"P1", "P2"}], back=["P2", "P1", "P3"])
def test_what_is_removed_comes_back_as_it_was(scene: Scene, steps: list[set[str]], back: list[str]) -> None:
    if not scene.value("SELECT count(*) FROM people"):
        family(scene)
    before = picture(scene)
    gone: set[str] = set()
    for step in steps:
        if step - gone:
            remove(scene, *sorted(step - gone), with_household=True)
        gone |= step
        assert {one[0] for one in picture(scene)[0]} == {"P1", "P2", "P3"} - gone
    for name in back:
        restore(scene, name)
        picture(scene)
    assert picture(scene) == before


def test_who_may_and_who_is_not_there(scene: Scene) -> None:
    scene.person("Asha Rao")
    for role in (Role.FAMILY, Role.DESK, Role.AUDITOR):
        for verb in (lambda tx: removals.remove(tx, ["P1"]), lambda tx: removals.restore(tx, "P1")):
            with (
                pytest.raises(NotPermitted),
                scene.begin(role, side="bride" if role is Role.FAMILY else None) as tx,
            ):
                verb(tx)
    with pytest.raises(NotFound):
        restore(scene, "P2")
    with pytest.raises(NotFound):
        remove(scene, "P1", "P2")
    assert picture(scene)[1] == 1
    restore(scene, "P1")
    assert scene.value("SELECT count(*) FROM audit_logs WHERE action LIKE 'person.re%'") == 0
