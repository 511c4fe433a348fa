"""What the page says about gifts, and the gifts that were given."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from parinaya_cli.domain.gifts import Gift, GiftsMode, GiftsNote
from parinaya_cli.domain.refs import Handle, Kind
from parinaya_cli.store import refs
from parinaya_cli.store.transaction import Transaction

_GIFT = """
    SELECT g.id, g.number, u.number AS unit_number, u.label, u.side, g.what, g.amount, g.actor, g.created_at,
           g.thanked_at, g.thanked_by
      FROM gifts g
      JOIN guest_units given ON given.wedding_id = g.wedding_id AND given.id = g.unit_id
      JOIN guest_units u ON u.wedding_id = g.wedding_id
           AND u.id = CASE WHEN given.merged_into IS NULL THEN given.id ELSE given.merged_into END
     WHERE g.wedding_id = :wedding AND (CAST(:sides AS text[]) IS NULL OR u.side = ANY(:sides))
"""


def read_note(tx: Transaction) -> GiftsNote:
    """What the wedding's page says about gifts."""
    row = tx.row("SELECT gifts_mode, gifts_text, gifts_url, gifts_upi FROM weddings WHERE id = :wedding")
    assert row is not None
    urls = tuple(row["gifts_url"].split())
    return GiftsNote(GiftsMode(row["gifts_mode"]), row["gifts_text"], urls, row["gifts_upi"])


def write_note(tx: Transaction, note: GiftsNote) -> None:
    """Change what the wedding's page says about gifts."""
    tx.run(
        "UPDATE weddings SET gifts_mode = :mode, gifts_text = :text, gifts_url = :urls, gifts_upi = :upi, "
        "version = version + 1 WHERE id = :wedding",
        mode=note.mode.value,
        text=note.text,
        urls="\n".join(note.urls),
        upi=note.upi_id,
    )


def insert(tx: Transaction, unit_id: object, what: str, amount: Decimal | None) -> Gift:
    """Write down a gift."""
    number = refs.next_numbers(tx, Kind.GIFT)
    tx.run(
        "INSERT INTO gifts (wedding_id, number, unit_id, what, amount, actor, created_at) "
        "VALUES (:wedding, :number, :unit, :what, :amount, :actor, :now)",
        number=number,
        unit=unit_id,
        what=what,
        amount=amount,
        actor=tx.actor.name,
    )
    made = find(tx, Handle("", number=number))
    assert made is not None
    return made


def list_gifts(tx: Transaction, sides: Sequence[str] | None = None, *, unthanked: bool = False) -> list[Gift]:
    """The gifts in order; of households of these sides, and those alone for which nobody was thanked."""
    rows = tx.rows(
        f"{_GIFT} AND (NOT :unthanked OR g.thanked_at IS NULL) ORDER BY g.number",
        sides=list(sides) if sides is not None else None,
        unthanked=unthanked,
    )
    return [Gift(**dict(row)) for row in rows]


def find(tx: Transaction, handle: Handle, sides: Sequence[str] | None = None) -> Gift | None:
    """The gift that a handle names."""
    condition, values = refs.named(handle)
    row = tx.row(
        f"{_GIFT} AND g.{condition}" if values else f"{_GIFT} AND false",
        sides=list(sides) if sides is not None else None,
        **values,
    )
    return Gift(**dict(row)) if row else None


def thank(tx: Transaction, gift: Gift) -> bool:
    """Write down that somebody was thanked; False when they had been before."""
    done = tx.run(
        "UPDATE gifts SET thanked_at = :now, thanked_by = :actor WHERE wedding_id = :wedding AND id = :id "
        "AND thanked_at IS NULL",
        id=gift.id,
        actor=tx.actor.name,
    )
    return done == 1
