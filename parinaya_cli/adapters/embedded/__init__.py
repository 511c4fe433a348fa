"""Postgres and Valkey started under PARINAYA_HOME."""

from __future__ import annotations

from parinaya_cli.adapters.embedded.servers import (
    Addresses,
    Embedded,
    ServerStatus,
    keep_up,
    remove,
    shut_down,
    status,
)

__all__ = ["Addresses", "Embedded", "ServerStatus", "keep_up", "remove", "shut_down", "status"]
