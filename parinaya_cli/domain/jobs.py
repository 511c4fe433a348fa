"""The queues, which are the names of the jobs: each is a doorbell for rows that wait in Postgres."""

from __future__ import annotations

SEND = "invites.send"
PROCESS = "webhooks.process"
IMPORT = "imports.contacts"
EXPORT = "exports.generate"
RECONCILE = "reconciliation.run"

QUEUES: tuple[str, ...] = (SEND, PROCESS, IMPORT, EXPORT, RECONCILE)
"""Every queue of the contract, in the order in which workers look at them."""
