"""What every ``AddressBook`` does: the fake, and Google Contacts against a server on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from parinaya_cli.adapters.google.contacts import GoogleContacts
from parinaya_cli.adapters.google.credentials import Places
from parinaya_cli.domain.errors import NotFound
from parinaya_cli.ports import AddressBook, ContactsAsked, ContactsRead, SyncPoint
from tests.fakes.address_book import FakeBook
from tests.fakes.people_api import PeopleApi, person


@dataclass
class Kept:
    """An address book, and what its owner does with it."""

    book: AddressBook
    put: Callable[[int, str, bool], None]
    delete: Callable[[int], None]
    expire: Callable[[], None]


def fake() -> Kept:
    book = FakeBook(groups=("Wedding",))

    def put(number: int, name: str, wedding: bool) -> None:
        book.contacts[f"people/c{number}"] = (name, "98200 12345", ("Wedding",) if wedding else ())

    def delete(number: int) -> None:
        del book.contacts[f"people/c{number}"]

    def expire() -> None:
        book.expired = True

    return Kept(book, put, delete, expire)


@contextmanager
def kept(kind: str, folder: Path) -> Iterator[Kept]:
    if kind == "fake":
        yield fake()
        return
    with PeopleApi(page=2) as api:
        group = api.add_group("w1", "Wedding")

        def put(number: int, name: str, wedding: bool) -> None:
            api.put(person(number, name, "98200 12345", groups=(group,) if wedding else ()))

        book = GoogleContacts(Places(api.client_file(folder), api.token_file(folder)), api.url)
        yield Kept(book, put, api.delete, api.expire)


KINDS = pytest.mark.parametrize("kind", ["fake", "google"])


def told(read: ContactsRead) -> set[tuple[str, str]]:
    """Id and name of every row."""
    places = [read.header.index(name) for name in ("external_id", "full_name")]
    found = {(row[places[0]], row[places[1]]) for row in read.rows}
    assert {one for one, _ in found} == read.present
    return found


def point(read: ContactsRead) -> dict[str, SyncPoint]:
    assert read.point is not None
    return {read.scope: read.point}


@KINDS
def test_all_contacts_then_what_has_changed(kind: str, tmp_path: Path) -> None:
    with kept(kind, tmp_path) as one:
        for number, name in enumerate(("Ramesh", "Sunita", "Anil"), start=1):
            one.put(number, name, False)
        first = one.book.read(ContactsAsked())
        assert (first.scope, first.changes_only) == ("", False)
        assert told(first) == {("people/c1", "Ramesh"), ("people/c2", "Sunita"), ("people/c3", "Anil")}
        one.put(2, "Suneeta", False)
        one.delete(3)
        second = one.book.read(ContactsAsked(known=point(first)))
        assert second.changes_only
        assert told(second) == {("people/c2", "Suneeta")}
        assert second.deleted == {"people/c3"}
        third = one.book.read(ContactsAsked(known=point(second)))
        assert (third.changes_only, third.rows, third.deleted) == (True, (), frozenset())


@KINDS
def test_a_group_and_who_is_outside_of_it(kind: str, tmp_path: Path) -> None:
    with kept(kind, tmp_path) as one:
        one.put(1, "Ramesh", True)
        one.put(2, "Sunita", False)
        [wedding] = [group for group in one.book.list_groups() if group.name == "Wedding"]
        assert wedding.members == 1
        read = one.book.read(ContactsAsked("Wedding"))
        assert (read.scope, read.group) == (wedding.id, "Wedding")
        assert told(read) == {("people/c1", "Ramesh")}
        assert wedding.id not in read.outside["people/c2"]
        one.put(1, "Ramesh", False)
        left = one.book.read(ContactsAsked("Wedding", known=point(read)))
        assert (left.rows, set(left.outside)) == ((), {"people/c1"})
        with pytest.raises(NotFound):
            one.book.read(ContactsAsked("Nobody's"))


@KINDS
def test_everything_comes_again_with_other_options_or_an_expired_token(kind: str, tmp_path: Path) -> None:
    with kept(kind, tmp_path) as one:
        one.put(1, "Ramesh", False)
        first = one.book.read(ContactsAsked(options={"tags": "vip"}))
        for other in (
            ContactsAsked(known=point(first)),
            ContactsAsked(None, "GB", {"tags": "vip"}, point(first)),
        ):
            again = one.book.read(other)
            assert (again.changes_only, set(again.present)) == (False, {"people/c1"})
        same = ContactsAsked(options={"tags": "vip"}, known=point(first))
        assert one.book.read(same).changes_only
        one.expire()
        again = one.book.read(same)
        assert (again.changes_only, set(again.present)) == (False, {"people/c1"})
