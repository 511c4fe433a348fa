"""Gifts: what the page says about them, who gave what, who has been thanked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from parinaya_cli.domain import access, refs
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.errors import NotFound, UsedWrongly
from parinaya_cli.domain.gifts import LONGEST_TEXT, Gift, GiftsNote, check_note
from parinaya_cli.services import people, units
from parinaya_cli.store import gifts as store
from parinaya_cli.store.transaction import Transaction


def read_note(tx: Transaction) -> GiftsNote:
    """What the wedding's page says about gifts; that is public."""
    access.require(tx.actor, Permission.READ)
    return store.read_note(tx)


def set_note(tx: Transaction, wanted: GiftsNote) -> GiftsNote:
    """Change what the wedding's page says about gifts.

    Raises:
        UsedWrongly: something that the mode needs is missing, or a value is bad.
    """
    access.require(tx.actor, Permission.PLAN)
    wanted = check_note(wanted)
    before = store.read_note(tx)
    if wanted != before:
        store.write_note(tx, wanted)
        tx.audit(
            "gifts.mode",
            "wedding",
            ref=tx.wedding.slug,
            entity_id=tx.wedding.id,
            before=note_document(before),
            after=note_document(wanted),
        )
    return wanted


def note_document(note: GiftsNote) -> dict[str, object]:
    """What the page says, as ``--json`` shows it."""
    return {
        "mode": note.mode.value,
        "text": note.text,
        "url": note.urls[0] if note.urls else "",
        "urls": list(note.urls),
        "upi_id": note.upi_id,
    }


def add(tx: Transaction, unit: str, what: str, amount: Decimal | None = None) -> Gift:
    """Write down what a household gave.

    Raises:
        NotFound: there is no such household.
        UsedWrongly: nothing is said about the gift.
    """
    access.require(tx.actor, Permission.GIFTS)
    what = " ".join(what.split())
    if not what or len(what) > LONGEST_TEXT:
        raise UsedWrongly(f"What was given takes 1 to {LONGEST_TEXT} characters.", "Give --what TEXT.")
    found = units.find(tx, unit)
    made = store.insert(tx, found.id, what, amount)
    tx.audit(
        "gift.add",
        "gift",
        ref=made.ref,
        entity_id=made.id,
        after={"unit": found.ref, "what": what, "amount": str(amount) if amount is not None else None},
    )
    return made


@dataclass(frozen=True)
class SideSum:
    """The gifts of one side's households ('' where a household has none)."""

    side: str
    gifts: int
    amount: Decimal
    thanked: int


def list_gifts(tx: Transaction, side: str | None = None, *, unthanked: bool = False) -> list[Gift]:
    """The gifts that the actor may see: a family those of its own side."""
    access.require(tx.actor, Permission.GIFTS)
    return store.list_gifts(tx, people.sides_asked(tx, side), unthanked=unthanked)


def sums(gifts: Sequence[Gift]) -> list[SideSum]:
    """What was given, by side."""
    sides: dict[str, list[Gift]] = {}
    for one in gifts:
        sides.setdefault(one.side or "", []).append(one)
    return [
        SideSum(
            side,
            len(own),
            sum((one.amount for one in own if one.amount is not None), Decimal(0)),
            sum(one.thanked_at is not None for one in own),
        )
        for side, own in sorted(sides.items())
    ]


def thank(tx: Transaction, name: str) -> Gift:
    """Write down that a household has been thanked; a second time changes nothing.

    Raises:
        NotFound: there is no such gift that the actor may see.
    """
    access.require(tx.actor, Permission.GIFTS)
    handle = refs.read(name, refs.Kind.GIFT)
    found = store.find(tx, handle, tx.actor.sides)
    if found is None:
        raise NotFound(f"There is no gift {name!r}.", "See `parinaya gifts list`.")
    if not store.thank(tx, found):
        return found
    tx.audit("gift.thank", "gift", ref=found.ref, entity_id=found.id, after={"unit": found.unit})
    after = store.find(tx, handle, tx.actor.sides)
    return after or found


def document(tx: Transaction, one: Gift) -> dict[str, object]:
    """A gift as ``--json`` shows one; amounts in rupees, times in the wedding's zone."""
    zone = tx.wedding.zone
    return {
        "ref": one.ref,
        "id": one.id,
        "unit": one.unit,
        "label": one.label,
        "side": one.side,
        "what": one.what,
        "amount": _number(one.amount),
        "by": one.actor,
        "at": one.created_at.astimezone(zone),
        "thanked": one.thanked_at is not None,
        "thanked_at": one.thanked_at.astimezone(zone) if one.thanked_at else None,
        "thanked_by": one.thanked_by,
    }


def sum_document(one: SideSum) -> Mapping[str, object]:
    """A side's sum as ``--json`` shows one."""
    return {"side": one.side, "gifts": one.gifts, "amount": _number(one.amount), "thanked": one.thanked}


def _number(amount: Decimal | None) -> int | float | None:
    if amount is None:
        return None
    return int(amount) if amount == amount.to_integral_value() else float(amount)
