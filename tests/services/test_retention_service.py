"""Nothing is kept longer than its purpose lasts, and a restored backup forgets again."""

from __future__ import annotations

import json
import os
import time
import zipfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from parinaya_cli.adapters.checkpoints import CheckpointFolder
from parinaya_cli.adapters.files import leftovers
from parinaya_cli.domain import forgotten
from parinaya_cli.domain.audit import ChainKey
from parinaya_cli.domain.errors import Failed, UsedWrongly
from parinaya_cli.domain.forgotten import Forgotten
from parinaya_cli.services import erasures, reconcile, retention, weddings
from parinaya_cli.services.reconcile import CheckReport
from parinaya_cli.services.retention import Terms
from parinaya_cli.services.webhooks import Incoming, keep
from tests.services.wedding_kit import Scene


def look(scene: Scene, *, mend: bool = True, terms: Terms = Terms()) -> CheckReport:
    [found] = reconcile.reconcile(scene.system, only=["retention"], mend=mend, terms=terms)
    return found


def again_tomorrow(scene: Scene) -> None:
    scene.run("UPDATE installations SET retention_at = retention_at - interval '1 day'")


def deliveries(scene: Scene) -> list[int]:
    """How long the body of each delivery is."""
    rows = scene.rows("SELECT length(body) AS long FROM webhook_events ORDER BY number")
    return [row["long"] for row in rows]


def three_deliveries(scene: Scene) -> None:
    with scene.system() as tx:
        keep(tx, [Incoming(json.dumps({"n": n}).encode()) for n in range(3)])
    scene.run("UPDATE webhook_events SET received_at = now() - interval '15 days', state = 'done'")
    scene.run(
        "UPDATE webhook_events SET received_at = now() WHERE number = (SELECT max(number) FROM webhook_events)"
    )
    scene.run(
        "UPDATE webhook_events SET state = 'failed' WHERE number = (SELECT min(number) FROM webhook_events)"
    )


def test_bodies_of_processed_deliveries_go_after_two_weeks_and_are_still_known(scene: Scene) -> None:
    three_deliveries(scene)
    seen = look(scene, mend=False)
    assert (seen.drift, seen.mended) == (1, 0)
    assert look(scene).mended == 1
    assert deliveries(scene) == [8, 0, 8]
    assert look(scene).looked_at == 0
    with scene.system() as tx:
        keep(tx, [Incoming(b'{"n": 1}')])
    assert deliveries(scene) == [8, 0, 8]
    assert scene.value("SELECT count(*) FROM audit_logs WHERE action = 'retention.run'") == 1


def test_a_body_that_holds_something_parked_stays(scene: Scene) -> None:
    three_deliveries(scene)
    scene.run(
        "INSERT INTO webhook_updates (webhook_number, event_key, kind, state) SELECT number, 'k' || number, 'status', "
        "'parked' FROM webhook_events"
    )
    assert look(scene).mended == 0
    assert deliveries(scene) == [8, 8, 8]


def test_texts_of_settled_messages_go_after_a_week(scene: Scene) -> None:
    scene.ready("Asha Rao", "Ravi Iyer", "Meera Pai")
    scene.send()
    scene.run("UPDATE invite_dispatch SET state = 'read', updated_at = now() - interval '8 days'")
    scene.run(
        "UPDATE invite_dispatch SET state = 'unknown' WHERE id = (SELECT min(id::text)::uuid FROM invite_dispatch)"
    )
    scene.run(
        "UPDATE invite_dispatch SET updated_at = now() WHERE id = (SELECT max(id::text)::uuid FROM invite_dispatch)"
    )
    scene.run("UPDATE weddings SET legal_hold = true")
    assert look(scene).mended == 0
    again_tomorrow(scene)
    scene.run("UPDATE weddings SET legal_hold = false")
    assert look(scene).mended == 1
    texts = [row["content"] for row in scene.rows("SELECT content FROM invite_dispatch ORDER BY id::text")]
    assert [bool(text) for text in texts] == [True, False, True]


def test_a_wedding_forgets_its_guests_when_it_says_so_and_not_under_a_hold(scene: Scene) -> None:
    scene.ready("Asha Rao", "Ravi Iyer")
    scene.run("UPDATE events SET starts_at = now() - interval '40 days', ends_at = NULL")
    assert look(scene).looked_at == 0
    with scene.begin() as tx:
        weddings.edit(tx, {"forget_after": 30, "legal_hold": True})
    again_tomorrow(scene)
    assert look(scene).looked_at == 0
    with scene.begin() as tx:
        weddings.edit(tx, {"forget_after": 30, "legal_hold": False})
    again_tomorrow(scene)
    assert look(scene, mend=False).drift == 2
    assert scene.value("SELECT count(*) FROM people WHERE erased_at IS NOT NULL") == 0
    assert look(scene).mended == 2
    assert scene.value("SELECT count(*) FROM people WHERE erased_at IS NULL") == 0
    assert {
        row["role"] for row in scene.rows("SELECT role FROM audit_logs WHERE action = 'person.erase'")
    } == {"system"}


def test_files_go_when_they_are_old_or_name_who_was_forgotten(tmp_path: Path) -> None:
    for name, text in {"old.csv": "x", "new.csv": "Kanaka Zutshi,+91", "in/other.csv": "Ravi"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    os.utime(tmp_path / "old.csv", (1, 1))
    (tmp_path / "link").symlink_to(tmp_path / "old.csv")
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as book:
        book.writestr("xl/sharedStrings.xml", "<t>Mrs KANAKA ZUTSHI</t>")
    month_ago = datetime.now().astimezone() - timedelta(days=30)
    assert leftovers.clear([tmp_path], lambda _: None, mend=True) == 0
    assert leftovers.clear([tmp_path, tmp_path / "none"], lambda _: month_ago, mend=False) == 1
    assert leftovers.clear([tmp_path], lambda _: month_ago, mend=True) == 1
    assert leftovers.clear_naming([tmp_path], ["kanaka zutshi"]) == ["book.xlsx", "new.csv"]
    assert leftovers.clear_naming([tmp_path], []) == []
    assert sorted(one.name for one in tmp_path.rglob("*.csv")) == ["other.csv"]


def test_a_wedding_says_how_long_its_texts_are_kept(scene: Scene) -> None:
    scene.ready("Asha Rao")
    scene.send()
    for days, kept, gone in ((8, 9, 0), (8, None, 1), (3, None, 0), (3, 2, 1)):
        scene.run(
            "UPDATE invite_dispatch SET state = 'read', content = '{\"name\": \"Asha\"}', "
            "updated_at = now() - make_interval(days => :days)",
            days=days,
        )
        scene.run("UPDATE weddings SET keep_texts = :kept", kept=kept)
        again_tomorrow(scene)
        assert (look(scene, mend=False).drift, look(scene).mended) == (gone, gone), (days, kept)
    with scene.begin() as tx:
        assert weddings.edit(tx, {"keep_texts": 30}).keep_texts == 30
    assert scene.value("SELECT count(*) FROM audit_logs WHERE action = 'wedding.edit'") == 1
    with pytest.raises(UsedWrongly), scene.begin() as tx:
        weddings.edit(tx, {"keep_texts": -1})


def test_files_go_as_their_wedding_says_and_a_hold_keeps_its_own(scene: Scene, tmp_path: Path) -> None:
    scene.another("kabir")
    slug = scene.value("SELECT slug FROM weddings WHERE slug <> 'kabir'")
    ours, others = f"{slug}-people-20270101-101500.csv", "kabir-call-list-20270101-101500.xlsx"
    names = (f"exports/{ours}", f"exports/{others}", "exports/kabir-mine.csv", "rejects/kabir/list.csv")
    for path in (tmp_path / name for name in names):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
        os.utime(path, (time.time() - 20 * 86400,) * 2)
    folders = [tmp_path / "exports", tmp_path / "rejects"]
    terms = Terms(clear_files=lambda before, mend: leftovers.clear(folders, before, mend=mend))

    def left() -> set[str]:
        again_tomorrow(scene)
        look(scene, terms=terms)
        return {path.name for path in tmp_path.rglob("*.*")}

    scene.run("UPDATE weddings SET legal_hold = true, keep_files = 1 WHERE slug = 'kabir'")
    assert left() == {ours, others, "kabir-mine.csv", "list.csv"}, "20 days are less than 30, and a hold wins"
    with scene.begin() as tx:
        weddings.edit(tx, {"keep_files": 19})
    assert left() == {others, "kabir-mine.csv", "list.csv"}
    scene.run("UPDATE weddings SET legal_hold = false, keep_files = 21 WHERE slug = 'kabir'")
    assert left() == {others, "kabir-mine.csv", "list.csv"}
    scene.run("UPDATE weddings SET keep_files = 19 WHERE slug = 'kabir'")
    assert left() == {"kabir-mine.csv"}, "nobody's file by its name: the 30 days of all hold"


def bring_back(scene: Scene, *refs: str) -> None:
    """As a backup from before does: the people stand there again."""
    scene.run(
        "UPDATE people SET erased_at = NULL, full_name = 'Asha Rao' WHERE 'P' || number = ANY(:refs)",
        refs=list(refs),
    )


def test_who_was_forgotten_is_forgotten_again_after_a_backup_was_brought_back(
    scene: Scene, tmp_path: Path
) -> None:
    places = [CheckpointFolder(tmp_path / "a", "erasures"), CheckpointFolder(tmp_path / "b", "erasures")]
    scene.ready("Asha Rao", "Ravi Iyer")
    with scene.begin() as tx:
        erasures.erase(tx, "P1", reason="she asked")
    for expected in (1, 0):
        with scene.begin() as tx:
            assert retention.keep_list(tx, places) == expected
    assert "Asha" not in (tmp_path / "a" / "erasures.jsonl").read_text()
    assert retention.forget_again(scene.system, places).found == 0
    bring_back(scene, "P1")
    (tmp_path / "a" / "erasures.jsonl").unlink()
    assert retention.forget_again(scene.system, places, mend=False) == retention.Gone(1, 0)
    [found] = reconcile.reconcile(scene.system, only=["retention"], terms=Terms(places=places))
    assert (found.drift, found.mended, found.left) == (1, 1, ())
    assert scene.value("SELECT full_name FROM people WHERE number = 1") == "erased"
    assert scene.value("SELECT full_name FROM people WHERE number = 2") == "Ravi Iyer"
    assert (tmp_path / "a" / "erasures.jsonl").exists()


def test_who_is_part_of_somebody_else_by_then_is_left_to_a_person(scene: Scene, tmp_path: Path) -> None:
    places = [CheckpointFolder(tmp_path, "erasures")]
    scene.ready("Asha Rao", "Ravi Iyer")
    with scene.begin() as tx:
        erasures.erase(tx, "P1", reason="she asked")
        retention.keep_list(tx, places)
    bring_back(scene, "P1")
    scene.run("UPDATE people SET merged_into = (SELECT id FROM people WHERE number = 2) WHERE number = 1")
    told = retention.forget_again(scene.system, places)
    assert (told.found, told.gone, len(told.left)) == (1, 0, 1)
    assert scene.value("SELECT full_name FROM people WHERE number = 2") == "Ravi Iyer"


def test_a_place_that_can_not_be_used_is_told(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "erasures.jsonl").mkdir()
    places = [CheckpointFolder(tmp_path, "erasures")]
    with pytest.raises(Failed):
        retention.forget_again(scene.system, places)
    [found] = reconcile.reconcile(scene.system, only=["retention"], terms=Terms(places=places))
    assert len(found.left) == 1


def test_a_line_that_the_key_has_not_signed_names_nobody(scene: Scene) -> None:
    one = Forgotten(scene.value("SELECT id FROM weddings"), scene.value("SELECT id FROM weddings"))
    key = ChainKey(b"s" * 32)
    line = forgotten.write(one, key)
    assert forgotten.read([line], key) == {one}
    for wrong in ("", "{}", "[]", line[:-4], line.replace(key.id, "k2"), '{"mac": "é"}'):
        assert forgotten.read([wrong], key) == set()
    assert forgotten.read([line], replace(key, secret=b"t" * 32)) == set()
