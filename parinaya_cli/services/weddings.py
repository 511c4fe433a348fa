"""Weddings: making them, choosing one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.weddings import LONGEST_DAYS, Wedding, check_region, check_slug, check_zone, choose
from parinaya_cli.store import weddings as store
from parinaya_cli.store.transaction import Transaction


def add(tx: Transaction, wedding: Wedding) -> Wedding:
    """Make a wedding; its id is given by the database.

    Raises:
        UsedWrongly: a value is wrong, or the slug is taken.
    """
    access.require(tx.actor, Permission.ADMIN)
    access.require_everywhere(tx.actor, "new weddings")
    _check(wedding)
    made = store.insert(tx, wedding)
    if made is None:
        raise UsedWrongly(
            f"There is a wedding {wedding.slug!r} already.",
            "Give another slug with --slug.",
            code="slug_taken",
        )
    tx.bind(made)
    tx.audit("wedding.add", "wedding", ref=made.slug, entity_id=made.id, after=_shown(made))
    return made


def _check(wedding: Wedding) -> None:
    check_slug(wedding.slug)
    check_zone(wedding.timezone)
    check_region(wedding.region)
    if not wedding.title.strip():
        raise UsedWrongly("A wedding needs a title.", "Give one, such as 'Ananya & Kabir'.")
    for days in (wedding.forget_after, wedding.keep_texts, wedding.keep_files):
        if days is not None and not 0 < days <= LONGEST_DAYS:
            raise UsedWrongly(f"Nothing is kept for {days} days.", f"Give 1 to {LONGEST_DAYS} days.")


def _shown(wedding: Wedding) -> dict[str, object]:
    return {k: v for k, v in wedding.__dict__.items() if k != "id"}


def list_weddings(tx: Transaction) -> list[Wedding]:
    """The weddings that the actor may work on."""
    access.require(tx.actor, Permission.READ)
    return [w for w in store.list_weddings(tx) if tx.actor.wedding_id in {None, w.id}]


def choose_wedding(tx: Transaction, wanted: str | None) -> Wedding:
    """The wedding that is meant, and the transaction bound to it.

    Raises:
        UsedWrongly: none or several could be meant.
    """
    there = [w for w in store.list_weddings(tx) if tx.actor.wedding_id in {None, w.id}]
    wedding = choose(wanted, there)
    tx.bind(wedding)
    return wedding


def bind(tx: Transaction, wedding_id: uuid.UUID) -> Wedding:
    """Bind the transaction to the wedding with this id.

    Raises:
        UsedWrongly: there is none.
    """
    wedding = store.find_wedding(tx, wedding_id)
    if wedding is None:
        raise UsedWrongly("This wedding does not exist any more.", "See `parinaya weddings list`.")
    tx.bind(wedding)
    return wedding


def edit(tx: Transaction, changes: Mapping[str, object]) -> Wedding:
    """Change the wedding that the transaction is bound to.

    Raises:
        UsedWrongly: a value is wrong.
    """
    access.require(tx.actor, Permission.ADMIN)
    before = tx.wedding
    wanted = replace(before, **dict(changes))  # type: ignore[arg-type]
    _check(wanted)
    if wanted == before:
        return before
    after = store.update(tx, wanted)
    tx.bind(after)
    tx.audit(
        "wedding.edit",
        "wedding",
        ref=after.slug,
        entity_id=after.id,
        before={k: before.__dict__[k] for k in changes},
        after={k: after.__dict__[k] for k in changes},
    )
    return after
