"""A card of a vCard file while it is read: what is put together from several lines, and what goes first."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from parinaya_cli.adapters.files.vcard_properties import Head, Property, unescape

FIELDS = (
    *("full_name", "honorific", "given_name", "family_name", "phone", "phone_2", "email", "city", "tags"),
    *("language", "notes", "external_id"),
)
OTHER_NAME, LABELLED, UNREAD, WHATSAPP = "Other name", "Labelled", "Lines not understood", "WhatsApp status"
TITLES = (
    *(OTHER_NAME, "Nickname", "Organisation", "Job title", "Role", "Address", "Website", "Related", "Dates"),
    *("Also speaks", "Kind", "Fax", "Pager", WHATSAPP, LABELLED),
)

# ── preferences and labels ─────────────────────────────────────────────────────────────────────────────

_PLAIN_LABELS = frozenset(
    {
        *("mobile", "cell", "home", "work", "other", "main", "iphone", "phone", "telephone", "internet"),
        *("homepage", "homefax", "workfax", "fax", "pager", "school", "whatsapp", "voice"),
    }
)
_PLAIN_TYPES = frozenset({"HOME", "WORK", "PREF", "INTERNET", "VOICE", "OTHER", "TEXT", "URI", "X-OTHER"})


def preference(head: Head) -> float | None:
    """0 for what is preferred most, below 1 for what is preferred at all; None where nothing is said."""
    given = head.param("PREF")
    if given.isascii() and given.isdecimal() and len(given) <= 3:
        return max(int(given) - 1, 0) / 1000
    return 0.0 if "PREF" in head.types else None


def order(head: Head) -> float:
    """``preference``, with 1 for what nothing is said of."""
    preferred = preference(head)
    return 1.0 if preferred is None else preferred


def label_of(value: str) -> str:
    """A label as it is shown; Apple writes its own as ``_$!<Spouse>!$_``."""
    text = unescape(value)
    own = re.fullmatch(r"_\$!<(.*)>!\$_", text)
    return own[1].casefold() if own else text


def is_own_label(label: str) -> bool:
    """Whether a label says more than that it is somebody's mobile or home."""
    return bool(label) and label.casefold().replace(" ", "") not in _PLAIN_LABELS


def labelled(text: str, label: str) -> str:
    """A value with its label behind it, if that says something."""
    return f"{text} ({label})" if text and is_own_label(label) else text


def said_of(head: Head) -> str:
    """What the types say of a value, such as ``spouse``, without those that say little."""
    return ", ".join(sorted(one.casefold() for one in head.types - _PLAIN_TYPES))


# ── the card ───────────────────────────────────────────────────────────────────────────────────────────

_OTHERS = {"phone": "phone_2", "language": "Also speaks"}


@dataclass(slots=True)
class Reading:
    """A card while it is read: cells as they come, and what waits until its order of preference is known."""

    labels: dict[str, str]
    cells: dict[str, dict[str, None]] = field(default_factory=dict)
    ranked: dict[str, list[tuple[float, str]]] = field(default_factory=dict)

    def label(self, one: Property) -> str:
        """What the family calls a value: a type of their own, or the X-ABLabel of its group."""
        return one.head.label or (self.labels.get(one.head.group, "") if one.head.group else "")

    def add(self, title: str, text: str) -> None:
        """Put a value into a column, behind what is there, unless it is there."""
        if text:
            self.cells.setdefault(title, {})[text] = None

    def rank(self, title: str, preference: float, text: str) -> None:
        """Put a value aside for a column that takes the smallest ``preference`` first."""
        if text:
            self.ranked.setdefault(title, []).append((preference, text))

    def keep_label(self, label: str, text: str) -> None:
        """What a label of one's own says of a phone or an address, such as ``Driver``."""
        if text and is_own_label(label):
            self.add(LABELLED, f"{label}: {text}")

    def settle(self) -> None:
        """The most preferred value into its column, the others into the next one."""
        for title, found in self.ranked.items():
            values = dict.fromkeys(text for _, text in sorted(found, key=lambda each: each[0]))
            for place, text in enumerate(values):
                if not place or title != "city":  # the whole address has the other towns
                    self.add(_OTHERS.get(title, title) if place else title, text)
