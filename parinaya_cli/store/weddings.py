"""Weddings and the roles given in them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping

from parinaya_cli.domain.weddings import Wedding
from parinaya_cli.store.transaction import Transaction

_COLUMNS = (
    "id, slug, title, couple, timezone, region, language, phone_number_id, require_opt_in, quiet_from, "
    "quiet_until, frequency_cap, ask_children, ask_diets, forget_after, legal_hold, "
    "keep_texts, keep_files, version"
)


def _wedding(row: RowMapping) -> Wedding:
    return Wedding(**dict(row))


def list_weddings(tx: Transaction) -> list[Wedding]:
    """Every wedding, by slug."""
    return [_wedding(row) for row in tx.rows(f"SELECT {_COLUMNS} FROM weddings ORDER BY slug")]


def find_wedding(tx: Transaction, wedding_id: uuid.UUID) -> Wedding | None:
    """The wedding with this id, read once in a transaction."""
    if wedding_id not in tx.known_weddings:
        row = tx.row(f"SELECT {_COLUMNS} FROM weddings WHERE id = :id", id=wedding_id)
        if row is None:
            return None
        tx.known_weddings[wedding_id] = _wedding(row)
    return tx.known_weddings[wedding_id]


def list_by_number(tx: Transaction, phone_number_id: str, *, is_default: bool) -> list[Wedding]:
    """The weddings that send from a phone number; those without one of their own send from the default."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM weddings WHERE phone_number_id = :number "
        "OR (:is_default AND phone_number_id IS NULL) ORDER BY created_at",
        number=phone_number_id,
        is_default=is_default,
    )
    return [_wedding(row) for row in rows]


def insert(tx: Transaction, wedding: Wedding) -> Wedding | None:
    """Add a wedding; None when its slug is taken. Its id is made here."""
    row = tx.row(
        "INSERT INTO weddings (slug, title, couple, timezone, region, language, phone_number_id, "
        "require_opt_in, quiet_from, quiet_until, frequency_cap, ask_children, ask_diets, forget_after, legal_hold, "
        "keep_texts, keep_files) "
        "VALUES (:slug, :title, :couple, :timezone, "
        ":region, :language, :phone_number_id, :require_opt_in, :quiet_from, :quiet_until, :frequency_cap, "
        ":ask_children, :ask_diets, :forget_after, :legal_hold, :keep_texts, :keep_files) "
        f"ON CONFLICT (slug) DO NOTHING RETURNING {_COLUMNS}",
        **_values(wedding),
    )
    return _wedding(row) if row else None


def update(tx: Transaction, wedding: Wedding) -> Wedding:
    """Write the changed wedding."""
    row = tx.row(
        "UPDATE weddings SET title = :title, couple = :couple, timezone = :timezone, region = :region, "
        "language = :language, phone_number_id = :phone_number_id, require_opt_in = :require_opt_in, "
        "quiet_from = :quiet_from, quiet_until = :quiet_until, frequency_cap = :frequency_cap, "
        "ask_children = :ask_children, ask_diets = :ask_diets, forget_after = :forget_after, legal_hold = :legal_hold, "
        "keep_texts = :keep_texts, keep_files = :keep_files, "
        f"version = version + 1 WHERE id = :id RETURNING {_COLUMNS}",
        id=wedding.id,
        **_values(wedding),
    )
    assert row is not None
    return _wedding(row)


def _values(wedding: Wedding) -> Mapping[str, object]:
    return {key: value for key, value in wedding.__dict__.items() if key not in {"id", "version"}}


@dataclass(frozen=True)
class Grant:
    """A role that somebody holds; ``wedding_id`` None: in all weddings."""

    id: uuid.UUID
    name: str
    role: str
    side: str | None
    wedding_id: uuid.UUID | None
    created_at: datetime


_GRANT = "id, name, role, side, wedding_id, created_at"


def find_grant(tx: Transaction, token_sha256: str) -> Grant | None:
    """The live grant that a token proves."""
    row = tx.across.row(
        f"SELECT {_GRANT} FROM role_grants WHERE token_sha256 = :digest AND revoked_at IS NULL",
        digest=token_sha256,
    )
    return Grant(**dict(row)) if row else None


def is_live(tx: Transaction, grant_id: uuid.UUID) -> bool:
    """Is this grant still held?"""
    found: bool = tx.across.value(
        "SELECT EXISTS (SELECT 1 FROM role_grants WHERE id = :id AND revoked_at IS NULL)", id=grant_id
    )
    return found


def list_grants(tx: Transaction, wedding_id: uuid.UUID | None) -> list[Grant]:
    """The live grants of a wedding, and those for all weddings."""
    rows = tx.across.rows(
        f"SELECT {_GRANT} FROM role_grants WHERE revoked_at IS NULL "
        "AND (wedding_id IS NULL OR wedding_id = :within) ORDER BY name",
        within=wedding_id,
    )
    return [Grant(**dict(row)) for row in rows]


def insert_grant(
    tx: Transaction, name: str, role: str, side: str | None, token_sha256: str, wedding_id: uuid.UUID | None
) -> Grant | None:
    """Give a role; None when somebody of this name holds one already."""
    row = tx.across.row(
        "INSERT INTO role_grants (wedding_id, name, role, side, token_sha256) "
        f"VALUES (:within, :name, :role, :side, :digest) ON CONFLICT DO NOTHING RETURNING {_GRANT}",
        within=wedding_id,
        name=name,
        role=role,
        side=side,
        digest=token_sha256,
    )
    return Grant(**dict(row)) if row else None


def revoke_grant(tx: Transaction, name: str, wedding_id: uuid.UUID | None) -> Grant | None:
    """Take a role away; None when nobody of this name holds one."""
    row = tx.across.row(
        "UPDATE role_grants SET revoked_at = :now WHERE name = :name AND revoked_at IS NULL "
        f"AND wedding_id IS NOT DISTINCT FROM :within RETURNING {_GRANT}",
        name=name,
        within=wedding_id,
    )
    return Grant(**dict(row)) if row else None
