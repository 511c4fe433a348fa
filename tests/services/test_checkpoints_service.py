"""Checkpoints outside of the database show what the chain alone can't: a cut tail, another end, a lost chain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from parinaya_cli.adapters.checkpoints import CheckpointFolder
from parinaya_cli.domain.audit import ChainKey
from parinaya_cli.domain.checkpoints import Checkpoint, write
from parinaya_cli.domain.errors import Failed
from parinaya_cli.services import audit, checkpoints
from parinaya_cli.store import chain
from tests.services.wedding_kit import KEY, Scene


@pytest.fixture
def place(tmp_path: Path) -> CheckpointFolder:
    return CheckpointFolder(tmp_path / "checkpoints")


def keep(
    scene: Scene, place: CheckpointFolder, *, always: bool = True, after: timedelta = timedelta(0)
) -> int:
    with scene.begin(after=after) as tx:
        return checkpoints.keep(tx, [place], always=always)


def verify(scene: Scene, place: CheckpointFolder) -> tuple[bool, int | None, str]:
    with scene.begin() as tx:
        verdict, _ = audit.verify_against(tx, [place])
        assert audit.verify(tx).ok, "the chain alone shows nothing"
        return verdict.ok, verdict.first_bad, verdict.reason


def log(scene: Scene, *names: str) -> None:
    for name in names:
        scene.person(name)


def cut_tail(scene: Scene, seq: int) -> None:
    """What somebody does who may write to every table and knows how the chain is made."""
    where = {"chain": scene.wedding.id, "seq": seq}
    for table in ("audit_values", "audit_logs"):
        unguarded(scene, f"DELETE FROM {table} WHERE chain_id = :chain AND seq > :seq", **where)
    unguarded(
        scene,
        "UPDATE audit_chains c SET seq = l.seq, hash = l.hash FROM audit_logs l "
        "WHERE l.chain_id = c.chain_id AND l.seq = :seq AND c.chain_id = :chain",
        **where,
    )


def unguarded(scene: Scene, sql: str, **values: object) -> None:
    with scene.admin.begin() as conn:
        conn.exec_driver_sql("SET LOCAL session_replication_role = replica")  # no trigger stands in the way
        conn.execute(text(sql), values)


def head(scene: Scene) -> int:
    found: int = scene.value("SELECT seq FROM audit_chains WHERE chain_id = :id", id=scene.wedding.id)
    return found


def test_what_is_as_it_was_fits_whatever_comes_after(scene: Scene, place: CheckpointFolder) -> None:
    log(scene, "Asha")
    assert verify(scene, place) == (True, None, "")
    assert keep(scene, place) >= 1
    assert keep(scene, place) == 0, "nothing has grown"
    log(scene, "Ravi", "Meera")
    assert verify(scene, place) == (True, None, "")
    assert keep(scene, place, always=False) == 0, "it is young, and has grown by little"
    assert keep(scene, place, always=False, after=timedelta(hours=1)) == 1
    assert verify(scene, place) == (True, None, "")


def test_a_tail_that_was_cut_and_its_head_rewritten_is_found(scene: Scene, place: CheckpointFolder) -> None:
    log(scene, "Asha", "Ravi", "Meera")
    keep(scene, place)
    end = head(scene)
    cut_tail(scene, end - 1)
    assert verify(scene, place) == (False, end, "tail_cut")


def test_an_end_that_was_written_anew_with_the_key_is_found(scene: Scene, place: CheckpointFolder) -> None:
    log(scene, "Asha", "Ravi", "Meera")
    keep(scene, place)
    end = head(scene)
    cut_tail(scene, end - 1)
    log(scene, "Somebody else", "And another")
    assert verify(scene, place) == (False, end, "fork")


def test_a_chain_that_is_gone_with_its_wedding_is_found(scene: Scene, place: CheckpointFolder) -> None:
    other = scene.another("ravi-meera")
    keep(scene, place)
    for sql in ("DELETE FROM audit_values", "DELETE FROM audit_logs", "DELETE FROM audit_chains"):
        unguarded(scene, f"{sql} WHERE chain_id = :chain", chain=other.id)
    unguarded(scene, "DELETE FROM weddings WHERE id = :chain", chain=other.id)
    assert verify(scene, place)[::2] == (False, "missing")


def test_lines_of_others_and_half_a_line_change_nothing(scene: Scene, place: CheckpointFolder) -> None:
    log(scene, "Asha")
    keep(scene, place)
    file = Path(place.place)
    assert file.stat().st_mode & 0o777 == 0o600
    [line, *_] = file.read_text().splitlines()
    file.write_text(f"{file.read_text()}nonsense\n[]\n{line[:40]}")  # and somebody killed while writing
    with scene.begin() as tx:
        verdict, [report] = audit.verify_against(tx, [place])
    assert (verdict.ok, report.foreign, report.forged) == (True, 2, 0)
    log(scene, "Ravi")
    keep(scene, place)
    assert verify(scene, place) == (True, None, "")


def test_a_forged_checkpoint_is_found(scene: Scene, place: CheckpointFolder) -> None:
    log(scene, "Asha")
    keep(scene, place)
    file = Path(place.place)
    [line, *_] = file.read_text().splitlines()
    changed = line.replace('"seq": ', '"seq": 9')
    file.write_text(f"{file.read_text()}{changed}\n")
    assert verify(scene, place) == (False, None, "bad_checkpoint")


def test_a_place_that_can_not_be_used_is_told_and_the_others_are_held_against(
    scene: Scene, place: CheckpointFolder, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    broken = CheckpointFolder(tmp_path / "file")
    log(scene, "Asha", "Ravi")
    with scene.begin() as tx, pytest.raises(Failed):
        checkpoints.keep(tx, [broken, place], always=True)
    with scene.begin() as tx:
        verdict, [lost, kept] = audit.verify_against(tx, [broken, place])
    assert (verdict.ok, lost.error is None, kept.error, kept.kept > 0) == (True, False, None, True)
    cut_tail(scene, head(scene) - 1)
    with scene.begin() as tx:
        assert audit.verify_against(tx, [broken, place])[0].reason == "tail_cut"


def test_another_database_that_keeps_its_own_in_the_same_place_raises_no_alarm(
    scene: Scene, place: CheckpointFolder
) -> None:
    for key in (KEY, ChainKey(b"the key of another installation")):
        told = Checkpoint("another", 0, chain.SYSTEM_CHAIN, 500, b"a hash", datetime.now(UTC))
        place.add([write(told, key)])
    log(scene, "Asha")
    keep(scene, place)
    assert verify(scene, place) == (True, None, "")
