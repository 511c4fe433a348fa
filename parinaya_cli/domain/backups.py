"""What a backup says of itself, and how what was restored is held against it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from parinaya_cli.domain.errors import UsedWrongly

FORMAT = 1


@dataclass(frozen=True)
class Contents:
    """What a database held at one moment.

    ``rows``: of each table; ``sequences``: the last value of each, or None where it was never asked; ``chains``: id of
    each audit chain to the number of its last entry and that one's hash, in hex.
    """

    schema: str
    rows: Mapping[str, int]
    sequences: Mapping[str, int | None]
    chains: Mapping[str, tuple[int, str]]

    def differences(self, found: Contents) -> Iterator[str]:
        """In words, what is in one and not in the other; nothing when all that was backed up is there."""
        if found.schema != self.schema:
            yield f"the schema is at {found.schema}, not at {self.schema}"
        for table in sorted({*self.rows, *found.rows}):
            want, got = self.rows.get(table, 0), found.rows.get(table, 0)
            if want != got:
                yield f"{table} has {got} rows, not {want}"
        for name, last in sorted(self.sequences.items()):
            if (found.sequences.get(name) or 0) < (
                last or 0
            ):  # it may be ahead: sequences are of no transaction
                yield f"the sequence {name} is at {found.sequences.get(name)}, not at {last}"
        for chain, head in sorted(self.chains.items()):
            if found.chains.get(chain) != head:
                yield f"the audit chain {chain} does not end where it did"


@dataclass(frozen=True)
class Manifest:
    """``contents`` at the time ``made_at``, by parinaya ``version``; ``bytes`` and ``sha256`` of the dump beside it."""

    made_at: datetime
    version: str
    contents: Contents
    bytes: int
    sha256: str

    def document(self) -> str:
        """As JSON."""
        contents = self.contents
        return json.dumps(
            {
                "format": FORMAT,
                "made_at": self.made_at.isoformat(),
                "version": self.version,
                "schema": contents.schema,
                "rows": dict(contents.rows),
                "sequences": dict(contents.sequences),
                "chains": {chain: list(head) for chain, head in contents.chains.items()},
                "bytes": self.bytes,
                "sha256": self.sha256,
            },
            indent=1,
        )


def read_manifest(document: bytes) -> Manifest:
    """The manifest of a backup.

    Raises:
        UsedWrongly: it is none, or of a newer format.
    """
    try:
        told = json.loads(document)
        if told["format"] != FORMAT:
            raise UsedWrongly(
                f"The backup is of format {told['format']}, and this version of parinaya reads {FORMAT}.",
                "Upgrade parinaya.",
            )
        contents = Contents(
            str(told["schema"]),
            {str(table): int(rows) for table, rows in told["rows"].items()},
            {str(name): None if last is None else int(last) for name, last in told["sequences"].items()},
            {str(chain): (int(seq), str(tip)) for chain, (seq, tip) in told["chains"].items()},
        )
        return Manifest(
            datetime.fromisoformat(told["made_at"]),
            str(told["version"]),
            contents,
            int(told["bytes"]),
            str(told["sha256"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UsedWrongly(
            "The file is no backup of parinaya.", "Name a file that `parinaya db backup` has made."
        ) from None
