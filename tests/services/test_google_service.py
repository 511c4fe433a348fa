"""Google Contacts in: what comes again, who is gone, what the next reading goes on from."""

from __future__ import annotations

from typing import Any

import pytest

from parinaya_cli.domain.access import Role
from parinaya_cli.domain.errors import NotFound, NotPermitted, UsedWrongly
from parinaya_cli.services import google, people
from parinaya_cli.services.google import GoogleReport
from parinaya_cli.services.imports import ImportRequest
from parinaya_cli.services.people import PeopleRequest
from tests.fakes.address_book import FakeBook
from tests.services.wedding_kit import Scene

RAMESH = ("Ramesh Sharma", "98200 12345", ("Wedding",))
SUNITA = ("Sunita Sharma", "98200 12346", ("Wedding", "Aunts"))
GUPTAS = ("Anil & Rekha Gupta", "98200 12347", ())


def book(**more: Any) -> FakeBook:
    return FakeBook(contacts={"people/c1": RAMESH, "people/c2": SUNITA, "people/c3": GUPTAS}, **more)


def sync(scene: Scene, contacts: FakeBook, group: str | None = None, **more: Any) -> GoogleReport:
    request = ImportRequest(more.pop("source", "google"), **more)
    return google.import_google(lambda: scene.begin(), contacts, request, group)


def counts(report: GoogleReport) -> tuple[bool, int, int, int, int]:
    """Whether only changes were asked for; rows, created, updated, unchanged."""
    told = report.report
    return report.changes_only, told.rows, told.created, told.updated, told.unchanged


def names(scene: Scene) -> list[str]:
    with scene.begin() as tx:
        return sorted(one.full_name for one in people.list_people(tx, PeopleRequest())[0])


def gone(scene: Scene) -> set[str]:
    """The keys of the rows that are marked."""
    with scene.begin() as tx:
        rows = tx.rows(
            "SELECT row_key FROM person_sources WHERE wedding_id = :wedding AND gone_at IS NOT NULL"
        )
        return {row["row_key"] for row in rows}


def test_the_second_run_asks_for_what_has_changed(scene: Scene) -> None:
    contacts = book()
    assert counts(sync(scene, contacts)) == (False, 3, 3, 0, 0)
    assert counts(sync(scene, contacts)) == (True, 0, 0, 0, 0)
    contacts.contacts["people/c1"] = ("Ramesh Sharma", "98200 55555", ("Wedding",))
    contacts.contacts["people/c4"] = ("Vikram Seth", "98111 22333", ())
    assert counts(sync(scene, contacts)) == (True, 2, 1, 1, 0)
    assert counts(sync(scene, contacts)) == (True, 0, 0, 0, 0)
    assert names(scene) == ["Anil Gupta", "Ramesh Sharma", "Rekha Gupta", "Sunita Sharma", "Vikram Seth"]


def test_a_contact_may_change_its_name_and_its_phone_at_once(scene: Scene) -> None:
    contacts = book()
    sync(scene, contacts)
    contacts.contacts["people/c1"] = ("Papa", "98999 88888", ())
    assert counts(sync(scene, contacts)) == (True, 1, 0, 1, 0)


def test_an_expired_token_starts_over_and_finds_who_is_missing(scene: Scene) -> None:
    contacts = book()
    sync(scene, contacts)
    contacts.expired = True
    del contacts.contacts["people/c2"]
    report = sync(scene, contacts)
    assert counts(report) == (False, 2, 0, 0, 2)
    assert [one.full_name for one in report.gone] == ["Sunita Sharma"]
    assert sync(scene, contacts).gone == ()  # told once


def test_a_deleted_contact_is_a_proposal_and_comes_back(scene: Scene) -> None:
    contacts = book()
    sync(scene, contacts)
    before = names(scene)
    del contacts.contacts["people/c3"]
    report = sync(scene, contacts)
    assert report.changes_only
    assert sorted(one.full_name for one in report.gone) == ["Anil Gupta", "Rekha Gupta"]
    assert names(scene) == before
    assert gone(scene) == {"people/c3", "people/c3/1"}
    with scene.begin() as tx:
        entry = tx.row("SELECT ref FROM audit_logs WHERE chain_id = :wedding AND action = 'people.gone'")
        assert entry is not None
        assert entry["ref"] == report.report.ref
    contacts.contacts["people/c3"] = GUPTAS
    assert sync(scene, contacts).report.created == 0
    assert gone(scene) == set()


def test_a_contact_that_leaves_all_groups_that_are_read_is_gone(scene: Scene) -> None:
    contacts = book()
    assert counts(sync(scene, contacts, "Wedding")) == (False, 2, 2, 0, 0)
    assert counts(sync(scene, contacts, "Aunts")) == (False, 1, 0, 0, 1)
    contacts.contacts["people/c1"] = (*RAMESH[:2], ())
    contacts.contacts["people/c2"] = (*SUNITA[:2], ("Aunts",))
    report = sync(scene, contacts, "Wedding")
    assert report.group == "Wedding"
    assert [one.full_name for one in report.gone] == ["Ramesh Sharma"]  # Sunita is still among the aunts
    assert names(scene) == ["Ramesh Sharma", "Sunita Sharma"]
    contacts.contacts["people/c1"] = (*RAMESH[:2], ("Aunts",))
    assert sync(scene, contacts, "Wedding").gone == ()
    assert gone(scene) == set()  # a group that is read holds him again


def test_who_leaves_a_group_is_not_gone_where_all_contacts_are_read(scene: Scene) -> None:
    contacts = book()
    sync(scene, contacts)
    sync(scene, contacts, "Wedding")
    contacts.contacts["people/c1"] = (*RAMESH[:2], ())
    assert sync(scene, contacts, "Wedding").gone == ()
    del contacts.contacts["people/c1"]
    assert [one.full_name for one in sync(scene, contacts, "Wedding").gone] == ["Ramesh Sharma"]


def test_a_rehearsal_keeps_nothing(scene: Scene) -> None:
    contacts = book()
    assert counts(sync(scene, contacts, dry_run=True)) == (False, 3, 3, 0, 0)
    assert names(scene) == []
    sync(scene, contacts)
    del contacts.contacts["people/c1"]
    for _ in range(2):
        assert [one.full_name for one in sync(scene, contacts, dry_run=True).gone] == ["Ramesh Sharma"]
    assert gone(scene) == set()


def test_other_options_read_everything_again(scene: Scene) -> None:
    contacts = book()
    sync(scene, contacts)
    assert counts(sync(scene, contacts, tags=("vip",))) == (False, 3, 0, 3, 0)
    assert counts(sync(scene, contacts, tags=("vip",))) == (True, 0, 0, 0, 0)
    assert counts(sync(scene, contacts, tags=("vip",), region="GB"))[0] is False


def test_a_column_that_no_changed_contact_has_may_be_mapped(scene: Scene) -> None:
    contacts = book()
    wanted = {"tags": "notes"}
    sync(scene, contacts, columns=wanted)
    assert counts(sync(scene, contacts, columns=wanted)) == (True, 0, 0, 0, 0)
    with pytest.raises(UsedWrongly, match="no column"):
        sync(scene, contacts, columns={"No such column": "notes"})


def test_what_was_taken_back_comes_again(scene: Scene) -> None:
    contacts = book()
    sync(scene, contacts)
    with scene.begin() as tx:
        tx.run("UPDATE imports SET undone_at = clock_timestamp() WHERE wedding_id = :wedding")
    assert counts(sync(scene, contacts))[:2] == (False, 3)
    assert sync(scene, contacts).changes_only


def test_another_account_is_another_list(scene: Scene) -> None:
    mummy = book()
    sync(scene, mummy)
    papa = FakeBook("papa", {"people/c9": ("Vikram Seth", "98111 22333", ())})
    with pytest.raises(UsedWrongly, match="another Google account") as refused:
        sync(scene, papa)
    assert refused.value.code == "other_account"
    assert gone(scene) == set()
    assert counts(sync(scene, papa, source="papa")) == (False, 1, 1, 0, 0)
    assert sync(scene, mummy).gone == ()


def test_a_contact_that_got_another_id_is_the_same_person(scene: Scene) -> None:
    contacts = book()
    sync(scene, contacts)
    contacts.contacts["people/c33"] = contacts.contacts.pop("people/c3")
    contacts.renamed = {"people/c3": "people/c33"}
    report = sync(scene, contacts)
    assert (report.report.created, report.gone) == (0, ())
    with scene.begin() as tx:
        rows = tx.rows("SELECT row_key FROM person_sources WHERE wedding_id = :wedding ORDER BY row_key")
    assert [row["row_key"] for row in rows] == ["people/c1", "people/c2", "people/c33", "people/c33/1"]


def test_an_account_with_nobody_is_refused_the_first_time(scene: Scene) -> None:
    empty = FakeBook()
    with pytest.raises(UsedWrongly, match="holds nobody"):
        sync(scene, empty)
    with pytest.raises(NotFound):
        sync(scene, empty, "Nobody's")


def test_only_who_may_change_people_may_import(scene: Scene) -> None:
    contacts = book()
    with pytest.raises(NotPermitted):
        google.import_google(lambda: scene.begin(role=Role.FAMILY), contacts, ImportRequest("google"))
    assert contacts.asked == []
