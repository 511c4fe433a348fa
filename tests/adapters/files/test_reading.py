"""Reading in a child process: what comes through, what the child may not do, and what is left when it ends."""

from __future__ import annotations

import gc
import io
import os
import signal
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from openpyxl import Workbook

from parinaya_cli.adapters.files.limits import Limits
from parinaya_cli.adapters.files.lists import open_list
from parinaya_cli.adapters.files.reading import FileLists
from parinaya_cli.domain.errors import Failed, UsedWrongly
from parinaya_cli.domain.imports import UnreadableRow
from parinaya_cli.ports import OpenedList, ReadingOptions

HEADER = "Name,Mobile,City\n"
MANY = HEADER + "".join(f"Guest {n},{9800000000 + n},Pune\n" for n in range(30_000))
MIB = 1024 * 1024
PLAIN = ReadingOptions()


EARLIER: set[int] = set()
"""The processes that other tests have left before this one began."""


def children() -> list[psutil.Process]:
    """The processes that read for this one."""
    found = []
    for one in psutil.Process().children():
        if one.pid in EARLIER:
            continue
        try:
            command = one.cmdline()
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            command = ["parinaya_cli.adapters.files.child"]
        if "parinaya_cli.adapters.files.child" in command:
            found.append(one)
    return found


@pytest.fixture(autouse=True, scope="module")
def what_others_hold() -> Iterator[None]:
    """Looked through for what was dropped once, and not again before each test."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """After each test: no process, no zombie, no descriptor, no temporary file of ours."""
    aside = tmp_path / "aside"
    aside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(aside))
    gc.collect()  # what tests before this one have dropped
    open_before = psutil.Process().num_fds()
    EARLIER.clear()
    EARLIER.update(one.pid for one in psutil.Process().children())
    yield
    assert children() == []
    assert psutil.Process().num_fds() <= open_before
    assert os.listdir(aside) == []


def everything(found: OpenedList) -> list[object]:
    """All that a list says, in order."""
    said: list[object] = [found.source, found.kind, found.encoding, found.delimiter, found.notes]
    for sheet in found.sheets:
        said += [sheet.name, sheet.header, sheet.header_line, sheet.sample, sheet.notes]
        for line, cells in sheet.rows:
            said.append((line, cells, getattr(cells, "cells", None)))
    return said


def write(folder: Path, data: bytes | str, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def read(path: Path, options: ReadingOptions = PLAIN, limits: Limits | None = None) -> list[object]:
    with closing(FileLists(limits).open(path, options)) as found:
        return everything(found)


def workbook() -> bytes:
    book = Workbook()
    for name in ("Bride", "Groom"):
        sheet = book.create_sheet(name)
        sheet.append([f"{name}'s side"])
        sheet.append(["Name", "Mobile"])
        for number in range(700):
            sheet.append(
                [f"Guest {number}" if number % 7 else None, 9800000000 + number if number % 7 else None]
            )
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


CARDS = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=KOI8-R;ENCODING=QUOTED-PRINTABLE:;=E1=D3=D9=C1
FN;CHARSET=Shift_JIS;ENCODING=QUOTED-PRINTABLE:=83A=83V=83=83
TEL;CELL:+91 98200 10001
END:VCARD
BEGIN:VCARD
VERSION:3.0
FN:शर्मा जी
TEL;TYPE=CELL:9812345678
END:VCARD
"""


# ── what comes through ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "data",
    [
        MANY.encode(),
        b"Guest list\n\n"
        + HEADER.encode()
        + b'"A,1,x\n\n\xe0\xa4\x85,2,y\nB,3,z,surplus\n'
        + b",,\n" * 600
        + b"C,4,w\n",
        (HEADER + "José,1,x\n").encode("cp1252"),
        (HEADER + "अ,1,x\n").encode("utf-16"),
        workbook(),
        CARDS.encode(),
    ],
    ids=["csv", "broken", "cp1252", "utf-16", "workbook", "vcards"],
)
def test_the_child_says_what_the_reader_says(data: bytes, tmp_path: Path) -> None:
    told = open_list(io.BytesIO(data), "list.csv", PLAIN, Limits())
    assert read(write(tmp_path, data)) == everything(told)


def test_rows_that_can_not_be_read_come_with_what_is_left_of_them(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + 'A,1,x\n"B,2,y\nC,3,z\n')
    with closing(FileLists().open(path, PLAIN)) as found:
        (sheet,) = found.sheets
    path.unlink()
    with closing(FileLists().open(write(tmp_path, HEADER + 'A,1,x\n"B,2,y\nC,3,z\n'), PLAIN)) as found:
        (_, (line, row), _) = next(found.sheets).rows
    assert sheet.header == ["Name", "Mobile", "City"]
    assert line == 3
    assert isinstance(row, UnreadableRow)
    assert row.cells == ("B", "2", "y")


def test_half_a_character_costs_its_row(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "+2AA-,1,x\nB,2,y\n")
    with closing(FileLists().open(path, ReadingOptions("utf-7"))) as found:
        (_, first), (_, second) = next(found.sheets).rows
    assert isinstance(first, UnreadableRow)
    assert "half a character" in first
    assert first.cells == ("\\ud800", "1", "x")
    assert second == ["B", "2", "y"]


def test_a_sheet_that_is_not_wanted_is_passed_over(tmp_path: Path) -> None:
    with closing(FileLists().open(write(tmp_path, workbook()), PLAIN)) as found:
        names = [(sheet.name, next(sheet.rows)[0]) for sheet in found.sheets]
        assert names == [("Bride", 4), ("Groom", 4)]
        assert found.share() == 1.0


def test_the_share_grows(tmp_path: Path) -> None:
    with closing(FileLists().open(write(tmp_path, MANY), PLAIN)) as found:
        (sheet,) = found.sheets
    assert sheet.name == ""
    with closing(FileLists().open(write(tmp_path, MANY), PLAIN)) as found:
        rows = next(found.sheets).rows
        shares = [share for _ in rows if (share := found.share()) is not None]
    assert shares == sorted(shares)
    assert 0 < shares[0] < 1


def test_what_comes_through_a_pipe(tmp_path: Path) -> None:
    into, out = os.pipe()
    os.write(out, (HEADER + "Asha,1,x\n").encode())
    os.close(out)
    with os.fdopen(into, "rb") as pipe, closing(FileLists().open_stream(pipe, "-", PLAIN)) as found:
        assert everything(found)[-1] == (2, ["Asha", "1", "x"], None)
        assert found.source == "-"


def test_a_pipe_without_end() -> None:
    with open("/dev/zero", "rb") as endless, pytest.raises(UsedWrongly, match="larger than 2 MiB"):
        FileLists(Limits(text_bytes=2 * MIB)).open_stream(endless, "-", PLAIN)


# ── what is refused ────────────────────────────────────────────────────────────────────────────────────


def test_what_is_no_file_is_named_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "Contacts.abbu").mkdir()
    wrong = {
        tmp_path: "is a folder",
        tmp_path / "missing.csv": "There is no file",
        write(tmp_path, b"x") / "below": "There is no file",
        tmp_path / "pipe": "no regular file",
        Path("/dev/zero"): "no regular file",
        tmp_path / "Contacts.abbu": "Apple's Contacts",
        tmp_path / ("x" * 300): "can't be read",
        tmp_path / "nul\0": "There is no file",
    }
    for path, word in wrong.items():
        with pytest.raises(UsedWrongly, match=word) as caught:
            FileLists().open(path, PLAIN)
        assert caught.value.hint


def test_the_words_of_the_child_are_the_words_of_the_reader(tmp_path: Path) -> None:
    path = write(tmp_path, b"%PDF-1.7", os.fsdecode(b"\xffgu\xc3\xa9sts.pdf"))
    with pytest.raises(UsedWrongly) as caught:
        FileLists().open(path, PLAIN)
    assert caught.value.message == "?guésts.pdf is a PDF document, not a list."
    assert "export one as CSV" in caught.value.hint
    for options, word in (
        (ReadingOptions("klingon"), "no encoding"),
        (ReadingOptions(sheet="X"), "no sheets"),
    ):
        with pytest.raises(UsedWrongly, match=word):
            FileLists().open(write(tmp_path, HEADER + "A,1,x\n"), options)


def test_too_many_rows_are_told_while_they_are_read(tmp_path: Path) -> None:
    with pytest.raises(UsedWrongly, match="more than 5,000 rows"):
        read(write(tmp_path, MANY), limits=Limits(text_rows=5_000))
    with pytest.raises(UsedWrongly, match="larger than 1 MiB"):
        read(write(tmp_path, MANY * 2), limits=Limits(text_bytes=MIB))


# ── limits ─────────────────────────────────────────────────────────────────────────────────────────────

_CAGED = """
import os, socket
from parinaya_cli.adapters.files.limits import Limits, confine
confine(Limits(memory=64 * 1024 * 1024), 0)
for what in (
    lambda: os.open("/", os.O_RDONLY),
    socket.socket,
    os.pipe,
    lambda: bytearray(128 * 1024 * 1024),
):
    try:
        what()
    except (OSError, MemoryError) as error:
        print(type(error).__name__, getattr(error, "errno", ""), flush=True)
"""


def test_a_cage_holds() -> None:
    done = subprocess.run([sys.executable, "-c", _CAGED], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines() == ["OSError 24", "OSError 24", "OSError 24", "MemoryError "], done.stderr


def test_the_child_knows_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHATSAPP_ACCESS_TOKEN", "secret-of-the-parent")
    with closing(FileLists().open(write(tmp_path, MANY), PLAIN)):
        (child,) = children()
        assert "secret-of-the-parent" not in child.environ().values()


def wide_book() -> bytes:
    """A spreadsheet of a few hundred bytes that says of one cell that it comes 32 million times."""
    space = (
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    )
    cell = (
        '<table:table-cell table:number-columns-repeated="16384" office:value-type="string">'
        "<text:p>Asha</text:p></table:table-cell>"
    )
    row = f'<table:table-row table:number-rows-repeated="2000">{cell}</table:table-row>'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            f"<office:document-content {space}><office:body><office:spreadsheet>"
            f'<table:table table:name="A">{row}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return file.getvalue()


@pytest.mark.parametrize(
    "data", [wide_book(), (HEADER + '"a\n",' * 3_000_000).encode()], ids=["spreadsheet", "csv"]
)
def test_memory_is_bounded(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(Failed, match="took more than 96 MiB of memory") as caught:
        read(write(tmp_path, data), limits=Limits(memory=96 * MIB))
    assert caught.value.hint


def slow_book() -> bytes:
    """A sheet on which a search by pattern takes for ever."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", "<c r='A1'><f>" * 80_000)
    return file.getvalue()


def test_processor_time_is_bounded(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="more processor time"):
        read(write(tmp_path, slow_book()), limits=Limits(cpu_seconds=1))


def test_waiting_is_bounded(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="longer than 0 seconds"):
        read(write(tmp_path, MANY), limits=Limits(wait_seconds=0.0))


# ── ends ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_child_that_is_killed_is_an_error_in_plain_words(tmp_path: Path) -> None:
    with closing(FileLists().open(write(tmp_path, MANY * 4), PLAIN)) as found:
        sheet = next(found.sheets)
        next(sheet.rows)
        (child,) = children()
        child.send_signal(signal.SIGKILL)
        with pytest.raises(Failed, match="was ended") as caught:
            list(sheet.rows)
        assert caught.value.hint


def test_a_list_can_be_closed_at_any_time(tmp_path: Path) -> None:
    path = write(tmp_path, MANY * 4)
    found = FileLists().open(path, PLAIN)
    found.close()
    found.close()
    found = FileLists().open(path, PLAIN)
    sheet = next(found.sheets)
    next(sheet.rows)
    found.close()


def test_a_child_ends_when_its_parent_has_died(tmp_path: Path) -> None:
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from parinaya_cli.adapters.files.reading import FileLists\n"
        "from parinaya_cli.ports import ReadingOptions\n"
        "import psutil\n"
        "found = FileLists().open(Path(sys.argv[1]), ReadingOptions())\n"
        "print(psutil.Process().children()[0].pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, write(tmp_path, MANY * 8)], capture_output=True, text=True, timeout=60
    )
    try:
        psutil.Process(int(done.stdout)).wait(timeout=60)
    except psutil.NoSuchProcess:
        return
