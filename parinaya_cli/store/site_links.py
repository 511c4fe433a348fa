"""Links to pages: found by the hash of their key."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from parinaya_cli.domain.site_links import AFTER_THE_LAST_EVENT, WITHOUT_EVENTS, LinkKind, SiteLink
from parinaya_cli.store.transaction import Transaction

_SHOWN = "id, name, side, phones, tail, actor, created_at, expires_at"


@dataclass(frozen=True)
class Opened:
    """A link that somebody came with, while it holds. ``unit_id``: the household as it is after merges."""

    wedding_id: uuid.UUID
    unit_id: uuid.UUID | None
    name: str
    side: str | None
    phones: bool


def read_seeds(tx: Transaction, unit_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """The seeds of households."""
    rows = tx.rows(
        "SELECT id, link_seed FROM guest_units WHERE wedding_id = :wedding AND id = ANY(:units)",
        units=list(unit_ids),
    )
    return {row["id"]: row["link_seed"] for row in rows}


def insert_units(tx: Transaction, digests: Mapping[uuid.UUID, str], signed_by: str) -> list[uuid.UUID]:
    """Make the links of households by the hashes of their keys; returns those that had none of this secret."""
    rows = tx.rows(
        "INSERT INTO site_links (wedding_id, kind, unit_id, token_sha256, actor, signed_by) "
        "SELECT :wedding, 'unit', n.unit, n.digest, :actor, :signed_by "
        "FROM unnest(CAST(:units AS uuid[]), CAST(:digests AS text[])) AS n(unit, digest) ORDER BY n.digest "
        "ON CONFLICT (token_sha256) DO NOTHING RETURNING unit_id",
        units=list(digests),
        digests=list(digests.values()),
        actor=tx.actor.name,
        signed_by=signed_by,
    )
    return [row["unit_id"] for row in rows]


def expiry_of_unit(tx: Transaction, unit_id: uuid.UUID) -> datetime | None:
    """When a household's link ends; None while it is invited to nothing."""
    found: datetime | None = tx.value(
        "SELECT max(coalesce(e.ends_at, e.starts_at)) + :after FROM invitations i "
        "JOIN events e ON e.wedding_id = i.wedding_id AND e.id = i.event_id "
        "WHERE i.wedding_id = :wedding AND i.unit_id = :unit",
        unit=unit_id,
        after=AFTER_THE_LAST_EVENT,
    )
    return found


def renew_seed(tx: Transaction, unit_id: uuid.UUID) -> int:
    """End a household's link and let it have another; returns how many ended."""
    tx.run(
        "UPDATE guest_units SET link_seed = gen_random_uuid() WHERE wedding_id = :wedding AND id = :unit",
        unit=unit_id,
    )
    return tx.run(
        "UPDATE site_links SET revoked_at = :now WHERE wedding_id = :wedding AND unit_id = :unit "
        "AND revoked_at IS NULL",
        unit=unit_id,
    )


def insert_dashboard(tx: Transaction, wanted: SiteLink, digest: str, signed_by: str) -> SiteLink | None:
    """Make a parents' link; None when one of this name holds already."""
    tx.run(
        "UPDATE site_links SET revoked_at = expires_at WHERE wedding_id = :wedding AND kind = 'dashboard' "
        "AND name = :name AND revoked_at IS NULL AND expires_at <= :now",
        name=wanted.name,
    )
    row = tx.row(
        "INSERT INTO site_links (wedding_id, kind, name, side, phones, tail, actor, expires_at, token_sha256, "
        "signed_by) "
        "VALUES (:wedding, 'dashboard', :name, :side, :phones, :tail, :actor, :expires_at, :digest, :signed_by) "
        f"ON CONFLICT DO NOTHING RETURNING {_SHOWN}",
        name=wanted.name,
        side=wanted.side,
        phones=wanted.phones,
        tail=wanted.tail,
        actor=wanted.actor,
        expires_at=wanted.expires_at,
        digest=digest,
        signed_by=signed_by,
    )
    return SiteLink(**dict(row)) if row else None


def list_dashboards(tx: Transaction) -> list[SiteLink]:
    """The parents' links that hold, by name."""
    rows = tx.rows(
        f"SELECT {_SHOWN} FROM site_links WHERE wedding_id = :wedding AND kind = 'dashboard' "
        "AND revoked_at IS NULL AND expires_at > :now ORDER BY name"
    )
    return [SiteLink(**dict(row)) for row in rows]


def revoke_dashboard(tx: Transaction, name: str) -> SiteLink | None:
    """End a parents' link; None when none of this name holds."""
    row = tx.row(
        "UPDATE site_links SET revoked_at = :now WHERE wedding_id = :wedding AND kind = 'dashboard' "
        f"AND name = :name AND revoked_at IS NULL AND expires_at > :now RETURNING {_SHOWN}",
        name=name,
    )
    return SiteLink(**dict(row)) if row else None


_HOLDS = """
    SELECT l.wedding_id, l.unit_id, l.signed_by, CASE l.kind WHEN 'dashboard' THEN l.expires_at ELSE coalesce(
             (SELECT max(coalesce(e.ends_at, e.starts_at)) + :after FROM invitations i
                JOIN events e ON e.wedding_id = i.wedding_id AND e.id = i.event_id
               WHERE i.wedding_id = u.wedding_id AND i.unit_id = u.id), l.created_at + :without) END AS until
      FROM site_links l
      LEFT JOIN guest_units g ON g.wedding_id = l.wedding_id AND g.id = l.unit_id
      LEFT JOIN guest_units u ON u.wedding_id = l.wedding_id AND u.id = coalesce(g.merged_into, g.id)
     WHERE l.revoked_at IS NULL AND u.removed_at IS NULL
"""
"""When each link ends that was not ended, as ``open_link`` sees it."""


def count_others(tx: Transaction, signed_by: str, *, there_is_one: bool) -> tuple[int, datetime | None]:
    """How many links that were not ended another secret has signed than the one of today, and until when they go on.

    ``there_is_one``: a secret before that opens them; what was signed before anybody noted by what counts as its own.
    If there is none, they open nothing, and those do not count whose household has a link of today.
    """
    row = tx.across.row(
        f"SELECT count(*) AS links, max(until) AS until FROM ({_HOLDS}) AS l "
        "WHERE until > :now AND signed_by <> :signed_by AND (:there_is_one OR (signed_by <> '' AND NOT EXISTS ("
        "SELECT 1 FROM site_links n WHERE n.wedding_id = l.wedding_id AND n.unit_id = l.unit_id "
        "AND n.signed_by = :signed_by AND n.revoked_at IS NULL)))",
        signed_by=signed_by,
        there_is_one=there_is_one,
        after=AFTER_THE_LAST_EVENT,
        without=WITHOUT_EVENTS,
    )
    assert row is not None
    return row["links"], row["until"]


def open_link(tx: Transaction, kind: LinkKind, digest: str) -> Opened | None:
    """The link with this hash, while it holds: not revoked, not run out, its household still there."""
    row = tx.across.row(
        """
        SELECT l.wedding_id, coalesce(g.merged_into, g.id) AS unit_id, l.name, l.side, l.phones
          FROM site_links l
          LEFT JOIN guest_units g ON g.wedding_id = l.wedding_id AND g.id = l.unit_id
          LEFT JOIN guest_units u ON u.wedding_id = l.wedding_id AND u.id = coalesce(g.merged_into, g.id)
         WHERE l.token_sha256 = :digest AND l.kind = :kind AND l.revoked_at IS NULL
           AND (l.expires_at IS NULL OR l.expires_at > :now)
           AND (l.kind = 'dashboard' OR (u.removed_at IS NULL AND :now < coalesce(
                (SELECT max(coalesce(e.ends_at, e.starts_at)) + :after FROM invitations i
                   JOIN events e ON e.wedding_id = i.wedding_id AND e.id = i.event_id
                  WHERE i.wedding_id = u.wedding_id AND i.unit_id = u.id),
                l.created_at + :without)))
        """,
        digest=digest,
        kind=kind.value,
        after=AFTER_THE_LAST_EVENT,
        without=WITHOUT_EVENTS,
    )
    return Opened(**dict(row)) if row else None
