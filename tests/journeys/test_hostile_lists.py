"""Lists that are broken, forged or absurd, through the command itself: each is told, none is half applied."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.cli.commands_kit import done, wedding
from tests.conftest import Cli

HEAD = "Name,Mobile,City\n"
RAVI = "Ravi Kumar,98200 12345,Pune\n"
SIX = "".join(f"Guest {n},98200 2000{n},Pune\n" for n in range(6))
REFUSED, TAKEN, SOME = 2, 0, 5  # how the command ends

# What is in the file; how the command ends; rows, of which rejected (for lists that are read).
Case = tuple[bytes, int, int, int]


def text(content: str, code: int, rows: int = 0, rejected: int = 0, encoding: str = "utf-8") -> Case:
    return content.encode(encoding), code, rows, rejected


CSV: dict[str, Case] = {
    "empty": (b"", REFUSED, 0, 0),
    "a header and nothing else": text(HEAD, REFUSED),
    "no column that is known": text("Alpha,Beta\nx,y\n", REFUSED),
    "noise": (bytes(range(256)) * 40, REFUSED, 0, 0),
    "a web page": (b"<!DOCTYPE html><html><table><tr><td>Name</td></tr></table></html>", REFUSED, 0, 0),
    "utf-8 with a broken letter": (
        f"{HEAD}शर्मा,1,\nगुप्ता,2,\nवर्मा,3,\n".encode() + b"\xff,4,\n",
        REFUSED,
        0,
        0,
    ),
    "utf-16 cut in a letter": ((HEAD + RAVI).encode("utf-16") + b"x", REFUSED, 0, 0),
    "a stray quote": text(f'{HEAD}"Ravi,98200 12345,Pune\n{SIX}', SOME, 7, 1),
    "too many cells": text(f"{HEAD}Kumar, Ravi,98200 12345,Pune\n{SIX}", SOME, 7, 1),
    "NUL in a name": text(f"{HEAD}Ra\0vi,98200 12345,Pune\n{SIX}", SOME, 7, 1),
    "neither name nor phone": text(f"{HEAD},,Pune\n{SIX}", SOME, 7, 1),
    "a name of 10,000 letters": text(f"{HEAD}{'R' * 10_000},98200 12345,Pune\n{SIX}", SOME, 7, 1),
    "a line of 9 million letters": text(f"{HEAD}{'x' * 9_000_000}\n{SIX}", SOME, 7, 1),
    "letters that run backwards": text(f"{HEAD}\u202eivaR\u202c,98200 12345,Pune\n", TAKEN, 1),
    "numbers that a spreadsheet has cut": text(f"{HEAD}Ravi,9.82E+09,Pune\n", TAKEN, 1),
}


def card(*lines: str) -> str:
    return "\r\n".join(("BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", ""))


GOOD = card("FN:Asha Rao", "TEL:98200 40001")
CARDS: dict[str, Case] = {
    "cut off": text(GOOD + "BEGIN:VCARD\r\nFN:Ravi\r\nTEL:98200", SOME, 2, 1),
    "no beginning": text(GOOD + "FN:Ravi\r\nEND:VCARD\r\n" + GOOD, SOME, 3, 1),
    "NUL in a name": text(GOOD + card("FN:Ra\0vi"), SOME, 2, 1),
    "a charset that nobody knows": text(GOOD + card("FN;CHARSET=klingon:Ravi"), SOME, 2, 1),
    "cards in cards in cards": text(GOOD + card(*["BEGIN:X"] * 9, *["END:X"] * 9, "FN:Ravi"), SOME, 2, 1),
    "a line of 2 MiB": text(GOOD + card("FN:Ravi", f"NOTE:{'x' * 2_100_000}"), SOME, 2, 1),
    "a parameter full of signs": text(GOOD + card("FN:Ravi", f"TEL;TYPE{'=' * 5000}:1"), TAKEN, 2),
    "groups only": text(card("FN:Friends", "KIND:group", "MEMBER:urn:uuid:1"), REFUSED),
    "20,001 cards": text("BEGIN:VCARD\nEND:VCARD\n" * 20_001, REFUSED),
    "an appointment": text(
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nEND:VEVENT\nEND:VCALENDAR\n", REFUSED
    ),
}


def book(rows: list[list[Any]]) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)  # type: ignore[union-attr]
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def changed(data: bytes, name: str, content: bytes) -> bytes:
    """A workbook with one of its files put in the place of another, or added."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, content)
    return file.getvalue()


BOOK = book([["Name", "Mobile"], ["Ravi Kumar", "98200 50001"], ["Asha Rao", 919820050002]])
SHEET = "xl/worksheets/sheet1.xml"
CORNER = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c></row>'
    b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData></worksheet>'
)
BOOKS: dict[str, Case] = {
    "cut off": (BOOK[: len(BOOK) // 2], REFUSED, 0, 0),
    "with a password": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4000, REFUSED, 0, 0),
    "inflates without end": (changed(BOOK, SHEET, b" " * 30_000_000), REFUSED, 0, 0),
    "no XML where a sheet is": (changed(BOOK, SHEET, b"\0\1\2 no xml"), REFUSED, 0, 0),
    "a cell in the last corner": (changed(BOOK, SHEET, CORNER), REFUSED, 0, 0),
    "nothing in it": (book([]), REFUSED, 0, 0),
    "a formula that nobody has computed": (book([["Name", "Mobile"], ["=A9", "98200 50003"]]), TAKEN, 1, 0),
    "errors in cells": (book([["Name", "Mobile"], ["#N/A", "98200 50004"], ["#REF!", ""]]), TAKEN, 1, 0),
    "as it should be": (BOOK, TAKEN, 2, 0),
}


@pytest.mark.parametrize(("cases", "suffix"), [(CSV, "csv"), (CARDS, "vcf"), (BOOKS, "xlsx")])
def test_a_hostile_list(cli: Cli, tmp_path: Path, cases: dict[str, Case], suffix: str) -> None:
    wedding(cli)
    there = 0
    for number, (what, (data, code, rows, rejected)) in enumerate(cases.items()):
        path = tmp_path / f"list {number}.{suffix}"
        path.write_bytes(data)
        ran = cli("people", "import", path, "--json")
        assert ran.code == code, (what, ran)
        assert "Traceback" not in ran.err, what
        if code == REFUSED:
            assert ran.out == "", what
            assert ran.error["hint"], what
            assert len(ran.error["message"].splitlines()) == 1, what
        else:
            report = ran.json
            assert (report["rows"], report["rejected"]) == (rows, rejected), (what, report)
            settled = report["created"] + report["updated"] + report["unchanged"] + report["rejected"]
            assert settled == rows, (what, report)
            check_rejects(report["rejects_file"], rejected, data)
        now = done(cli, "people", "list", "--all")["total"]
        assert now == there if code == REFUSED else now >= there, what
        there = now
    imports = done(cli, "people", "imports")["items"]
    assert len(imports) == sum(code != REFUSED for _, code, _, _ in cases.values())


def check_rejects(file: str | None, count: int, data: bytes) -> None:
    """Each rejected row stands in the file with its reason and a line that the list has."""
    if not count:
        assert file is None
        return
    assert file is not None
    with Path(file).open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert len(rows) == count
    for row in rows:
        assert row["reason"].endswith((".", "?"))
        assert 1 <= int(row["line"]) <= max(data.count(b"\n") + 1, 10)


def test_a_list_that_is_no_file(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    for path in (tmp_path, tmp_path / "missing.csv", Path("/dev/null")):
        ran = cli("people", "import", path, "--json")
        assert (ran.code, ran.out) == (2, ""), path
        assert ran.error["hint"]
    assert done(cli, "people", "list", "--all")["total"] == 0
