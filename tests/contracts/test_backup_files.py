"""What everything that keeps backups must do."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from parinaya_cli.adapters.dumps import PgBackups, PgTools
from parinaya_cli.adapters.embedded.programs import client_programs
from parinaya_cli.domain.errors import NotFound, UsedWrongly
from parinaya_cli.ports import BackupFiles
from parinaya_cli.store import backups as store
from parinaya_cli.store import engine
from tests.fakes.backup_files import FakeBackups

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=["fake", "postgres"])
def files(request: pytest.FixtureRequest, database_url: str) -> BackupFiles:
    if request.param == "fake":
        return FakeBackups()
    return PgBackups(PgTools(client_programs(), store.environment(database_url)))


@contextmanager
def moment(url: str) -> Iterator[store.Snapshot]:
    db = engine.open_engine(url, pool=1)
    try:
        with store.held_snapshot(db) as held:
            yield held
    finally:
        db.dispose()


def test_a_backup_says_what_it_was_told(files: BackupFiles, database_url: str, tmp_path: Path) -> None:
    with moment(database_url) as held:
        made = files.write(tmp_path / "b", held.name, held.at, "0.1", held.contents)
    assert (made.made_at, made.version, made.contents) == (held.at, "0.1", held.contents)
    with files.open(tmp_path / "b") as opened:
        assert opened.manifest == made


def test_what_is_none_is_refused(files: BackupFiles, tmp_path: Path) -> None:
    with pytest.raises(NotFound), files.open(tmp_path / "b"):
        pass
    (tmp_path / "b").write_text("Name,Phone\n")
    with pytest.raises(UsedWrongly), files.open(tmp_path / "b"):
        pass
