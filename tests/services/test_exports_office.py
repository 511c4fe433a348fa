"""LibreOffice opens what leaves, every kind of it, and finds in the workbooks what we wrote."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from parinaya_cli.domain.exports import KINDS, unguard
from parinaya_cli.services import answers, consent, gifts
from parinaya_cli.services.answers import AnswerRequest
from tests.services.exports_kit import export
from tests.services.wedding_kit import Scene

OFFICE = shutil.which("soffice") or ""
"""LibreOffice; where there is none, this file is not collected."""

_AS_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false"
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?[+-]\d\d:\d\d")


@pytest.mark.processes
@pytest.mark.timeout(300)
def test_libreoffice_reads_every_kind_as_it_was_written(scene: Scene, tmp_path: Path) -> None:
    scene.event()
    for name in ('=HYPERLINK("x")', "'Asha", "जयश्री, 2nd"):
        scene.household(name)
    scene.invite("sangeet")
    scene.template()
    scene.send()
    with scene.begin() as tx:
        answers.set_answer(tx, AnswerRequest("U1", "sangeet", "yes", adults=1, children=1, note="+1\nlater"))
        gifts.add(tx, "U2", "@ lamp", Decimal("5100.50"))
        consent.record(tx, "P3", "opt-in", source="-call")
    written = {}
    for kind in KINDS:
        written[kind] = export(scene, tmp_path / f"{kind}.csv", kind)
        export(scene, tmp_path / f"{kind}.xlsx", kind, "xlsx")
    command = [
        OFFICE,
        f"-env:UserInstallation=file://{tmp_path}/office",
        "--headless",
        "--convert-to",
        _AS_CSV,
    ]
    files = [str(tmp_path / f"{kind}.xlsx") for kind in KINDS]
    subprocess.run(
        [*command, "--outdir", str(tmp_path / "read"), *files], capture_output=True, check=True, timeout=240
    )
    for kind, rows in written.items():
        text = (tmp_path / "read" / f"{kind}.csv").read_text("utf-8")
        read = list(csv.DictReader(io.StringIO(text, newline="")))
        assert len(rows) > 0, kind
        assert [_plain(row) for row in read[: len(rows)]] == [_plain(row, unguard) for row in rows], kind


def _plain(row: Mapping[str, str], read: Callable[[str], str] = str) -> dict[str, str]:
    """A row without the time at which it left, times as a spreadsheet shows them."""
    return {name: _TIME.sub(r"\1 \2", read(cell)) for name, cell in row.items() if name != "as_of"}
