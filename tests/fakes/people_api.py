"""A stand-in for Google: the People API's connections and contact groups, and the addresses for signing in.

Written from Google's pages (People API reference: people.connections.list, contactGroups.list, people.get; "OAuth
2.0 for Mobile & Desktop Apps"), not from our adapter: what Google demands is checked here, so that a misreading
there shows.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.fakes.graph_server import GraphServer, Reply, Request, reply_json

SCOPE = "https://www.googleapis.com/auth/contacts.readonly"
CLIENT_ID, CLIENT_SECRET = "1234-parinaya.apps.googleusercontent.com", "GOCSPX-client-secret"
REFRESH_TOKEN = "1//refresh-token-of-the-tests"
_TYPE = "type.googleapis.com/google.rpc."
_VALID_FIELDS = frozenset(
    {
        *("addresses", "ageRanges", "biographies", "birthdays", "calendarUrls", "clientData", "coverPhotos"),
        *("emailAddresses", "events", "externalIds", "genders", "imClients", "interests", "locales"),
        *("locations", "memberships", "metadata", "miscKeywords", "names", "nicknames", "occupations"),
        *("organizations", "phoneNumbers", "photos", "relations", "sipAddresses", "skills", "urls"),
        "userDefined",
    }
)
_SYSTEM = {"myContacts": "My Contacts", "starred": "Starred", "family": "Family", "blocked": "Blocked"}

Query = Mapping[str, list[str]]


def person(
    number: int, name: str = "", *phones: str, groups: tuple[str, ...] = (), **more: Any
) -> dict[str, Any]:
    """A contact in Google's shape; ``groups``: ids beside the one that everybody is in."""
    told: dict[str, Any] = {"resourceName": f"people/c{number}", "etag": f"%Eg{number}"}
    told["metadata"] = {"sources": [{"type": "CONTACT", "id": f"{number:x}"}], "objectType": "PERSON"}
    if name:
        given, _, family = name.rpartition(" ")
        parts = {"givenName": given, "familyName": family} if given else {"givenName": family}
        told["names"] = [{"displayName": name, "unstructuredName": name, **parts}]
    told["phoneNumbers"] = [{"value": phone, "type": "mobile"} for phone in phones]
    told["memberships"] = [membership(group) for group in ("contactGroups/myContacts", *groups)]
    told["birthdays"] = [{"date": {"year": 1980, "month": 1, "day": 2}}]
    told["photos"] = [{"url": "https://lh3.example/photo.jpg"}]
    return {**told, **more}


def membership(group: str) -> dict[str, Any]:
    """Being in a group."""
    short = group.rpartition("/")[2]
    return {"contactGroupMembership": {"contactGroupId": short, "contactGroupResourceName": group}}


def refused(
    code: int, status: str, reason: str, message: str = "Refused.", *, link: str = "", **metadata: str
) -> Reply:
    """An error in the shape of google.rpc.Status."""
    info = {"@type": f"{_TYPE}ErrorInfo", "reason": reason, "domain": "googleapis.com", "metadata": metadata}
    details: list[dict[str, Any]] = [info]
    if link:
        details.insert(0, {"@type": f"{_TYPE}Help", "links": [{"description": "Console", "url": link}]})
    error = {"code": code, "message": message, "status": status, "details": details}
    return reply_json({"error": error}, code)


def expired() -> Reply:
    """What an expired sync token is answered with."""
    message = "Sync token is expired. Clear local cache and retry call without the sync token."
    return refused(400, "FAILED_PRECONDITION", "EXPIRED_SYNC_TOKEN", message)


def disabled() -> Reply:
    """What is answered when the API is not enabled."""
    where = "https://console.developers.google.com/apis/api/people.googleapis.com/overview?project=1234"
    message = f"People API has not been used in project 1234 before or it is disabled. Enable it: {where}"
    return refused(403, "PERMISSION_DENIED", "SERVICE_DISABLED", message, link=where)


@dataclass
class _Seen:
    """What a token stands for."""

    query: dict[str, list[str]]
    serial: int
    offset: int = 0


@dataclass
class PeopleApi:
    """Serves while it is entered. ``page``: contacts in one answer at most. ``faults``: answers that come first, each
    with a part of the path that it waits for.
    """

    page: int = 1000
    account: str = "people/1100"
    faults: list[tuple[str, Reply]] = field(default_factory=list)
    declines: bool = False
    granted: str = SCOPE

    def __post_init__(self) -> None:
        self.server = GraphServer(self._answer)
        self.groups: dict[str, str] = {}
        self._persons: dict[str, dict[str, Any]] = {}
        self._serials: dict[str, int] = {}
        self._serial = 0
        self._tokens: dict[str, _Seen] = {}
        self._expired: set[str] = set()
        self._codes: dict[str, dict[str, str]] = {}
        self.access_tokens: set[str] = set()
        self.refresh_tokens = {REFRESH_TOKEN}

    @property
    def url(self) -> str:
        """Its address."""
        return self.server.url

    @property
    def asked(self) -> list[dict[str, list[str]]]:
        """The parameters of every request for contacts."""
        return [_query(one) for one in self.server.requests if "/connections" in one.path]

    def __enter__(self) -> PeopleApi:
        self.server.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.__exit__(kind, error, trace)

    # ── what people do with their contacts ─────────────────────────────────────────────────────────────

    def put(self, *persons: dict[str, Any]) -> None:
        """Add contacts, or change them."""
        for one in persons:
            self._serial += 1
            self._persons[one["resourceName"]] = one
            self._serials[one["resourceName"]] = self._serial

    def delete(self, number: int) -> None:
        """Delete a contact."""
        name = f"people/c{number}"
        self.put({"resourceName": name, "metadata": {"deleted": True, "objectType": "PERSON"}})

    def rename(self, number: int, new: dict[str, Any]) -> None:
        """Give a contact another id, as joining it with a profile does."""
        old = f"people/c{number}"
        del self._persons[old]
        metadata = {**new["metadata"], "previousResourceNames": [old]}
        self.put({**new, "metadata": metadata})

    def add_group(self, group: str, name: str) -> str:
        """Make a group; returns its id."""
        self.groups[f"contactGroups/{group}"] = name
        return f"contactGroups/{group}"

    def expire(self) -> None:
        """Seven days pass: no sync token is taken any more."""
        self._expired |= set(self._tokens)

    def revoke(self) -> None:
        """The person takes the permission back on Google's pages."""
        self.refresh_tokens.clear()
        self.access_tokens.clear()

    # ── files ──────────────────────────────────────────────────────────────────────────────────────────

    def client_file(self, folder: Path, kind: str = "installed") -> Path:
        """The JSON of an OAuth client, as the console gives it."""
        client = {
            "client_id": CLIENT_ID,
            "project_id": "parinaya",
            "auth_uri": f"{self.url}/o/oauth2/auth",
            "token_uri": f"{self.url}/token",
            "client_secret": CLIENT_SECRET,
            "redirect_uris": ["http://localhost"],
        }
        path = folder / "client_secret.json"
        path.write_text(json.dumps({kind: client}), "utf-8")
        return path

    def token_file(self, folder: Path) -> Path:
        """A sign-in that was made before; its access token has run out."""
        told = {
            "token": "ya29.run-out",
            "refresh_token": REFRESH_TOKEN,
            "token_uri": f"{self.url}/token",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "scopes": [SCOPE],
            "expiry": "2020-01-01T00:00:00Z",
        }
        path = folder / "google-token.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(told), "utf-8")
        return path

    # ── answers ────────────────────────────────────────────────────────────────────────────────────────

    def _answer(self, request: Request) -> Reply:
        path = urlsplit(request.path).path
        for one in self.faults:
            if one[0] in path:
                self.faults.remove(one)
                return one[1]
        open_to_all: dict[str, Callable[[Request], Reply]] = {
            "/o/oauth2/auth": self._authorize,
            "/token": self._token,
            "/revoke": self._revoke,
        }
        if path in open_to_all:
            return open_to_all[path](request)
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.access_tokens:
            return refused(401, "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED")
        shown: dict[str, Callable[[Request], Reply]] = {
            "/v1/people/me": self._me,
            "/v1/people/me/connections": self._connections,
            "/v1/contactGroups": self._list_groups,
        }
        return shown[path](request) if path in shown else refused(404, "NOT_FOUND", "NOT_FOUND")

    def _me(self, request: Request) -> Reply:
        return reply_json({"resourceName": self.account, "etag": "%Eg"}) if _fields(request) else _invalid()

    def _list_groups(self, request: Request) -> Reply:
        own = [
            {"resourceName": one, "groupType": "USER_CONTACT_GROUP", "name": name, "formattedName": name}
            for one, name in self.groups.items()
        ]
        system = [
            {
                "resourceName": f"contactGroups/{one}",
                "groupType": "SYSTEM_CONTACT_GROUP",
                "name": one,
                "formattedName": name,
            }
            for one, name in _SYSTEM.items()
        ]
        listed = [*system, *own]
        told = _query(request)
        start = int(told.get("pageToken", ["0"])[0])
        size = min(int(told.get("pageSize", ["30"])[0]), self.page)
        answer: dict[str, Any] = {"contactGroups": listed[start : start + size], "totalItems": len(listed)}
        if start + size < len(listed):
            answer["nextPageToken"] = str(start + size)
        for one in answer["contactGroups"]:
            one["memberCount"] = self._count(one["resourceName"])
        return reply_json(answer)

    def _count(self, group: str) -> int:
        return sum(membership(group) in one.get("memberships", []) for one in self._persons.values())

    def _connections(self, request: Request) -> Reply:
        told = _query(request)
        fixed = {name: told[name] for name in told if name not in ("pageToken", "syncToken")}
        size = int(told.get("pageSize", ["100"])[0])
        if not (_fields(request) and 1 <= size <= 1000):
            return _invalid()
        first = True
        seen = _Seen(fixed, 0)
        for name in ("syncToken", "pageToken"):
            if name in told:
                token = told[name][0]
                if token in self._expired:
                    return expired()
                if token not in self._tokens or self._tokens[token].query != fixed:
                    return _invalid()
                seen, first = self._tokens[token], name == "syncToken"
        offset = 0 if first else seen.offset
        return reply_json(self._page_of(_Seen(fixed, seen.serial, offset), min(size, self.page), told))

    def _page_of(self, seen: _Seen, size: int, told: Query) -> dict[str, Any]:
        changed = sorted(
            (serial, name)
            for name, serial in self._serials.items()
            if serial > seen.serial and name in self._persons
        )
        listed = [self._persons[name] for _, name in changed]
        if seen.serial == 0:  # a list of everything knows nothing of who was deleted
            listed = [one for one in listed if not one["metadata"].get("deleted")]
        fields = {"resourceName", "etag", *told["personFields"][0].split(",")}
        shown = [
            {name: value for name, value in one.items() if name in fields}
            for one in listed[seen.offset : seen.offset + size]
        ]
        answer: dict[str, Any] = {"connections": shown, "totalItems": len(listed)} if shown else {}
        after = seen.offset + size
        if after < len(listed):
            answer["nextPageToken"] = self._keep("page", _Seen(seen.query, seen.serial, after))
        elif told.get("requestSyncToken") == ["true"]:
            answer["nextSyncToken"] = self._keep("sync", _Seen(seen.query, self._serial))
        return answer

    def _keep(self, kind: str, seen: _Seen) -> str:
        token = f"{kind}-token-{len(self._tokens)}"
        self._tokens[token] = seen
        return token

    # ── signing in ─────────────────────────────────────────────────────────────────────────────────────

    def _authorize(self, request: Request) -> Reply:
        told = {name: values[0] for name, values in _query(request).items()}
        right = (
            told.get("response_type") == "code"
            and told.get("client_id") == CLIENT_ID
            and told.get("scope") == SCOPE
            and told.get("code_challenge_method") == "S256"
            and told.get("access_type") == "offline"
            and told.get("redirect_uri", "").startswith("http://127.0.0.1:")
        )
        if not right:
            return Reply(400, b"Error 400: invalid_request")
        back = {"state": told["state"]}
        if self.declines:
            back["error"] = "access_denied"
        else:
            code = f"4/code-{len(self._codes)}"
            self._codes[code] = told
            back |= {"code": code, "scope": self.granted}
        return Reply(302, b"", {"Location": f"{told['redirect_uri']}?{urlencode(back)}"})

    def _token(self, request: Request) -> Reply:
        told = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        client = _basic(request) or (told.get("client_id"), told.get("client_secret"))
        if client != (CLIENT_ID, CLIENT_SECRET):
            return reply_json({"error": "invalid_client"}, 401)
        answer: dict[str, Any] = {"expires_in": 3599, "scope": self.granted, "token_type": "Bearer"}
        if told.get("grant_type") == "refresh_token":
            if told.get("refresh_token") not in self.refresh_tokens:
                return _no_grant()
        else:
            asked = self._codes.pop(told.get("code", ""), {})
            challenge = urlsafe_b64encode(hashlib.sha256(told.get("code_verifier", "").encode()).digest())
            if challenge.decode().rstrip("=") != asked.get("code_challenge"):
                return _no_grant()
            if told.get("redirect_uri") != asked.get("redirect_uri"):
                return _no_grant()
            if asked.get("prompt") == "consent":  # else only the first time that a person allows it
                answer["refresh_token"] = REFRESH_TOKEN
                self.refresh_tokens.add(REFRESH_TOKEN)
        answer["access_token"] = f"ya29.access-{len(self.access_tokens)}"
        self.access_tokens.add(answer["access_token"])
        return reply_json(answer)

    def _revoke(self, request: Request) -> Reply:
        [token] = parse_qs(request.body.decode()).get("token", [""])
        if token not in self.refresh_tokens:
            return reply_json({"error": "invalid_token"}, 400)
        self.revoke()
        return reply_json({})


def _basic(request: Request) -> tuple[str, str] | None:
    """The client's id and secret from the Authorization header, as RFC 6749 §2.3.1 prefers them."""
    kind, _, coded = request.headers.get("Authorization", "").partition(" ")
    if kind != "Basic":
        return None
    name, _, secret = b64decode(coded).decode().partition(":")
    return name, secret


def _no_grant() -> Reply:
    return reply_json(
        {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, 400
    )


def _invalid() -> Reply:
    return refused(400, "INVALID_ARGUMENT", "INVALID", "Request contains an invalid argument.")


def _query(request: Request) -> dict[str, list[str]]:
    return parse_qs(urlsplit(request.path).query)


def _fields(request: Request) -> set[str]:
    """The fields of a person that are asked for; none where one of them does not exist."""
    fields = set(",".join(_query(request).get("personFields", [])).split(",")) - {""}
    return fields if fields <= _VALID_FIELDS else set()
