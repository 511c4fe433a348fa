"""Lists in the background: what waits is imported for whoever asked, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest

from parinaya_cli.adapters.files.reading import FileLists
from parinaya_cli.adapters.files.rejects import RejectsWriter
from parinaya_cli.domain.access import Role
from parinaya_cli.domain.errors import NotFound, NotPermitted, Unreachable, UsedWrongly
from parinaya_cli.domain.imports import UnreadableRow
from parinaya_cli.ports import OpenedList, ReadingOptions, Sheet
from parinaya_cli.services import import_queue, import_undo, imports, reconcile
from parinaya_cli.services.import_queue import Desk, Queued, queue, run_next
from parinaya_cli.services.imports import ImportRequest
from parinaya_cli.store.import_queue import ImportView
from tests.journeys.stage import until
from tests.services.wedding_kit import Scene

LIST = "Name,Phone,Gift\nAsha Sharma,9876500001,vase\nसुनीता,9876500002,\n,,lamp\n".encode()


def put(scene: Scene, content: bytes = LIST, source: str = "bride.csv", **more: object) -> Queued:
    request = ImportRequest(source, **{"tags": ("near",), "side": "bride", **more})  # type: ignore[arg-type]
    options = ReadingOptions(encoding="utf-8")
    return queue(
        lambda: scene.begin(Role.PLANNER), BytesIO(content), request, options, reason="from her aunt"
    )


def desk(scene: Scene, **more: object) -> Desk:
    return Desk(scene.system, FileLists().open, RejectsWriter, **more)  # type: ignore[arg-type]


def look(scene: Scene, ref: str = "I1") -> ImportView:
    with scene.begin() as tx:
        return import_queue.find(tx, ref)


def stored(scene: Scene) -> list[dict[str, object]]:
    return scene.rows("SELECT full_name, side, tags, extra FROM people ORDER BY number")


def test_a_list_in_the_background_ends_as_one_at_once(scene: Scene) -> None:
    assert put(scene).ref == "I1"
    assert scene.bells == [("imports.contacts", "")]
    assert look(scene).state == "queued"
    assert stored(scene) == []
    assert run_next(desk(scene))
    assert not run_next(desk(scene))
    found = look(scene)
    assert (found.state, found.kind, found.rows, found.created, found.rejected) == ("done", "csv", 3, 2, 1)
    behind = stored(scene)
    assert [row["full_name"] for row in behind] == ["Asha Sharma", "सुनीता"]
    assert import_undo.undo(scene.begin, "I1").undone
    path = Path("bride.csv")
    opened = FileLists().open_stream(BytesIO(LIST), str(path), ReadingOptions(encoding="utf-8"))
    imports.import_people(scene.begin, opened, ImportRequest("bride.csv", side="bride", tags=("near",)))
    assert stored(scene) == behind


def test_whoever_asked_is_who_did_it(scene: Scene) -> None:
    put(scene)
    run_next(desk(scene))
    entry = scene.rows(
        "SELECT actor, role, channel, CAST(v.value AS json)->>'reason' AS reason FROM audit_logs "
        "JOIN audit_values v USING (chain_id, seq) WHERE action = 'people.import'"
    )
    assert entry == [{"actor": "Meera", "role": "planner", "channel": "import", "reason": "from her aunt"}]
    with pytest.raises(NotPermitted):
        queue(lambda: scene.begin(Role.DESK), BytesIO(LIST), ImportRequest("x.csv"), ReadingOptions())
    with scene.begin(Role.DESK) as tx, pytest.raises(NotPermitted):
        import_queue.list_imports(tx)


def test_the_rejected_rows_can_be_had_until_the_import_is_undone(scene: Scene) -> None:
    put(scene)
    run_next(desk(scene))
    assert look(scene).rejects
    with scene.begin() as tx:
        text = b"".join(import_queue.read_rejects(tx, "I1")).decode("utf-8-sig")
    assert text.splitlines()[0].startswith("Name,Phone,Gift")
    assert ",,lamp," in text.splitlines()[1]
    assert scene.value("SELECT count(*) FROM import_parts WHERE part >= 0") == 0
    import_undo.undo(scene.begin, "I1")
    with scene.begin() as tx, pytest.raises(NotFound):
        import_queue.read_rejects(tx, "I1")
    assert scene.value("SELECT count(*) FROM import_parts") == 0


def test_a_list_of_several_pieces_comes_out_as_it_went_in(scene: Scene) -> None:
    rows = [f"Guest {n},98765{n:05d},{'x' * 300}" for n in range(4000)]
    content = "\n".join(["Name,Phone,Notes", *rows]).encode()
    put(scene, content)
    assert scene.value("SELECT count(*) FROM import_parts") == len(content) // 1024**2 + 1 > 1
    run_next(desk(scene))
    assert look(scene).created == 4000


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"%PDF-1.7 nothing to read", "PDF"),
        (b"Gift,Colour\nvase,red\nlamp,blue\n", "name"),
        (b"Name,Phone\n", "no rows"),
    ],
    ids=["no list", "nobody in it", "no rows"],
)
def test_a_list_that_can_not_be_understood_has_failed_with_its_error(
    scene: Scene, content: bytes, told: str
) -> None:
    put(scene, content)
    put(scene, source="groom.csv")
    assert run_next(desk(scene))
    found = look(scene)
    assert (found.state, found.rows) == ("failed", 0)
    assert told in found.error
    assert scene.value("SELECT count(*) FROM import_parts WHERE import_id = :id", id=found.id) == 0
    assert run_next(desk(scene)), "the next list has its turn"
    assert look(scene, "I2").state == "done"


def test_an_empty_file_is_refused_at_once(scene: Scene) -> None:
    with pytest.raises(UsedWrongly):
        put(scene, b"")
    assert scene.value("SELECT count(*) FROM imports") == 0


def test_a_worker_that_is_to_end_puts_the_list_back(scene: Scene) -> None:
    rows = "\n".join(f"Guest {n},98765{n:05d}" for n in range(2500))
    put(scene, f"Name,Phone\n{rows}\n".encode())
    asked = iter([False, False])
    before = scene.table_sizes()
    assert not run_next(desk(scene, is_stopping=lambda: next(asked, True)))
    assert next(asked, None) is None, "it was stopped in the middle"
    after = scene.table_sizes()
    assert {name for name in after if after[name] != before[name]} == {"import_progress"}
    assert scene.value("SELECT tries FROM import_progress") == 0
    assert run_next(desk(scene))
    assert look(scene).created == 2500


def test_others_see_how_far_it_is_and_nobody_else_takes_it(scene: Scene) -> None:
    put(scene)
    seen: list[ImportView] = []

    def open_list(path: Path, options: ReadingOptions) -> OpenedList:
        seen.append(look(scene))
        assert not run_next(desk(scene)), "it is taken"
        return FileLists().open(path, options)

    assert run_next(Desk(scene.system, open_list, RejectsWriter))
    assert [(one.state, one.progress_rows) for one in seen] == [("running", 0)]
    assert scene.value("SELECT count(*) FROM import_progress") == 0


def test_progress_is_told_while_rows_are_read(scene: Scene) -> None:
    put(scene)
    seen: list[ImportView] = []

    def rows() -> Iterator[tuple[int, list[str] | UnreadableRow]]:
        for line in range(1500):
            yield line + 2, [f"Guest {line}", f"98765{line:05d}"]
        until(lambda: look(scene).progress_rows, 60, "progress is told")
        seen.append(look(scene))

    def open_list(path: Path, options: ReadingOptions) -> OpenedList:
        return OpenedList(path.name, "csv", iter([Sheet(["Name", "Phone"], rows())]), share=lambda: 0.25)

    assert run_next(Desk(scene.system, open_list, RejectsWriter, every=0.01))
    assert [(one.state, one.progress_rows, one.share) for one in seen] == [("running", 1000, 0.25)]
    assert (look(scene).state, look(scene).progress_rows) == ("done", None)


def fails(error: BaseException) -> Callable[[Path, ReadingOptions], OpenedList]:
    def open_list(path: Path, options: ReadingOptions) -> OpenedList:
        raise error

    return open_list


def test_a_list_that_never_comes_to_an_end_does_not_hold_up_the_others_for_ever(scene: Scene) -> None:
    put(scene)
    for error in (Unreachable("Postgres is away."), MemoryError()):
        for _ in range(import_queue.MOST_TRIES):
            with pytest.raises(type(error)):
                run_next(Desk(scene.system, fails(error), RejectsWriter))
            assert look(scene).state in ("queued", "running")
    assert run_next(Desk(scene.system, fails(MemoryError()), RejectsWriter))
    assert (look(scene).state, "begun 5 times" in look(scene).error) == ("failed", True)


def test_reconcile_rings_for_lists_that_wait(scene: Scene) -> None:
    put(scene)
    scene.bells.clear()
    report = reconcile.reconcile(scene.system, only=["queue"])[0]
    assert (report.looked_at, scene.bells) == (1, [("imports.contacts", "")])
    run_next(desk(scene))
    scene.bells.clear()
    assert reconcile.reconcile(scene.system, only=["queue"])[0].looked_at == 0
    assert scene.bells == []


def test_what_an_older_version_asked_for_is_still_understood(scene: Scene) -> None:
    """A list may wait over an upgrade: what is unknown by then is left out."""
    put(scene)
    asked = scene.value("SELECT request FROM imports")
    asked["request"]["forgotten_option"] = True
    scene.run("UPDATE imports SET request = CAST(:told AS jsonb)", told=json.dumps(asked))
    run_next(desk(scene))
    assert look(scene).state == "done"
