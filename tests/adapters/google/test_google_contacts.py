"""Reading Google Contacts through Google's own library, against a server on loopback."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from parinaya_cli.adapters.google.contacts import GoogleContacts
from parinaya_cli.adapters.google.credentials import Places
from parinaya_cli.domain.errors import Failed, NotFound, ParinayaError, Unreachable, UsedWrongly
from parinaya_cli.ports import ContactsAsked, ContactsRead
from tests.fakes.graph_server import Reply, reply_json
from tests.fakes.people_api import PeopleApi, disabled, person, refused


@pytest.fixture
def google() -> Iterator[PeopleApi]:
    with PeopleApi() as api:
        api.put(person(1, "Ramesh Sharma", "98200 12345"))
        yield api


def book(api: PeopleApi, folder: Path, retries: int = 0) -> GoogleContacts:
    return GoogleContacts(Places(None, api.token_file(folder)), api.url, retries)


def read(api: PeopleApi, folder: Path, **more: int) -> ContactsRead:
    return book(api, folder, **more).read(ContactsAsked())


def test_pages_photos_and_birthdays(google: PeopleApi, tmp_path: Path) -> None:
    google.page = 2
    google.put(*(person(number, f"Guest {number}") for number in range(2, 8)))
    assert len(read(google, tmp_path).rows) == 7
    assert [one.get("pageToken") is None for one in google.asked] == [True, False, False, False]
    assert {one["pageSize"][0] for one in google.asked} == {"1000"}
    assert {one["sources"][0] for one in google.asked} == {"READ_SOURCE_TYPE_CONTACT"}
    assert not {"photos", "birthdays"} & set(google.asked[0]["personFields"][0].split(","))


def test_a_token_that_expires_between_two_pages_starts_over(google: PeopleApi, tmp_path: Path) -> None:
    first = read(google, tmp_path)
    assert first.point is not None
    google.page = 1
    google.put(person(2, "Sunita"), person(3, "Anil"))
    google.faults = [("nothing", Reply())]
    known = {"": first.point}
    asked = len(google.asked)
    assert book(google, tmp_path).read(ContactsAsked(known=known)).changes_only
    assert len(google.asked) - asked == 2
    google.expire()
    again = book(google, tmp_path).read(ContactsAsked(known=known))
    assert (again.changes_only, len(again.rows)) == (False, 3)
    assert again.notes


def test_the_renewed_access_token_is_kept(google: PeopleApi, tmp_path: Path) -> None:
    contacts = book(google, tmp_path)
    for _ in range(2):
        contacts.list_groups()
    assert [one.path for one in google.server.requests].count("/token") == 1
    path = tmp_path / "google-token.json"
    assert json.loads(path.read_text())["token"] == "ya29.access-0"
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_access_token_that_google_dropped_is_renewed(google: PeopleApi, tmp_path: Path) -> None:
    contacts = book(google, tmp_path)
    contacts.list_groups()
    google.access_tokens = {"another"}
    assert len(contacts.read(ContactsAsked()).rows) == 1


REFUSALS = [
    (refused(401, "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED"), Failed, "sign_in_again", "google sign-in"),
    (disabled(), Failed, "api_not_enabled", "https://console.developers.google.com/apis/api/people"),
    (
        refused(403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
        Failed,
        "scope_missing",
        "tick the box",
    ),
    (refused(429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"), Failed, "rate_limited", "Wait a few minutes"),
    (refused(503, "UNAVAILABLE", ""), Unreachable, "unreachable", "Try again"),
    (refused(400, "INVALID_ARGUMENT", "BAD"), Failed, "failed", "google sign-in"),
    (Reply(302, b"", {"Location": "http://192.0.2.1/"}), Failed, "failed", "google sign-in"),
    (Reply(200, b"<html>Please log in to the hotel</html>"), Failed, "failed", "proxy"),
    (Reply(200, b"[1, 2]"), Failed, "failed", "proxy"),
    (Reply(then="cut"), Unreachable, "unreachable", "connection"),
    (Reply(then="half"), Unreachable, "unreachable", "connection"),
]


@pytest.mark.parametrize(("reply", "kind", "code", "hint"), REFUSALS, ids=lambda one: str(one)[:30])
def test_refusals(
    google: PeopleApi,
    tmp_path: Path,
    reply: Reply,
    kind: type[ParinayaError],
    code: str,
    hint: str,
) -> None:
    google.faults = [("/connections", reply)] * 4
    with pytest.raises(kind) as refusal:
        read(google, tmp_path)
    assert (refusal.value.code, type(refusal.value)) == (code, kind)
    assert hint in refusal.value.hint


def test_refusals_that_pass_are_tried_again(google: PeopleApi, tmp_path: Path) -> None:
    google.faults = [("/connections", refused(429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"))]
    assert len(read(google, tmp_path, retries=1).rows) == 1


def test_a_permission_that_was_taken_back(google: PeopleApi, tmp_path: Path) -> None:
    google.revoke()
    with pytest.raises(Failed) as refusal:
        read(google, tmp_path)
    assert refusal.value.code == "sign_in_again"


def test_nobody_listens(google: PeopleApi, tmp_path: Path) -> None:
    places = Places(None, google.token_file(tmp_path))
    google.server.__exit__(None, None, None)
    with pytest.raises(Unreachable):
        GoogleContacts(places, google.url, 0).read(ContactsAsked())


def test_an_account_that_is_not_told_is_no_obstacle(google: PeopleApi, tmp_path: Path) -> None:
    google.faults = [("/people/me", refused(403, "PERMISSION_DENIED", ""))]
    found = read(google, tmp_path)
    assert (found.account, len(found.rows)) == ("", 1)


def test_a_list_without_an_end(google: PeopleApi, tmp_path: Path) -> None:
    google.faults = [("/connections", reply_json({"nextPageToken": "again"}))] * 200
    with pytest.raises(Failed, match="does not end"):
        read(google, tmp_path)


def test_groups(google: PeopleApi, tmp_path: Path) -> None:
    wedding = google.add_group("w1", "Shaadi ❤")
    google.put(person(2, "Sunita", groups=(wedding, "contactGroups/starred")))
    contacts = book(google, tmp_path)
    assert [(one.name, one.members) for one in contacts.list_groups()] == [
        ("Family", 0), ("Shaadi ❤", 1), ("Starred", 1),
    ]  # fmt: skip
    for name in ("shaadi ❤", "w1", "STARRED"):
        assert contacts.read(ContactsAsked(name)).present == {"people/c2"}
    with pytest.raises(NotFound) as missing:
        contacts.read(ContactsAsked("Office"))
    assert "Shaadi ❤" in missing.value.hint


def test_no_token_stands_in_any_log_or_error(
    google: PeopleApi, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    first = read(google, tmp_path)
    assert first.point is not None
    google.faults = [("/connections", refused(500, "INTERNAL", "", "with sync-token-0"))] * 3
    with pytest.raises(Unreachable) as refusal:
        book(google, tmp_path, retries=1).read(ContactsAsked(known={"": first.point}))
    said = caplog.text + str(refusal.value) + refusal.value.hint + str(refusal.value.__cause__)
    for secret in ("sync-token", "ya29", "1//refresh", "GOCSPX", "98200"):
        assert secret not in said


def test_a_file_of_tokens_that_others_can_read_is_refused(google: PeopleApi, tmp_path: Path) -> None:
    contacts = book(google, tmp_path)
    (tmp_path / "google-token.json").chmod(0o644)
    with pytest.raises(UsedWrongly) as refusal:
        contacts.list_groups()
    assert refusal.value.code == "file_not_private"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"refresh_token": 5, "token_uri": ""}'])
def test_a_damaged_file_of_tokens(google: PeopleApi, tmp_path: Path, content: str) -> None:
    contacts = book(google, tmp_path)
    (tmp_path / "google-token.json").write_text(content)
    with pytest.raises(UsedWrongly):
        contacts.list_groups()


def test_nobody_signed_in(tmp_path: Path) -> None:
    with pytest.raises(UsedWrongly) as refusal:
        GoogleContacts(Places(tmp_path / "client.json", tmp_path / "none.json")).list_groups()
    assert refusal.value.code == "not_signed_in"
    with pytest.raises(UsedWrongly) as refusal:
        GoogleContacts(Places(None, tmp_path / "none.json")).list_groups()
    assert refusal.value.code == "no_google_client"
