"""How fast the audit log is verified, beside only reading it.

python -m tests.bench.bench_audit [entries]

The entries go in through the store, in batches, into embedded servers of the bench's own; each has values, as the
entries of edits have. The floor reads the same rows through the same cursor and looks at none.
``PARINAYA_BENCH_AUDIT`` sets their number as well.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import uuid
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from parinaya_cli.domain.access import Actor, Channel, Role
from parinaya_cli.domain.audit import ChainKey, Entry
from parinaya_cli.services import audit
from parinaya_cli.store import chain, engine, schema
from parinaya_cli.store.transaction import Transaction, open_transaction
from tests.bench.report import Row, show
from tests.servers import start_servers

ENTRIES = int(os.environ.get("PARINAYA_BENCH_AUDIT", "200000"))
AT_ONCE = 10_000
ROUNDS = 5
BAR = 100_000
"""Entries a second."""
KEY = ChainKey(b"bench")
CHAIN = uuid.UUID(int=7)


def _entry(number: int) -> Entry:
    before, after = {"city": "Pune", "version": number}, {"city": "Delhi", "notes": "takes the late train"}
    person = uuid.UUID(int=number)
    return Entry(
        CHAIN, datetime.now(UTC), "Meera", "owner", "cli", "person.edit", "person", person, f"P{number}",
        "she has moved", before, after,
    )  # fmt: skip


def _fill(db: engine.Database, entries: int) -> None:
    for start in range(0, entries, AT_ONCE):
        with db.begin() as conn:
            chain.append(conn, [_entry(n) for n in range(start, min(entries, start + AT_ONCE))], KEY)
    with db.begin() as conn:
        conn.exec_driver_sql("ANALYZE audit_logs, audit_values")


def _read(tx: Transaction) -> None:
    with chain.read_chain(tx.conn, CHAIN) as (_, entries):
        deque(entries, maxlen=0)


def _verify(tx: Transaction) -> None:
    assert audit.verify(tx).ok


def _quickest(db: engine.Database, task: Callable[[Transaction], None]) -> float:
    """Seconds of the quickest round: what a busy machine adds is none of ours."""
    times = []
    for _ in range(ROUNDS):
        with open_transaction(db, Actor("bench", Role.OWNER, Channel.CLI), KEY) as tx:
            begun = time.perf_counter()
            task(tx)
            times.append(time.perf_counter() - begun)
    return min(times)


def main(entries: int = ENTRIES) -> None:
    """Fill a log, read it and verify it."""
    with tempfile.TemporaryDirectory() as folder:
        db = engine.open_engine(start_servers(Path(folder)).database_url, pool=1)
        try:
            schema.upgrade(db)
            _fill(db, entries)
            read, verified = _quickest(db, _read), _quickest(db, _verify)
        finally:
            db.dispose()
    show(
        f"audit verify, {entries:,} entries",
        [
            Row("only read", entries / read),
            Row("verified", entries / verified, entries / verified / BAR, bar=1.0, at_least=True),
        ],
        unit="a second",
        note=f"verifying takes {verified / read:.2f} times as long as only reading",
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
