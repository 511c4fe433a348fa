"""A list that comes again: what it changes, what the team has changed since, who is in it no more."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parinaya_cli.domain import names, search
from parinaya_cli.services import imports, people, units
from parinaya_cli.services.import_report import Conflict
from parinaya_cli.services.imports import ImportReport, ImportRequest
from parinaya_cli.services.people import PersonFields
from parinaya_cli.store import erasures
from tests.fakes.contact_source import sheet
from tests.services.wedding_kit import Scene

HEADER = ("ID", "Name", "Phone", "City", "Tags", "Shoe size")
ASHA = ["1", "Asha Sharma", "9820111111", "Pune", "vip; family", "38"]
RAVI = ["2", "Ravi Rao", "9820222222", "Delhi", "", ""]
OLD, NEW, BY_HAND = "+919820111111", "+919820111112", "+919820111113"


def load(scene: Scene, *rows: list[str], header: tuple[str, ...] = HEADER, **more: Any) -> ImportReport:
    source = more.pop("source", "guests.csv")
    return imports.import_people(scene.begin, sheet(header, *rows), ImportRequest(source, **more))


def edit(scene: Scene, fields: PersonFields, person: str = "P1") -> None:
    with scene.begin() as tx:
        people.edit(tx, person, fields)


def changed(row: list[str], **cells: str) -> list[str]:
    """The row with other cells; the headers in small letters name them."""
    return [cells.get(title.lower(), cell) for title, cell in zip(HEADER, row, strict=True)]


def person(scene: Scene, number: int = 1) -> dict[str, Any]:
    row = scene.rows("SELECT * FROM people WHERE number = :number", number=number)[0]
    with scene.begin() as tx:
        found = people.find(tx, str(row["id"])) if row["removed_at"] is None else None
    return {**row, "phones": found.phones if found else []}


def figures(report: ImportReport) -> tuple[int, int, int, int]:
    assert report.created + report.updated + report.unchanged + report.rejected == report.rows
    return report.created, report.updated, report.unchanged, report.rejected


# ── what the team has changed ──────────────────────────────────────────────────────────────────────────


def test_what_both_have_changed_stays_and_is_told(scene: Scene) -> None:
    load(scene, ASHA, RAVI)
    edit(scene, PersonFields(city="Goa", full_name="Asha S. Sharma"))
    edited = changed(ASHA, city="Mumbai", name="Asha Rani Sharma", **{"shoe size": "39"})
    report = load(scene, edited, RAVI)
    assert report.conflicts == [
        Conflict("", 2, "P1", "Asha S. Sharma", "city", "Goa", "Mumbai"),
        Conflict("", 2, "P1", "Asha S. Sharma", "full_name", "Asha S. Sharma", "Asha Rani Sharma"),
    ]
    asha = person(scene)
    assert (asha["city"], asha["full_name"], asha["given_name"]) == ("Goa", "Asha S. Sharma", "Asha S.")
    assert asha["extra"] == {"Shoe size": "39"}
    assert figures(report) == (0, 1, 1, 0)
    assert scene.value("SELECT conflicts FROM imports WHERE number = 2") == 2
    again = load(scene, edited, RAVI)
    assert (figures(again), again.conflicts) == ((0, 0, 2, 0), [])


def test_a_row_that_only_contradicts_changes_nothing(scene: Scene) -> None:
    load(scene, ASHA)
    edit(scene, PersonFields(city="Goa"))
    before = person(scene)
    report = load(scene, changed(ASHA, city="Mumbai"))
    assert (figures(report), report.conflict_count) == ((0, 0, 1, 0), 1)
    assert person(scene) == before


VALUES = st.sampled_from(["", "Pune", "Goa", "Delhi"])


@given(st.lists(st.tuples(st.booleans(), VALUES), min_size=1, max_size=5))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_teams_word_is_never_overwritten(scene: Scene, steps: list[tuple[bool, str]]) -> None:
    """By a model of one cell: the list's new value is taken where parinaya still has its last one."""
    number = scene.value("SELECT count(*) FROM people") + 1
    source = f"list {number}"
    load(scene, changed(ASHA, city="Pune"), source=source)
    said, here = "Pune", "Pune"
    for by_hand, value in steps:
        if by_hand:
            edit(scene, PersonFields(city=value), f"P{number}")
            here = value
        else:
            conflicts = load(scene, changed(ASHA, city=value), source=source).conflict_count
            assert conflicts == (value != said and here not in {said, value})
            here = value if here == said else here
            said = value
        assert person(scene, number)["city"] == here


def test_tags(scene: Scene) -> None:
    load(scene, ASHA, tags=("old list",))
    load(scene, ["9", "Asha Sharma", "9820111111", "", "neighbours", ""], source="other.csv")
    edit(scene, PersonFields(add_tags=["close"], drop_tags=["vip"]))
    load(scene, changed(ASHA, tags="vip; haldi"))
    tags = person(scene)["tags"]
    assert set(tags) == {"old list", "close", "haldi"}, "vip was taken by hand, family is gone from the list"
    load(scene, changed(ASHA, tags="vip"), tags=("haldi",))
    assert set(person(scene)["tags"]) == {"old list", "close", "haldi"}


def test_a_tag_that_another_row_says_as_well_stays(scene: Scene) -> None:
    load(scene, ASHA)
    load(scene, changed(ASHA, id="7", name="Asha S", tags="vip"), source="other.csv")
    with scene.begin() as tx:  # the two have been found to be one person
        tx.run(
            "UPDATE person_sources SET person_id = (SELECT id FROM people WHERE number = 1) "
            "WHERE wedding_id = :wedding"
        )
    load(scene, changed(ASHA, tags=""))
    assert person(scene)["tags"] == ["vip"]


def test_a_column_that_the_list_has_no_more_changes_nothing(scene: Scene) -> None:
    load(scene, ASHA, RAVI)
    before = person(scene)
    report = load(scene, ["1", "Asha Sharma"], ["2", "Ravi Rao"], header=("ID", "Name"))
    assert figures(report) == (0, 0, 2, 0)
    assert person(scene) == before
    report = load(scene, changed(ASHA, city="Goa", phone="9820111112"), RAVI)
    assert (figures(report), report.conflicts) == ((0, 1, 1, 0), [])
    assert (person(scene)["city"], person(scene)["phones"]) == ("Goa", [NEW, OLD])


# ── phones ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_phone_that_was_dropped_by_hand_does_not_come_back(scene: Scene) -> None:
    load(scene, changed(ASHA, phone="9820111111, 9820111112"))
    edit(scene, PersonFields(drop_phones=[OLD]))
    load(scene, changed(ASHA, phone="9820111111, 9820111112", city="Goa"))
    assert person(scene)["phones"] == [NEW]
    load(scene, changed(ASHA, phone="9820111111, 9820111112, 9820111113"))
    assert person(scene)["phones"] == [NEW, BY_HAND]


def test_a_phone_that_the_list_says_no_more_stays_behind(scene: Scene) -> None:
    load(scene, changed(ASHA, phone="9820111111, 9820111112"))
    report = load(scene, changed(ASHA, phone="9820111112"))
    assert figures(report) == (0, 1, 0, 0)
    assert person(scene)["phones"] == [NEW, OLD]


def test_another_first_phone_than_the_one_chosen_by_hand_is_told(scene: Scene) -> None:
    load(scene, ASHA)
    edit(scene, PersonFields(phones=[BY_HAND]))
    report = load(scene, changed(ASHA, phone="9820111112"))
    assert person(scene)["phones"] == [BY_HAND, OLD, NEW]
    assert [(one.field, one.kept, one.told) for one in report.conflicts] == [("phone", BY_HAND, NEW)]


# ── who is gone ────────────────────────────────────────────────────────────────────────────────────────


def test_who_was_removed_is_not_brought_back(scene: Scene) -> None:
    load(scene, ASHA)
    with scene.begin() as tx:
        tx.run("UPDATE people SET removed_at = :now WHERE wedding_id = :wedding")
    assert load(scene, ASHA).conflicts == []
    report = load(scene, changed(ASHA, city="Goa"))
    assert [(one.person, one.field) for one in report.conflicts] == [("P1", "removed")]
    assert figures(report) == (0, 0, 1, 0)
    asha = person(scene)
    assert (asha["city"], asha["removed_at"] is None) == ("Pune", False)


def test_who_is_missing_is_told_and_stays(scene: Scene) -> None:
    load(scene, ASHA, RAVI)
    report = load(scene, ASHA)
    assert (report.missing, report.missing_names, figures(report)) == (1, ["Ravi Rao"], (0, 0, 1, 0))
    assert scene.rows("SELECT external_id FROM person_sources WHERE gone_at IS NOT NULL") == [
        {"external_id": "2"}
    ]
    assert person(scene, 2)["removed_at"] is None
    assert load(scene, ASHA).missing == 0
    back = load(scene, ASHA, RAVI)
    assert (figures(back), back.missing) == ((0, 0, 2, 0), 0)
    assert scene.value("SELECT count(*) FROM person_sources WHERE gone_at IS NOT NULL") == 0


def test_who_asked_to_be_forgotten_comes_with_no_list(scene: Scene) -> None:
    with scene.begin() as tx:
        erasures.add(tx, [OLD])
    doubtful = changed(ASHA, phone="9820111111, 12345 of Asha")
    rejected: list[Any] = []
    hooks = imports.Hooks(rejected=lambda titles, row, sheet: rejected.append(row))
    report = imports.import_people(
        scene.begin, sheet(HEADER, doubtful, RAVI), ImportRequest("guests.csv", dry_run=True), hooks=hooks
    )
    assert (figures(report), [one.code for one in report.rejections]) == ((1, 0, 0, 1), ["erased"])
    assert "Asha" not in str((rejected, report.items, report.warnings, report.rejections))
    assert figures(load(scene, ASHA, RAVI)) == (1, 0, 0, 1)


# ── rows without an id ─────────────────────────────────────────────────────────────────────────────────

PLAIN = ("Name", "Phone", "Family")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["Asa Sharma", "9820111111", ""], ["Asha Sharma", "9820111111", ""]),
        (["Asha Sharma", "9820111111", ""], ["Asha Sharma", "9820111112", ""]),
        (["Asha Sharma", "9820111111", ""], ["Asha Sharma", "9820111111", "Sharmas"]),
        (["Mr & Mrs Ramesh Sharma", "9820111111", ""], ["Mr & Mrs Ramesh Sharma", "9820111112", ""]),
    ],
)
def test_a_row_with_another_key_is_known_again(scene: Scene, before: list[str], after: list[str]) -> None:
    load(scene, before, ["Ravi Rao", "9820222222", ""], header=PLAIN)
    people_before = scene.value("SELECT count(*) FROM people")
    report = load(scene, after, ["Ravi Rao", "9820222222", ""], header=PLAIN)
    assert (figures(report), report.missing) == ((0, 1, 1, 0), 0)
    assert scene.value("SELECT count(*) FROM people") == people_before
    assert figures(load(scene, after, ["Ravi Rao", "9820222222", ""], header=PLAIN)) == (0, 0, 2, 0)


def test_two_who_could_be_meant_are_left_apart(scene: Scene) -> None:
    load(scene, ["Asha Sharma", "9820111111", ""], ["Asha Sharma", "9820111112", ""], header=PLAIN)
    report = load(scene, ["Asha Sharma", "9820111113", ""], header=PLAIN)
    assert (figures(report), report.missing) == ((1, 0, 0, 0), 2)
    load(scene, ["Vikram Sharma", "9820111113", ""], header=PLAIN)
    assert scene.value("SELECT count(*) FROM people") == 4, "a family shares its phone"


def test_everybody_is_known_again_when_a_column_is_another(scene: Scene) -> None:
    rows = [["Asha Sharma", f"98201{number:05}", "Sharma"] for number in range(150)]
    load(scene, *rows, header=PLAIN)
    report = load(scene, *([*row[:2], "Sharma (Pune)"] for row in rows), header=PLAIN)
    assert (figures(report), report.missing) == ((0, 150, 0, 0), 0)
    assert scene.value("SELECT count(*) FROM people") == 150


def test_the_same_name_goes_before_one_like_it(scene: Scene) -> None:
    rows = [["Asha", "9820111111", "Rao"], ["Asa", "9820111111", "Rao"]]
    load(scene, *rows, header=PLAIN)
    report = load(scene, *([*row[:2], "Rao (Pune)"] for row in rows), header=PLAIN)
    assert (figures(report), report.missing) == ((0, 2, 0, 0), 0)
    assert [person(scene, number)["full_name"] for number in (1, 2)] == ["Asha", "Asa"]


def test_more_than_can_be_looked_at_is_said(scene: Scene) -> None:
    rows = [[f"Asha {chr(97 + n // 20) * 4} {chr(97 + n % 20) * 4}", "9820111111", ""] for n in range(320)]
    load(scene, *rows, header=PLAIN)
    report = load(scene, *([f"{name}x", *rest] for name, *rest in rows), header=PLAIN)
    assert (figures(report), report.missing) == ((320, 0, 0, 0), 320)
    assert "nobody was known again" in report.notes[-1]


@pytest.mark.parametrize(
    "after",
    [
        ["Asha Sharma", "9820111111", "Sharmas"],
        ["Asha Sharma", "9820111112", ""],
        ["Asa Sharma", "9820111111", ""],
    ],
)
def test_a_row_that_was_missing_meanwhile_is_known_again(scene: Scene, after: list[str]) -> None:
    before, other = ["Asha Sharma", "9820111111", ""], ["Ravi Rao", "9820222222", ""]
    load(scene, before, other, header=PLAIN)
    assert load(scene, other, header=PLAIN).missing == 1
    report = load(scene, after, other, header=PLAIN)
    assert (figures(report), report.missing) == ((0, 1, 1, 0), 0)
    assert scene.rows("SELECT gone_at FROM person_sources WHERE gone_at IS NOT NULL") == []
    assert scene.value("SELECT count(*) FROM people") == 2
    assert figures(load(scene, after, other, header=PLAIN)) == (0, 0, 2, 0)


def test_a_list_that_gets_ids_is_the_same_list(scene: Scene) -> None:
    load(scene, ["Asha Sharma", "9820111111"], header=("Name", "Phone"))
    report = load(scene, ["Asha Sharma", "9820111111", "17"], header=("Name", "Phone", "ID"))
    assert (report.created, report.missing) == (0, 0)
    assert scene.rows("SELECT row_key, external_id FROM person_sources") == [
        {"row_key": "17", "external_id": "17"}
    ]


def test_the_seats_of_a_household_stay_and_that_is_said(scene: Scene) -> None:
    header, family = ("ID", "Name", "Pax"), ["1", "Asha Rao", "4"]
    load(scene, family, ["2", "Ravi Seth", "2"], header=header)
    with scene.begin() as tx:
        units.build(tx, dry_run=False)
    report = load(scene, [*family[:2], "6"], ["2", "Ravi Seth", "2"], header=header)
    assert (figures(report), len(report.notes)) == ((0, 1, 1, 0), 1)
    assert "U1:" in report.notes[0]
    with scene.begin() as tx:
        assert units.find(tx, "U1").seats == 4
    assert load(scene, [*family[:2], "6"], ["2", "Ravi Seth", "2"], header=header).notes == ()


# ── what is kept for taking it back ────────────────────────────────────────────────────────────────────


def test_what_was_there_before_is_kept(scene: Scene) -> None:
    load(scene, ASHA, RAVI)
    assert scene.value("SELECT count(*) FROM import_changes") == 0
    sources = scene.rows("SELECT * FROM person_sources ORDER BY external_id")
    point = scene.value(
        "SELECT contact_point_id FROM person_contacts WHERE person_id = :id", id=person(scene)["id"]
    )
    load(scene, changed(ASHA, city="Goa", phone="9820111112", tags="vip"))
    first, second = scene.rows("SELECT * FROM import_changes ORDER BY row_key")
    assert first["before"] == {"city": "Pune", "tags": ["vip", "family"]}
    assert first["positions"] == {str(point): 0}
    added = scene.value("SELECT id FROM contact_points WHERE value = :value", value=NEW)
    assert first["contacts_added"] == [str(added)]
    assert first["version"] == person(scene)["version"] == 2
    assert first["source_before"]["digest"] == sources[0]["digest"]
    assert first["source_before"]["content"] == sources[0]["content"]
    assert (second["source_before"], second["before"]) == ({"gone_at": None}, {})


def test_folded_names_are_kept_once(scene: Scene) -> None:
    load(scene, ASHA, RAVI, ["3", "Asha Sharma", "9820333333", "", "", ""])
    load(scene, changed(ASHA, name="Asha Seth"), RAVI, ["3", "Asha Sharma", "9820333333", "", "", ""])
    kept = scene.rows("SELECT folded, key FROM folded_names")
    names_of = [names.fold_name(names.split(one)) for one in ("Asha Sharma", "Ravi Rao", "Asha Seth")]
    assert {row["folded"]: row["key"] for row in kept} == {one: search.key(one) for one in names_of}
    assert len(kept) == 3


MEERA = ["3", "Meera Iyer", "9820333333", "Chennai", "", ""]
"""Somebody else, so that three rows are a list."""


def test_the_same_list_under_another_name_is_told(scene: Scene) -> None:
    load(scene, ASHA, RAVI, MEERA)
    rehearsed = load(scene, ASHA, RAVI, MEERA, source="guests (1).csv", dry_run=True)
    assert any("“guests.csv”" in note and "undo-import" not in note for note in rehearsed.notes)
    report = load(scene, ASHA, RAVI, MEERA, source="guests (1).csv")
    [said] = [note for note in report.notes if "“guests.csv”" in note]
    assert f"undo-import {report.ref}" in said
    assert said.startswith("3 of the first 3 new rows")


def test_a_list_that_shares_ids_or_few_people_with_another_is_no_twin(scene: Scene) -> None:
    load(scene, ASHA, RAVI, MEERA)
    strangers = [
        [number, f"{name} Kapoor", f"98204{number}4444", "", "", ""] for number, name in enumerate("ABC", 1)
    ]
    others = [[str(cell) for cell in row] for row in strangers]
    assert load(scene, *others, source="office.csv").notes == ()
    assert load(scene, ASHA, *others[1:], ["9", "Zoya Khan", "", "", "", ""], source="club.csv").notes == ()
