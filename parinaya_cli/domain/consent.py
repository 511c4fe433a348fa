"""The consent ledger, folded: may this contact point be written to?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from parinaya_cli.domain.errors import UsedWrongly

OPT_IN = "opt-in"
OPT_OUT = "opt-out"
RETRACTION = "retraction"
"""An import was taken back: what it attested does not count any more."""

OWN_WORDS = (
    *("guest message", "guest page", "provider", "erased", "asked to be forgotten"),
    *("edit: said stop", "unmerge: said stop"),
)
"""How the sources begin by which parinaya itself writes down what a guest decided."""

_NEVER_LIFTS = ("import", "merge", "unmerge", "edit", "restore")
_GUEST, _PROVIDER, _RECORDED = "guest", "provider", "recorded"


class ConsentState(StrEnum):
    """What the ledger of one contact point says now."""

    NONE = "none"
    OPTED_IN = "opted_in"
    OPTED_OUT = "opted_out"


@dataclass(frozen=True)
class ConsentEntry:
    """One entry of the ledger. ``kind``: opt-in, opt-out or retraction; ``at``: when it took effect (with a time zone).

    ``source`` says how it was given ("guest message", "guest page", "import …", "provider …"), ``evidence``
    where that can be looked up. ``key``: what the source knows the entry by; a retraction names as its ``evidence``
    the key of the entry that it takes back.
    """

    kind: str
    at: datetime
    recorded_at: datetime
    source: str
    evidence: str
    key: str = ""

    def __post_init__(self) -> None:
        """Refuse what can't be folded, rather than overlook it.

        Raises:
            UsedWrongly: an unknown kind, or a time without a zone.
        """
        if self.kind not in {OPT_IN, OPT_OUT, RETRACTION}:
            raise UsedWrongly(f"{self.kind!r} is no kind of consent.", f"Use {OPT_IN} or {OPT_OUT}.")
        if self.at.tzinfo is None or self.recorded_at.tzinfo is None:
            raise UsedWrongly(
                "A time of consent has no time zone.", "Give it with its offset, such as +05:30."
            )


def fold(entries: Iterable[ConsentEntry]) -> ConsentState:
    """The state after all entries of one contact point, in whatever order they come.

    The newest by effective time wins and ties go to the opt-out. An opt-in that came with a list or with work
    on our own records (import, merge, unmerge, edit, restore) never lifts an opt-out: it is an attestation by
    somebody else. What the guest decided, only the guest takes back: an opt-in that an operator recorded lifts the
    guest's own opt-out where it names the evidence of the guest's word, and one that an operator recorded anyway. The
    provider's switch for marketing, put on again, takes back that it was put off, and no word of the guest to us. A
    retraction takes an attestation of an import back and nothing else: an opt-out stands, and so does what anybody
    else has recorded.
    """
    known = list(entries)
    retracted = {entry.evidence for entry in known if entry.kind == RETRACTION and entry.evidence}
    counted = [
        entry
        for entry in known
        if entry.kind == OPT_OUT or (entry.kind == OPT_IN and not _is_taken_back(entry, retracted))
    ]
    stops: set[str] = set()
    for entry in sorted(counted, key=lambda one: (one.at, one.kind == OPT_OUT)):
        if entry.kind == OPT_OUT:
            stops.add(_whose(entry))
        else:
            stops -= _lifted(entry)
    if stops:
        return ConsentState.OPTED_OUT
    return ConsentState.OPTED_IN if any(one.kind == OPT_IN for one in counted) else ConsentState.NONE


def is_own_word(entry: ConsentEntry) -> bool:
    """Did the guest say so, or WhatsApp for them, and nobody else?"""
    return _source(entry).startswith(OWN_WORDS)


def _whose(entry: ConsentEntry) -> str:
    """Who decided it: the guest, the provider for them, or somebody who wrote it down."""
    if _source(entry).startswith(_PROVIDER):
        return _PROVIDER
    return _GUEST if is_own_word(entry) else _RECORDED


def _lifted(entry: ConsentEntry) -> set[str]:
    """Whose opt-outs an opt-in takes back."""
    if _source(entry).startswith(_NEVER_LIFTS):
        return set()
    whose = _whose(entry)
    if whose == _GUEST or (whose == _RECORDED and entry.evidence.strip()):
        return {_GUEST, _PROVIDER, _RECORDED}
    return {whose}


def _source(entry: ConsentEntry) -> str:
    return entry.source.strip().lower()


def _is_taken_back(entry: ConsentEntry, retracted: set[str]) -> bool:
    return entry.key in retracted and entry.source.strip().lower().startswith("import")
