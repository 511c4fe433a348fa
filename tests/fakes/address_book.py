"""An address book that answers what a test says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from parinaya_cli.domain.errors import NotFound
from parinaya_cli.ports import ContactGroup, ContactsAsked, ContactsRead, SyncPoint

HEADER = ("full_name", "phone", "external_id", "tags")


@dataclass
class FakeBook:
    """``AddressBook``: ``contacts`` by id, each with a name, a phone and the names of its groups.

    It keeps every version of itself, so that it can tell what has changed since a token was given.
    """

    account: str = "mummy"
    contacts: dict[str, tuple[str, str, tuple[str, ...]]] = field(default_factory=dict)
    groups: tuple[str, ...] = ("Aunts", "Wedding")
    renamed: dict[str, str] = field(default_factory=dict)
    expired: bool = False
    asked: list[ContactsAsked] = field(default_factory=list)
    _versions: list[Mapping[str, object]] = field(default_factory=list)

    def read(self, asked: ContactsAsked) -> ContactsRead:
        self.asked.append(asked)
        if asked.group is not None and asked.group not in self.groups:
            raise NotFound(f"There is no group “{asked.group}”.", "Leave out --group.")
        scope = asked.group or ""
        parameters = {**asked.options, "region": asked.region, "account": self.account}
        point = asked.known.get(scope)
        since = point is not None and point.parameters == parameters and not self.expired
        before = self._versions[int(point.token)] if point is not None and since else {}
        changed = [one for one in self.contacts if before.get(one) != self.contacts[one]]
        within = [one for one in changed if not scope or scope in self.contacts[one][2]]
        width = 4 if any(self.contacts[one][2] for one in within) else 3  # no column that nobody fills
        self._versions.append(dict(self.contacts))
        return ContactsRead(
            scope=scope,
            group=scope,
            account=self.account,
            changes_only=since,
            header=HEADER[:width],
            rows=tuple(_cells(one, *self.contacts[one])[:width] for one in within),
            present=frozenset(within),
            outside={one: frozenset(self.contacts[one][2]) for one in changed if one not in within},
            deleted=frozenset(set(before) - set(self.contacts)),
            renamed=self.renamed,
            point=SyncPoint(str(len(self._versions) - 1), parameters),
        )

    def list_groups(self) -> list[ContactGroup]:
        return [ContactGroup(name, name, self._count(name)) for name in sorted(self.groups)]

    def _count(self, group: str) -> int:
        return sum(group in one[2] for one in self.contacts.values())


def _cells(contact: str, name: str, phone: str, groups: Sequence[str]) -> tuple[str, ...]:
    return name, phone, contact, ";".join(groups)
