"""One run at a time: locks of Postgres that die with the connection that holds them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text

from parinaya_cli.domain.errors import Locked
from parinaya_cli.store import engine as engines


@contextmanager
def one_run(db: Engine, name: str) -> Iterator[None]:
    """Hold the lock ``name`` while the body runs.

    Raises:
        Locked: another run holds it.
    """
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with engines.translated(), db.connect() as conn:
        conn.execute(text("SET idle_in_transaction_session_timeout = 0"))
        conn.commit()
        got = conn.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar()
        conn.commit()
        if not got:
            raise Locked(f"Another `{name}` is running.", "Wait until it has ended.")
        try:
            yield
        finally:
            conn.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})
            conn.commit()
