"""Dead letters: work that did not succeed and waits for a person. Nothing disappears, and nothing blocks the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from parinaya_cli.domain.errors import NotFound


class Kind(StrEnum):
    """What kind of work it is."""

    JOB = "job"
    DELIVERY = "delivery"
    DISPATCH = "dispatch"


@dataclass(frozen=True)
class DeadLetter:
    """One piece of work that did not succeed; it names its source and holds no personal data.

    ``ref``: the id of a job, the number of a delivery, the id of a dispatch. ``of``: the queue, or where the message
    belongs. ``error``: the class of what went wrong, ``reason`` what is told of it. Times are in RFC 3339.
    """

    kind: Kind
    ref: str
    of: str
    error: str
    reason: str
    tries: int
    first_at: str
    last_at: str

    def document(self) -> dict[str, object]:
        """As `queue failed` shows it."""
        return {
            "kind": self.kind.value,
            "ref": self.ref,
            "of": self.of,
            "class": self.error,
            "reason": self.reason,
            "tries": self.tries,
            "first_at": self.first_at,
            "last_at": self.last_at,
        }


SHORTEST = 6
"""Letters of an id that are enough, if they are those of one only."""


def choose(letters: Sequence[DeadLetter], names: Sequence[str]) -> list[DeadLetter]:
    """Those of these refs, each once; of an id its beginning is enough.

    Raises:
        NotFound: there is none of this ref, or several begin so.
    """
    found: dict[tuple[Kind, str], DeadLetter] = {}
    for name in names:
        meant = [one for one in letters if one.ref == name] or [
            one
            for one in letters
            if len(name) >= SHORTEST and one.kind is not Kind.DELIVERY and one.ref.startswith(name)
        ]
        if len(meant) != 1:
            told = f"{len(meant)} begin with {name!r}" if meant else f"There is no {name!r} among what failed"
            raise NotFound(f"{told}.", "See `parinaya queue failed`. Nothing was done.")
        found[(meant[0].kind, meant[0].ref)] = meant[0]
    return list(found.values())
