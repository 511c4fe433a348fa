"""Who was forgotten: keyed hashes of their contact points, by which a list that names them again is known.

The key is drawn from the secret of the audit chain, which is not in the database: all Indian mobile numbers could be
tried against a hash without a key in less than an hour.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from parinaya_cli.store.transaction import Transaction

MARK = "erased:"
"""What stands before a keyed hash in a column that held text."""


def _hash(tx: Transaction, value: str) -> bytes:
    key = hmac.digest(tx.audit_key.secret, b"parinaya.erasure.v1", "sha256")
    said = f"{tx.wedding.id if tx.is_bound else ''}\x1f{value}"
    return hmac.digest(key, said.encode("utf-8", "surrogatepass"), "sha256")[:20]


def add(tx: Transaction, values: Iterable[str]) -> None:
    """Remember these contact points (phones in E.164, user ids, emails in small letters) as forgotten."""
    tx.run_many(
        "INSERT INTO erasures (wedding_id, hash, erased_at) VALUES (:wedding, :hash, :now) "
        "ON CONFLICT (wedding_id, hash) DO NOTHING",
        [{"hash": _hash(tx, value), "now": tx.now} for value in sorted(set(values))],
    )


def has_any(tx: Transaction) -> bool:
    """Was anybody of the wedding forgotten? The quick question before the one for each value."""
    found: bool = tx.value("SELECT EXISTS (SELECT 1 FROM erasures WHERE wedding_id = :wedding)")
    return found


def anywhere(tx: Transaction) -> bool:
    """Was anybody forgotten, in any wedding?"""
    found: bool = tx.across.value("SELECT EXISTS (SELECT 1 FROM erasures)")
    return found


def erased(tx: Transaction, values: Iterable[str]) -> set[str]:
    """Those among the values (as ``add`` takes them) whose owner was forgotten."""
    hashes = {_hash(tx, value): value for value in values}
    rows = tx.rows(
        "SELECT hash FROM erasures WHERE wedding_id = :wedding AND hash = ANY(:hashes)",
        hashes=sorted(hashes),
    )
    return {hashes[bytes(row["hash"])] for row in rows}


def marked(tx: Transaction, text: str) -> str:
    """What takes the place of a text that holds a phone, such as a message id: the same for the same text.

    A delivery that comes again is known by it, and nothing can be read from it.
    """
    key = hmac.digest(tx.audit_key.secret, b"parinaya.erasure.key.v1", "sha256")
    return MARK + hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256")[:20].hex()
