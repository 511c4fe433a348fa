"""Households built of what the lists say, and changed by hand."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from parinaya_cli.domain.access import Role
from parinaya_cli.domain.errors import Locked, UsedWrongly
from parinaya_cli.services import consent, duplicates, people, removals, units
from parinaya_cli.services.imports import ImportRequest, import_people
from parinaya_cli.services.people import PersonFields
from parinaya_cli.services.units import BuildReport, UnitChanges
from parinaya_cli.store import counts
from parinaya_cli.store.units import Unit
from tests.fakes.contact_source import sheet
from tests.services.wedding_kit import Scene

HEADER = ("Name", "Phone", "Side", "Household", "City", "Address", "Age")


def lists(scene: Scene, *rows: list[str], source: str = "bride.csv") -> None:
    filled = [[*row, *[""] * (len(HEADER) - len(row))] for row in rows]
    import_people(lambda: scene.begin(), sheet(HEADER, *filled), ImportRequest(source))


def build(scene: Scene, *, dry_run: bool = False) -> BuildReport:
    with scene.begin() as tx:
        return units.build(tx, dry_run=dry_run)


def homes(scene: Scene) -> dict[str, list[str]]:
    with scene.begin() as tx:
        return {unit.ref: [member.ref for member in unit.members] for unit in units.list_units(tx)}


def edit(scene: Scene, name: str, **changes: object) -> Unit:
    with scene.begin() as tx:
        return units.edit(tx, name, UnitChanges(**changes))  # type: ignore[arg-type]


def show(scene: Scene, name: str) -> dict[str, object]:
    with scene.begin() as tx:
        return units.document(tx, units.find(tx, name), whole=True)


# ── building ───────────────────────────────────────────────────────────────────────────────────────────


def test_phones_addresses_and_relations_of_two_lists_make_households_with_their_reasons(scene: Scene) -> None:
    lists(
        scene,
        ["Ramesh Gupta", "9876500001"],
        ["Ramesh's wife", ""],
        ["Vikram Seth", "9876500002", "", "", "", "Flat 3, Lotus Court"],
        ["Farhan Qureshi", "9876500003"],
    )
    lists(
        scene,
        ["Rahul Gupta", "9876500001"],
        ["Leela Seth", "9876500009", "", "", "", "flat 3 lotus court"],
        source="groom.csv",
    )
    rehearsed = build(scene, dry_run=True)
    built = build(scene)
    assert (built.created, built.people_placed) == (rehearsed.created, rehearsed.people_placed) == (3, 6)
    assert homes(scene) == {"U1": ["P1", "P2", "P5"], "U2": ["P3", "P6"], "U3": ["P4"]}
    why = show(scene, "U1")["why"]
    assert why == [
        "Ramesh's wife is named after Ramesh Gupta",
        "Ramesh Gupta and Rahul Gupta: the same phone, the same family name",
    ]
    assert build(scene).created == 0


def test_who_may_be_one_person_lives_in_one_household(scene: Scene) -> None:
    lists(scene, ["Asha Rao", "9876500001", "", "", "Pune"])
    lists(scene, ["Asha Rao", "9876500002", "", "", "Pune"], source="groom.csv")
    rehearsed = build(scene, dry_run=True)
    assert (len(rehearsed.planned), rehearsed.unscanned) == (1, 2)
    duplicates.scan(lambda: scene.begin())
    [unit] = build(scene, dry_run=True).planned
    assert unit == rehearsed.planned[0]
    assert "may be one person" in unit.why[0]
    assert build(scene).unscanned == 0
    assert show(scene, "U1")["seats"] == 2


def test_a_household_that_was_changed_by_hand_is_not_changed_by_a_build(scene: Scene) -> None:
    lists(scene, ["Asha Rao", "", "", "Rao"], ["Ravi Rao", "", "", "Rao"], ["Uma Iyer", "", "", "Iyer"])
    build(scene)
    before = edit(scene, "U1", label="Rao, Pune", remove=["P2"])
    lists(scene, ["Neel Rao", "", "", "Rao"], ["Anna Iyer", "", "", "Iyer"], source="bride.csv")
    built = build(scene)
    assert built.beside == ((("P2", "P4"), "U1"),)
    assert homes(scene) == {"U1": ["P1"], "U2": ["P3", "P5"], "U3": ["P2", "P4"]}
    with scene.begin() as tx:
        assert units.find(tx, "U1") == before


def test_a_side_bound_operator_is_shown_own_households_only(scene: Scene) -> None:
    lists(scene, ["Asha Rao", "9876500001", "bride"], ["Uma Iyer", "9876500002", "groom"])
    with scene.begin(Role.OPERATOR, side="bride") as tx:
        assert [unit.label for unit in units.build(tx, dry_run=True).planned] == ["Asha Rao"]


# ── the primary contact ────────────────────────────────────────────────────────────────────────────────


def test_the_primary_contact_is_chosen_by_the_rule_and_anew_when_they_leave(scene: Scene) -> None:
    lists(
        scene,
        ["Ramesh Gupta", "0141 2345678", "", "G"],
        ["Master Aarav Gupta", "9876500002", "", "G"],
        ["Neha Gupta", "9876500003", "", "G", "", "", "15"],
        ["Sunita Gupta", "9876500004", "", "G"],
        ["Rahul Gupta", "9876500005", "", "G"],
    )
    build(scene)
    told = show(scene, "U1")
    assert told["primary"] == "P4"
    assert told["primary_why"] == "named first of the grown-ups who can be reached on WhatsApp"
    with scene.begin() as tx:
        removals.remove(tx, ["P4"])
    assert show(scene, "U1")["primary"] == "P5"
    assert edit(scene, "U1", remove=["P5"]).primary == "P2"
    assert edit(scene, "U1", primary="P1").primary == "P1"
    assert show(scene, "U1")["primary_why"] == "chosen by hand"
    assert edit(scene, "U1", remove=["P1"]).primary == "P2"
    assert show(scene, "U1")["primary_why"] == "only children can be reached on WhatsApp: named first of them"


def test_who_said_stop_is_not_chosen_and_that_is_told_where_they_were(scene: Scene) -> None:
    lists(scene, ["Asha Rao", "9876500001", "", "Rao"], ["Ravi Rao", "9876500002", "", "Rao"])
    build(scene)
    with scene.begin() as tx:
        consent.record(tx, "P1", "opt-out", source="on the phone", evidence="a note")
    told = show(scene, "U1")
    assert told["primary"] == "P1"
    assert "by the rule it would be P2 now" in str(told["primary_why"])


# ── changes by hand ────────────────────────────────────────────────────────────────────────────────────


def test_who_is_added_names_an_unnamed_seat_unless_they_come_on_top(scene: Scene) -> None:
    scene.household("Asha Rao", seats=3)
    for name in ("Ravi Rao", "Neel Rao", "Uma Rao", "Isha Rao"):
        scene.person(name)
    after = edit(scene, "U1", add=["P2"])
    assert (after.seats, after.extra_seats) == (3, 1)
    after = edit(scene, "U1", add=["P3"], on_top=True)
    assert (after.seats, after.extra_seats) == (4, 1)
    after = edit(scene, "U1", add=["P4", "P5"])
    assert (after.seats, after.extra_seats) == (5, 0)


def test_who_leaves_takes_their_seat_and_their_queued_message_along(scene: Scene) -> None:
    scene.ready("Asha Rao", "Uma Iyer", seats=3)
    scene.person("Ravi Rao", "+919876599999")
    edit(scene, "U1", add=["P3"])
    scene.send()
    with scene.begin() as tx:
        edited = units.edit_and_tell(tx, "U1", UnitChanges(remove=["P1"]))
    assert (edited.unit.primary, edited.unit.seats) == ("P3", 2)
    assert scene.states() == [("cancelled", "left_household"), ("queued", "")]
    assert "1 queued messages" in edited.notes[0]
    assert "P1 (Asha Rao)" in edited.notes[1]
    assert "--event sangeet --unit U1 --seats 2" in edited.notes[2]
    scene.run("UPDATE invite_dispatch SET state = 'sending' WHERE state = 'queued'")
    scene.person("Neel Iyer")
    edit(scene, "U2", add=["P4"])
    with pytest.raises(Locked, match="U2"):
        edit(scene, "U2", remove=["P2"])


def test_a_second_entry_takes_the_seat_when_the_first_leaves(scene: Scene) -> None:
    lists(scene, ["Asha Rao", "9876500001", "", "Rao"], ["Ravi Rao", "", "", "Rao"])
    lists(scene, ["Asha Rao", "9876500001", "", "Rao family"], source="groom.csv")
    build(scene)
    assert show(scene, "U1")["seats"] == 2
    assert edit(scene, "U1", remove=["P1"]).seats == 2


def test_nobody_is_added_and_removed_at_once(scene: Scene) -> None:
    scene.household("Asha Rao")
    scene.person("Ravi Rao")
    with pytest.raises(UsedWrongly, match="both"):
        edit(scene, "U1", add=["P2"], remove=["P2"])
    assert homes(scene) == {"U1": ["P1"]}


def test_two_operators_at_once_end_as_if_one_had_come_after_the_other(scene: Scene) -> None:
    scene.household("Asha Rao", seats=1)
    for name in ("Ravi Rao", "Uma Rao"):
        scene.person(name)
    begun = threading.Event()

    def second() -> Unit:
        with scene.begin(name="Kabir") as tx:
            begun.set()
            return units.edit(tx, "U1", UnitChanges("Rao family", add=["P3"]))

    with ThreadPoolExecutor(1) as pool:
        with scene.begin() as tx:
            units.edit(tx, "U1", UnitChanges("Raos", add=["P2"]))
            other = pool.submit(second)
            assert begun.wait(60)
            until_blocked(scene)
        after = other.result(60)
    assert (after.label, [member.ref for member in after.members], after.seats) == (
        "Rao family",
        ["P1", "P2", "P3"],
        3,
    )
    with scene.begin() as tx:
        assert people.find(tx, "P2").unit == "U1"
        assert counts.drift(tx.conn, tx.wedding.id) == []


def until_blocked(scene: Scene) -> None:
    """Wait until somebody waits for a lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    until = datetime.now(UTC) + timedelta(seconds=60)
    while not scene.value(waiting):
        assert datetime.now(UTC) < until, "nobody waits"


def test_an_added_household_is_led_by_the_rule(scene: Scene) -> None:
    with scene.begin() as tx:
        people.add(tx, PersonFields("Asha Rao"))
        people.add(tx, PersonFields("Ravi Rao", phones=["9876500001"]))
        made = units.add(tx, "Raos", ["P1", "P2", "P2"])
    assert (made.primary, made.seats) == ("P2", 2)
