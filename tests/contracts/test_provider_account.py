"""What every ``ProviderAccount`` does: the fake, and the Graph API as the stand-in plays it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from parinaya_cli.adapters.whatsapp.account import AccountDesk
from parinaya_cli.adapters.whatsapp.client import Account
from parinaya_cli.adapters.whatsapp.front_door import greet
from parinaya_cli.domain.accounts import Counted, CountedDay, Subscription, Token
from parinaya_cli.domain.errors import Failed, Unreachable
from parinaya_cli.ports import ProviderAccount
from parinaya_cli.sandbox.faults import parse_fault
from tests.fakes.graph_server import GraphServer, Reply, Request, reply_json
from tests.fakes.provider_account import WELL, FakeAccount
from tests.sandbox.sandbox_kit import VERIFY, WABA, invite, receiving, standing_in

NOW = datetime.now(UTC).replace(microsecond=0)
NUMBER = "+91 98000 00000"


def desk(address: str, token: str = "token", seconds: float = 5.0) -> AccountDesk:
    return AccountDesk(Account(address, "v25.0", token, WABA), seconds)


@contextmanager
def account(kind: str, *faults: str) -> Iterator[ProviderAccount]:
    """An account with these faults, which has sent one message that arrived."""
    if kind == "fake":
        day = CountedDay(NOW - timedelta(days=1), NOW + timedelta(days=1), Counted(1, 1))
        fake = FakeAccount(days=[day])
        if "token-expires:0" in faults:
            fake.told = Token(False, "Session has expired")
        if "token-expires:864000" in faults:
            fake.told = Token(True, "", NOW + timedelta(days=10), WELL.permissions)
        if "no-permission" in faults:
            fake.told = Token(True, permissions=frozenset({"whatsapp_business_management"}))
        if "unsubscribed" in faults:
            fake.apps = []
        yield fake
        return
    with standing_in(faults=tuple(parse_fault(one) for one in faults)) as stage:
        if "token-expires:0" not in faults:
            stage.post(invite())
        yield desk(str(stage.client.base_url).rstrip("/"))


KINDS = pytest.mark.parametrize("kind", ["fake", "stand-in"])


@KINDS
def test_an_account_that_is_well(kind: str) -> None:
    with account(kind) as known:
        token = known.token()
        assert (token.valid, token.expires_at, token.lacks) == (True, None, [])
        [app] = known.subscriptions()
        assert (bool(app.app), app.address) == (True, "")
        days = known.counted_days(NOW - timedelta(days=2), NOW + timedelta(days=1), [NUMBER])
        assert [one.counted for one in days] == [Counted(1, 1)]
        assert known.counted_days(NOW - timedelta(days=4), NOW - timedelta(days=3)) == []


@KINDS
def test_what_may_be_wrong_with_it(kind: str) -> None:
    with account(kind, "token-expires:864000", "no-permission", "unsubscribed") as known:
        token = known.token()
        if kind == "stand-in":
            assert token.expires_at is not None
            assert timedelta(days=9) < token.expires_at - NOW <= timedelta(days=11)
        assert token.lacks == ["whatsapp_business_messaging"]
        assert known.subscriptions() == []
    with account(kind, "token-expires:0") as known:
        token = known.token()
        assert not token.valid
        assert "expired" in token.why


def test_of_other_numbers_nothing_is_counted() -> None:
    with account("stand-in") as known:
        assert known.counted_days(NOW - timedelta(days=2), NOW + timedelta(days=1), ["+15550100"]) == []


ANSWERS = {
    "no JSON": (Reply(body=b"<html>", status=502), Unreachable),
    "another form": (reply_json({"data": {"is_valid": "yes"}, "analytics": {"data_points": 3}}), Failed),
    "refused": (reply_json({"error": {"message": "Not yours", "code": 10}}, 403), Failed),
    "cut": (Reply(then="cut"), Unreachable),
    "silent": (Reply(then="hang"), Unreachable),
}


@pytest.mark.parametrize("told", ANSWERS)
def test_what_can_not_be_told_is_named_and_never_takes_long(told: str) -> None:
    reply, kind = ANSWERS[told]
    with GraphServer(lambda _: reply) as server:
        asked = desk(server.url, seconds=0.5 if told == "silent" else 5.0)
        for question in (asked.token, asked.subscriptions, lambda: asked.counted_days(NOW, NOW)):
            with pytest.raises(kind) as caught:
                question()
            assert caught.value.hint


def test_no_message_quotes_the_token() -> None:
    def refuse(_: Request) -> Reply:
        return reply_json({"error": {"message": "Malformed access token EAAsecret", "code": 190}}, 401)

    with GraphServer(refuse) as server:
        told = desk(server.url, "EAAsecret").token()
        assert (told.valid, told.why) == (False, "Malformed access token ••••")
        with pytest.raises(Failed) as caught:
            desk(server.url, "EAAsecret").subscriptions()
        assert "EAAsecret" not in caught.value.message


def test_our_own_address_is_greeted_as_meta_greets_it() -> None:
    with receiving() as receiver:
        assert greet(receiver.address, VERIFY, "17") == ""
        assert greet(receiver.address, "another", "17") == "it refuses our verify token"
    with GraphServer(lambda _: reply_json({"hello": 1})) as server:
        assert "something else" in greet(server.url, VERIFY, "17")
    with GraphServer(lambda _: Reply(status=502)) as server:
        assert greet(server.url, VERIFY, "17") == "it answers HTTP 502"
    assert "can't be reached" in greet("http://127.0.0.1:9/webhooks/whatsapp", VERIFY, "17", 5.0)
    assert greet("http://weddings.example/webhooks/whatsapp", VERIFY, "17") == "Meta delivers to https only"


def test_subscriptions_may_have_an_address_of_their_own() -> None:
    told = {
        "whatsapp_business_api_data": {"id": "1", "name": "W"},
        "override_callback_uri": "https://a.example/",
    }
    with GraphServer(lambda _: reply_json({"data": [told, {}]})) as server:
        assert desk(server.url).subscriptions() == [
            Subscription("W", "https://a.example/"),
            Subscription("an app without a name"),
        ]
