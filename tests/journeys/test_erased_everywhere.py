"""Who was erased is found nowhere in an installation, byte for byte, and nothing brings them back unnoticed."""

from __future__ import annotations

import base64
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
import redis

from parinaya_cli.adapters import embedded
from parinaya_cli.adapters.embedded.places import find_places
from parinaya_cli.adapters.embedded.programs import client_programs
from tests.journeys.stage import Stage, is_settled, until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

NAME, PHONE, EMAIL = "Kanakalatha Zutshiwala", "+919876504321", "kanaka.zutshi@example.org"
LIST = f"""Name,Phone,Email,Notes,Household
{NAME},98765 04321,{EMAIL},she arrives with the elephant Airavata,{NAME} & family
Ravi Iyer,98200 11111,,brother of {NAME},{NAME} & family
Meera Pai,98200 22222,,,Pai
,,,somebody whom {NAME} knows,
"""
SAID = "kahan par Airavata ko khada karein?"
GUESTS = f"""version: 1
pace: {{read_after: [0.01, 0.02], answer_after: [0.01, 0.02]}}
guests:
  - {{household: K, phone: "{PHONE}", does: [{{tap: "yes"}}, {{say: "{SAID}"}}], replies: ["3"]}}
  - {{household: P, phone: "+919820022222", does: [{{tap: "no"}}]}}
"""
WORDS = ("kanakalatha", "zutshiwala", "9876504321", "98765 04321", "kanaka.zutshi", "airavata")
"""What tells who they were, in small letters: name, phone, mail, and what was said of them and by them."""
CODED = [base64.b64encode(b"x" * skipped + PHONE[1:].encode())[4:-4] for skipped in range(3)]
"""The number as it stands within the ids of messages, at each of the three places that base64 knows."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Stage]:
    """An installation of its own, with embedded servers, of which nobody has heard yet."""
    home = tmp_path / "home"
    (tmp_path / "config").mkdir()
    (tmp_path / "list.csv").write_text(LIST, "utf-8")
    (tmp_path / "guests.yaml").write_text(GUESTS, "utf-8")
    env = {
        "HOME": str(tmp_path),
        "PARINAYA_HOME": str(home),
        "PARINAYA_CONFIG_DIR": str(tmp_path / "config"),
        "WHATSAPP_PHONE_NUMBER_ID": "106540352242922",
        "WHATSAPP_BUSINESS_ACCOUNT_ID": "102290129340398",
        "WHATSAPP_ACCESS_TOKEN": "an-access-token",
        "WHATSAPP_APP_SECRET": "an-app-secret",
        "WHATSAPP_VERIFY_TOKEN": "a-verify-token",
    }
    try:
        with embedded.Embedded(home) as servers, Stage(env, tmp_path) as stage:
            stage.json("init")
            stage.database_url = servers.start().admin_url
            yield stage
    finally:
        embedded.remove(home)


def betrayals(places: Iterable[tuple[str, bytes]]) -> dict[str, list[str]]:
    """Which of these places tell of the person, and what, plainly or in base64."""
    found = {}
    for name, content in places:
        small = content.lower()
        told = [one for one in WORDS if one.encode() in small]
        told += [one.decode() for one in CODED if one in content]
        if told:
            found[name] = told
    return found


def play(stage: Stage) -> None:
    """From a list to answers, with files, and messages that wait."""
    stage.json("weddings", "add", "Ananya & Kabir", "--slug", "ananya-kabir")
    stage.json("events", "import", "events.yaml")
    stage.json("people", "import", stage.folder / "list.csv", "--side", "bride", fine=(5,))
    stage.json("units", "build")
    stage.json("invite", "add", "--all", "--event", "sangeet")
    receiver = stage.start("webhook", "serve", "--port", "0")
    stand_in = stage.start(
        *("sandbox", "serve", "--port", "0", "--webhook", receiver.address),
        *("--guests", stage.folder / "guests.yaml", "--rate", "1000", "--delay", "0.01-0.02"),
    )
    stage.env["WHATSAPP_BASE_URL"] = stand_in.address
    worker = stage.start("worker")
    stage.json("templates", "sync")
    invite = ("invite", "send", "--template", "shaadi_invite", "--yes")
    assert stage.json(*invite)["queued"] == 2
    until(lambda: is_settled(stand_in.address, stage.open_work), 120, "the guests have played", pause=0.02)
    for process in (worker, stand_in, receiver):
        assert process.terminate() == 0
    assert stage.json(*invite, "--repeat")["queued"] == 2
    for kind in ("people", "messages"):
        stage.json("export", kind, "--format", "xlsx" if kind == "people" else "csv")


def every_column(url: str) -> Iterator[tuple[str, bytes]]:
    """Every column of every table, bytes as they are, and what the planner has noted of them."""
    with psycopg.connect(url, autocommit=True) as conn:
        tables = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in [*tables, ("pg_stats",)]:
            cursor = conn.execute(f'SELECT * FROM "{table}"'.encode())
            rows = cursor.fetchall()
            for at, column in enumerate(cursor.description or ()):
                values = [row[at] for row in rows]
                yield (
                    f"{table}.{column.name}",
                    b"\n".join(
                        one if isinstance(one, bytes) else str(one).encode("utf-8", "backslashreplace")
                        for one in values
                    ),
                )


def whole_backup(path: Path) -> tuple[str, bytes]:
    """A backup as ``pg_restore`` reads it."""
    folder = path.with_suffix(".out")
    with tarfile.open(path) as packed:
        packed.extractall(folder, filter="data")
    program = client_programs()
    assert program is not None
    dump = subprocess.run(
        [str(program / "pg_restore"), "--file=-", str(folder / "database.dump")],
        capture_output=True,
        check=True,
    )
    manifest = (folder / "manifest.json").read_bytes()
    shutil.rmtree(folder)
    return path.name, manifest + dump.stdout


def queue(url: str) -> Iterator[tuple[str, bytes]]:
    """Everything that Valkey holds."""
    with redis.Redis.from_url(url) as kept:
        for key in kept.scan_iter():
            yield f"queue: {key!r}", key + (kept.dump(key) or b"")


def files(stage: Stage) -> Iterator[tuple[str, bytes]]:
    """Every file of the installation: settings, logs, exports, the servers' own; but for what it was given."""
    places = find_places(Path(stage.env["PARINAYA_HOME"]))
    given = {stage.folder / name for name in ("list.csv", "guests.yaml", "before.backup")}
    for path in {one for root in (stage.folder, places.store) for one in root.rglob("*")} - given:
        with suppress(FileNotFoundError):  # a server at work takes files away
            if path.is_file():
                yield str(path), path.read_bytes()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                yield f"{path}: sheets", b"".join(book.read(name) for name in book.namelist())


def of_postgres(name: str) -> bool:
    """Is it a file in which Postgres keeps rows, or its log of what it writes?"""
    return "/postgres/base/" in name or "/postgres/pg_wal/" in name


def test_nothing_in_an_installation_tells_of_who_was_erased(house: Stage) -> None:
    """Rows, statistics, a new backup, files, logs and the queue; and an old backup and an old list change nothing."""
    play(house)
    house.rows("ANALYZE")
    before, url = house.folder / "before.backup", house.database_url
    house.json("db", "backup", "--to", before)
    planted = betrayals([*every_column(url), *files(house), whole_backup(before)])
    assert {"people.notes", "inbound_messages.body", "pg_stats.histogram_bounds", before.name} <= set(planted)
    assert len([name for name in planted if "/exports/" in name or "/rejects/" in name]) == 3

    told = house.json("people", "erase", "P1", "--yes", "--reason", "asked for it on the phone")
    assert len(told["files"]) == 3
    house.json("db", "backup", "--to", house.folder / "after.backup")
    with embedded.Embedded(Path(house.env["PARINAYA_HOME"])) as servers:
        assert betrayals(queue(servers.start().redis_url)) == {}
    assert betrayals(every_column(url)) == {}
    assert betrayals([whole_backup(house.folder / "after.backup")]) == {}
    assert [name for name in betrayals(files(house)) if not of_postgres(name)] == []
    assert house.json("audit", "verify")["ok"]

    house.rows("VACUUM FULL")
    house.rows("CHECKPOINT")
    assert [name for name in betrayals(files(house)) if "/pg_wal/" not in name] == []

    see_that_a_restore_forgets_again(house, before)
    again = house.json("people", "import", house.folder / "list.csv", "--side", "bride", fine=(5,))
    assert (again["rejected"], again["created"]) == (2, 0)
    assert betrayals(every_column(url)) == {}


def see_that_a_restore_forgets_again(house: Stage, backup: Path) -> None:
    """In another place, which knows the checkpoints' folder and nothing else of the first."""
    house.rows("CREATE DATABASE second")
    second = house.database_url.replace("/parinaya?", "/second?")
    assert second != house.database_url
    env = {**house.env, "DATABASE_URL": second, "PARINAYA_HOME": str(house.folder / "second")}
    env["PARINAYA_CHECKPOINTS"] = str(Path(house.env["PARINAYA_HOME"], "checkpoints"))
    back = Stage(env, house.folder).json("db", "restore", backup, "--yes")
    assert (back["forgotten"], back["audit_ok"]) == (1, True)
    assert betrayals(every_column(second)) == {}
