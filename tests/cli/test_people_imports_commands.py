"""``parinaya people imports`` and ``undo-import``, and ``people import --background``."""

from __future__ import annotations

from pathlib import Path

import pytest

from parinaya_cli.domain.access import Channel
from parinaya_cli.services import import_queue
from parinaya_cli.services.import_queue import Desk
from parinaya_cli.wiring import App
from tests.cli.commands_kit import BRIDES, done, guests, wedding
from tests.conftest import Cli

BROKEN = "Name,Mobile,City\nAsha Rao,98200 12345,Pune\n,,Delhi\nRavi Rao,98290 441,Goa\n"


def written(folder: Path, text: str, name: str = "bride.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def work(app: App) -> None:
    """What a worker does when it is rung for."""
    desk = Desk(lambda: app.begin_as_system(Channel.WORKER), app.open_list, app.open_rejects)
    while import_queue.run_next(desk):
        pass


def test_an_import_is_taken_back_in_three_lists(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    done(cli, "people", "tag", "P1", "+vip")
    changed = written(tmp_path, BRIDES.replace("London", "Leeds"))
    done(cli, "people", "import", changed, "--side", "bride")
    before = done(cli, "people", "list")
    ran = cli("people", "undo-import", "I1", "--json")
    assert (ran.code, ran.error["code"]) == (2, "not_confirmed")
    ran = cli("people", "undo-import", "I1", "--dry-run", "--json")
    assert ran.code == 5
    assert done(cli, "people", "list") == before
    told = cli("people", "undo-import", "I1", "--yes", "--reason", "the wrong list", "--json")
    assert told.code == 5
    assert {key: told.json[key] for key in ("ref", "source", "created", "updated", "undone")} == {
        "ref": "I1", "source": "bride.csv", "created": 4, "updated": 0, "undone": False,
    }  # fmt: skip
    lists = told.json["lists"]
    assert lists == ran.json["lists"]
    assert [(one["person"], one["what"]) for one in lists["undone"]] == [("P4", "removed")]
    assert [(one["person"], one["reason"]) for one in lists["kept"]] == [("P1", "tagged"), ("P2", "invited")]
    assert [(one["person"], one["reason"]) for one in lists["refused"]] == [("P3", "later_import")]
    assert told.json["counts"] == {"undone": 1, "kept": 2, "refused": 1, "opt_ins_retracted": 0}
    text = cli("people", "undo-import", "I1", "--yes").out
    assert "Refused (1)" in text
    assert "P3 Asha Rao: I3 changed the same row later: undo that first." in text
    assert [one["ref"] for one in done(cli, "people", "list")["items"]] == ["P1", "P2", "P3", "P5", "P6"]
    entries = done(cli, "audit", "list", "--action", "people.undo_import")["items"]
    assert {entry["reason"] for entry in entries} == {"the wrong list", ""}
    assert done(cli, "audit", "verify")["ok"]


def test_taking_an_import_back_twice_is_taking_it_back_once(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    path = written(tmp_path, BRIDES)
    done(cli, "people", "import", path)
    first = done(cli, "people", "undo-import", "I1", "--yes")
    assert (first["undone"], first["already_undone"], first["counts"]["undone"]) == (True, False, 4)
    second = done(cli, "people", "undo-import", "i1")
    assert (second["undone"], second["already_undone"], second["counts"]["undone"]) == (True, True, 0)
    [one] = done(cli, "people", "imports")["items"]
    assert (one["ref"], one["state"], one["undone"], one["created"]) == ("I1", "undone", True, 4)
    assert done(cli, "people", "import", path)["created"] == 4
    assert cli("people", "undo-import", "I9", "--yes").code == 4


def test_one_import_is_shown_whole(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    assert cli("people", "import", written(tmp_path, BROKEN), "--opt-in", "asked at the door").code == 5
    told = done(cli, "people", "imports", "I1")
    assert (told["rows"], told["created"], told["rejected"], told["opt_in"]) == (3, 2, 1, "asked at the door")
    assert {(one["header"], one["field"]) for one in told["columns"]} >= {
        ("Name", "full_name"),
        ("City", "city"),
    }
    assert [(one["row"], one["code"]) for one in told["warnings"]] == [(4, "phone_unusable")]
    assert told["rejects_file"].endswith("bride.rejects.csv")
    assert "columns\t3" in cli("people", "imports", "I1").out
    ran = cli("people", "imports", "I1", "--rejects", tmp_path / "mend.csv", "--json")
    assert (ran.code, told["rejects_file"] in ran.error["message"]) == (4, True)


def test_a_list_is_imported_by_a_worker(cli: Cli, app: App, tmp_path: Path) -> None:
    wedding(cli)
    told = done(cli, "people", "import", written(tmp_path, BROKEN), "--side", "bride", "--background")
    assert (told["import"], told["state"], told["bytes"]) == ("I1", "queued", len(BROKEN))
    [waits] = done(cli, "people", "imports")["items"]
    assert (waits["state"], waits["progress"]) == ("queued", {"rows": 0, "share": None})
    assert done(cli, "queue", "status")["queues"][2] | {"oldest_seconds": 0} == {
        "name": "imports.contacts", "waiting": 1, "running": 0, "failed": 0, "oldest_seconds": 0,
    }  # fmt: skip
    ran = cli("people", "undo-import", "I1", "--yes", "--json")
    assert (ran.code, ran.error["code"]) == (1, "still_running")
    work(app)
    told = done(cli, "people", "imports", "I1")
    assert (told["state"], told["created"], told["rejected"], told["progress"]) == ("done", 2, 1, None)
    mend = tmp_path / "mend.csv"
    done(cli, "people", "imports", "I1", "--rejects", mend)
    assert mend.stat().st_mode & 0o777 == 0o600
    mend.write_text(mend.read_text("utf-8-sig").replace(",,Delhi", "Devi,98200 12347,Delhi"), "utf-8")
    ran = cli("people", "imports", "I1", "--rejects", mend, "--json")
    assert (ran.code, "Devi" in mend.read_text("utf-8")) == (2, True)
    assert done(cli, "people", "import", mend)["created"] == 1


@pytest.mark.parametrize(
    "argv",
    [("google",), ("{}", "--dry-run"), ("{}", "--save-preset", "x"), ("{}/nothing.csv",)],
    ids=["google", "a rehearsal", "a preset", "no file"],
)
def test_what_can_not_be_done_in_the_background_is_refused(
    cli: Cli, tmp_path: Path, argv: tuple[str, ...]
) -> None:
    wedding(cli)
    path = written(tmp_path, BROKEN)
    ran = cli("people", "import", *(one.format(path) for one in argv), "--background", "--json")
    assert ran.code == 2, ran.out
    assert done(cli, "people", "imports")["total"] == 0


def test_a_file_that_is_no_list_is_refused_before_it_waits(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    path = written(tmp_path, "%PDF-1.7 no list at all")
    assert cli("people", "import", path, "--background").code == 2
    assert done(cli, "people", "imports")["total"] == 0
