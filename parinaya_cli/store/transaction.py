"""One transaction: one actor, one commit, bound to one wedding.

What a verb changes, its audit entries and the counts that depend on it become visible together or not at all.
Bells are handed on after the commit, and dropped on rollback.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Engine, RowMapping, text

from parinaya_cli.domain.access import Actor
from parinaya_cli.domain.audit import ChainKey, Entry
from parinaya_cli.domain.database_users import ACROSS
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.weddings import Wedding
from parinaya_cli.store import chain, counts, engine
from parinaya_cli.store.scope import Scope

Result = TypeVar("Result")

MANY_ROWS = 100
"""Rows written at once from which on the planner's statistics are renewed."""


@dataclass
class Transaction:
    """An open transaction, which sees the rows of the wedding that it is bound to."""

    scope: Scope
    actor: Actor
    audit_key: ChainKey
    reason: str = ""
    _wedding: Wedding | None = None
    _entries: list[Entry] = field(default_factory=list)
    _bells: dict[tuple[str, str], None] = field(default_factory=dict)
    known_weddings: dict[uuid.UUID, Wedding] = field(default_factory=dict)
    _touched: dict[uuid.UUID, set[uuid.UUID]] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """One moment for all that happens in the transaction: the database's clock."""
        return self.scope.now

    @property
    def conn(self) -> Connection:
        """The connection, set to the wedding."""
        return self._seeing()

    # ── the wedding ────────────────────────────────────────────────────────────────────────────────────

    @property
    def wedding(self) -> Wedding:
        """The wedding that this transaction is bound to.

        Raises:
            UsedWrongly: it is bound to none.
        """
        if self._wedding is None:
            raise UsedWrongly("No wedding is chosen.", "Name one with --wedding SLUG.")
        return self._wedding

    @property
    def is_bound(self) -> bool:
        """Is this transaction bound to a wedding?"""
        return self._wedding is not None

    def bind(self, wedding: Wedding) -> None:
        """Bind the transaction to a wedding; everything after this happens in it."""
        self._wedding = wedding

    @contextmanager
    def within(self, wedding: Wedding) -> Iterator[Transaction]:
        """Work in ``wedding`` for a while: for the receiver's updates and ``reconcile``, which see many."""
        before, self._wedding = self._wedding, wedding
        try:
            yield self
        finally:
            self._wedding = before

    @property
    def across(self) -> Across:
        """The one door to rows of several weddings: what is asked through it sees all. A test lists who uses it."""
        return Across(self)

    def assume(self, user: str) -> None:
        """Work as another of the database's users from here on (``domain.database_users``); ``""``: as before."""
        self.scope.user = user

    def _seeing(self, user: str = "") -> Connection:
        return self.scope.enter(self._wedding.id if self._wedding else None, user)

    # ── statements ─────────────────────────────────────────────────────────────────────────────────────

    def rows(self, sql: str, /, **values: object) -> Sequence[RowMapping]:
        """All rows of a statement. ``:wedding`` and ``:now`` are filled in by the transaction."""
        return self._asked(sql, values).mappings().all()

    def row(self, sql: str, /, **values: object) -> RowMapping | None:
        """The first row, or None."""
        return self._asked(sql, values).mappings().first()

    def value(self, sql: str, /, **values: object) -> Any:
        """The first value of the first row, or None."""
        return self._asked(sql, values).scalar()

    def run(self, sql: str, /, **values: object) -> int:
        """Run a statement; the number of rows that it changed."""
        return self._asked(sql, values).rowcount

    def run_many(self, sql: str, values: Sequence[Mapping[str, object]]) -> None:
        """Run a statement once for each set of values."""
        self._run_many(sql, values)

    def _run_many(self, sql: str, values: Sequence[Mapping[str, object]], user: str = "") -> None:
        if values:
            shared = self._bound(sql, {})
            self._seeing(user).execute(text(sql), [{**shared, **one} for one in values])

    def _asked(self, sql: str, values: Mapping[str, object], user: str = "") -> CursorResult[Any]:
        return self._seeing(user).execute(text(sql), self._bound(sql, values))

    def renew_statistics(self, written: int, *tables: str) -> None:
        """Let the planner know tables again that many rows were written to; few rows make no difference.

        Without, Postgres plans for empty tables until autovacuum comes by, a minute or more later, and finding the
        household of a guest takes a hundred times as long (postgresql.org/docs/18/routine-vacuuming.html).
        """
        if written >= MANY_ROWS:
            self._seeing().execute(text(f"ANALYZE {', '.join(tables)}"))

    def _bound(self, sql: str, values: Mapping[str, object]) -> dict[str, object]:
        filled = dict(values)
        if ":wedding" in sql:
            filled["wedding"] = self.wedding.id
        if ":now" in sql:
            filled["now"] = self.now
        return filled

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What happens inside is undone if it raises; the transaction goes on."""
        entries, bells = len(self._entries), dict(self._bells)
        touched = {wedding: set(events) for wedding, events in self._touched.items()}
        try:
            with self.scope.savepoint():
                yield
        except BaseException:
            del self._entries[entries:]
            self._touched, self._bells = touched, bells
            raise

    def retried(self, work: Callable[[], Result], times: int = 5) -> Result:
        """Do something in a savepoint, and again when Postgres breaks a deadlock by giving it up.

        What was locked inside is let go before the next try, which sees what the others have committed meanwhile.
        """
        for left in reversed(range(times)):
            try:
                with self.savepoint():
                    return work()
            except Exception as error:
                if not left or not engine.is_deadlock(error):
                    raise
            time.sleep(random.uniform(0.05, 0.25))
        raise AssertionError("the last try returns or raises")

    # ── what goes with the commit ──────────────────────────────────────────────────────────────────────

    def audit(
        self,
        action: str,
        entity: str,
        *,
        ref: str = "",
        entity_id: uuid.UUID | None = None,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
    ) -> None:
        """Write down a change; the entry is chained and committed together with it."""
        self._entries.append(
            Entry(
                chain_id=self._wedding.id if self._wedding else chain.SYSTEM_CHAIN,
                at=self.now,
                actor=self.actor.name,
                role=self.actor.role.value,
                channel=self.actor.channel.value,
                action=action,
                entity=entity,
                entity_id=entity_id,
                ref=ref,
                reason=self.reason,
                before=before,
                after=after,
            )
        )

    def ring(self, queue: str, subject: str = "") -> None:
        """Ring this bell after the commit."""
        self._bells[(queue, subject)] = None

    def touch_counts(self, event_ids: Iterable[uuid.UUID]) -> None:
        """The counts of these events may have changed: rebuild them before the commit."""
        self._touched.setdefault(self.wedding.id, set()).update(event_ids)

    def finish(self) -> None:
        """Bring counts and the audit chain up to date: the last statements before the commit."""
        for wedding_id in sorted(self._touched):
            counts.rebuild(
                self.scope.enter(wedding_id), wedding_id, sorted(self._touched[wedding_id]), self.now
            )
        chain.append(self._seeing(), self._entries, self.audit_key)
        self._entries.clear()
        self._touched.clear()

    @property
    def bells(self) -> list[tuple[str, str]]:
        """The bells to ring after the commit: queue and subject."""
        return list(self._bells)


@dataclass(frozen=True)
class Across:
    """A transaction for statements that concern several weddings: these see the rows of all."""

    _tx: Transaction

    def rows(self, sql: str, /, **values: object) -> Sequence[RowMapping]:
        """As ``Transaction.rows``."""
        return self._tx._asked(sql, values, ACROSS).mappings().all()

    def row(self, sql: str, /, **values: object) -> RowMapping | None:
        """As ``Transaction.row``."""
        return self._tx._asked(sql, values, ACROSS).mappings().first()

    def value(self, sql: str, /, **values: object) -> Any:
        """As ``Transaction.value``."""
        return self._tx._asked(sql, values, ACROSS).scalar()

    def run(self, sql: str, /, **values: object) -> int:
        """As ``Transaction.run``."""
        return self._tx._asked(sql, values, ACROSS).rowcount

    def run_many(self, sql: str, values: Sequence[Mapping[str, object]]) -> None:
        """As ``Transaction.run_many``."""
        self._tx._run_many(sql, values, ACROSS)


Begin = Callable[[], AbstractContextManager[Transaction]]
"""Opens a transaction: what a verb is handed that needs several, or none while it asks somebody outside."""


@contextmanager
def open_transaction(
    db: Engine,
    actor: Actor,
    audit_key: ChainKey,
    *,
    reason: str = "",
    now: datetime | None = None,
    ring: Callable[[list[tuple[str, str]]], None] | None = None,
) -> Iterator[Transaction]:
    """Open a transaction, commit it at the end, then hand the bells to ``ring``. An exception rolls it back.

    Raises:
        Unreachable, Locked, Failed: as ``engine.translated`` says.
    """
    with engine.translated():
        with db.connect() as conn, conn.begin():
            tx = Transaction(Scope(conn, now), actor, audit_key, reason)
            yield tx
            tx.finish()
        bells = tx.bells
    if ring is not None and bells:
        ring(bells)
