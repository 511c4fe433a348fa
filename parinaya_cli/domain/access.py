"""Who is acting, through which channel, and what the role allows."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import StrEnum

from parinaya_cli.domain.errors import NotPermitted


class Role(StrEnum):
    """The roles of the contract; ``SYSTEM`` is parinaya itself (workers, the receiver, cron)."""

    OWNER = "owner"
    PLANNER = "planner"
    OPERATOR = "operator"
    FAMILY = "family"
    DESK = "desk"
    AUDITOR = "auditor"
    SYSTEM = "system"


class Channel(StrEnum):
    """Where a change came from."""

    CLI = "cli"
    WORKER = "worker"
    WEBHOOK = "webhook"
    SITE = "site"
    CRON = "cron"
    IMPORT = "import"


class Permission(StrEnum):
    """The rows of the contract's matrix."""

    READ = "read guests, events, answers"
    PLAN = "change events, guest lists"
    PEOPLE = "import, merge, edit people"
    SEND = "send, remind, cancel"
    ANSWER = "record an answer by hand, check in"
    EXPORT = "export"
    GIFTS = "gifts"
    CONSENT_RECORD = "consent: record"
    CONSENT_LIFT = "lift a do-not-message"
    ADMIN = "roles, weddings, erase a person"
    AUDIT = "read and verify the audit log"


_R, _P = Role, Permission
MATRIX: dict[Permission, frozenset[Role]] = {
    _P.READ: frozenset({_R.OWNER, _R.PLANNER, _R.OPERATOR, _R.FAMILY, _R.DESK, _R.AUDITOR}),
    _P.PLAN: frozenset({_R.OWNER, _R.PLANNER}),
    _P.PEOPLE: frozenset({_R.OWNER, _R.PLANNER, _R.OPERATOR}),
    _P.SEND: frozenset({_R.OWNER, _R.PLANNER, _R.OPERATOR}),
    _P.ANSWER: frozenset({_R.OWNER, _R.PLANNER, _R.OPERATOR, _R.FAMILY, _R.DESK}),
    _P.EXPORT: frozenset({_R.OWNER, _R.PLANNER, _R.OPERATOR, _R.FAMILY, _R.AUDITOR}),
    _P.GIFTS: frozenset({_R.OWNER, _R.PLANNER, _R.OPERATOR, _R.FAMILY}),
    _P.CONSENT_RECORD: frozenset({_R.OWNER, _R.PLANNER, _R.OPERATOR}),
    _P.CONSENT_LIFT: frozenset({_R.OWNER, _R.PLANNER}),
    _P.ADMIN: frozenset({_R.OWNER}),
    _P.AUDIT: frozenset({_R.OWNER, _R.PLANNER, _R.AUDITOR}),
}
"""The contract's table of roles (``language.md``), declared once."""


@dataclass(frozen=True)
class Actor:
    """Who acts. ``side`` narrows a family member to one side; ``wedding_id`` a token to one wedding.

    ``grant_id``: the role that a token proved; None for who needs none, at the keyboard of embedded servers.
    """

    name: str
    role: Role
    channel: Channel
    side: str | None = None
    wedding_id: uuid.UUID | None = None
    grant_id: uuid.UUID | None = None

    @property
    def sees_phones(self) -> bool:
        """May this actor see phone numbers and message ids (which contain them)?"""
        return self.role in {Role.OWNER, Role.PLANNER, Role.OPERATOR, Role.AUDITOR, Role.SYSTEM, Role.FAMILY}

    @property
    def sides(self) -> tuple[str, ...] | None:
        """The sides that this actor may see: those of a family member's own side, or None for all."""
        return (self.side, "both") if self.side else None


def system(channel: Channel) -> Actor:
    """parinaya itself, acting for nobody in particular."""
    return Actor("parinaya", Role.SYSTEM, channel)


def allows(role: Role, permission: Permission) -> bool:
    """Does the matrix give ``permission`` to ``role``?"""
    return role is Role.SYSTEM or role in MATRIX[permission]


def require_everywhere(actor: Actor, what: str) -> None:
    """Let only those pass who act in all weddings: ``what`` they ask for belongs to no single one.

    Raises:
        NotPermitted: the actor's role holds in one wedding.
    """
    if actor.wedding_id is not None:
        raise NotPermitted(
            f"{actor.name} acts in one wedding, and {what} belong to all of them.",
            "Whoever set parinaya up may: on its machine, without PARINAYA_TOKEN.",
        )


def require(actor: Actor, permission: Permission) -> None:
    """Let the actor pass, or refuse.

    Raises:
        NotPermitted: the role does not have the permission.
    """
    if allows(actor.role, permission):
        return
    holders = ", ".join(sorted(role.value for role in MATRIX[permission]))
    raise NotPermitted(
        f"{actor.name} acts as {actor.role.value}, which may not do this ({permission.value}).",
        f"It takes one of these roles: {holders}.",
    )
