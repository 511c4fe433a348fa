"""What `doctor` asks Postgres about itself and about the traffic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class ServerFacts:
    """Version (``server_version_num``), extensions, and the settings that keep what was committed."""

    version: int
    extensions: tuple[str, ...]
    settings: Mapping[str, str]


def read(tx: Transaction) -> ServerFacts:
    """What the server says of itself."""
    version = int(tx.value("SHOW server_version_num"))
    extensions = tuple(row["extname"] for row in tx.rows("SELECT extname FROM pg_extension ORDER BY extname"))
    settings = {
        name: tx.value(f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")
    }
    return ServerFacts(version, extensions, settings)


QUIET = "10 minutes"
"""How long nothing may come back after a message went out. WhatsApp tells within seconds that it has sent one."""


def silence(tx: Transaction) -> float:
    """Seconds since the first message of any wedding went out after which nothing came in; 0 while all is well.

    Something is wrong when messages were accepted, at least ten minutes ago and at most a day ago, of which nothing is
    known since, and no delivery of whatever kind was stored after them: the receiver is down, or Meta does not know
    its address.
    """
    found = tx.value(
        "SELECT extract(epoch FROM :now - min(accepted_at))::float8 FROM invite_dispatch WHERE state = 'accepted' "
        f"AND accepted_at BETWEEN :now - interval '1 day' AND :now - interval '{QUIET}' AND accepted_at > coalesce("
        "(SELECT received_at FROM webhook_events ORDER BY number DESC LIMIT 1), '-infinity')"
    )
    return max(0.0, found or 0.0)
