"""What `doctor` asks Postgres about itself and about the traffic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class ServerFacts:
    """Version (``server_version_num``), extensions, and the settings that keep what was committed.

    ``clock``: what its clock says this moment.
    """

    version: int
    extensions: tuple[str, ...]
    settings: Mapping[str, str]
    encoding: str
    clock: datetime


def read(tx: Transaction) -> ServerFacts:
    """What the server says of itself."""
    version = int(tx.value("SHOW server_version_num"))
    extensions = tuple(row["extname"] for row in tx.rows("SELECT extname FROM pg_extension ORDER BY extname"))
    settings = {
        name: tx.value(f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")
    }
    return ServerFacts(
        version, extensions, settings, tx.value("SHOW server_encoding"), tx.value("SELECT clock_timestamp()")
    )


ONLY_ADDED = ("audit_logs", "consent_ledger", "delivery_events", "rsvp_responses")
"""Tables whose rows are only ever added."""

GUARDS = frozenset(
    (table, trigger) for table in ONLY_ADDED for trigger in ("only_added", "never_emptied")
) | {("invite_dispatch", f"deliveries_{what}") for what in ("inserted", "updated", "deleted")}
"""The triggers that hold what the rows promise, by table. A test holds them against the migrations."""


def missing_guards(tx: Transaction) -> list[str]:
    """Triggers that are gone or switched off, each as ``table: trigger``."""
    rows = tx.rows(
        "SELECT relname, tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE NOT tgisinternal AND tgenabled <> 'D' AND c.relnamespace = 'public'::regnamespace"
    )
    there = {(row["relname"], row["tgname"]) for row in rows}
    return [f"{table}: {trigger}" for table, trigger in sorted(GUARDS - there)]


QUIET = "10 minutes"
"""How long nothing may come back after a message went out. WhatsApp tells within seconds that it has sent one."""


def silence(tx: Transaction) -> float:
    """Seconds since the first message of any wedding went out after which nothing came in; 0 while all is well.

    Something is wrong when messages were accepted, at least ten minutes ago and at most a day ago, of which nothing is
    known since, and no delivery of whatever kind was stored after them: the receiver is down, or Meta does not know
    its address.
    """
    found = tx.across.value(
        "SELECT extract(epoch FROM :now - min(accepted_at))::float8 FROM invite_dispatch WHERE state = 'accepted' "
        f"AND accepted_at BETWEEN :now - interval '1 day' AND :now - interval '{QUIET}' AND accepted_at > coalesce("
        "(SELECT received_at FROM webhook_events ORDER BY number DESC LIMIT 1), '-infinity')"
    )
    return max(0.0, found or 0.0)
