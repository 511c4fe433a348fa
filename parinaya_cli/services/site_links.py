"""Links to pages: a household's own, and those for parents."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from parinaya_cli.domain import access, site_links
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.errors import NotFound, UsedWrongly
from parinaya_cli.domain.events import check_side
from parinaya_cli.domain.findings import Finding
from parinaya_cli.domain.site_links import LONGEST_DAYS, LinkKind, SiteLink
from parinaya_cli.services import units
from parinaya_cli.store import site_links as store
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class SiteSetup:
    """Where the website is (``https://…``, without a slash at the end), and what signs its links.

    ``before``: the secret that signed until lately, while its links hold beside the new ones; empty: none.
    """

    url: str
    secret: bytes = field(repr=False)
    before: bytes = field(default=b"", repr=False)

    @property
    def secrets(self) -> tuple[bytes, ...]:
        """Those whose links open pages; the first one signs."""
        return (self.secret, self.before) if self.before else (self.secret,)


def unit_links(
    tx: Transaction, setup: SiteSetup, unit_ids: Iterable[uuid.UUID], *, write: bool = True
) -> dict[uuid.UUID, str]:
    """The addresses of households' own pages, by household: the same each time until one is renewed.

    ``write`` false names the links and makes none: a rehearsal tells the address that will be sent.
    """
    access.require(tx.actor, Permission.READ)
    seeds = store.read_seeds(tx, sorted(set(unit_ids)))
    keys = {
        unit: site_links.unit_key(setup.secret, tx.wedding.id, unit, seed) for unit, seed in seeds.items()
    }
    if write and keys:
        digests = {unit: site_links.digest(key) for unit, key in keys.items()}
        made = store.insert_units(tx, digests, site_links.name_of(setup.secret))
        if made:
            tx.audit("link.make", "link", after={"kind": "unit", "links": len(made)})
    return {
        unit: f"{setup.url}/i/{site_links.write(setup.secret, LinkKind.UNIT, key)}"
        for unit, key in keys.items()
    }


def unit_link(tx: Transaction, setup: SiteSetup, unit_id: uuid.UUID) -> str:
    """The address of a household's own page."""
    access.require(tx.actor, Permission.READ)
    return unit_links(tx, setup, [unit_id])[unit_id]


@dataclass(frozen=True)
class UnitLink:
    """A household's own page; ``expires_at`` None: it is invited to nothing yet."""

    unit: str
    label: str
    url: str
    expires_at: datetime | None


def link(tx: Transaction, setup: SiteSetup, unit: str, *, renew: bool = False) -> UnitLink:
    """The link of one household; ``renew`` ends the one that was given out and makes another.

    Raises:
        NotFound: there is no such household.
    """
    access.require(tx.actor, Permission.SEND)
    found = units.find(tx, unit)
    if renew:
        ended = store.renew_seed(tx, found.id)
        tx.audit("link.revoke", "link", ref=found.ref, entity_id=found.id, before={"links": ended})
    url = unit_link(tx, setup, found.id)
    expires = store.expiry_of_unit(tx, found.id)
    return UnitLink(found.ref, found.label, url, expires.astimezone(tx.wedding.zone) if expires else None)


@dataclass(frozen=True)
class DashboardRequest:
    """A page for a parent. ``side``: their family's numbers alone; ``phones``: with numbers to call."""

    name: str
    side: str | None = None
    days: int = 90
    phones: bool = False


def make_dashboard(tx: Transaction, setup: SiteSetup, wanted: DashboardRequest) -> tuple[SiteLink, str]:
    """Make a parents' link; returns it with its address, which is told this once.

    Raises:
        UsedWrongly: no name, a bad side, too many days, or a link of this name holds already.
    """
    access.require(tx.actor, Permission.PLAN)
    side = check_side(wanted.side, both=False)
    name = " ".join(wanted.name.split())
    if not 0 < len(name) <= 80:
        raise UsedWrongly(
            "A link is for somebody.", "Give a name of up to 80 letters, such as --name 'Sunita aunty'."
        )
    if not 0 < wanted.days <= LONGEST_DAYS:
        raise UsedWrongly(f"A link holds for 1 to {LONGEST_DAYS} days.", "Give --days N.")
    key = site_links.new_key()
    token = site_links.write(setup.secret, LinkKind.DASHBOARD, key)
    until = tx.now + timedelta(days=wanted.days)
    new = SiteLink(uuid.UUID(int=0), name, side, wanted.phones, token[-4:], tx.actor.name, tx.now, until)
    made = store.insert_dashboard(tx, new, site_links.digest(key), site_links.name_of(setup.secret))
    if made is None:
        raise UsedWrongly(
            f"There is a link for {name!r} already.",
            f"End it first: parinaya dashboard revoke {name!r}, or give another --name.",
        )
    tx.audit(
        "link.make",
        "link",
        ref=name,
        entity_id=made.id,
        after={"kind": "dashboard", "side": side, "phones": wanted.phones, "expires_at": until},
    )
    return made, f"{setup.url}/d/{token}"


def examine(tx: Transaction, setup: SiteSetup) -> list[Finding]:
    """What the doctor tells of two secrets, and of links that open nothing; nothing where all links are of one."""
    access.require(tx.actor, Permission.READ)
    count, until = store.count_others(tx, site_links.name_of(setup.secret), there_is_one=bool(setup.before))
    if setup.before:
        name = "PARINAYA_SITE_SECRET_BEFORE"
        none = f"no link needs {name} any more: parinaya config unset {name}"
        told = f"links of {name} that hold: {count}, the last until {until:%d %b %Y}" if until else none
        return [Finding("links", True, told)]
    if count:
        told = f"links that are out and lead nowhere, as another secret has signed them: {count}"
        hint = "Put that one into PARINAYA_SITE_SECRET_BEFORE; if it is lost, send new links (`parinaya site link U5`)."
        return [Finding("links", False, told, hint)]
    return []


def list_dashboards(tx: Transaction) -> list[SiteLink]:
    """The parents' links that hold."""
    access.require(tx.actor, Permission.PLAN)
    return store.list_dashboards(tx)


def revoke_dashboard(tx: Transaction, name: str) -> SiteLink:
    """End a parents' link; its page is gone at once.

    Raises:
        NotFound: no link of this name holds.
    """
    access.require(tx.actor, Permission.PLAN)
    gone = store.revoke_dashboard(tx, " ".join(name.split()))
    if gone is None:
        raise NotFound(f"There is no link for {name!r}.", "See `parinaya dashboard links`.")
    tx.audit("link.revoke", "link", ref=gone.name, entity_id=gone.id, before={"kind": "dashboard"})
    return gone


def document(tx: Transaction, one: SiteLink) -> dict[str, object]:
    """A parents' link as ``--json`` shows one."""
    return {
        "name": one.name,
        "side": one.side,
        "phones": one.phones,
        "ends_with": one.tail,
        "made_by": one.actor,
        "created_at": one.created_at.astimezone(tx.wedding.zone),
        "expires_at": one.expires_at.astimezone(tx.wedding.zone),
    }
