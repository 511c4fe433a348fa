"""What must always hold in the rows of a wedding: each question counts the rows of which it does not."""

from __future__ import annotations

from parinaya_cli.domain.dispatches import REAPER_GRACE
from parinaya_cli.domain.erasures import ERASED
from parinaya_cli.store.transaction import Transaction


def count_lost(tx: Transaction) -> int:
    """Messages that are ``sending`` long after their lease: the worker died, and nobody has seen to it."""
    found: int = tx.value(
        "SELECT count(*)::int FROM invite_dispatch WHERE wedding_id = :wedding AND state = 'sending' "
        "AND (lease_until IS NULL OR lease_until < :deadline)",
        deadline=tx.now - 2 * REAPER_GRACE,
    )
    return found


def count_despite(tx: Transaction) -> int:
    """Attempts that began although the gate had no ground for them: the guest had opted out, and not in again since.

    The ledger of consents is asked, which is only ever added to. A reply to what a guest has just written is no
    invitation, and so is not counted.
    """
    found: int = tx.value(
        """
        SELECT count(DISTINCT a.id)::int FROM consent_ledger l
          JOIN invite_dispatch d ON d.wedding_id = l.wedding_id AND d.contact_point_id = l.contact_point_id
          JOIN dispatch_attempts a ON a.wedding_id = d.wedding_id AND a.dispatch_id = d.id
         WHERE l.wedding_id = :wedding AND l.kind = 'opt-out' AND d.kind <> 'reply'
           AND a.started_at > greatest(l.recorded_at, l.effective_at)
           AND NOT EXISTS (SELECT 1 FROM consent_ledger i WHERE i.wedding_id = l.wedding_id
                AND i.contact_point_id = l.contact_point_id AND i.kind = 'opt-in'
                AND i.effective_at > l.effective_at AND i.recorded_at <= a.started_at)
        """
    )
    return found


def count_adrift(tx: Transaction) -> int:
    """People and households that were merged away, and whose ref leads to nobody who is there."""
    found: int = tx.value(
        """
        SELECT (SELECT count(*) FROM people p LEFT JOIN people t ON t.wedding_id = p.wedding_id
                   AND t.id = p.merged_into
                 WHERE p.wedding_id = :wedding AND p.merged_into IS NOT NULL
                   AND (t.id IS NULL OR t.merged_into IS NOT NULL))::int
             + (SELECT count(*) FROM guest_units u LEFT JOIN guest_units t ON t.wedding_id = u.wedding_id
                   AND t.id = u.merged_into
                 WHERE u.wedding_id = :wedding AND u.merged_into IS NOT NULL
                   AND (t.id IS NULL OR t.merged_into IS NOT NULL))::int
        """
    )
    return found


def count_remembered(tx: Transaction) -> int:
    """People who were forgotten, and of whom something is still there."""
    found: int = tx.value(
        """
        SELECT count(*)::int FROM people p WHERE p.wedding_id = :wedding AND p.erased_at IS NOT NULL AND (
            p.full_name <> :erased OR p.folded <> '' OR p.notes <> '' OR p.city <> '' OR p.removed_at IS NULL
            OR EXISTS (SELECT 1 FROM person_contacts c WHERE c.wedding_id = p.wedding_id AND c.person_id = p.id)
            OR EXISTS (SELECT 1 FROM person_sources s WHERE s.wedding_id = p.wedding_id AND s.person_id = p.id
                        AND s.content <> '{}')
            OR EXISTS (SELECT 1 FROM invite_dispatch d WHERE d.wedding_id = p.wedding_id AND d.person_id = p.id
                        AND (d.content <> '{}' OR d.state IN ('planned', 'queued', 'sending'))))
        """,
        erased=ERASED,
    )
    return found
