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


def silence(tx: Transaction) -> bool:
    """Messages of any wedding were accepted in the last hour (not in the last 5 minutes), and nothing came back?"""
    found: bool = tx.value(
        "SELECT EXISTS (SELECT 1 FROM invite_dispatch WHERE accepted_at BETWEEN :now - interval '1 hour' "
        "AND :now - interval '5 minutes') AND NOT EXISTS (SELECT 1 FROM webhook_events "
        "WHERE received_at > :now - interval '1 hour')"
    )
    return found
