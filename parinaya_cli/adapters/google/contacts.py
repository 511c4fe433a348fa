"""Reading Google Contacts: all of them, or what has changed since the last time.

Sync tokens expire seven days after the reading that was not based on one; all parameters must be equal to those of
the first call; deleted contacts come back marked so. Source: Google, People API, people.connections.list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parinaya_cli.adapters.google import credentials, errors, people
from parinaya_cli.adapters.google.credentials import Places
from parinaya_cli.adapters.google.people import Contact, Group
from parinaya_cli.domain import names
from parinaya_cli.domain.errors import Failed, NotFound
from parinaya_cli.ports import ContactGroup, ContactsAsked, ContactsRead, SyncPoint

if TYPE_CHECKING:
    from google.oauth2.credentials import Credentials
    from google_auth_httplib2 import AuthorizedHttp

PAGE = 1000
"""Contacts in one answer: the most that Google gives."""

MOST_PAGES = 200
"""Google keeps 25,000 contacts in an account; an answer that never ends is not one of Google's."""

RETRIES = 3
"""Tries after a 429 or 5xx, with pauses that double: a quarter of a minute at most."""

SECONDS = 30
SOURCE = "READ_SOURCE_TYPE_CONTACT"
_MAPPING = "1"  # raised when the cells of a contact change: then everything is read anew


class GoogleContacts:
    """``AddressBook`` over the People API. Not for several threads: its HTTP client is not made for that."""

    def __init__(self, places: Places, endpoint: str | None = None, retries: int = RETRIES) -> None:
        """``endpoint``: where the People API is, when it is not Google's. Nothing is opened yet."""
        self._places = places
        self._endpoint = endpoint
        self._retries = retries

    def read(self, asked: ContactsAsked) -> ContactsRead:
        """Every contact, or what has changed; it is all read when this returns.

        Raises:
            NotFound: there is no such group.
            UsedWrongly: nobody is signed in.
            Failed: Google refused.
            Unreachable: Google can't be reached.
        """
        with self._session() as api:
            groups = api.groups()
            group = _find(groups, asked.group) if asked.group is not None else None
            account = api.account()
            scope = group.id if group else ""
            parameters = {
                **asked.options,
                "account": account,
                "fields": people.PERSON_FIELDS,
                "mapping": _MAPPING,
                "region": asked.region,
                "sources": SOURCE,
            }
            point = asked.known.get(scope)
            token = point.token if point and dict(point.parameters) == parameters else ""
            notes: tuple[str, ...] = ()
            try:
                persons, fresh = api.connections(token)
            except errors.PointExpired:
                token, notes = "", ("Google can't tell any more what has changed: all contacts were read.",)
                persons, fresh = api.connections("")
        found = [people.read_contact(one, groups, asked.region) for one in persons]
        read = _Read([one for one in found if one is not None], scope)
        header, rows = people.table(read.within)
        return ContactsRead(
            scope=scope,
            group=group.name if group else "",
            account=account,
            changes_only=bool(token),
            header=header,
            rows=rows,
            present=frozenset(one.id for one in read.within),
            outside={one.id: one.groups for one in read.outside},
            deleted=read.deleted,
            renamed={old: one.id for one in (*read.within, *read.outside) for old in one.former_ids},
            point=SyncPoint(fresh, parameters) if fresh else None,
            notes=notes,
        )

    def list_groups(self) -> list[ContactGroup]:
        """The groups that people make and see, by name. Raises as ``read`` does."""
        with self._session() as api:
            found = [one for one in api.groups().values() if one.shown]
        found.sort(key=lambda one: (names.fold(one.name), one.id))
        return [ContactGroup(one.id, one.name, one.members) for one in found]

    @contextmanager
    def _session(self) -> Iterator[_Session]:
        """The client library, opened with the sign-in. On leaving, a renewed access token is kept."""
        held = credentials.load(self._places)
        token = held.token
        with errors.translated():
            http = _authorized(held)
            try:
                yield _Session(_api(http, self._endpoint), self._retries)
            finally:
                http.close()
                if held.token != token:
                    credentials.save(self._places, held)


@dataclass(frozen=True)
class _Read:
    """What was read, by whether it is within the scope."""

    contacts: list[Contact]
    scope: str

    @property
    def within(self) -> list[Contact]:
        return [one for one in self.contacts if not one.deleted and self._holds(one)]

    @property
    def outside(self) -> list[Contact]:
        return [one for one in self.contacts if not one.deleted and not self._holds(one)]

    @property
    def deleted(self) -> frozenset[str]:
        gone = {known for one in self.contacts if one.deleted for known in (one.id, *one.former_ids)}
        return frozenset(gone - {one.id for one in self.contacts if not one.deleted})

    def _holds(self, contact: Contact) -> bool:
        return not self.scope or self.scope in contact.groups


def _authorized(held: Credentials) -> AuthorizedHttp:
    import google_auth_httplib2
    import httplib2

    http = httplib2.Http(timeout=SECONDS)
    http.follow_redirects = False  # the token is for Google alone
    return google_auth_httplib2.AuthorizedHttp(held, http=http)


def _api(http: AuthorizedHttp, endpoint: str | None) -> Any:
    from googleapiclient.discovery import build

    options = {"api_endpoint": f"{endpoint.rstrip('/')}/"} if endpoint else None
    # The description of the API comes with the library: nothing is asked for it, nothing is cached.
    return build(
        "people", "v1", http=http, static_discovery=True, cache_discovery=False, client_options=options
    )


@dataclass(frozen=True)
class _Session:
    """The client library, opened. What it answers is Google's JSON."""

    api: Any
    retries: int

    def account(self) -> str:
        """The account's own id, empty where Google does not tell it to those who may read contacts only."""
        from googleapiclient.errors import HttpError

        asked = self.api.people().get(resourceName="people/me", personFields="metadata")
        try:
            told = asked.execute(num_retries=self.retries)
        except HttpError as error:
            if error.resp.status in (403, 404):
                return ""
            raise
        found = told.get("resourceName") if isinstance(told, Mapping) else None
        return found if isinstance(found, str) else ""

    def groups(self) -> dict[str, Group]:
        """Every contact group, by id."""
        api = self.api.contactGroups()
        asked = api.list(pageSize=PAGE)
        listed = [one for page in self._pages(api, asked) for one in _listed(page.get("contactGroups"))]
        found = [people.read_group(one) for one in listed]
        return {one.id: one for one in found if one is not None}

    def connections(self, token: str) -> tuple[list[Mapping[str, Any]], str]:
        """The contacts as Google describes them, and the token for the next time.

        Raises:
            PointExpired: ``token`` is not taken.
        """
        from googleapiclient.errors import HttpError

        api = self.api.people().connections()
        more = {"syncToken": token} if token else {}
        asked = api.list(
            resourceName="people/me",
            personFields=people.PERSON_FIELDS,
            pageSize=PAGE,
            requestSyncToken=True,
            sources=[SOURCE],
            **more,
        )
        found: list[Mapping[str, Any]] = []
        fresh = ""
        try:
            for page in self._pages(api, asked):
                found += _listed(page.get("connections"))
                fresh = str(page.get("nextSyncToken") or "")
        except HttpError as error:
            if token and errors.has_expired(error):
                raise errors.PointExpired from None
            raise
        return found, fresh

    def _pages(self, api: Any, asked: Any) -> Iterator[Mapping[str, Any]]:
        for _ in range(MOST_PAGES):
            page = asked.execute(num_retries=self.retries)
            if not isinstance(page, Mapping):
                raise ValueError("no object")
            yield page
            asked = api.list_next(asked, page)
            if asked is None:
                return
        raise Failed(
            f"Google's list does not end after {MOST_PAGES} pages.",
            "See GOOGLE_PEOPLE_ENDPOINT: is it Google?",
        )


def _listed(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _find(groups: Mapping[str, Group], name: str) -> Group:
    """The group that is meant: by name as Google shows it, else by id."""
    wanted = names.clean(name).casefold()
    found = [one for one in groups.values() if one.name.casefold() == wanted]
    found = found or [one for one in groups.values() if one.short.casefold() == wanted]
    if found:
        return next((one for one in found if one.shown), found[0])
    known = ", ".join(sorted(one.name for one in groups.values() if one.shown)[:20])
    raise NotFound(
        f"Google Contacts has no group “{name}”.",
        f"It has: {known}." if known else "There are no groups there: leave out --group.",
    )
