"""What the Graph API tells of the account itself: the access token, who gets its webhooks, its count of messages.

Sources: Meta, Graph API, reference/debug_token and reference/waba-analytics; WhatsApp, analytics; Meta's OpenAPI file
v23.0, ``/{WABA-ID}/subscribed_apps``. These ways send nothing to guests.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from parinaya_cli.adapters.whatsapp import errors
from parinaya_cli.adapters.whatsapp.client import Account
from parinaya_cli.adapters.whatsapp.envelope import mapping
from parinaya_cli.adapters.whatsapp.patience import ask
from parinaya_cli.domain.accounts import LONGEST, Counted, CountedDay, Subscription, Token
from parinaya_cli.domain.errors import Failed, Unreachable

_INVALID = frozenset({0, 190})
"""The codes of a token that is expired or wrong (Meta, WhatsApp, support/error-codes)."""

_CHECK = "Check the network and WhatsApp's status page, then try again."


class _Refused(Exception):
    """The Graph API said no, with this code."""

    def __init__(self, code: int, title: str) -> None:
        super().__init__(title)
        self.code, self.title = code, title


class AccountDesk:
    """``ProviderAccount`` over the Graph API; each question ends within ``seconds``."""

    def __init__(self, account: Account, seconds: float = LONGEST.total_seconds()) -> None:
        """Nothing is asked yet."""
        self._account = account
        self._seconds = seconds

    def token(self) -> Token:
        """What the provider tells of our access token.

        Raises:
            Unreachable: the Graph API can't be reached.
            Failed: it does not tell.
        """
        try:
            told = self._get("debug_token", {"input_token": self._account.access_token})
        except _Refused as refused:
            if refused.code in _INVALID:
                return Token(False, refused.title)
            raise Failed(
                f"WhatsApp does not tell: {refused.title} (code {refused.code}).", _CHECK
            ) from refused
        data = mapping(told.get("data"))
        if not isinstance(data.get("is_valid"), bool):
            raise Failed("WhatsApp's answer about the token can't be read.", _CHECK)
        why = mapping(data.get("error")).get("message")
        scopes = data.get("scopes")
        return Token(
            bool(data["is_valid"]),
            self._masked(why)[:200] if isinstance(why, str) else "",
            _time(data.get("expires_at")),
            frozenset(one for one in scopes if isinstance(one, str)) if isinstance(scopes, list) else None,
        )

    def subscriptions(self) -> list[Subscription]:
        """The apps that get the account's webhooks.

        Raises:
            Unreachable: the Graph API can't be reached.
            Failed: it refused, or its list can't be read.
        """
        told = self._ask(f"{self._account.business_account_id}/subscribed_apps", {}, "who gets its webhooks")
        listed = told.get("data")
        if not isinstance(listed, list):
            raise Failed("WhatsApp's list of subscribed apps can't be read.", _CHECK)
        return [_subscription(mapping(one)) for one in listed]

    def counted_days(self, since: datetime, until: datetime, numbers: Sequence[str] = ()) -> list[CountedDay]:
        """The provider's own count of messages by its days; ``numbers``: of these alone (digits), or of all.

        Raises:
            Unreachable: the Graph API can't be reached.
            Failed: it refused, or its count can't be read.
        """
        span = f"start({int(since.timestamp())}).end({int(until.timestamp())})"
        chosen = json.dumps([re.sub("[^0-9]", "", one) for one in numbers], separators=(",", ":"))
        fields = f"analytics.{span}.granularity(DAY).phone_numbers({chosen})"
        told = self._ask(
            self._account.business_account_id, {"fields": fields}, "how many messages it counted"
        )
        points = mapping(told.get("analytics")).get("data_points", [])
        if not isinstance(points, list):
            raise Failed("WhatsApp's count of messages can't be read.", _CHECK)
        return [_day(mapping(one)) for one in points]

    def _ask(self, path: str, query: Mapping[str, str], what: str) -> Mapping[str, object]:
        try:
            return self._get(path, query)
        except _Refused as refused:
            raise Failed(
                f"WhatsApp does not tell {what}: {refused.title} (code {refused.code}).",
                errors.what_to_do(refused.code),
            ) from refused

    def _get(self, path: str, query: Mapping[str, str]) -> Mapping[str, object]:
        account = self._account
        url = f"{account.base_url.rstrip('/')}/{account.version}/{path}"
        answer = ask(url, query, {"Authorization": f"Bearer {account.access_token}"}, self._seconds)
        data = errors.json_object(answer.body)
        error = errors.graph_error(data or {})
        if error is not None:
            raise _Refused(error.code, self._masked(error.title)[:200])
        if data is None or answer.status != 200:
            raise Unreachable(f"WhatsApp answered with HTTP {answer.status} and nothing else.", _CHECK)
        return data

    def _masked(self, text: str) -> str:
        """Meta quotes a token that it can't read."""
        return text.replace(self._account.access_token, "••••")


def _time(told: object) -> datetime | None:
    if isinstance(told, bool) or not isinstance(told, int) or told <= 0:
        return None
    try:
        return datetime.fromtimestamp(told, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _subscription(told: Mapping[str, object]) -> Subscription:
    app = mapping(told.get("whatsapp_business_api_data"))
    name, address = app.get("name") or app.get("id"), told.get("override_callback_uri")
    return Subscription(
        errors.printable(name)[:100] if isinstance(name, str) else "an app without a name",
        address if isinstance(address, str) else "",
    )


def _day(told: Mapping[str, object]) -> CountedDay:
    since, until = _time(told.get("start")), _time(told.get("end"))
    sent, delivered = told.get("sent", 0), told.get("delivered", 0)
    if since is None or until is None or not isinstance(sent, int) or not isinstance(delivered, int):
        raise Failed("WhatsApp's count of messages can't be read.", _CHECK)
    return CountedDay(since, until, Counted(sent, delivered))
