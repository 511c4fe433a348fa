"""Work that was ordered for later: the role of whoever ordered it is asked again when it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from parinaya_cli.adapters.files.reading import FileLists
from parinaya_cli.adapters.files.rejects import RejectsWriter
from parinaya_cli.domain.access import Channel
from parinaya_cli.ports import OpenedList, ReadingOptions
from parinaya_cli.services import batches, exports, import_queue, roles
from parinaya_cli.services.exports import ExportFile, ExportRequest, FileWanted
from parinaya_cli.services.imports import ImportRequest
from parinaya_cli.store.transaction import Transaction
from tests.services.exports_kit import open_file
from tests.services.wedding_kit import SETUP, Scene

LIST = b"Name,Phone\nAsha Sharma,9876500001\n"


@pytest.fixture
def ravi(scene: Scene) -> str:
    """The token of an operator."""
    return grant(scene)


def grant(scene: Scene, name: str = "Ravi", role: str = "operator") -> str:
    with scene.begin() as tx:
        return roles.grant(tx, name, role)[1]


def revoke(scene: Scene, name: str = "Ravi") -> None:
    with scene.begin() as tx:
        roles.revoke(tx, name)


@contextmanager
def acting(scene: Scene, token: str) -> Iterator[Transaction]:
    with scene.system() as tx:
        tx.actor = roles.identify(tx, token, Channel.CLI)
        tx.bind(scene.wedding)
        yield tx


def order_export(scene: Scene, token: str, path: Path) -> None:
    with acting(scene, token) as tx:
        exports.ask(tx, ExportRequest("people", "csv", str(path)), background=True)


def order_import(scene: Scene, token: str) -> None:
    options = ReadingOptions(encoding="utf-8")
    import_queue.queue(lambda: acting(scene, token), BytesIO(LIST), ImportRequest("bride.csv"), options)


def make_export(scene: Scene, open_with: Callable[[FileWanted], Any] = open_file) -> None:
    assert exports.run_next(exports.Desk(scene.system, open_with))


def make_import(scene: Scene, open_list: Callable[..., OpenedList] | None = None) -> None:
    assert import_queue.run_next(
        import_queue.Desk(scene.system, open_list or FileLists().open, RejectsWriter)
    )


def ended(scene: Scene, table: str) -> tuple[str, str]:
    [row] = scene.rows(f"SELECT state, error FROM {table}")
    return row["state"], row["error"]


def told(scene: Scene) -> list[tuple[str, str, str, str]]:
    """The last two entries of the wedding's chain."""
    rows = scene.rows("SELECT action, actor, role, channel FROM audit_logs WHERE chain_id = :chain ORDER BY seq DESC "
                      "LIMIT 2", chain=scene.wedding.id)  # fmt: skip
    return [tuple(row.values()) for row in reversed(rows)]


def test_an_export_of_who_lost_the_role_is_refused(scene: Scene, ravi: str, tmp_path: Path) -> None:
    scene.person("Asha Sharma")
    order_export(scene, ravi, tmp_path / "a.csv")
    revoke(scene)
    make_export(scene)
    state, error = ended(scene, "export_jobs")
    assert (state, "Ravi acted as operator, and that role was taken away." in error) == ("failed", True)
    assert told(scene) == [
        ("access.refused", "Ravi", "operator", "worker"),
        ("export.fail", "Ravi", "operator", "worker"),
    ]
    assert list(tmp_path.iterdir()) == []


def test_an_import_of_who_lost_the_role_is_refused(scene: Scene, ravi: str) -> None:
    order_import(scene, ravi)
    revoke(scene)
    make_import(scene)
    state, error = ended(scene, "imports")
    assert (state, "that role was taken away" in error) == ("failed", True)
    assert told(scene) == [
        ("access.refused", "Ravi", "operator", "import"),
        ("people.import", "Ravi", "operator", "import"),
    ]
    assert scene.value("SELECT count(*) FROM people") == 0
    assert scene.value("SELECT count(*) FROM import_parts") == 0, "the list is not kept"


def test_who_loses_the_role_while_it_is_done_gets_nothing(scene: Scene, ravi: str, tmp_path: Path) -> None:
    order_import(scene, ravi)

    def opened_late(*told: Any) -> OpenedList:
        revoke(scene)
        return FileLists().open(*told)

    make_import(scene, opened_late)
    assert ended(scene, "imports")[0] == "failed"
    assert scene.value("SELECT count(*) FROM people") == 0

    order_export(scene, grant(scene, "Priya", "auditor"), tmp_path / "a.csv")

    def begun_late(wanted: FileWanted) -> ExportFile:
        revoke(scene, "Priya")
        return open_file(wanted)

    make_export(scene, begun_late)
    assert ended(scene, "export_jobs")[0] == "failed"
    assert list(tmp_path.iterdir()) == []


def test_who_has_the_role_still_gets_what_was_ordered(scene: Scene, ravi: str, tmp_path: Path) -> None:
    order_import(scene, ravi)
    order_export(scene, ravi, tmp_path / "a.csv")
    make_import(scene)
    make_export(scene)
    assert (ended(scene, "imports"), ended(scene, "export_jobs")) == (("done", ""), ("done", ""))
    assert "Asha Sharma" in (tmp_path / "a.csv").read_text("utf-8")


def test_a_name_that_is_given_a_role_anew_orders_anew(scene: Scene, ravi: str, tmp_path: Path) -> None:
    """It may be somebody else of that name."""
    order_export(scene, ravi, tmp_path / "a.csv")
    revoke(scene)
    grant(scene)
    make_export(scene)
    assert ended(scene, "export_jobs")[0] == "failed"


def test_a_batch_goes_on_without_who_ordered_it(scene: Scene, ravi: str) -> None:
    """It is the wedding's: what was written down is sent, and whoever may send can stop it."""
    scene.ready("Asha Sharma")
    with acting(scene, ravi) as tx:
        batches.make_batch(tx, batches.SendRequest("sangeet_invite"), SETUP, dry_run=False)
    revoke(scene)
    scene.deliver()
    assert scene.states() == [("accepted", "")]
