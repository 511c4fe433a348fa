"""Rejected rows in a file: to be mended and imported again, harmless, whole or not there at all."""

from __future__ import annotations

import csv
import io
import os
import stat
import tracemalloc
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from parinaya_cli.adapters.files.limits import Limits
from parinaya_cli.adapters.files.lists import open_list
from parinaya_cli.adapters.files.rejects import RejectsWriter
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.imports import (
    MAX_CELL,
    Draft,
    Rejection,
    RowDefaults,
    read_row,
    recognise,
)
from parinaya_cli.ports import ReadingOptions, Sheet


def read(data: bytes) -> Sheet:
    return next(open_list(io.BytesIO(data), "list.csv", ReadingOptions(), Limits()).sheets)


def write(path: Path, titles: Sequence[str], rejections: Iterable[Rejection]) -> bool:
    with RejectsWriter(path) as writer:
        for one in rejections:
            writer.add(titles, one)
        return writer.finish()


def lines(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_rejects_are_written_mended_and_imported_again(tmp_path: Path) -> None:
    text = 'Name,Mobile,Room\n,,12\nRamesh,98,Taj, 14\n"Sunita,9820012345,=1+1\nAsha,+91 98200 12345,@x\n'
    found = read(text.encode())
    columns = recognise(found.header, {})
    results = [read_row(line, cells, columns, RowDefaults())[0] for line, cells in found.rows]
    path = tmp_path / "list.rejects.csv"
    assert write(path, columns.titles, [result for result in results if isinstance(result, Rejection)])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == [path.name]

    again = read(path.read_bytes())
    assert again.header == ["Name", "Mobile", "Room", "reason", "line"]
    rows = [cells for _, cells in again.rows]
    assert [(cells[:3], cells[4]) for cells in rows] == [
        (["", "", "12"], "2"),
        (["Ramesh", "98", "Taj"], "3"),
        (["Sunita", "9820012345", "'=1+1"], "4"),
    ]
    assert rows[1][5:] == [" 14"]  # too wide until somebody has mended it
    columns = recognise(again.header, {})
    second = [read_row(n, cells, columns, RowDefaults())[0] for n, cells in enumerate(rows, 2)]
    assert [type(result) for result in second] == [Rejection, Rejection, Draft]
    assert isinstance(second[2], Draft)
    assert second[2].extra == {"Room": "=1+1"}
    mended, _ = read_row(2, ["Ramesh", "9812345678", "Taj 14", "", "3"], columns, RowDefaults())
    assert isinstance(mended, Draft)
    assert mended.extra == {"Room": "Taj 14"}


def test_sheets_with_other_columns_share_a_file(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    with RejectsWriter(path) as writer:
        writer.add(["Name", "Phone", "Phone"], Rejection(3, "x", "Bad.", ("A", "1", "2")), "Bride")
        writer.add(
            ["Phone", "City", "Name"], Rejection(7, "x", "Bad too.", ("3", "Pune", "B", "more")), "Groom"
        )
        assert writer.finish()
    assert lines(path) == [
        ["Name", "Phone", "Phone", "City", "reason", "line"],
        ["A", "1", "2", "", "Bad.", "Bride 3"],
        ["B", "3", "", "Pune", "Bad too.", "Groom 7", "more"],
    ]


def test_cells_of_rejects_are_harmless_and_whole(tmp_path: Path) -> None:
    cells = (
        "=cmd()",
        "+91 98200 12345",
        "+SUM(A1)",
        "-5",
        "@x",
        "a\0b",
        'say "hi",\nthen',
        "y" * (MAX_CELL + 1),
    )
    path = tmp_path / "r.csv"
    write(path, ["=c0", *(f"c{n}" for n in range(1, 8))], [Rejection(3, "x", "It is bad.", cells)])
    head, row = lines(path)
    assert head[0] == "'=c0"
    assert row[:7] == [
        "'=cmd()",
        "+91 98200 12345",
        "'+SUM(A1)",
        "-5",
        "'@x",
        "a\u2400b",
        'say "hi",\nthen',
    ]
    assert row[7] == "y" * 1000 + "…"
    assert row[8:] == ["It is bad.", "3"]


def test_rejects_that_break_off_leave_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("old")
    with RejectsWriter(path) as writer:
        writer.add(["Name"], Rejection(2, "x", "Bad.", ("A",)))
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["r.csv"]


def test_without_rejects_there_is_no_file_and_an_old_one_goes(tmp_path: Path) -> None:
    path = tmp_path / "rejects" / "r.csv"
    assert not write(path, ["Name"], [])
    assert not path.parent.exists()
    assert write(path, ["Name"], [Rejection(2, "x", "Bad.", ("A",))])
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not write(path, ["Name"], [])
    assert os.listdir(path.parent) == []


def test_a_place_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsedWrongly, match="can't be written"):
        write(tmp_path / "file" / "r.csv", ["Name"], [Rejection(2, "x", "Bad.", ("A",))])


def test_many_rejects_cost_no_memory(tmp_path: Path) -> None:
    cells = tuple(f"cell {n} of a rejected row" for n in range(8))
    titles = [f"c{n}" for n in range(8)]
    tracemalloc.start()
    with RejectsWriter(tmp_path / "r.csv") as writer:
        for line in range(20_000):
            writer.add(titles, Rejection(line, "x", "Bad.", cells))
        writer.finish()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * 1024 * 1024
    assert (tmp_path / "r.csv").stat().st_size > 3 * 1024 * 1024
