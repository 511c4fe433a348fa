"""How fast files leave, and how long counts take to read, beside what they are built on.

python -m tests.bench.bench_exports [people [invitations]]

CSV against ``COPY`` of the same rows to a file, workbooks against openpyxl's write-only mode, ``rsvp status`` and the
dashboard against reading the kept rows by hand. Files are made by processes of their own, so that their memory is
theirs. ``PARINAYA_BENCH_EXPORTS`` sets the number of people as well.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import text

from parinaya_cli.adapters.exports.files import ExportFile, LocalFile
from parinaya_cli.domain.access import Actor, Channel, Role
from parinaya_cli.domain.audit import ChainKey
from parinaya_cli.domain.exports import KINDS
from parinaya_cli.domain.weddings import Wedding
from parinaya_cli.services import answers, dashboard, exports, projections, weddings
from parinaya_cli.services.exports import Desk, ExportRequest, FileWanted
from parinaya_cli.store import engine, export_rows
from parinaya_cli.store.export_rows import Selection
from parinaya_cli.store.transaction import Transaction, open_transaction
from tests.bench.report import Row, medians, show

PEOPLE = int(os.environ.get("PARINAYA_BENCH_EXPORTS", "1000000"))
SHEET = 100_000
ROUNDS = 3
KEY = ChainKey(b"bench")
OWNER = Actor("bench", Role.OWNER, Channel.CLI)
CSV_RATIO, CSV_MEMORY, XLSX_MEMORY, STATUS_RATIO = 0.19, 100.0, 300.0, 1.5


@contextmanager
def acting(url: str) -> Iterator[Transaction]:
    """A transaction in the wedding of the bench, on a connection of its own."""
    db = engine.open_engine(url, pool=1)
    try:
        with open_transaction(db, OWNER, KEY) as tx:
            [wedding] = weddings.list_weddings(tx)
            tx.bind(wedding)
            yield tx
    finally:
        db.dispose()


# ── what the processes do ──────────────────────────────────────────────────────────────────────────────


def _open_file(wanted: FileWanted) -> ExportFile:
    return ExportFile(LocalFile(Path(wanted.to)), wanted.format, wanted.columns, wanted.zone)


def export(url: str, path: str, form: str) -> None:
    """parinaya: the whole way, written down and told in the audit log."""
    exports.export(Desk(lambda: acting(url), _open_file), ExportRequest("people", form, path))


def copy(url: str, path: str, _: str) -> None:
    """The floor: Postgres writes the same rows as CSV itself."""
    with acting(url) as tx, open(path, "wb") as file:
        tx.run("SET LOCAL statement_timeout = 0")
        tx.run("SET LOCAL jit = off")
        sql = export_rows._PEOPLE.replace("{extra}", "").replace(":wedding", f"'{tx.wedding.id}'")
        sql = sql.replace(":sides", "NULL").replace(":event", "NULL")
        connection = tx.conn.connection.driver_connection
        assert connection is not None
        with connection.cursor() as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv)") as rows:
            for part in rows:
                file.write(part)


def peer(url: str, path: str, _: str) -> None:
    """The peer: openpyxl in its write-only mode, with no care for formulas, phones or widths."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("people")
    sheet.append(list(KINDS["people"].names))
    with acting(url) as tx:
        for rows in export_rows.read(tx, "people", Selection()):
            for row in rows:
                sheet.append(list(row))
    book.save(path)


TASKS: dict[str, Callable[[str, str, str], None]] = {"export": export, "copy": copy, "peer": peer}


def measure_here(task: str, url: str, form: str) -> None:
    """In the process of a task: do it, and print its seconds and the most memory in MiB."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        TASKS[task](url, str(Path(folder, f"a.{form}")), form)
        seconds = time.perf_counter() - begun
    # Not getrusage: what it tells begins with the memory of the process that started this one.
    told = Path("/proc/self/status").read_text("ascii")
    print(
        seconds, next(int(line.split()[1]) / 1024 for line in told.splitlines() if line.startswith("VmHWM"))
    )


def measure(task: str, url: str, form: str) -> tuple[float, float]:
    """Seconds, and the most memory in MiB, of a task in a process of its own."""
    argv = [sys.executable, "-m", "tests.bench.bench_exports", task, url, form]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    seconds, most = map(float, done.stdout.split())
    return seconds, most


def taken(tasks: dict[str, tuple[str, str]], url: str, app: str) -> dict[str, tuple[float, float]]:
    """The best time and the most memory of each task; they take turns. ``app``: the address as parinaya works there,
    behind row-level security; the floor knows none."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in tasks}
    for _ in range(ROUNDS):
        for name, (task, form) in tasks.items():
            found[name].append(measure(task, url if task == "copy" else app, form))
    return {name: (min(one for one, _ in each), max(two for _, two in each)) for name, each in found.items()}


# ── the wedding ────────────────────────────────────────────────────────────────────────────────────────


def invite(url: str, invitations: int) -> None:
    """So many invitations, to five events; half of the households have answered in the last two weeks.

    Each household was sent a message, which one in fifty did not get.
    """
    units = invitations // 5
    with acting(url) as tx:
        tx.run("SET LOCAL statement_timeout = 0")
        for number in range(1, 6):
            tx.run(
                "INSERT INTO events (wedding_id, number, slug, title, starts_at) VALUES (:wedding, :n, :slug, :slug, "
                "now() + interval '60 days')",
                n=number,
                slug=f"event-{number}",
            )
        tx.run(
            "INSERT INTO guest_units (wedding_id, number, label, side) SELECT :wedding, n, 'Family ' || n, "
            "(ARRAY['bride', 'groom', 'both'])[n % 3 + 1] FROM generate_series(1, :units) n",
            units=units,
        )
        tx.run(
            "INSERT INTO invitations (wedding_id, unit_id, event_id, seats) SELECT :wedding, u.id, e.id, 4 "
            "FROM guest_units u, events e WHERE u.wedding_id = :wedding AND e.wedding_id = :wedding"
        )
        tx.run(
            "INSERT INTO rsvp_responses (wedding_id, unit_id, event_id, status, heads, channel, source, source_key, "
            "given_at, recorded_at) SELECT :wedding, u.id, e.id, 'yes', 3, 'webhook', 'message', 'k', "
            "now() - interval '1 day' * (u.number % 13), now() - interval '1 day' * (u.number % 13) "
            "FROM guest_units u, events e WHERE u.wedding_id = :wedding AND e.wedding_id = :wedding "
            "AND u.number % 2 = 0"
        )
        tx.run(
            "INSERT INTO invite_dispatch (wedding_id, unit_id, kind, events, state) SELECT :wedding, u.id, 'template', "
            "ARRAY(SELECT id FROM events WHERE wedding_id = :wedding), "
            "CASE WHEN u.number % 50 = 1 THEN 'failed' ELSE 'delivered' END "
            "FROM guest_units u WHERE u.wedding_id = :wedding"
        )


def count(url: str) -> None:
    """Count every event once, as the last writer of a list does, and fold as a worker does."""
    with acting(url) as tx:
        tx.run("SET LOCAL statement_timeout = 0")
        tx.touch_counts([row["id"] for row in tx.rows("SELECT id FROM events WHERE wedding_id = :wedding")])
        projections.fold(tx)


def by_hand(tx: Transaction) -> None:
    """The kept rows and the events, as one would read them by hand."""
    tx.rows("SELECT * FROM projection_event_counts WHERE wedding_id = :wedding")
    tx.rows("SELECT * FROM events WHERE wedding_id = :wedding")


def board_by_hand(tx: Transaction) -> None:
    """All kept rows that the dashboard shows, as one would read them by hand."""
    by_hand(tx)
    tx.rows("SELECT * FROM projection_deliveries WHERE wedding_id = :wedding")
    tx.rows("SELECT * FROM projection_answer_days WHERE wedding_id = :wedding")


def _done(task: Callable[[], object]) -> None:
    task()


def counts(url: str) -> list[Row]:
    """How long the counts take to read."""
    with acting(url) as tx:
        times = medians(
            {
                "by hand": lambda: by_hand(tx),
                "board": lambda: board_by_hand(tx),
                "status": partial(_done, lambda: answers.status(tx)),
                "numbers": partial(_done, lambda: dashboard.overview(tx, first_calls=0)),
                "calls": partial(_done, lambda: dashboard.overview(tx)),
                "side": partial(_done, lambda: dashboard.overview(tx, "bride")),
            },
            rounds=50,
        )
    floor, board = times["by hand"], times["board"]
    return [
        Row("the counts of the events, by hand", floor, 1.0),
        Row("rsvp status", times["status"], times["status"] / floor, STATUS_RATIO),
        Row("all rows that the dashboard shows, by hand", board, 1.0),
        Row("dashboard, its numbers", times["numbers"], times["numbers"] / board, STATUS_RATIO),
        Row("dashboard, with whom to call first", times["calls"], times["calls"] / board),
        Row("the same for one side", times["side"], times["side"] / board),
    ]


def main(people: int = PEOPLE, invitations: int = 1_000_000) -> None:
    """Measure and print."""
    from parinaya_cli.store import schema  # the processes that make files do without all of this
    from tests.servers import as_app, start_servers

    with tempfile.TemporaryDirectory() as folder:
        url = start_servers(Path(folder)).database_url
        app = as_app(url)
        db = engine.open_engine(url, pool=1)
        schema.upgrade(db)
        with open_transaction(db, Actor("bench", Role.SYSTEM, Channel.CLI), KEY) as tx:
            wedding = weddings.add(tx, Wedding(uuid.UUID(int=0), "bench", "Bench", timezone="Asia/Kolkata"))
        _fill(db, wedding, min(people, SHEET))
        sheet = taken({"peer": ("peer", "xlsx"), "ours": ("export", "xlsx")}, url, app)
        if people > SHEET:
            with db.begin() as conn:
                conn.execute(text("SET LOCAL statement_timeout = 0"))
                for table in ("person_contacts", "contact_points", "people", "folded_names"):
                    conn.execute(text(f"DELETE FROM {table}"))
            _fill(db, wedding, people)
        csv = taken({"copy": ("copy", "csv"), "ours": ("export", "csv")}, url, app)
        invite(url, invitations)
        _calm(db)
        count(url)
        read = counts(app)
        db.dispose()
    copied, ours = people / csv["copy"][0] / 1000, people / csv["ours"][0] / 1000
    show(
        f"CSV of {people:,} people",
        [
            Row("COPY to a file", copied, 1.0),
            Row("parinaya export", ours, ours / copied, CSV_RATIO, at_least=True),
        ],
        unit="1000/s",
    )
    theirs, mine = (min(people, SHEET) / sheet[name][0] / 1000 for name in ("peer", "ours"))
    show(
        f"XLSX of {min(people, SHEET):,} people",
        [
            Row("openpyxl, write-only", theirs, 1.0),
            Row("parinaya export", mine, mine / theirs, 1.0, at_least=True),
        ],
        unit="1000/s",
    )
    show(
        "Most memory",
        [
            Row("CSV", csv["ours"][1], csv["ours"][1] / CSV_MEMORY, 1.0),
            Row("XLSX", sheet["ours"][1], sheet["ours"][1] / XLSX_MEMORY, 1.0),
        ],
        unit="MiB",
        note=f"ratio: to {CSV_MEMORY:g} and {XLSX_MEMORY:g} MiB.",
    )
    show(f"Counts of {invitations:,} invitations", read)


def _fill(db: engine.Database, wedding: Wedding, people: int) -> None:
    from tests.bench.bench_search import fill

    with db.begin() as conn:
        conn.execute(text("SET LOCAL statement_timeout = 0"))
        fill(conn, wedding.id, people)
    _calm(db)


def _calm(db: engine.Database) -> None:
    with db.connect() as conn:
        calm = conn.execution_options(isolation_level="AUTOCOMMIT")
        calm.execute(text("SET statement_timeout = 0"))
        calm.execute(text("VACUUM ANALYZE"))
        calm.execute(text("CHECKPOINT"))


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1] in TASKS:
        measure_here(*sys.argv[1:])
    else:
        main(*map(int, sys.argv[1:]))
