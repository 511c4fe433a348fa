"""What must always hold, asked of the rows of every wedding. Read-only; `doctor` tells what does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.store import invariants as store
from parinaya_cli.store import unknowns, weddings
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class Invariant:
    """One thing that must hold. ``wrong``: the sentence when it does not, with ``{count}``; ``mend``: what to do."""

    name: str
    count: Callable[[Transaction], int]
    wrong: str
    mend: str


def _strays(kind: str) -> Callable[[Transaction], int]:
    return lambda tx: sum(one.count for one in unknowns.list_strays(tx) if one.kind == kind)


INVARIANTS = (
    Invariant(
        "sums",
        _strays("total"),
        "{count} households too few or too many in batches",
        "Rows were changed past parinaya: restore a backup beside it and compare, see `parinaya reconcile`.",
    ),
    Invariant(
        "once",
        _strays("twice"),
        "{count} messages were accepted twice",
        "See `parinaya reconcile --only batches`, and tell those guests.",
    ),
    Invariant(
        "sending",
        store.count_lost,
        "{count} messages are on their way since minutes: their worker died",
        "Run `parinaya reconcile --only queue`; cron or a worker should do it by itself.",
    ),
    Invariant(
        "consent",
        store.count_despite,
        "{count} messages left although the guest had opted out before",
        "See `parinaya consent history` of those guests; nothing should write past the policy gate.",
    ),
    Invariant(
        "merges",
        store.count_adrift,
        "{count} merged people or households lead to nobody",
        "Rows were changed past parinaya: `parinaya people unmerge` them, or restore a backup.",
    ),
    Invariant(
        "forgotten",
        store.count_remembered,
        "{count} people who were forgotten are still named",
        "Run `parinaya people erase` for them again; see `parinaya audit list --action person.erase`.",
    ),
)


@dataclass(frozen=True)
class Broken:
    """An invariant that does not hold, over all weddings; ``count`` 0: it holds."""

    invariant: Invariant
    count: int


def check(tx: Transaction) -> list[Broken]:
    """Every invariant, over all weddings that the actor may see."""
    access.require(tx.actor, Permission.READ)
    counts = dict.fromkeys(INVARIANTS, 0)
    for wedding in weddings.list_weddings(tx):
        if tx.actor.wedding_id in (None, wedding.id):
            with tx.within(wedding):
                for one in INVARIANTS:
                    counts[one] += one.count(tx)
    return [Broken(one, count) for one, count in counts.items()]
