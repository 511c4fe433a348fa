"""A list of several tables, what a rehearsal shows of a list, and lists that meet each other."""

from __future__ import annotations

import threading
from typing import Any

import psycopg
import pytest

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.imports import RowDefaults
from parinaya_cli.ports import OpenedList, Sheet
from parinaya_cli.services import imports, people, removals
from parinaya_cli.services.import_reading import MOST_KEPT, Reading
from parinaya_cli.services.imports import ImportReport, ImportRequest
from parinaya_cli.services.people import PersonFields
from tests.fakes.contact_source import one_sheet, opened, sheet
from tests.services.wedding_kit import Scene

HEADER = ("Name", "Phone", "City")
ASHA = ["Asha Sharma", "9820111111", "Pune"]
RAVI = ["Ravi Rao", "9820222222", "Delhi"]


def bride(*rows: list[str]) -> Sheet:
    return one_sheet(HEADER, *(rows or (ASHA,)), name="Bride")


def groom(*rows: list[str]) -> Sheet:
    return one_sheet(HEADER, *(rows or (RAVI,)), name="Groom", header_line=3)


def costs() -> Sheet:
    return one_sheet(("Item", "Cost"), ["Lights", "12000"], ["Flowers", "8000"], name="Costs")


def load(scene: Scene, *sheets: Sheet, **more: Any) -> ImportReport:
    request = ImportRequest("book.xlsx", **more)
    return imports.import_people(scene.begin, opened(*sheets, source="book.xlsx"), request)


def sources(scene: Scene) -> list[str]:
    return [row["source"] for row in scene.rows("SELECT DISTINCT source FROM person_sources ORDER BY source")]


# ── several tables ─────────────────────────────────────────────────────────────────────────────────────


def test_each_table_with_people_is_a_list_of_its_own(scene: Scene) -> None:
    report = load(scene, bride(ASHA, ["Uma", "nobody", ""]), costs(), groom(RAVI, ["", "", "Delhi"]))
    assert (report.rows, report.created, report.rejected) == (4, 3, 1)
    assert sources(scene) == ["book.xlsx/Bride", "book.xlsx/Groom"]
    assert scene.value("SELECT count(*) FROM imports") == 1
    assert report.sheets == ("Bride", "Groom")
    assert [one.sheet for one in report.columns] == ["Bride"] * 3 + ["Groom"] * 3
    assert any("“Costs” was left out" in note for note in report.notes)
    assert [(one.sheet, one.line) for one in report.warnings] == [("Bride", 3)]
    assert [(one.sheet, one.line) for one in report.rejections] == [("Groom", 5)]
    again = load(scene, bride(ASHA, ["Uma", "nobody", ""]), costs(), groom(RAVI, ["", "", "Delhi"]))
    assert (again.created, again.unchanged, again.missing) == (0, 3, 0)


def test_one_table_alone_is_the_list_and_stays_it_when_others_join(scene: Scene) -> None:
    load(scene, bride(), costs())
    assert sources(scene) == ["book.xlsx"]
    report = load(scene, groom(), bride())
    assert (report.created, report.unchanged) == (1, 1)
    assert sources(scene) == ["book.xlsx", "book.xlsx/Groom"]
    assert load(scene, groom(), bride()).unchanged == 2
    asked_for = load(scene, groom([*RAVI[:2], "Goa"]), sheet="Groom")
    assert (asked_for.updated, asked_for.missing) == (1, 0)


def test_a_table_that_was_asked_for_is_known_when_all_come(scene: Scene) -> None:
    load(scene, bride(), sheet="Bride")
    assert sources(scene) == ["book.xlsx/Bride"]
    assert load(scene, bride()).unchanged == 1
    assert (load(scene, bride(), groom()).unchanged, sources(scene)[-1]) == (1, "book.xlsx/Groom")


def test_a_table_without_people_is_refused_where_it_is_all_there_is(scene: Scene) -> None:
    with pytest.raises(UsedWrongly):
        load(scene, costs())
    assert scene.value("SELECT count(*) FROM imports") == 0


def test_a_mapped_header_may_stand_in_one_table_only(scene: Scene) -> None:
    other = one_sheet(("Wer", "Phone"), ["Uma", "9820333333"], name="Others")
    report = load(scene, bride(), other, columns={"Wer": "full_name"})
    assert report.created == 2
    with pytest.raises(UsedWrongly, match="Wen"):
        load(scene, bride(), groom(), columns={"Wen": "full_name"})


# ── a rehearsal ────────────────────────────────────────────────────────────────────────────────────────


def test_a_rehearsal_tells_what_becomes_of_each_row(scene: Scene) -> None:
    header = ("ID", "Name", "Phone", "City")
    first = [["1", *ASHA], ["2", *RAVI], ["3", "Uma Seth", "9820333333", "Goa"]]
    load_csv(scene, header, *first)
    with scene.begin() as tx:
        people.edit(tx, "P3", PersonFields(city="Surat"))
    second = [
        ["1", *ASHA],
        ["2", "Ravi Rao", "9820222223", "Agra"],
        ["3", "Uma Seth", "9820333333", "Delhi"],
        ["4", "Mr & Mrs Gupta", "98765", ""],
        ["5", "", "-", ""],
    ]
    before = scene.table_sizes()
    items = load_csv(scene, header, *second, dry_run=True).items
    assert scene.table_sizes() == before
    assert [(one.line, one.verdict, one.person) for one in items] == [
        (2, "unchanged", "P1"),
        (3, "changed", "P2"),
        (4, "conflict", "P3"),
        (5, "new", None),
        (6, "rejected", None),
    ]
    assert items[1].changes == {
        "city": ("Delhi", "Agra"),
        "phones": (["+919820222222"], ["+919820222223", "+919820222222"]),
    }
    assert items[2].conflicts == {"city": ("Surat", "Delhi")}
    assert "2 people" in items[3].proposal
    assert items[3].phones == (("98765", None, "impossible"),)
    assert items[4].reason
    report = load_csv(scene, header, *second)
    assert (report.created, report.updated, report.unchanged, report.rejected) == (1, 1, 2, 1)


def test_a_rehearsal_tells_of_everybody_whom_a_row_names(scene: Scene) -> None:
    header = ("ID", "Name", "City", "Family")
    load_csv(scene, header, ["1", "Mr & Mrs Iyer", "Pune", "I"], ["2", "Asha Rao", "Pune", "R"])
    with scene.begin() as tx:
        people.edit(tx, "P2", PersonFields(city="Surat"))
    with scene.begin() as tx:
        removals.remove(tx, ["P1"])
    second = [["1", "Mr & Mrs Iyer", "Goa", "I"], ["2", "Asha & Ravi Rao", "Pune", "R"]]
    report = load_csv(scene, header, *second, dry_run=True)
    couple, grown = report.items
    assert (couple.verdict, couple.changes) == ("conflict", {})
    assert couple.conflicts == {"removed": (True, False), "city of Mrs Iyer": ("Surat", "Goa")}
    assert (grown.verdict, grown.changes) == ("changed", {})
    assert report.updated == sum(one.verdict == "changed" for one in report.items) == 1


def load_csv(scene: Scene, header: tuple[str, ...], *rows: list[str], **more: Any) -> ImportReport:
    return imports.import_people(scene.begin, sheet(header, *rows), ImportRequest("guests.csv", **more))


def test_a_list_full_of_mistakes_takes_little_memory() -> None:
    count = MOST_KEPT + 500
    rows = (["Uma", f"+91 1{number}"] for number in range(count))
    table = Sheet(["Name", "Phone"], ((line, row) for line, row in enumerate(rows, 2)))
    read = Reading(OpenedList("list.csv", "csv", iter([table])), {}, RowDefaults())
    assert sum(1 for _ in read.drafts()) == count
    assert (len(read.warnings), read.codes["phone_unusable"]) == (MOST_KEPT, count)


# ── lists that meet ────────────────────────────────────────────────────────────────────────────────────


def test_an_import_that_postgres_gives_up_for_another_tries_again(scene: Scene, database_url: str) -> None:
    """Somebody holds the second phone of the list and then wants the first, which the import has made."""
    first, second = "+919820111111", "+919820222222"
    insert = (
        "INSERT INTO contact_points (wedding_id, kind, value) SELECT id, 'phone', %s FROM weddings "
        "ON CONFLICT DO NOTHING"
    )
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with psycopg.connect(database_url) as other, psycopg.connect(database_url, autocommit=True) as watcher:
        other.execute("SET deadlock_timeout = '1min'")  # so that it is the import that is given up
        other.execute(insert, [second])
        reports: list[ImportReport] = []
        thread = threading.Thread(target=lambda: reports.append(load_csv(scene, HEADER, ASHA, RAVI)))
        thread.start()
        while not watcher.execute(waiting).fetchone()[0]:  # type: ignore[index]
            assert thread.is_alive()
        other.execute(insert, [first])
        other.commit()
        thread.join(60)
    [report] = reports
    assert report.created == 2
    assert scene.value("SELECT count(*) FROM contact_points") == 2
    assert scene.rows("SELECT number, created FROM imports") == [{"number": 1, "created": 2}]
