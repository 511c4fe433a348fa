"""Exports: what leaves is written down, by role, exact when it comes back, and made by whoever can."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from parinaya_cli.adapters.exports.files import ExportFile
from parinaya_cli.adapters.files.reading import FileLists
from parinaya_cli.domain import jobs
from parinaya_cli.domain.access import Role
from parinaya_cli.domain.errors import Failed, NotFound, NotPermitted, Unreachable, UsedWrongly
from parinaya_cli.domain.exports import FORMATS, KINDS
from parinaya_cli.ports import ReadingOptions
from parinaya_cli.services import answers, exports, imports, reconcile
from parinaya_cli.services.answers import AnswerRequest
from parinaya_cli.services.exports import Desk, ExportRequest, FileWanted
from parinaya_cli.services.imports import ImportRequest
from tests.services.exports_kit import export, open_file
from tests.services.wedding_kit import Scene

LIST = """Name,Mobile,Second Mobile,Email,Family,Pax,City,Group,Side,Language,Notes,Events,Diet,=Odd,Ref
Shri Ramesh Sharma,98200 12345,044 2345 6789,r@a.in,Sharma,4,Pune,"close; work",bride,hi,"a ""so"" b",all,jain,=1+1,a
Sunita Sharma,98200 12345,,,Sharma,,Pune,close,bride,,-5 degrees,,,-2,
Ramesh & Sunita Gupta + 2,98111 22333,,,,,Delhi,,groom,en,@home,,veg,,b
आशा राव,+44 7911 123456,,,,2,London,,both,,,,,,
Retd. Judge B. N. Khare,,,,,,,,,,,,,,
Nobody's Number,98290 441,,,,,Jaipur,,,,,,,,
"""


def import_file(scene: Scene, path: Path) -> None:
    opened = FileLists().open(path, ReadingOptions())
    try:
        imports.import_people(scene.begin, opened, ImportRequest(source=path.name))
    finally:
        opened.close()


@pytest.fixture
def family(scene: Scene, tmp_path: Path) -> Scene:
    """Two families' people as a list brought them in."""
    (tmp_path / "list.csv").write_text(LIST, "utf-8")
    scene.event()
    import_file(scene, tmp_path / "list.csv")
    return scene


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_people_go_out_and_come_back_byte_for_byte(family: Scene, tmp_path: Path, form: str) -> None:
    first = tmp_path / "first.csv"
    rows = export(family, first, "people")
    assert len(rows) == 7
    assert (rows[0]["phone"], rows[0]["Diet"], rows[0]["'=Odd"]) == ("+919820012345", "jain", "'=1+1")
    assert (rows[1]["notes"], rows[2]["notes"], rows[6]["phone"]) == ("'-5 degrees", "'@home", "98290 441")
    travelling = tmp_path / f"people.{form}"
    export(family, travelling, "people", form)
    family.wedding = family.another("copy")
    family.event()
    import_file(family, travelling)
    export(family, tmp_path / "second.csv", "people")
    assert (tmp_path / "second.csv").read_bytes() == first.read_bytes()


def test_every_kind_leaves_in_every_format(scene: Scene, tmp_path: Path) -> None:
    scene.ready("Asha", "Ravi")
    scene.send()
    scene.deliver()
    with scene.begin() as tx:
        answers.set_answer(tx, AnswerRequest("U1", "sangeet", "yes", adults=1, children=1, diets={"jain": 1}))
    for kind in KINDS:
        for form in FORMATS:
            export(scene, tmp_path / f"{kind}.{form}", kind, form)
        sheets = [
            CalamineWorkbook.from_path(str(tmp_path / f"{kind}.xlsx")).get_sheet_by_index(0).to_python()
        ]
        rows = list(csv.reader(io.StringIO((tmp_path / f"{kind}.csv").read_text("utf-8"), newline="")))
        if kind != "audit":  # it grows with each export
            assert [len(rows)] == [len(sheet) for sheet in sheets], kind
        assert sheets[0][0][: len(rows[0])] == rows[0][: len(sheets[0][0])]
    told = export(scene, tmp_path / "a.csv", "rsvp", event="sangeet")
    assert [(row["unit"], row["status"], row["heads"], row["diets"]) for row in told] == [
        ("U1", "yes", "2", "jain=1"), ("U2", "pending", "", ""),
    ]  # fmt: skip
    [line] = export(scene, tmp_path / "b.csv", "headcount")
    assert (line["heads"], line["adults"], line["children"], line["diet: jain"]) == ("2", "1", "1", "1")
    [call] = export(scene, tmp_path / "c.csv", "call-list")
    assert (call["unit"], call["seats"], call["answer"], call["why"]) == (
        "U2", "2", "", "WhatsApp has the message, the phone not yet",
    )  # fmt: skip
    proof = export(scene, tmp_path / "d.csv", "messages")
    assert [(row["batch"], row["state"]) for row in proof] == [("B1", "accepted"), ("B1", "accepted")]
    last = export(scene, tmp_path / "e.csv", "audit")[-1]
    assert (last["action"], last["ref"]) == ("export.ask", exports_of(scene)[0]["ref"])


def exports_of(scene: Scene) -> list[Any]:
    with scene.begin() as tx:
        return [exports.document(tx, one) for one in exports.list_exports(tx)]


def test_what_leaves_is_in_the_audit_log(scene: Scene, tmp_path: Path) -> None:
    scene.person("Asha", "+919820012345")
    export(scene, tmp_path / "a.csv", "people")
    [job] = exports_of(scene)
    digest = hashlib.sha256((tmp_path / "a.csv").read_bytes()).hexdigest()
    assert (job["ref"], job["state"], job["rows"], job["sha256"], job["by"]) == (
        "X1",
        "done",
        1,
        digest,
        "Meera",
    )
    values = scene.rows(
        "SELECT a.action, v.value FROM audit_logs a JOIN audit_values v ON v.chain_id = a.chain_id "
        "AND v.seq = a.seq WHERE a.entity = 'export' ORDER BY a.seq"
    )
    assert [row["action"] for row in values] == ["export.ask", "export.make"]
    assert digest in values[1]["value"]


def test_columns_and_rows_are_those_of_the_role(scene: Scene, tmp_path: Path) -> None:
    for name, side in (("Asha", "bride"), ("Ravi", "groom"), ("Uma", "both")):
        scene.household(name, side=side)
    path = tmp_path / "a.csv"
    mine = export(scene, path, "people", role=Role.FAMILY, side="bride")
    assert [row["full_name"] for row in mine] == ["Asha", "Uma"]
    assert len(export(scene, path, "units", role=Role.FAMILY, side="groom")) == 2
    for role, kind in ((Role.DESK, "people"), (Role.OPERATOR, "audit"), (Role.AUDITOR, "gifts")):
        with pytest.raises(NotPermitted):
            export(scene, path, kind, role=role)
    with scene.begin(Role.FAMILY, side="bride", name="Asha's mother") as tx:
        assert exports.list_exports(tx) == []
        with pytest.raises(NotFound):
            exports.find(tx, "X1")


def test_what_can_not_be_exported_is_refused(scene: Scene, tmp_path: Path) -> None:
    for request in (
        ExportRequest("peple", "csv", "a.csv"),
        ExportRequest("people", "pdf", "a.csv"),
        ExportRequest("consent", "csv", "a.csv", "sangeet"),
    ):
        with scene.begin() as tx, pytest.raises(UsedWrongly):
            exports.ask(tx, request)
    with pytest.raises(NotFound), scene.begin() as tx:
        exports.ask(tx, ExportRequest("people", "csv", "a.csv", "sangeet"))
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(UsedWrongly):
        export(scene, tmp_path / "file" / "a.csv", "people")
    [job] = exports_of(scene)
    assert (job["state"], job["rows"]) == ("failed", None)
    assert "can't be written" in job["error"]


def queue(scene: Scene, path: Path, **who: Any) -> str:
    with scene.begin(**who) as tx:
        return exports.ask(tx, ExportRequest("people", "csv", str(path)), background=True).ref


def works(scene: Scene, open_with: Callable[[FileWanted], Any] = open_file) -> bool:
    return exports.run_next(Desk(scene.system, open_with))


def test_a_worker_makes_what_waits_with_the_rights_of_who_asked(scene: Scene, tmp_path: Path) -> None:
    scene.person("Asha", side="bride")
    scene.person("Ravi", side="groom")
    path = tmp_path / "a.csv"
    ref = queue(scene, path, role=Role.FAMILY, side="bride", name="Her mother")
    assert (jobs.EXPORT, "") in scene.bells
    assert not path.exists()
    assert [works(scene), works(scene)] == [True, False]
    assert "Asha" in path.read_text("utf-8")
    assert "Ravi" not in path.read_text("utf-8")
    [job] = exports_of(scene)
    assert (job["ref"], job["state"], job["rows"], job["by"]) == (ref, "done", 1, "Her mother")


def test_a_place_that_is_away_is_tried_again_and_not_for_ever(scene: Scene, tmp_path: Path) -> None:
    queue(scene, tmp_path / "a.csv")

    def away(_: FileWanted) -> Any:
        raise Unreachable("The storage is away.")

    for _ in range(exports.MOST_TRIES):
        with pytest.raises(Unreachable):
            works(scene, away)
        assert exports_of(scene)[0]["state"] == "queued"
    assert works(scene, away)
    [job] = exports_of(scene)
    assert (job["state"], works(scene)) == ("failed", False)

    def refuses(_: FileWanted) -> Any:
        raise Failed("The storage refused.", "Ask somebody.")

    queue(scene, tmp_path / "b.csv")
    assert works(scene, refuses)
    assert exports_of(scene)[0]["error"] == "The storage refused. Ask somebody."


class Watched:
    """A file that looks around while it goes to its place."""

    def __init__(self, file: ExportFile, look: Callable[[], None]) -> None:
        self._file, self._look = file, look

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def publish(self) -> None:
        self._look()
        self._file.publish()


def test_nothing_is_open_while_a_file_goes_to_its_place(scene: Scene, tmp_path: Path) -> None:
    scene.person("Asha")
    ref = queue(scene, tmp_path / "a.csv")
    seen: list[Any] = []

    def look() -> None:
        open_ones = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
        seen.append(scene.value(open_ones))
        seen.append(works(scene))
        with scene.begin() as tx:
            told = exports.document(tx, exports.find(tx, ref))
        seen.append((told["state"], told["rows"], len(str(told["sha256"]))))

    assert works(scene, lambda wanted: Watched(open_file(wanted), look))
    assert seen == [0, False, ("queued", 1, 64)]
    assert exports_of(scene)[0]["state"] == "done"

    def lost() -> None:
        raise KeyboardInterrupt

    ref = queue(scene, tmp_path / "b.csv")
    with pytest.raises(KeyboardInterrupt):
        works(scene, lambda wanted: Watched(open_file(wanted), lost))
    assert not works(scene)  # as long as the lease lasts
    scene.run("UPDATE export_jobs SET lease_until = now() WHERE lease_until IS NOT NULL")
    assert works(scene)
    assert (tmp_path / "b.csv").exists()


def test_reconcile_finds_exports_that_nobody_makes(scene: Scene, tmp_path: Path) -> None:
    queue(scene, tmp_path / "a.csv")
    with scene.begin() as tx:
        exports.ask(tx, ExportRequest("people", "csv", "b.csv"))
    scene.bells.clear()

    def found(*, mend: bool = True) -> Any:
        [one] = reconcile.reconcile(scene.system, only=["exports"], mend=mend)
        return one.looked_at, one.drift, one.mended

    assert found() == (1, 0, 0)  # the command was begun just now
    assert (jobs.EXPORT, "") in scene.bells
    scene.run("UPDATE export_jobs SET created_at = now() - interval '1 hour'")
    assert found(mend=False) == (2, 1, 0)
    assert found() == (2, 1, 1)
    assert found() == (1, 0, 0)
    assert [job["state"] for job in exports_of(scene)] == ["failed", "queued"]


def test_a_sheet_for_each_event_and_side(scene: Scene, tmp_path: Path) -> None:
    scene.event("sangeet")
    scene.event("pheras", days=61)
    for name, side in (("Asha", "bride"), ("Ravi", "groom"), ("Uma", None)):
        scene.household(name, side=side)
    scene.invite("sangeet", "pheras")
    sheets: dict[str, Sequence[str]] = {}
    for kind in ("rsvp", "call-list"):
        export(scene, tmp_path / f"{kind}.xlsx", kind, "xlsx")
        sheets[kind] = CalamineWorkbook.from_path(str(tmp_path / f"{kind}.xlsx")).sheet_names
    assert sheets == {"rsvp": ["sangeet", "pheras"], "call-list": ["other", "bride", "groom"]}
