"""Lists: the second run changes nothing, an edited row changes that, what a hand changed stays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.services import imports, people
from parinaya_cli.services.imports import ImportReport, ImportRequest
from parinaya_cli.services.people import PersonFields
from tests.fakes.contact_source import sheet
from tests.services.wedding_kit import Scene

HEADER = ("Name", "Phone", "Side", "Household", "City", "Email")
ASHA = ["Asha Sharma", "9876500001", "bride", "Sharma family", "Pune", "asha@example.com"]
RAVI = ["Ravi Rao", "9876500002", "groom", "", "Delhi", ""]
COUPLE = ["Mr & Mrs Mehta", "9876500003", "groom", "", "", ""]


def load(scene: Scene, *rows: list[str], source: str = "bride.csv", **more: Any) -> ImportReport:
    return imports.import_people(lambda: scene.begin(), sheet(HEADER, *rows), ImportRequest(source, **more))


def content(scene: Scene) -> list[Any]:
    """Everything that an import can change, but not when."""
    return [
        scene.rows(
            "SELECT number, full_name, side, household, city, tags, version FROM people ORDER BY number"
        ),
        scene.rows("SELECT kind, value, state FROM contact_points ORDER BY kind, value"),
        scene.rows("SELECT person_id, contact_point_id, position FROM person_contacts ORDER BY 1, 2"),
        scene.rows("SELECT row_key, person_id, digest FROM person_sources ORDER BY 1"),
    ]


def figures(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, report.rejected


def test_the_second_run_changes_nothing(scene: Scene) -> None:
    first = load(scene, ASHA, RAVI, COUPLE, ["", "", "bride", "", "", ""])
    before = content(scene)
    second = load(scene, ASHA, RAVI, COUPLE, ["", "", "bride", "", "", ""])
    assert figures(first) == (3, 0, 0, 1)
    assert figures(second) == (0, 0, 3, 1)
    assert content(scene) == before


def test_an_edited_row_changes_that_and_nothing_else(scene: Scene) -> None:
    load(scene, ASHA, RAVI)
    ravi = scene.rows("SELECT * FROM people WHERE number = 2")
    edited = [*ASHA[:4], "Mumbai", ASHA[5]]
    assert figures(load(scene, edited, RAVI)) == (0, 1, 1, 0)
    assert scene.value("SELECT city FROM people WHERE number = 1") == "Mumbai"
    assert scene.rows("SELECT * FROM people WHERE number = 2") == ravi


def test_what_a_hand_changed_is_not_overwritten(scene: Scene) -> None:
    load(scene, ASHA)
    with scene.begin() as tx:
        people.edit(tx, "P1", PersonFields(city="Goa", add_tags=["vip"]))
    load(scene, [*ASHA[:2], "groom", ASHA[3], "Mumbai", ASHA[5]])
    row = scene.rows("SELECT city, side, tags FROM people")[0]
    assert row == {"city": "Goa", "side": "groom", "tags": ["vip"]}


def test_a_rehearsal_writes_nothing_and_tells_the_same(scene: Scene) -> None:
    before = scene.table_sizes()
    rehearsed = load(scene, ASHA, RAVI, dry_run=True)
    assert scene.table_sizes() == before
    assert figures(rehearsed) == figures(load(scene, ASHA, RAVI)) == (2, 0, 0, 0)


def test_two_imports_of_one_list_at_once_make_everybody_once(scene: Scene) -> None:
    rows = [[f"Guest {n}", f"98765{n:05d}", "bride", "", "", ""] for n in range(60)]

    def run(backwards: bool) -> ImportReport:
        return load(scene, *(reversed(rows) if backwards else rows))

    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(run, (False, True)))
    assert sorted(figures(one) for one in reports) == [(0, 0, 60, 0), (60, 0, 0, 0)]
    assert scene.value("SELECT count(*) FROM people") == 60


def test_two_lists_with_the_same_people_at_once_do_not_lock_each_other_out(scene: Scene) -> None:
    rows = [[f"Guest {n}", f"98765{n:05d}", "bride", "", "", ""] for n in range(60)]

    def run(source: str) -> ImportReport:
        mine = rows if source == "bride.csv" else list(reversed(rows))
        return load(scene, *mine, source=source, opt_in="asked by phone")

    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(run, ("bride.csv", "groom.csv")))
    assert [figures(one) for one in reports] == [(60, 0, 0, 0)] * 2
    assert scene.value("SELECT count(*) FROM contact_points") == 60
    assert scene.value("SELECT count(*) FROM consent_ledger") == 120


def test_a_phone_that_two_people_share_is_one_contact_point(scene: Scene) -> None:
    load(scene, ASHA, ["Vikram Sharma", ASHA[1], "bride", "Sharma family", "", ""])
    assert scene.value("SELECT count(*) FROM contact_points WHERE kind = 'phone'") == 1
    assert scene.value("SELECT count(*) FROM person_contacts c JOIN contact_points p ON p.id = c.contact_point_id "
                       "WHERE p.kind = 'phone'") == 2  # fmt: skip


def test_the_same_row_twice_in_one_list_is_no_failure(scene: Scene) -> None:
    first = load(scene, ASHA, ASHA, RAVI)
    assert first.created + first.updated + first.unchanged + first.rejected == first.rows == 3
    before = content(scene)
    again = load(scene, ASHA, ASHA, RAVI)
    assert again.unchanged + again.rejected == 3
    assert content(scene) == before


def test_an_unusable_phone_is_kept_with_its_text(scene: Scene) -> None:
    report = load(scene, ["Asha", "98765", "bride", "", "", ""])
    assert report.warnings
    assert scene.rows("SELECT value, state FROM contact_points") == [
        {"value": "98765", "state": "impossible"}
    ]


def test_an_attestation_is_written_once_for_each_phone(scene: Scene) -> None:
    for _ in range(2):
        load(scene, ASHA, RAVI, opt_in="on the family's list, asked by phone")
    assert scene.value("SELECT count(*) FROM consent_ledger") == 2
    assert scene.rows("SELECT DISTINCT consent FROM contact_points WHERE kind = 'phone'") == [
        {"consent": "opted_in"}
    ]


@pytest.mark.parametrize("rows", [[], ["it can't be read"]])
def test_a_list_without_people_is_refused_or_reported(scene: Scene, rows: list[Any]) -> None:
    if rows:
        assert figures(load(scene, *rows)) == (0, 0, 0, 1)
    else:
        with pytest.raises(UsedWrongly):
            load(scene)
    assert scene.value("SELECT count(*) FROM people") == 0
