"""Lists say who is invited to what: households are put on those guest lists when they are built."""

from __future__ import annotations

from parinaya_cli.services import events, imports, invitations, units
from parinaya_cli.services.imports import ImportRequest
from tests.fakes.contact_source import sheet
from tests.services.wedding_kit import Scene

ROWS = [
    ["Asha Rao", "9820012345", "bride", "all functions", ""],
    ["Vikram Seth", "9820012346", "groom", "सभी", ""],
    ["Leela Jain", "9820012347", "groom", "Sangeet", "✓"],
]


def test_all_means_the_events_of_both_families_and_of_ones_own(scene: Scene) -> None:
    scene.event("haldi", side="bride")
    scene.event("sangeet")
    scene.event("reception", side="both")
    scene.event("brunch")
    with scene.begin() as tx:
        events.cancel(tx, "brunch")
    header = ["Name", "Phone", "Side", "Functions", "Reception"]
    imports.import_people(scene.begin, sheet(header, *ROWS), ImportRequest("list.csv"))
    with scene.begin() as tx:
        units.build(tx, dry_run=False)
    found = scene.rows(
        "SELECT p.full_name, array_agg(e.slug ORDER BY e.slug) AS slugs FROM invitations i "
        "JOIN guest_unit_members m ON m.unit_id = i.unit_id JOIN people p ON p.id = m.person_id "
        "JOIN events e ON e.id = i.event_id GROUP BY p.full_name"
    )
    assert {row["full_name"]: row["slugs"] for row in found} == {
        "Asha Rao": ["haldi", "reception", "sangeet"],
        "Vikram Seth": ["reception", "sangeet"],
        "Leela Jain": ["reception", "sangeet"],
    }


def test_who_was_taken_off_by_hand_stays_off(scene: Scene) -> None:
    scene.event("sangeet")
    imports.import_people(
        scene.begin, sheet(["Name", "Phone", "Functions"], ["Leela Jain", "9820012347", "Sangeet"]),
        ImportRequest("list.csv"),
    )  # fmt: skip
    with scene.begin() as tx:
        units.build(tx, dry_run=False)
        (unit,) = units.list_units(tx)
        assert unit.events == ("sangeet",)
        invitations.remove(tx, "sangeet", unit.ref)
    scene.event("reception")
    header = ["Name", "Phone", "Functions", "Reception"]
    again = sheet(
        header, ["Leela Jain", "9820012347", "Sangeet", "yes"], ["Asha Rao", "9820012345", "Sangeet", ""]
    )
    imports.import_people(scene.begin, again, ImportRequest("list.csv"))
    with scene.begin() as tx:
        units.build(tx, dry_run=False)
        found = {unit.label: unit.events for unit in units.list_units(tx)}
    assert found == {"Leela Jain": ("reception",), "Asha Rao": ("sangeet",)}
