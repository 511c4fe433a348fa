"""What a shell can complete of a wedding: slugs, names of templates, how far refs go. No names of people, no phones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class Words:
    """``last``: the highest number that was given out, by the letter of a ref."""

    events: Sequence[str]
    templates: Sequence[str]
    last: Mapping[str, int]


def read_words(tx: Transaction) -> Words:
    """The words of the wedding that the transaction is bound to."""
    events = tx.rows("SELECT slug FROM events WHERE wedding_id = :wedding ORDER BY starts_at, number")
    templates = tx.rows("SELECT DISTINCT name FROM templates WHERE wedding_id = :wedding ORDER BY name")
    last = tx.rows("SELECT kind, last FROM ref_counters WHERE wedding_id = :wedding ORDER BY kind")
    return Words(
        [row["slug"] for row in events],
        [row["name"] for row in templates],
        {row["kind"]: row["last"] for row in last},
    )
