"""Taking an import back: what goes, what is as before, what stays and why."""

from __future__ import annotations

from typing import Any

import pytest

from parinaya_cli.domain.consent import fold
from parinaya_cli.domain.errors import Failed, NotFound
from parinaya_cli.services import (
    consent,
    duplicates,
    erasures,
    import_undo,
    imports,
    invitations,
    merge_undo,
    merges,
    people,
    units,
)
from parinaya_cli.services.import_undo import UndoReport
from parinaya_cli.services.imports import ImportReport, ImportRequest
from parinaya_cli.services.people import PeopleRequest, PersonFields
from parinaya_cli.store import consent as ledger
from parinaya_cli.store.tables import metadata
from tests.fakes.contact_source import sheet
from tests.services.wedding_kit import Scene

HEADER = ("Id", "Name", "Phone", "Side", "Household", "City", "Email", "Tags", "Gift")
ASHA = [
    "1",
    "Asha Sharma",
    "9876500001",
    "bride",
    "Sharma family",
    "Pune",
    "asha@example.com",
    "close",
    "vase",
]
RAVI = ["2", "Ravi Sharma", "9876500002", "bride", "Sharma family", "Delhi", "", "", ""]
COUPLE = ["3", "Mr & Mrs Mehta", "9876500003", "groom", "", "", "", "", ""]


def load(scene: Scene, *rows: list[str], source: str = "bride.csv", **more: Any) -> ImportReport:
    return imports.import_people(scene.begin, sheet(HEADER, *rows), ImportRequest(source, **more))


def undo(scene: Scene, ref: str, **more: Any) -> UndoReport:
    return import_undo.undo(scene.begin, ref, **more)


def exported(scene: Scene) -> list[dict[str, object]]:
    """Everybody as `people list --all --json` shows them, without ids."""
    with scene.begin() as tx:
        found, _ = people.list_people(tx, PeopleRequest())
        told = [people.document(tx, one) for one in found]
    return [{key: value for key, value in one.items() if key != "id"} for one in told]


def without_refs(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{key: value for key, value in row.items() if key != "ref"} for row in rows]


def reasons(report: UndoReport) -> dict[str, str]:
    return {one.person: one.reason for one in (*report.kept, *report.refused)}


def with_cell(row: list[str], column: str, value: str) -> list[str]:
    place = HEADER.index(column)
    return [*row[:place], value, *row[place + 1 :]]


def test_an_import_on_which_nothing_was_built_goes_without_a_trace(scene: Scene) -> None:
    empty = scene.table_sizes()
    load(scene, ASHA, RAVI, COUPLE)
    with scene.begin() as tx:
        units.build(tx, dry_run=False)
    first = without_refs(exported(scene))
    report = undo(scene, "I1")
    assert (report.undone, len(report.taken), report.kept, report.refused) == (True, 4, (), ())
    left = {name: size for name, size in scene.table_sizes().items() if size != empty[name]}
    assert set(left) == {"imports", "ref_counters", "audit_logs", "audit_values", "folded_names"}
    assert exported(scene) == []
    again = undo(scene, "I1")
    assert (again.already, again.undone, again.taken) == (True, True, ())
    load(scene, ASHA, RAVI, COUPLE)
    with scene.begin() as tx:
        units.build(tx, dry_run=False)
    found = without_refs(exported(scene))
    assert [{**one, "unit": ""} for one in found] == [{**one, "unit": ""} for one in first]


def test_a_rehearsal_says_the_same_and_changes_nothing(scene: Scene) -> None:
    load(scene, ASHA, RAVI)
    sizes, before = scene.table_sizes(), exported(scene)
    rehearsed = undo(scene, "I1", dry_run=True)
    assert (scene.table_sizes(), exported(scene)) == (sizes, before)
    done = undo(scene, "I1")
    assert (rehearsed.taken, rehearsed.kept, rehearsed.undone) == (done.taken, done.kept, done.undone)


def test_an_update_is_as_before_and_the_list_is_compared_with_what_it_said_then(scene: Scene) -> None:
    load(scene, ASHA, RAVI, COUPLE)
    with scene.begin() as tx:
        people.edit(tx, "P2", PersonFields(notes="by hand", add_tags=["vip"]))
        units.build(tx, dry_run=False)
    before, kept = exported(scene), scene.rows("SELECT * FROM person_sources ORDER BY source, row_key")
    changed = ASHA
    for column, value in {
        "Name": "Asha Sharma-Rao", "Phone": "9876500009, 9876500001", "City": "Goa", "Tags": "near", "Gift": "lamp",
        "Side": "groom", "Email": "rao@example.com",
    }.items():  # fmt: skip
        changed = with_cell(changed, column, value)
    new = with_cell(with_cell(with_cell(RAVI, "Id", "9"), "Phone", "9876500077"), "Name", "Mohan Sharma")
    second = load(scene, changed, RAVI, new)
    with scene.begin() as tx:
        units.build(tx, dry_run=False)
    assert (second.created, second.updated, second.missing) == (1, 1, 2)
    report = undo(scene, second.ref)
    assert (report.undone, reasons(report)) == (True, {})
    assert sorted(one.what for one in report.taken) == ["removed", "restored"]
    assert exported(scene) == before
    assert scene.rows("SELECT * FROM person_sources ORDER BY source, row_key") == kept
    assert scene.value("SELECT count(*) FROM import_changes") == 0
    third = load(scene, ASHA, RAVI, COUPLE)
    assert (third.created, third.updated, third.unchanged) == (0, 0, 3)


def test_a_later_import_of_the_row_is_undone_first(scene: Scene) -> None:
    start = load(scene, ASHA, RAVI)
    load(scene, with_cell(ASHA, "City", "Goa"), RAVI)
    load(scene, with_cell(ASHA, "City", "Agra"), RAVI)
    report = undo(scene, "I2")
    assert (report.undone, reasons(report)) == (False, {"P1": "later_import"})
    assert "I3" in report.refused[0].message
    assert reasons(undo(scene, start.ref)) == {"P1": "later_import"}
    assert [one["full_name"] for one in exported(scene)] == ["Asha Sharma"]
    for ref, city in (("I3", "Goa"), ("I2", "Pune")):
        assert undo(scene, ref).undone
        assert scene.value("SELECT city FROM people") == city
    assert undo(scene, start.ref).undone
    assert exported(scene) == []


def test_phones_are_in_their_order_of_before(scene: Scene) -> None:
    load(scene, with_cell(ASHA, "Phone", "9876500001, 9876500009"))
    before = exported(scene)
    load(scene, with_cell(ASHA, "Phone", "9876500009, 9876500001"))
    assert exported(scene) != before
    assert undo(scene, "I2").undone
    assert exported(scene) == before


def test_a_phone_that_came_with_the_list_and_was_chosen_by_hand_stays(scene: Scene) -> None:
    load(scene, ASHA)
    load(scene, with_cell(ASHA, "Phone", "9876500001, 9876500009, 9876500008"))
    with scene.begin() as tx:
        people.edit(tx, "P1", PersonFields(phones=["9876500009"]))
    report = undo(scene, "I2")
    assert [one.message.rpartition(": ")[2] for one in report.kept] == ["phones."]
    assert exported(scene)[0]["phones"] == ["+919876500009", "+919876500001"]


def test_a_row_that_was_gone_and_came_back_is_gone_again(scene: Scene) -> None:
    load(scene, ASHA, RAVI)
    load(scene, with_cell(ASHA, "City", "Goa"), RAVI)
    load(scene, RAVI)
    load(scene, with_cell(ASHA, "City", "Goa"), RAVI)
    gone = "SELECT gone_at IS NOT NULL FROM person_sources WHERE external_id = '1'"
    assert reasons(undo(scene, "I2")) == {"P1": "later_import"}
    assert undo(scene, "I4").undone
    assert scene.value(gone)
    assert undo(scene, "I3").undone
    assert not scene.value(gone)
    assert undo(scene, "I2").undone
    assert exported(scene)[0]["city"] == "Pune"


def test_what_a_hand_changed_since_stays_and_is_told(scene: Scene) -> None:
    load(scene, ASHA)
    load(scene, with_cell(with_cell(with_cell(ASHA, "City", "Goa"), "Side", "groom"), "Tags", "near"))
    with scene.begin() as tx:
        people.edit(tx, "P1", PersonFields(city="Agra", add_tags=["vip"]))
    report = undo(scene, "I2")
    assert (report.undone, reasons(report)) == (True, {"P1": "edited"})
    assert "city" in report.kept[0].message
    assert "side" not in report.kept[0].message
    row = scene.rows("SELECT city, side, tags FROM people")[0]
    assert (row["city"], row["side"], set(row["tags"])) == ("Agra", "bride", {"close", "vip"})
    assert reasons(undo(scene, "I1")) == {"P1": "tagged"}


def edit(scene: Scene) -> None:
    with scene.begin() as tx:
        people.edit(tx, "P1", PersonFields(city="Agra"))


def choose_phone(scene: Scene) -> None:
    with scene.begin() as tx:
        people.edit(tx, "P1", PersonFields(phones=["9876511111"]))


def tag(scene: Scene) -> None:
    with scene.begin() as tx:
        people.edit(tx, "P1", PersonFields(drop_tags=["close"]))


def stop(scene: Scene) -> None:
    with scene.begin() as tx:
        consent.do_not_message(tx, "P1", lift=False, reason="mourning")


def opt_out(scene: Scene) -> None:
    with scene.begin() as tx:
        consent.record(tx, "P1", "opt-out", source="on the phone")


def list_again(scene: Scene) -> None:
    load(scene, with_cell(ASHA, "Phone", "9876512345"), source="groom.csv")
    scene.run(
        "UPDATE person_sources SET person_id = (SELECT id FROM people WHERE number = 1) WHERE source = 'groom.csv'"
    )


def household(scene: Scene) -> None:
    with scene.begin() as tx:
        units.add(tx, "The Sharmas", ["P1"])


def invite(scene: Scene) -> None:
    with scene.begin() as tx:
        units.build(tx, dry_run=False)
    scene.event()
    scene.invite("sangeet")


BUILT = {
    edit: "edited", choose_phone: "edited", tag: "tagged", stop: "do_not_message", opt_out: "consent",
    list_again: "other_list", household: "household", invite: "invited",
}  # fmt: skip


@pytest.mark.parametrize("build", BUILT, ids=lambda build: build.__name__)
def test_somebody_on_whom_something_was_built_stays_as_they_are(scene: Scene, build: Any) -> None:
    load(scene, ASHA, with_cell(RAVI, "Household", ""))
    if build is invite:
        undo(scene, "I1")
        load(scene, ASHA)
    build(scene)
    before = exported(scene)[0]
    ref = before["ref"]
    report = undo(scene, "I2" if build is invite else "I1")
    assert (report.undone, reasons(report)) == (False, {ref: BUILT[build]})
    assert exported(scene)[0] == before
    assert "Ravi Sharma" not in {one["full_name"] for one in exported(scene)}


def test_a_message_and_an_answer_keep_a_household_together(scene: Scene) -> None:
    load(scene, ASHA, RAVI)
    scene.event()
    scene.template()
    with scene.begin() as tx:
        units.build(tx, dry_run=False)
    scene.invite("sangeet")
    scene.send()
    scene.deliver()
    with scene.begin() as tx:
        invitations.remove(tx, "sangeet", "U1")
    counts = scene.counts()
    report = undo(scene, "I1")
    assert reasons(report) == {"P1": "messaged", "P2": "messaged"}
    assert scene.counts() == counts


def test_what_was_changed_back_by_hand_is_no_edit(scene: Scene) -> None:
    load(scene, ASHA)
    with scene.begin() as tx:
        people.edit(tx, "P1", PersonFields(city="Agra", add_tags=["vip"]))
        people.edit(tx, "P1", PersonFields(city="Pune", drop_tags=["vip"]))
    assert undo(scene, "I1").undone


def test_a_household_that_loses_a_guest_is_described_anew(scene: Scene) -> None:
    """Seats, primary contact, side and tags are those of the people who are left; a phone of two stays."""
    header = (*HEADER, "Pax")
    imports.import_people(scene.begin, sheet(header, [*ASHA, "2"]), ImportRequest("list.csv"))
    with scene.begin() as tx:
        units.build(tx, dry_run=False)
    before = scene.rows("SELECT label, extra_seats, side, tags, primary_person_id FROM guest_units")
    dev = [
        *with_cell(with_cell(with_cell(RAVI, "Name", "Dev Sharma"), "Phone", ASHA[2]), "Side", "groom"),
        "",
    ]
    second = sheet(header, [*ASHA, "2"], [*RAVI, "6"], with_cell(dev, "Id", "4"))
    imports.import_people(scene.begin, second, ImportRequest("list.csv", tags=("late",)))
    with scene.begin() as tx:
        units.build(tx, dry_run=False)
    assert scene.value("SELECT count(*) FROM guest_unit_members") == 3
    assert scene.rows("SELECT extra_seats, side FROM guest_units") == [{"extra_seats": 3, "side": "both"}]
    undo(scene, "I2")
    assert scene.rows("SELECT label, extra_seats, side, tags, primary_person_id FROM guest_units") == before
    assert scene.value("SELECT count(*) FROM contact_points WHERE kind = 'phone'") == 1


def test_an_attested_opt_in_goes_with_the_list_that_attested_it(scene: Scene) -> None:
    load(scene, ASHA, RAVI, COUPLE, opt_in="asked on the phone")
    with scene.begin() as tx:
        people.edit(tx, "P3", PersonFields(city="Agra"))
        consent.record(tx, "P2", "opt-out", source="guest said so")
    report = undo(scene, "I1")
    states = {row["value"]: row["consent"] for row in scene.rows("SELECT value, consent FROM contact_points")}
    assert reasons(report) == {"P2": "consent", "P3": "edited"}
    assert report.retracted == 1
    assert states == {"+919876500001": "none", "+919876500002": "opted_out", "+919876500003": "opted_in"}
    with scene.begin() as tx:
        for point in scene.rows("SELECT id, consent FROM contact_points WHERE kind = 'phone'"):
            assert fold(ledger.history(tx, point["id"])) == point["consent"]
    load(scene, ASHA)
    assert exported(scene)[-1]["consent"] == "none"
    load(scene, ASHA, opt_in="asked on the phone")
    assert exported(scene)[-1]["consent"] == "opted_in"


def test_who_was_merged_is_refused_until_the_merge_is_taken_apart(scene: Scene) -> None:
    load(scene, ASHA, RAVI, COUPLE)
    with scene.begin() as tx:
        merges.merge(tx, ["P1", "P2"], keep="P1")
    assert reasons(undo(scene, "I1")) == {"P1": "merged", "P2": "merged"}
    with scene.begin() as tx:
        merge_undo.unmerge(tx, "P2")
    assert undo(scene, "I1").undone
    assert scene.value("SELECT count(*) FROM people") == 0


def test_pairs_that_a_scan_found_go_with_their_people(scene: Scene) -> None:
    load(scene, ASHA, with_cell(ASHA, "Id", "7"))
    assert duplicates.scan(scene.begin).pairs == 1
    assert undo(scene, "I1").undone


def test_every_table_that_names_a_person_is_thought_of() -> None:
    """Another one? Somebody whom it names is either kept, or taken out of it, when their import is taken back."""
    naming = {
        (table.name, column)
        for table in metadata.sorted_tables
        for key in table.foreign_key_constraints
        for column in key.column_keys
        if key.referred_table.name == "people" and column != "wedding_id"
    }
    assert naming == {
        ("people", "merged_into"), ("merges", "survivor_id"), ("invite_dispatch", "person_id"),
        ("removals", "person_id"), ("guest_units", "primary_person_id"), ("guest_unit_members", "person_id"),
        ("person_contacts", "person_id"), ("person_sources", "person_id"), ("person_sources", "origin_id"),
        ("import_changes", "person_id"), ("scanned_people", "person_id"), ("duplicates", "left_id"),
        ("duplicates", "right_id"),
    }  # fmt: skip


def test_somebody_who_was_forgotten_stays_so(scene: Scene) -> None:
    load(scene, ASHA, RAVI)
    load(scene, with_cell(ASHA, "Phone", "9876500009"), with_cell(RAVI, "City", "Goa"))
    with scene.begin() as tx:
        erasures.erase(tx, "P1", reason="asked for it")
    assert "9876500009" not in str(scene.rows("SELECT * FROM import_changes"))
    report = undo(scene, "I2")
    assert ([one.person for one in report.taken], reasons(report), report.undone) == (["P2"], {}, True)
    assert reasons(undo(scene, "I1")) == {"P1": "removed"}
    assert scene.value("SELECT erased_at IS NOT NULL FROM people WHERE number = 1")


def test_what_can_not_be_undone_says_why(scene: Scene) -> None:
    with pytest.raises(NotFound):
        undo(scene, "I7")
    load(scene, ASHA)
    for state, code in (
        ("queued", "still_running"),
        ("running", "still_running"),
        ("failed", "nothing_to_undo"),
    ):
        scene.run("UPDATE imports SET state = :state", state=state)
        with pytest.raises(Failed) as raised:
            undo(scene, "I1")
        assert raised.value.code == code
