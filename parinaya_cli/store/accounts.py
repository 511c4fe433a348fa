"""The account at the provider: what our own rows say of the messages that it counts, and when that was compared."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from parinaya_cli.domain.accounts import Counted
from parinaya_cli.domain.refs import first_id
from parinaya_cli.store.transaction import Transaction

_EARLY = timedelta(days=1)
"""How long before it happened, by the provider's clock, a status may seem to have come in."""


def last_compared(tx: Transaction) -> tuple[datetime | None, str]:
    """When our counts were last held against the provider's, and how they differed: '' when they did not."""
    row = tx.row("SELECT totals_at, totals_told FROM installations ORDER BY id LIMIT 1")
    return (row["totals_at"], row["totals_told"]) if row else (None, "")


def note_compared(tx: Transaction, told: str) -> None:
    """They were compared now, and differed so."""
    tx.run("UPDATE installations SET totals_at = :now, totals_told = :told", told=told)


def known_numbers(tx: Transaction) -> dict[str, str]:
    """Our phone numbers (E.164) by their ids, as far as deliveries have named them."""
    rows = tx.rows(
        "SELECT phone_number_id, display_number FROM sender_numbers WHERE display_number <> '' "
        "ORDER BY phone_number_id"
    )
    return {row["phone_number_id"]: row["display_number"] for row in rows}


def count(
    tx: Transaction, since: datetime, until: datetime, phone_number_ids: Collection[str] = ()
) -> Counted:
    """How many messages the provider told us were sent and delivered in a time, each by its first such status.

    Steps may be missing: what was delivered was sent, what was read was delivered. Ids of statuses grow with time, so
    older ones are passed over by their key.
    """
    row = tx.across.row(
        """
        SELECT count(*) FILTER (WHERE sent >= :since AND sent < :until)::int AS sent,
               count(*) FILTER (WHERE delivered >= :since AND delivered < :until)::int AS delivered
          FROM (SELECT DISTINCT s.dispatch_id FROM delivery_events s WHERE s.id >= :first
                   AND s.at >= :since AND s.at < :until AND s.status IN ('sent', 'delivered', 'read')) told
          JOIN invite_dispatch d ON d.id = told.dispatch_id
          CROSS JOIN LATERAL (SELECT min(e.at) AS sent, min(e.at) FILTER (WHERE e.status <> 'sent') AS delivered
                  FROM delivery_events e WHERE e.dispatch_id = d.id AND e.status IN ('sent', 'delivered', 'read')) f
         WHERE cardinality(CAST(:numbers AS text[])) = 0 OR d.phone_number_id = ANY(:numbers)
        """,
        since=since,
        until=until,
        first=first_id(since - _EARLY),
        numbers=sorted(phone_number_ids),
    )
    assert row is not None
    return Counted(row["sent"], row["delivered"])
