"""The timeline: everything that happened, in order, for whom it may be seen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from parinaya_cli.domain.access import Role
from parinaya_cli.domain.errors import NotFound, UsedWrongly
from parinaya_cli.domain.messages import DeliveryStatus, Text
from parinaya_cli.services import consent, people, statuses, timeline, units
from parinaya_cli.services.imports import ImportRequest, import_people
from parinaya_cli.services.people import PersonFields
from parinaya_cli.store.units import Unit
from tests.fakes.contact_source import sheet
from tests.services.wedding_kit import Scene

HEADER = ["Name", "Phone", "City", "Side"]


def story(scene: Scene) -> None:
    """A guest from the list to the answer and the stop."""
    scene.event()
    scene.template()
    for city in ("Pune", "Mumbai"):
        import_people(
            scene.begin, sheet(HEADER, ["Asha Rao", "98200 12345", city, "bride"]), ImportRequest("aunts")
        )
    with scene.begin() as tx:
        tx.reason = "she married"
        people.edit(tx, "P1", PersonFields(full_name="Asha Iyer"))
    with scene.begin() as tx:
        units.build(tx, dry_run=False)
    scene.invite("sangeet")
    scene.send()
    scene.deliver()
    (unit,) = _units(scene)
    for status in (DeliveryStatus.DELIVERED, DeliveryStatus.READ):
        with scene.system() as tx:
            statuses.hear(tx, [scene.status(scene.sender.sent[0], status)])
    scene.hear(scene.say(unit, Text("yes 1"), at=timedelta(seconds=1)))
    scene.hear(scene.say(unit, Text("STOP"), at=timedelta(seconds=2)))
    with scene.begin(after=timedelta(minutes=2)) as tx:
        consent.do_not_message(tx, "P1", lift=False, reason="a death in the family")


def _units(scene: Scene) -> list[Unit]:
    with scene.begin() as tx:
        return units.list_units(tx)


def told(scene: Scene, name: str, role: Role = Role.OWNER, side: str | None = None) -> list[tuple[str, str]]:
    with scene.begin(role, side=side, after=timedelta(minutes=5)) as tx:
        moments = timeline.read(tx, name)[1]
    assert [one.at for one in moments] == sorted(one.at for one in moments)
    return [(one.what, one.detail) for one in moments]


def test_all_that_happened_is_told_in_order(scene: Scene) -> None:
    story(scene)
    moments = told(scene, "P1")
    expected = [
        ("list", "named by aunts, row 2"),
        ("list", "changed by aunts: city"),
        ("change", "edited: full name Asha Rao → Asha Iyer (she married)"),
        ("household", "in the household Asha Iyer"),
        ("invitation", "invited to sangeet, 1 seat"),
        ("message out", "template sangeet_invite to +919820012345"),
        ("message state", "template sangeet_invite: accepted"),
        ("message state", "template sangeet_invite: delivered"),
        ("message state", "template sangeet_invite: read"),
        ("answer", "sangeet: yes, 1 heads"),
        ("message in", "yes 1"),
        ("message in", "STOP"),
        ("consent", "opt-out of +919820012345: guest message"),
        ("change", "do not message"),
    ]
    assert [one for one in moments if one in expected] == expected, moments
    assert told(scene, "U1") == moments
    with scene.begin(after=timedelta(minutes=5)) as tx:
        by = {one.detail: (one.by, one.channel, one.ref) for one in timeline.read(tx, "P1")[1]}
    assert by["named by aunts, row 2"] == ("Meera", "import", "I1")
    assert by["template sangeet_invite to +919820012345"] == ("Meera", "worker", "B1")
    assert by["yes 1"] == ("", "webhook", "")


def test_lists_tell_what_they_changed_and_whom_they_lost(scene: Scene) -> None:
    header = ["ID", *HEADER]
    lost = ["2", "Ravi", "98200 12346", "Pune", "bride"]
    for phone in ("98200 12345", "98200 12347"):
        import_people(
            scene.begin, sheet(header, ["1", "Asha", phone, "Pune", "bride"], lost), ImportRequest("aunts")
        )
    import_people(
        scene.begin, sheet(header, ["1", "Asha", "98200 12347", "Pune", "bride"]), ImportRequest("aunts")
    )
    named = ("list", "named by aunts, row 2")
    assert told(scene, "P1") == [named, ("list", "changed by aunts: contact points")]
    with scene.begin() as tx:
        moments = timeline.read(tx, "P2")[1]
    assert [(one.detail, one.ref) for one in moments] == [
        ("named by aunts, row 3", "I1"),
        ("named no more by aunts", "I3"),
    ]


def test_who_sees_what(scene: Scene) -> None:
    story(scene)
    assert told(scene, "P1", Role.DESK) == [("answer", "sangeet: yes, 1 heads")]
    assert told(scene, "P1", Role.FAMILY, "bride") == told(scene, "P1")
    for name in ("P1", "U1"):
        with pytest.raises(NotFound):
            told(scene, name, Role.FAMILY, "groom")
    with pytest.raises(UsedWrongly):
        told(scene, "B1")
