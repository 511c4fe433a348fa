"""The audit log: reading it, and checking that nothing in it was changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.audit import StoredEntry, Verdict, check
from parinaya_cli.domain.errors import NotFound
from parinaya_cli.ports import CheckpointPlace
from parinaya_cli.services import checkpoints
from parinaya_cli.services.checkpoints import PlaceReport
from parinaya_cli.store import chain
from parinaya_cli.store.chain import AuditQuery as AuditQuery
from parinaya_cli.store.transaction import Transaction

ERASED = "[erased]"


def document(entry: StoredEntry, values: str | None) -> dict[str, object]:
    """An entry as ``--json`` shows one; values that were forgotten with a guest read ``[erased]``."""
    told: Mapping[str, object] = json.loads(values) if values else {}
    facts = json.loads(entry.payload)
    if not values and "values" in facts:
        told = {"before": ERASED, "after": ERASED, "reason": ERASED if "reason" in facts else ""}
    return {
        "seq": entry.seq,
        "at": entry.at,
        "actor": entry.actor,
        "role": entry.role,
        "action": entry.action,
        "entity": entry.entity,
        "ref": entry.ref,
        "before": told.get("before"),
        "after": told.get("after"),
        "reason": told.get("reason", entry.reason),
        "channel": entry.channel,
        "hash": entry.hash.hex(),
    }


def list_entries(tx: Transaction, query: AuditQuery) -> tuple[list[dict[str, object]], int]:
    """The newest entries of the wedding's chain that match, and how many match."""
    access.require(tx.actor, Permission.AUDIT)
    found, total = chain.list_entries(tx.conn, tx.wedding.id, query)
    return [document(entry, values) for entry, values in found], total


def show(tx: Transaction, seq: int) -> dict[str, object]:
    """One entry of the wedding's chain.

    Raises:
        NotFound: there is none of this number.
    """
    access.require(tx.actor, Permission.AUDIT)
    found = chain.find_entry(tx.conn, tx.wedding.id, seq)
    if found is None:
        raise NotFound(f"There is no entry {seq}.", "See `parinaya audit list`.")
    return document(*found)


def verify(tx: Transaction) -> Verdict:
    """Check every chain: the first that is wrong is told, else how many entries are right.

    A wedding whose chain is gone altogether shows as ``missing``: the making of a wedding is its first entry.
    """
    access.require(tx.actor, Permission.AUDIT)
    total = 0
    for verdict in _verdicts(tx):
        total += verdict.entries
        if not verdict.ok:
            return Verdict(False, total, verdict.first_bad, verdict.reason)
    return Verdict(True, total)


def verify_against(tx: Transaction, places: Sequence[CheckpointPlace]) -> tuple[Verdict, list[PlaceReport]]:
    """Check every chain, and hold it against the checkpoints that are kept elsewhere; also tells what lies where, and
    which place could not be read."""
    verdict = verify(tx)
    against, reports = checkpoints.compare(tx, places)
    if verdict.ok and against is not None:
        verdict = Verdict(False, verdict.entries, against.first_bad, against.reason)
    return verdict, reports


def _verdicts(tx: Transaction) -> Iterator[Verdict]:
    # What must have a chain is read before the chains: what is made meanwhile is in neither or in both.
    wanted = [*chain.weddings(tx.conn), *chain.logged(tx.conn)]
    heads = chain.chains(tx.conn)
    for chain_id, _ in heads:
        with chain.read_chain(tx.conn, chain_id) as (head, entries):
            yield check(entries, head, tx.audit_key)
    known = {chain_id for chain_id, _ in heads}
    for chain_id in wanted:
        if chain_id not in known:
            yield Verdict(False, 0, 1, "missing")
