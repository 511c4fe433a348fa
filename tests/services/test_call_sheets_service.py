"""Call sheets come back days later: what was said is recorded, what guests said meanwhile stands."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from parinaya_cli.adapters.files.reading import FileLists
from parinaya_cli.domain.access import Role
from parinaya_cli.domain.errors import NotPermitted, UsedWrongly
from parinaya_cli.domain.exports import read_diets
from parinaya_cli.domain.imports import Rejection
from parinaya_cli.domain.messages import Text
from parinaya_cli.ports import ReadingOptions
from parinaya_cli.services import answers, call_sheets, conversation
from parinaya_cli.services.answers import AnswerRequest
from parinaya_cli.services.call_sheets import CallReport
from tests.services.exports_kit import export, wait_for_a_lock
from tests.services.wedding_kit import EARS, Scene, tap

NAMES = ("Asha", "Ravi", "Uma", "Ila", "Leela", "Vikram", "Mohan", "=Nisha")


@pytest.fixture
def sheet(scene: Scene, tmp_path: Path) -> Path:
    """A call sheet of eight households, not filled in yet."""
    scene.event()
    for name in NAMES:
        scene.household(name, seats=4)
    scene.invite("sangeet")
    export(scene, tmp_path / "calls.csv", "call-list")
    return tmp_path / "calls.csv"


def fill(path: Path, told: dict[str, dict[str, str]]) -> None:
    """Write into the rows of households what was said."""
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"), newline="")))
    for row in rows:
        row |= told.get(row["unit"], {})
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def take(scene: Scene, path: Path, **who: Any) -> tuple[CallReport, list[Rejection]]:
    rejected: list[Rejection] = []
    opened = FileLists().open(path, ReadingOptions(header_first=True))
    try:
        with scene.begin(**who) as tx:
            report = call_sheets.import_calls(tx, opened, lambda _titles, row, _sheet: rejected.append(row))
    finally:
        opened.close()
    return report, rejected


def numbers(report: CallReport) -> tuple[int, ...]:
    return (
        report.rows, report.recorded, report.unchanged, len(report.conflicts), report.rejected, report.open_rows,
        report.notes,
    )  # fmt: skip


def test_a_sheet_comes_back_after_some_have_answered(scene: Scene, sheet: Path) -> None:
    fill(
        sheet,
        {
            "U1": {
                "answer": "Yes",
                "heads": "3",
                "diets": "2 jain, veg=1",
                "note": "by train",
                "called_by": "Rohit",
            },
            "U2": {"answer": "nahi"},
            "U3": {"answer": "yes", "adults": "2", "children": "1"},
            "U4": {"answer": "no"},
            "U5": {"answer": "yes", "heads": "9"},
            "U6": {"note": "ring again on Sunday"},
            "U8": {"answer": "perhaps"},
        },
    )
    with scene.begin() as tx:
        answers.set_answer(tx, AnswerRequest("U3", "sangeet", "yes", heads=1))
        answers.set_answer(tx, AnswerRequest("U4", "sangeet", "no"))
    report, [rejected] = take(scene, sheet)
    assert numbers(report) == (8, 3, 1, 1, 1, 2, 1)
    [conflict] = report.conflicts
    assert (conflict.unit, conflict.guest, conflict.sheet) == ("U3", "yes, 1 heads", "yes, 3 heads")
    assert "more than the 4 seats" in rejected.message
    with scene.begin() as tx:
        told = {one.unit: one for one in answers.list_standings(tx)}
        [first] = answers.history(tx, "U1")
    assert (told["U1"].heads, told["U1"].diets, told["U1"].note) == (3, {"jain": 2, "veg": 1}, "by train")
    assert (told["U2"].status, told["U3"].heads, told["U5"].status) == ("no", 1, "pending")
    assert told["U8"].status == "maybe"
    assert first.source == "call by Rohit (calls.csv)"
    assert scene.counts()["sangeet"]["heads"] == 4
    again, _ = take(scene, sheet)
    assert numbers(again) == (8, 0, 4, 1, 1, 2, 1)


def test_a_guest_who_answers_in_the_same_instant_is_not_overwritten(scene: Scene, tmp_path: Path) -> None:
    [asha, _] = scene.ready("Asha", "Ravi")
    scene.send()
    scene.deliver()
    export(scene, tmp_path / "calls.csv", "call-list")
    fill(tmp_path / "calls.csv", {"U1": {"answer": "no"}, "U2": {"answer": "no"}})
    # The guest's answer is not committed when the sheet comes to its row: the sheet waits, and sees it.
    with scene.system() as tx, ThreadPoolExecutor(1) as pool:
        conversation.hear(tx, scene.say(asha, Text("yes, 2 people")), EARS)
        coming = pool.submit(take, scene, tmp_path / "calls.csv")
        wait_for_a_lock(scene)
        tx.finish()
        tx.conn.commit()
        report, _ = coming.result(60)
    assert numbers(report) == (2, 1, 0, 1, 0, 0, 0)
    assert [(one.unit, one.guest, one.sheet) for one in report.conflicts] == [("U1", "yes, 2 heads", "no")]
    assert scene.answers() == [("sangeet", "no", None, None), ("sangeet", "yes", 2, None)]


def test_a_guest_who_answers_while_the_sheet_is_read_has_the_last_word(scene: Scene, tmp_path: Path) -> None:
    [asha] = scene.ready("Asha")
    scene.send()
    scene.deliver()
    export(scene, tmp_path / "calls.csv", "call-list")
    fill(tmp_path / "calls.csv", {"U1": {"answer": "no"}})
    yes = tap(scene.sender.sent[0], "yes")
    opened = FileLists().open(tmp_path / "calls.csv", ReadingOptions(header_first=True))
    with closing(opened), scene.begin() as tx, ThreadPoolExecutor(1) as pool:
        report = call_sheets.import_calls(tx, opened, lambda _titles, _row, _sheet: None)
        coming = pool.submit(scene.hear, scene.say(asha, yes, at=timedelta(seconds=1)))
        wait_for_a_lock(scene)
        tx.finish()
        tx.conn.commit()
        coming.result(60)
    assert (report.recorded, scene.answers()) == (1, [("sangeet", "yes", None, None)])


def say_no(path: Path) -> datetime:
    """Fill in a no for the one household of a sheet; when the sheet was made, in the wedding's zone."""
    if path.suffix == ".csv":
        [row] = csv.DictReader(io.StringIO(path.read_text("utf-8"), newline=""))
        fill(path, {"U1": {"answer": "no"}})
        return datetime.fromisoformat(row["as_of"]).replace(tzinfo=None)
    book = openpyxl.load_workbook(path)
    [table] = book.worksheets
    titles = [cell.value for cell in table[1]]
    table.cell(2, titles.index("answer") + 1, "no")
    made = table.cell(2, titles.index("as_of") + 1).value
    book.save(path)
    assert isinstance(made, datetime)
    return made.replace(microsecond=0)


@pytest.mark.parametrize("guest_first", [True, False], ids=["guest-first", "sheet-first"])
@pytest.mark.parametrize(
    ("form", "seconds", "stands"),
    [("csv", -90, "no"), ("csv", 0, "yes"), ("csv", 90, "yes"), ("xlsx", -90, "no"), ("xlsx", 90, "yes")],
)
def test_the_latest_answer_counts_whichever_comes_in_first(
    scene: Scene, tmp_path: Path, form: str, seconds: int, stands: str, guest_first: bool
) -> None:
    [asha] = scene.ready("Asha")
    scene.send()
    scene.deliver()
    path = tmp_path / f"calls.{form}"
    export(scene, path, "call-list", form)
    made = say_no(path).replace(tzinfo=scene.wedding.zone)
    told = scene.say(asha, tap(scene.sender.sent[0], "yes"))
    told = replace(told, at=made + timedelta(seconds=seconds))
    if guest_first:
        scene.hear(told)
    report, _ = take(scene, path)
    if not guest_first:
        scene.hear(told)
    assert scene.answers() == [("sangeet", stands, None, None)]
    assert len(report.conflicts) == (guest_first and stands == "yes")


def test_a_sheet_that_does_not_tell_its_time_overwrites_nothing(scene: Scene, sheet: Path) -> None:
    fill(sheet, {"U1": {"answer": "no", "as_of": "yesterday"}, "U2": {"answer": "no", "as_of": ""}})
    with scene.begin() as tx:
        answers.set_answer(tx, AnswerRequest("U1", "sangeet", "yes", heads=1))
    report, _ = take(scene, sheet)
    assert (report.recorded, len(report.conflicts)) == (1, 1)


def test_a_workbook_comes_back_with_all_its_sheets(scene: Scene, tmp_path: Path) -> None:
    scene.event()
    for name, side in (("Asha", "bride"), ("Ravi", "groom")):
        scene.household(name, seats=4, side=side)
    scene.invite("sangeet")
    path = tmp_path / "calls.xlsx"
    export(scene, path, "call-list", "xlsx")
    book = openpyxl.load_workbook(path)
    for one in book.worksheets:
        titles = [cell.value for cell in one[1]]
        one.cell(2, titles.index("answer") + 1, "yes")
        one.cell(2, titles.index("heads") + 1, 2)
    book.save(path)
    report, rejected = take(scene, path)
    assert (numbers(report), rejected) == ((2, 2, 0, 0, 0, 0, 0), [])
    assert scene.answers() == [("sangeet", "yes", 2, None), ("sangeet", "yes", 2, None)]


def test_rows_that_say_nothing_clear_are_rejected_and_the_others_count(scene: Scene, sheet: Path) -> None:
    fill(
        sheet,
        {
            "U1": {"heads": "2"},
            "U2": {"answer": "if it rains"},
            "U3": {"answer": "yes", "heads": "two"},
            "U4": {"answer": "yes", "heads": "2", "diets": "jain"},
            "U5": {"answer": "yes", "event": "haldi"},
            "U6": {"answer": "yes", "unit": "U99"},
            "U7": {"answer": "yes", "heads": "4"},
        },
    )
    report, rejected = take(scene, sheet)
    assert numbers(report) == (8, 1, 0, 0, 6, 1, 0)
    assert len({row.message for row in rejected}) == 6
    assert all(row.cells for row in rejected)


def test_what_is_no_call_sheet_is_refused(scene: Scene, sheet: Path, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("Name,Mobile\nAsha,98200 12345\n", "utf-8")
    with pytest.raises(UsedWrongly, match="no call sheet"):
        take(scene, tmp_path / "other.csv")
    with pytest.raises(NotPermitted):
        take(scene, sheet, role=Role.AUDITOR)


def test_diets_are_read_as_people_write_them() -> None:
    for text in ("jain=2; veg=3", "2 jain, 3 veg", "Jain: 2\nveg 3", "2x jain;veg = 3"):
        assert read_diets(text) == {"jain": 2, "veg": 3}, text
    assert read_diets("no onion=1; veg=3") == {"no onion": 1, "veg": 3}
    for text in ("jain", "2", "=2"):
        with pytest.raises(UsedWrongly):
            read_diets(text)
