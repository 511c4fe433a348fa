"""What every ``ContactSource`` does: the fake, and files read in a child process."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from parinaya_cli.adapters.files.reading import FileLists
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.imports import UnreadableRow
from parinaya_cli.ports import ContactSource, ReadingOptions
from tests.fakes.contact_source import FakeSource

HEADER = ["Name", "Mobile", "City"]
ROWS = [["Asha", "9820012345", "Pune"], ["शर्मा जी", "9812345678", "दिल्ली"]]
Stage = Callable[[Path, Sequence[Sequence[str] | str]], ContactSource]


def fake(path: Path, rows: Sequence[Sequence[str] | str]) -> ContactSource:
    return FakeSource({path: (HEADER, rows)})


def files(path: Path, rows: Sequence[Sequence[str] | str]) -> ContactSource:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for row in rows:
            if isinstance(row, str):
                file.write('Ramesh,"98"123,Delhi\n')
            else:
                writer.writerow(row)
    return FileLists()


@pytest.fixture(params=[fake, files], ids=["fake", "files"])
def stage(request: pytest.FixtureRequest) -> Stage:
    found: Stage = request.param
    return found


def test_a_list_of_one_table(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    source = stage(path, ROWS)
    for _ in range(2):  # it can be opened again
        with closing(source.open(path, ReadingOptions())) as found:
            assert (found.source, found.kind, found.encoding, found.delimiter) == (
                "list.csv",
                "csv",
                "utf-8",
                ",",
            )
            assert found.partial is False
            sheet = next(found.sheets)
            assert (sheet.header, sheet.name, sheet.header_line, sheet.notes) == (HEADER, "", 1, ())
            assert sheet.sample == tuple(map(tuple, ROWS))
            assert list(sheet.rows) == [(2, ROWS[0]), (3, ROWS[1])]
            assert next(found.sheets, None) is None


def test_a_row_that_can_not_be_read_is_a_sentence(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with closing(stage(path, [ROWS[0], "A stray quote.", ROWS[1]]).open(path, ReadingOptions())) as found:
        sheet = next(found.sheets)
        (_, first), (line, broken), (_, last) = sheet.rows
    assert (first, line, last) == (ROWS[0], 3, ROWS[1])
    assert isinstance(broken, UnreadableRow)
    assert sheet.sample == tuple(map(tuple, ROWS))


def test_a_file_that_does_not_exist(stage: Stage, tmp_path: Path) -> None:
    source = stage(tmp_path / "list.csv", ROWS)
    with pytest.raises(UsedWrongly, match="There is no file"):
        source.open(tmp_path / "other.csv", ReadingOptions())


def test_a_sheet_of_a_file_that_has_none(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with pytest.raises(UsedWrongly, match="has no sheets"):
        stage(path, ROWS).open(path, ReadingOptions(sheet="Guests"))


def test_closing_early_and_twice_does_no_harm(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    found = stage(path, ROWS).open(path, ReadingOptions())
    next(next(found.sheets).rows)
    found.close()
    found.close()
