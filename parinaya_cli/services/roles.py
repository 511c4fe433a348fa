"""Roles: who may act, proved by a token that is shown once and stored as a hash."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Actor, Channel, Permission, Role
from parinaya_cli.domain.errors import NotFound, NotPermitted, UsedWrongly
from parinaya_cli.domain.events import check_side
from parinaya_cli.store import weddings as store
from parinaya_cli.store.transaction import Transaction
from parinaya_cli.store.weddings import Grant


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def identify(tx: Transaction, token: str, channel: Channel) -> Actor:
    """Who holds this token.

    Raises:
        NotPermitted: nobody does, or the role was revoked.
    """
    grant = store.find_grant(tx, digest(token))
    if grant is None:
        raise NotPermitted(
            "PARINAYA_TOKEN is not known here.", "Ask an owner for a new one (`parinaya roles grant`)."
        )
    return Actor(grant.name, Role(grant.role), channel, grant.side, grant.wedding_id, grant.id)


# ── work that is done later ────────────────────────────────────────────────────────────────────────────


def ordered_by(actor: Actor) -> dict[str, str | None]:
    """Who orders work for later, as it is written down beside it."""
    grant = str(actor.grant_id) if actor.grant_id else None
    return {"name": actor.name, "role": actor.role.value, "side": actor.side, "grant": grant}


def orderer(told: Mapping[str, Any], wedding_id: uuid.UUID, channel: Channel) -> Actor:
    """Who ordered such work, in the wedding that it is of; whether they still may, ``require_still`` says.

    What an older version wrote down names no grant: its work is done as it was ordered.
    """
    grant = told.get("grant")
    return Actor(
        told["name"],
        Role(told["role"]),
        channel,
        told["side"],
        wedding_id,
        uuid.UUID(grant) if grant else None,
    )


def require_still(tx: Transaction, permission: Permission) -> None:
    """Let work go on that somebody ordered a while ago, or refuse it: the role must be held at this moment.

    Raises:
        NotPermitted: the role does not have the permission, or was taken away.
    """
    access.require(tx.actor, permission)
    if tx.actor.grant_id is not None and not store.is_live(tx, tx.actor.grant_id):
        raise NotPermitted(
            f"{tx.actor.name} acted as {tx.actor.role.value}, and that role was taken away.",
            "Whoever may do it asks for it again.",
        )


def tell_refusal(tx: Transaction, refusal: NotPermitted, command: str) -> None:
    """Write a refusal down. ``command``: what was refused, in the words of the command, or the queue of the work."""
    told = {"message": refusal.message, "command": command}
    tx.audit("access.refused", "role", ref=tx.actor.role.value, after=told)


# ── giving and taking ──────────────────────────────────────────────────────────────────────────────────


def new_token() -> str:
    """A token that nobody can guess: 256 random bits."""
    return f"pnt_{secrets.token_urlsafe(32)}"


def grant(
    tx: Transaction,
    name: str,
    role: str,
    *,
    side: str | None = None,
    everywhere: bool = False,
    token: str | None = None,
) -> tuple[Grant, str]:
    """Give somebody a role in this wedding (or in all of them); returns it with the token, shown this once.

    ``token``: one that was made before, by ``new_token``.

    Raises:
        UsedWrongly: no such role, a family member without a side, or the name is taken.
    """
    access.require(tx.actor, Permission.ADMIN)
    if everywhere:
        access.require_everywhere(tx.actor, "roles in all weddings")
    wanted = {one.value for one in Role} - {Role.SYSTEM.value}
    if role not in wanted:
        raise UsedWrongly(f"There is no role {role!r}.", f"Use one of: {', '.join(sorted(wanted))}.")
    side = check_side(side, both=False)
    if (role == Role.FAMILY) != (side is not None):
        raise UsedWrongly(
            "A family member belongs to one side, and nobody else does.",
            "Give --side bride or --side groom with the role family, and only with it.",
        )
    if not name.strip():
        raise UsedWrongly("A role is given to somebody.", "Give the name of the person.")
    token = token or new_token()
    made = store.insert_grant(
        tx, name.strip(), role, side, digest(token), None if everywhere else tx.wedding.id
    )
    if made is None:
        raise UsedWrongly(
            f"{name} holds a role already.", f"Take it away first: parinaya roles revoke {name!r}."
        )
    tx.audit("role.grant", "role", ref=made.name, entity_id=made.id, after={"role": role, "side": side})
    return made, token


def first_owner(tx: Transaction, name: str, token: str) -> bool:
    """Make the first owner of all weddings, who acts with ``token``; False when there is an owner already."""
    access.require(tx.actor, Permission.ADMIN)
    if any(one.role == Role.OWNER for one in store.list_grants(tx, None)):
        return False
    grant(tx, name, Role.OWNER.value, everywhere=True, token=token)
    return True


def list_grants(tx: Transaction) -> list[Grant]:
    """Who holds a role in this wedding."""
    access.require(tx.actor, Permission.ADMIN)
    return store.list_grants(tx, tx.wedding.id)


def revoke(tx: Transaction, name: str) -> Grant:
    """Take a role away; it holds at once. A role in all weddings is taken by one who acts in all of them.

    Raises:
        NotFound: nobody of this name holds one in this wedding.
        UsedWrongly: it is the last owner.
    """
    access.require(tx.actor, Permission.ADMIN)
    gone = store.revoke_grant(tx, name, tx.wedding.id)
    if gone is None and tx.actor.wedding_id is None:
        _keep_an_owner(tx, name)
        gone = store.revoke_grant(tx, name, None)
    if gone is None:
        raise NotFound(f"Nobody called {name!r} holds a role here.", "See `parinaya roles list`.")
    tx.audit("role.revoke", "role", ref=gone.name, entity_id=gone.id, before={"role": gone.role})
    return gone


def _keep_an_owner(tx: Transaction, name: str) -> None:
    owners = [
        one.name for one in store.list_grants(tx, None) if one.role == Role.OWNER and not one.wedding_id
    ]
    if owners == [name]:
        raise UsedWrongly(
            f"{name} is the last owner: nobody could give a role any more.", "Make another owner first."
        )


def matrix() -> list[dict[str, object]]:
    """What each role may do, a row for each permission."""
    roles = [role for role in Role if role is not Role.SYSTEM]
    return [
        {"permission": one.value, **{role.value: access.allows(role, one) for role in roles}}
        for one in Permission
    ]
