"""How quickly a batch is planned and written, compared with COPY of its ready rows into the same tables.

python -m tests.bench.bench_planning [households…]   (100,000 if nothing is said; PARINAYA_BENCH_UNITS says it too)
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from parinaya_cli.adapters.embedded import Embedded
from parinaya_cli.adapters.whatsapp.templates import definition
from parinaya_cli.domain.templates import TemplateDefinition
from parinaya_cli.store import engine, schema
from tests.bench.bench_imports import run
from tests.bench.report import Row, show
from tests.conftest import EXAMPLES
from tests.databases import named

MOST_SECONDS, MOST_MEMORY = 60.0, 500.0
NUMBER = "106540352242922"
EVENTS = 3

# Households of one person with a phone; every fifth reads Hindi, every fiftieth has no phone.
_GUESTS = """
    INSERT INTO people (wedding_id, number, full_name, language)
    SELECT %(w)s, n, 'Guest ' || n || ' Sharma', CASE n %% 5 WHEN 0 THEN 'hi' END
      FROM generate_series(1, %(n)s) n;
    INSERT INTO contact_points (wedding_id, kind, value, state, country)
    SELECT %(w)s, 'phone', '+91' || (9800000000 + n), 'valid', 'IN' FROM generate_series(1, %(n)s) n
     WHERE n %% 50 <> 0;
    INSERT INTO person_contacts (wedding_id, person_id, contact_point_id)
    SELECT %(w)s, p.id, c.id FROM people p JOIN contact_points c ON c.value = '+91' || (9800000000 + p.number);
    INSERT INTO guest_units (wedding_id, number, label, primary_person_id)
    SELECT %(w)s, number, full_name || ' family', id FROM people;
    INSERT INTO guest_unit_members (wedding_id, person_id, unit_id)
    SELECT %(w)s, primary_person_id, id FROM guest_units;
    INSERT INTO invitations (wedding_id, unit_id, event_id, seats)
    SELECT %(w)s, u.id, e.id, 3 FROM guest_units u CROSS JOIN events e;
    INSERT INTO ref_counters (wedding_id, kind, last) VALUES (%(w)s, 'P', %(n)s), (%(w)s, 'U', %(n)s)
        ON CONFLICT (wedding_id, kind) DO UPDATE SET last = excluded.last;
    ANALYZE;
"""


def fill(url: str, households: int) -> None:
    """Write so many households onto the lists of the events, and the example templates."""
    with psycopg.connect(url) as conn:
        wedding = conn.execute("SELECT id FROM weddings").fetchone()
        assert wedding is not None
        for one in templates():
            packed = json.dumps(one.__dict__, default=lambda told: told.__dict__)
            conn.execute(
                "INSERT INTO templates (wedding_id, name, language, category, status, definition) "
                "VALUES (%s, %s, %s, %s, %s, %s::jsonb)",
                [wedding[0], one.name, one.language, one.category, one.status, packed],
            )
        for statement in _GUESTS.split(";"):
            if statement.strip():
                conn.execute(statement.encode(), {"w": wedding[0], "n": households})


def templates() -> list[TemplateDefinition]:
    """The templates that travel with parinaya."""
    listed = json.loads((EXAMPLES / "templates.json").read_text(encoding="utf-8"))["data"]
    return [definition(one) for one in listed]


def copied(source: str, target: str, folder: Path) -> float:
    """Seconds that COPY takes for the batch's rows, into a database that holds all that they refer to."""
    before = ("weddings", "events", "people", "contact_points", "guest_units", "batches")
    took = 0.0
    for table in (*before, "invite_dispatch"):
        with (
            psycopg.connect(source) as conn,
            (folder / table).open("wb") as file,
            conn.cursor().copy(f"COPY {table} TO STDOUT (FORMAT binary)".encode()) as copy,
        ):
            file.writelines(copy)
        begun = time.perf_counter()
        with (
            psycopg.connect(target) as conn,
            (folder / table).open("rb") as file,
            conn.cursor().copy(f"COPY {table} FROM STDIN (FORMAT binary)".encode()) as copy,
        ):
            while block := file.read(1 << 20):
                copy.write(block)
        took = time.perf_counter() - begun
    return took


def measure(households: int) -> None:
    """Measure a batch for so many households and print."""
    with tempfile.TemporaryDirectory(prefix="parinaya-bench-") as name:
        folder = Path(name)
        ours = ("PARINAYA_", "DATABASE_", "REDIS_", "WHATSAPP_")
        keep = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
        env = {**keep, "PARINAYA_HOME": f"{name}/home", "PARINAYA_CONFIG_DIR": f"{name}/config"}
        env["WHATSAPP_PHONE_NUMBER_ID"] = NUMBER
        run(env, "init")
        servers = Embedded(folder / "home")
        url = servers.start().admin_url
        try:
            run(env, "weddings", "add", "Bench", "--slug", "bench")
            for place in range(EVENTS):
                day = f"20{time.gmtime().tm_year % 100 + 1}-02-{10 + place}"
                run(env, "events", "add", f"Event {place}", "--slug", f"event-{place}", "--starts", f"{day}T19:00",
                    "--rsvp-by", day)  # fmt: skip
            fill(url, households)
            send = ("invite", "send", "--template", "shaadi_invite")
            rehearsed, dry, dry_memory = run(env, *send, "--dry-run", "--quiet")
            made, seconds, memory = run(env, *send, "--yes")
            assert rehearsed["fingerprint"] == made["fingerprint"], (rehearsed["fingerprint"], made)
            assert made["selected"] == households, made
            floor = floor_of(url, folder)
        finally:
            servers.release()
            run(env, "services", "stop")
    show(
        f"A batch for {households:,} households, from the command to its end",
        [
            Row("COPY of its ready rows, with indexes and keys", floor, 1.0),
            Row("invite send --dry-run --json", dry, dry / floor),
            Row("invite send", seconds, seconds / floor),
            Row(f"invite send, in parts of {MOST_SECONDS:g} s", seconds, seconds / MOST_SECONDS, 1.0),
        ],
        unit="s",
    )
    show(
        "Memory of the command",
        [
            Row("invite send --dry-run --json", dry_memory, dry_memory / MOST_MEMORY),
            Row("invite send", memory, memory / MOST_MEMORY, 1.0),
        ],
        unit="MiB",
        note=f"Ratio to {MOST_MEMORY:g} MiB. The rehearsal's document holds every text. One run.",
    )


def floor_of(url: str, folder: Path) -> float:
    """Seconds of COPY into a database of its own."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("CREATE DATABASE floor")
    db = engine.open_engine(named(url, "floor"), pool=1)
    schema.upgrade(db)
    db.dispose()
    return copied(url, named(url, "floor"), folder)


def main(told: list[str]) -> None:
    """Measure batches of each size."""
    for size in told or os.environ.get("PARINAYA_BENCH_UNITS", "100000").split():
        measure(int(size.replace(",", "").replace("_", "")))


if __name__ == "__main__":
    main(sys.argv[1:])
