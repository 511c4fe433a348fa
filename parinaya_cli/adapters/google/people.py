"""A contact as the People API describes it (``Person``) becomes the cells of a row.

Birthdays and photos are never asked for. Source: Google, People API, REST resources people and contactGroups.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from parinaya_cli.domain import names, people, phones

PERSON_FIELDS = (
    "addresses,biographies,emailAddresses,memberships,metadata,names,nicknames,organizations,phoneNumbers,"
    "relations,userDefined"
)
FIXED = (
    "full_name", "honorific", "given_name", "family_name", "phone", "phone_2", "email", "city", "tags", "notes",
    "external_id", "organization", "job title", "nickname", "relations", "address", "fax and pager",
    "read by Google as",
)  # fmt: skip
"""Columns: our fields, then what goes to a person's extra."""

MOST_OWN = 150
"""Columns for labels that people made up themselves; the seldom ones share one column."""

SHOWN_SYSTEM_GROUPS = frozenset({"starred", "friends", "family", "coworkers"})
"""System groups that people put contacts into by hand. The others hold everybody, or nobody who was meant."""

_OTHER_LABELS = "other labels"
_NO_CALLS = frozenset({"homeFax", "workFax", "otherFax", "pager", "workPager"})
_JOINT = " ; "

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Group:
    """A contact group. ``system``: one of Google's own; its name comes in the language of the account."""

    id: str
    name: str
    members: int
    system: bool

    @property
    def short(self) -> str:
        """The id without what all ids begin with."""
        return self.id.rpartition("/")[2]

    @property
    def shown(self) -> bool:
        """Whether people make or fill it by hand."""
        return not self.system or self.short in SHOWN_SYSTEM_GROUPS

    @property
    def tag(self) -> str:
        """What its members are tagged with, without what separates tags; empty for groups that say nothing."""
        if not self.shown:
            return ""
        name = self.short if self.system else self.name
        return "".join("-" if c in ",;|/\n" else c for c in name.replace(":::", "-"))


@dataclass(frozen=True)
class Contact:
    """What a ``Person`` says. ``own``: labels that people made up, with their values."""

    id: str
    deleted: bool
    former_ids: tuple[str, ...]
    groups: frozenset[str]
    cells: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)


def read_group(told: Json) -> Group | None:
    """A ``ContactGroup``, None where it is not usable."""
    group_id, kind = _text(told.get("resourceName")), _text(told.get("groupType"))
    if not group_id or _mapping(told.get("metadata")).get("deleted") is True:
        return None
    system = kind == "SYSTEM_CONTACT_GROUP"
    name = _text(told.get("formattedName")) if system else ""
    name = names.clean(name or _text(told.get("name")) or group_id)
    count = told.get("memberCount")
    return Group(group_id, name, count if isinstance(count, int) else 0, system)


def read_contact(told: Json, groups: Mapping[str, Group], region: str) -> Contact | None:
    """A ``Person``, None where it has no id. ``region``: ISO code for phones without country code."""
    person_id = _text(told.get("resourceName"))
    if not person_id:
        return None
    metadata = _mapping(told.get("metadata"))
    deleted = metadata.get("deleted") is True
    before = metadata.get("previousResourceNames")
    former = tuple(
        one
        for one in (before if isinstance(before, list) else [])
        if isinstance(one, str) and one != person_id
    )
    members = frozenset(_groups(told))
    if deleted:
        return Contact(person_id, True, former, members)
    cells = {
        "external_id": person_id,
        **_names(told),
        **_phones(told, region),
        "email": _JOINT.join(_values(told, "emailAddresses", "value")),
        "tags": ";".join(sorted({groups[one].tag for one in members if one in groups} - {""})),
        "notes": "\n".join(_values(told, "biographies", "value")),
        **_places(told),
        "organization": _JOINT.join(_values(told, "organizations", "name")),
        "job title": _JOINT.join(_values(told, "organizations", "title")),
        "nickname": _JOINT.join(_values(told, "nicknames", "value")),
        "relations": _JOINT.join(_relations(told)),
    }
    kept = {name: text for name, text in cells.items() if text}
    return Contact(person_id, False, former, members, kept, _own(told))


# ── the parts of a person ──────────────────────────────────────────────────────────────────────────────


def _names(told: Json) -> dict[str, str]:
    """The name as written. Google takes names apart by its own lights: “Sharma ji” would be a family called ji, and
    a couple's entry falls to pieces, so its parts are taken only where the entry is one person's plain name.
    """
    name = _first(told, "names")
    full = _text(name.get("displayName")) or _text(name.get("unstructuredName"))
    if not full:  # Google shows such contacts by one of these as well
        found = [*_values(told, "nicknames", "value"), *_values(told, "organizations", "name")]
        return {"full_name": found[0]} if found else {}
    honorific = _text(name.get("honorificPrefix"))
    parts = names.split(full)
    if people.may_name_several(full) or (parts.honorific and not honorific):
        return {"full_name": full}
    return {
        "full_name": full,
        "honorific": honorific,
        "given_name": _text(name.get("givenName")),
        "family_name": _text(name.get("familyName")),
    }


def _phones(told: Json, region: str) -> dict[str, str]:
    """The phones as written: the primary one first, then mobiles, then the others."""
    listed = [one for one in _items(told, "phoneNumbers") if _text(one.get("value"))]
    callable_ = [one for one in listed if _text(one.get("type")) not in _NO_CALLS]
    callable_.sort(key=_place)
    raw = [_text(one.get("value")) for one in callable_]
    doubts = [doubt for one in callable_ if (doubt := _doubt(one, region))]
    return {
        "phone": raw[0] if raw else "",
        "phone_2": _JOINT.join(raw[1:]),
        "fax and pager": _JOINT.join(_text(one.get("value")) for one in listed if one not in callable_),
        "read by Google as": _JOINT.join(doubts),
    }


def _place(phone: Json) -> int:
    if _mapping(phone.get("metadata")).get("primary") is True:
        return 0
    return 1 if _text(phone.get("type")) in ("mobile", "workMobile") else 2


def _doubt(phone: Json, region: str) -> str:
    """What Google takes a number for, where we read another one out of what was written, or none."""
    canonical = _text(phone.get("canonicalForm"))
    read = [one.e164 for one in phones.read_cell(_text(phone.get("value")), region)]
    return canonical if canonical and canonical not in read else ""


def _places(told: Json) -> dict[str, str]:
    addresses = _items(told, "addresses")
    home = sorted(addresses, key=lambda one: _text(one.get("type")) != "home")
    cities = [_text(one.get("city")) for one in home if _text(one.get("city"))]
    whole = [" ".join(_text(one.get("formattedValue")).split()) for one in home]
    return {"city": cities[0] if cities else "", "address": _JOINT.join(text for text in whole if text)}


def _relations(told: Json) -> Iterator[str]:
    for one in _items(told, "relations"):
        who, what = _text(one.get("person")), _text(one.get("formattedType")) or _text(one.get("type"))
        if who:
            yield f"{what}: {who}" if what else who


def _own(told: Json) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in _items(told, "userDefined"):
        label, value = " ".join(_text(one.get("key")).split()), _text(one.get("value"))
        if label and value:
            found[label] = f"{found[label]}{_JOINT}{value}" if label in found else value
    return found


def _groups(told: Json) -> Iterator[str]:
    for one in _items(told, "memberships"):
        membership = _mapping(one.get("contactGroupMembership"))
        named, short = (
            _text(membership.get("contactGroupResourceName")),
            _text(membership.get("contactGroupId")),
        )
        if named or short:
            yield named or f"contactGroups/{short}"


# ── all of them as a table ─────────────────────────────────────────────────────────────────────────────


def table(contacts: Iterable[Contact]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The header and the rows: a column for each field, and one for each label that people made up."""
    contacts = list(contacts)
    often = Counter(label for one in contacts for label in one.own)
    labels = sorted(label for label, _ in often.most_common(MOST_OWN))
    more = [_OTHER_LABELS] if len(often) > len(labels) else []
    rows = []
    for one in contacts:
        cells = [one.cells.get(column, "") for column in FIXED] + [one.own.get(label, "") for label in labels]
        if more:
            rest = {label: value for label, value in one.own.items() if label not in labels}
            cells.append(json.dumps(rest, ensure_ascii=False) if rest else "")
        rows.append(tuple(cells))
    return (*FIXED, *labels, *more), tuple(rows)


# ── JSON of others ─────────────────────────────────────────────────────────────────────────────────────


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _mapping(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def _items(told: Json, name: str) -> list[Json]:
    listed = told.get(name)
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []


def _first(told: Json, name: str) -> Json:
    """The primary one, else the first."""
    found = _items(told, name)
    primary = [one for one in found if _mapping(one.get("metadata")).get("primary") is True]
    return (primary or found or [{}])[0]


def _values(told: Json, name: str, key: str) -> list[str]:
    """The texts under a key, each once, in their order."""
    return list(dict.fromkeys(text for one in _items(told, name) if (text := _text(one.get(key)))))
