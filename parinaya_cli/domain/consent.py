"""The consent ledger, folded: may this contact point be written to?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from parinaya_cli.domain.errors import UsedWrongly

OPT_IN = "opt-in"
OPT_OUT = "opt-out"

_NEVER_LIFTS = ("import", "merge", "unmerge", "edit", "restore")


class ConsentState(StrEnum):
    """What the ledger of one contact point says now."""

    NONE = "none"
    OPTED_IN = "opted_in"
    OPTED_OUT = "opted_out"


@dataclass(frozen=True)
class ConsentEntry:
    """One entry of the ledger. ``kind``: opt-in or opt-out; ``at``: when it took effect (with a time zone).

    ``source`` says how it was given ("guest message", "guest page", "import …", "provider …"), ``evidence``
    where that can be looked up.
    """

    kind: str
    at: datetime
    recorded_at: datetime
    source: str
    evidence: str

    def __post_init__(self) -> None:
        """Refuse what can't be folded, rather than overlook it.

        Raises:
            UsedWrongly: an unknown kind, or a time without a zone.
        """
        if self.kind not in {OPT_IN, OPT_OUT}:
            raise UsedWrongly(f"{self.kind!r} is no kind of consent.", f"Use {OPT_IN} or {OPT_OUT}.")
        if self.at.tzinfo is None or self.recorded_at.tzinfo is None:
            raise UsedWrongly(
                "A time of consent has no time zone.", "Give it with its offset, such as +05:30."
            )


def fold(entries: Iterable[ConsentEntry]) -> ConsentState:
    """The state after all entries of one contact point, in whatever order they come.

    The newest by effective time wins and ties go to the opt-out. An opt-in that came with a list or with work
    on our own records (import, merge, unmerge, edit, restore) never lifts an opt-out: it is an attestation by
    somebody else, and only the guest can take back what the guest decided.
    """
    known = list(entries)
    outs = [entry.at for entry in known if entry.kind == OPT_OUT]
    ins = [entry for entry in known if entry.kind == OPT_IN]
    if not outs:
        return ConsentState.OPTED_IN if ins else ConsentState.NONE
    lifting = [entry.at for entry in ins if not entry.source.strip().lower().startswith(_NEVER_LIFTS)]
    if lifting and max(lifting) > max(outs):
        return ConsentState.OPTED_IN
    return ConsentState.OPTED_OUT
