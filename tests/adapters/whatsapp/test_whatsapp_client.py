"""The Graph API over HTTP: what is asked, what is kept open, and what happens when the other side fails."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from parinaya_cli.adapters.whatsapp.client import (
    LARGEST_ANSWER,
    Account,
    CloudApi,
    Timeouts,
    failure_outcome,
)
from parinaya_cli.adapters.whatsapp.errors import UNSENDABLE
from parinaya_cli.domain.errors import Failed, Unreachable, UsedWrongly
from parinaya_cli.domain.messages import (
    Accepted,
    FreeContent,
    NoAnswer,
    NotSent,
    OutboundMessage,
    Refused,
    TemplateContent,
    TextValue,
)
from tests.fakes.graph_server import GraphServer, Reply, Request, reply_json
from tests.fakes.sender import GO

WABA = "500000000000009"


def message(
    token: str = "pn1.A.1", number: str = "700000000000001", to: str = "+919812300001"
) -> OutboundMessage:
    content = TemplateContent("shaadi_invite_v1", "hi", body=(TextValue("आशा जी"),))
    return OutboundMessage(number, to, None, content, token, GO)


def accept(request: Request) -> Reply:
    token = request.json()["biz_opaque_callback_data"]
    return reply_json({"messages": [{"id": f"wamid.{token}"}]})


@contextmanager
def serving(
    answer: Callable[[Request], Reply], in_flight: int = 4, timeouts: Timeouts | None = None
) -> Iterator[tuple[CloudApi, GraphServer]]:
    with GraphServer(answer) as server:
        account = Account(server.url, "v25.0", "EAAG-token", WABA)
        api = CloudApi(account, in_flight=in_flight, timeouts=timeouts)
        try:
            yield api, server
        finally:
            server.released.set()
            api.close()


def test_the_request() -> None:
    with serving(accept) as (api, server):
        assert api.send([message()]) == [Accepted("wamid.pn1.A.1")]
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/v25.0/700000000000001/messages")
    assert request.headers["Authorization"] == "Bearer EAAG-token"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Accept-Encoding"] == "identity"
    assert request.json()["to"] == "+919812300001"
    assert request.json()["template"]["components"][0]["parameters"][0]["text"] == "आशा जी"


def test_connections_are_kept_between_calls_and_are_no_more_than_allowed() -> None:
    with serving(accept, in_flight=3) as (api, server):
        for call in range(4):
            outcomes = api.send([message(f"{call}.{n}") for n in range(7)])
            assert outcomes == [Accepted(f"wamid.{call}.{n}") for n in range(7)]
        assert len(server.requests) == 28
        assert server.connections == 3


def test_as_many_are_in_flight_as_allowed() -> None:
    everyone = threading.Barrier(5)

    def together(request: Request) -> Reply:
        everyone.wait(20)
        return accept(request)

    with serving(together, in_flight=5) as (api, _):
        outcomes = api.send([message(str(n)) for n in range(10)])
    assert outcomes == [Accepted(f"wamid.{n}") for n in range(10)]


def test_calls_of_several_threads_do_not_mix() -> None:
    found: dict[int, list[object]] = {}

    with serving(accept) as (api, _):

        def call(caller: int) -> None:
            found[caller] = list(api.send([message(f"{caller}.{n}") for n in range(5)]))

        threads = [threading.Thread(target=call, args=(caller,)) for caller in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == {caller: [Accepted(f"wamid.{caller}.{n}") for n in range(5)] for caller in range(4)}


def test_an_answer_beyond_the_limit_is_no_answer() -> None:
    def lengthy(request: Request) -> Reply:
        if request.json()["biz_opaque_callback_data"] == "long":
            return Reply(body=accept(request).body + b" " * LARGEST_ANSWER)
        return accept(request)

    with serving(lengthy, in_flight=1) as (api, _):
        first, second = api.send([message("long"), message("short")])
    assert isinstance(first, NoAnswer)
    assert second == Accepted("wamid.short")


def test_an_answer_that_is_packed_against_our_wish_is_no_answer() -> None:
    reply = Reply(body=b"\x1f\x8b\x08not gzip at all", headers={"Content-Encoding": "gzip"})
    with serving(lambda request: reply) as (api, _):
        (outcome,) = api.send([message()])
    assert isinstance(outcome, NoAnswer)


def test_a_redirect_is_not_followed() -> None:
    with GraphServer(accept) as elsewhere:
        reply = Reply(307, headers={"Location": elsewhere.url})
        with serving(lambda request: reply) as (api, server):
            (outcome,) = api.send([message()])
        assert isinstance(outcome, NoAnswer)
        assert len(server.requests) == 1
        assert elsewhere.requests == []


def test_the_time_for_a_whole_request_bounds_it_and_the_connection_works_again() -> None:
    def slow_once(request: Request) -> Reply:
        slow = request.json()["biz_opaque_callback_data"] == "slow"
        return Reply(then="hang") if slow else accept(request)

    times = Timeouts(read=30, whole=0.5)
    with serving(slow_once, in_flight=1, timeouts=times) as (api, _):
        (outcome,) = api.send([message("slow")])
        assert isinstance(outcome, NoAnswer)
        assert api.send([message("next")]) == [Accepted("wamid.next")]


def test_a_message_whose_turn_does_not_come_in_time_is_not_sent() -> None:
    times = Timeouts(read=30, whole=0.3)
    with serving(lambda request: Reply(then="hang"), in_flight=1, timeouts=times) as (api, server):
        outcomes = api.send([message("a"), message("b"), message("c")])
        assert [type(outcome) for outcome in outcomes] == [NoAnswer, NotSent, NotSent]
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "ill",
    [message(number="../me"), message(number=""), message(to="9812300001"), message(token="")],
    ids=["path", "no number", "no plus", "no token"],
)
def test_what_can_not_be_sent_is_refused_under_our_own_code(ill: OutboundMessage) -> None:
    with serving(accept) as (api, server):
        refused, accepted = api.send([ill, message()])
        assert isinstance(refused, Refused)
        assert refused.error.code == UNSENDABLE
        assert accepted == Accepted("wamid.pn1.A.1")
        assert len(server.requests) == 1


def test_free_text_that_is_no_unicode_is_sent_with_a_mark() -> None:
    ill = OutboundMessage("700000000000001", "+919812300001", None, FreeContent("a\ud83db"), "t", GO)
    with serving(accept) as (api, server):
        assert api.send([ill]) == [Accepted("wamid.t")]
        assert server.requests[0].json()["text"]["body"] == "a\ufffdb"


def test_it_opens_again_after_closing() -> None:
    with serving(accept) as (api, _):
        for _ in range(2):
            assert api.send([message()]) == [Accepted("wamid.pn1.A.1")]
            api.close()


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (httpx.ConnectError("x"), NotSent),
        (httpx.ConnectTimeout("x"), NotSent),
        (httpx.PoolTimeout("x"), NotSent),
        (httpx.ReadTimeout("x"), NoAnswer),
        (httpx.WriteTimeout("x"), NoAnswer),
        (httpx.RemoteProtocolError("x"), NoAnswer),
        (httpx.ReadError("x"), NoAnswer),
        (httpx.WriteError("x"), NoAnswer),
        (httpx.CloseError("x"), NoAnswer),
        (httpx.LocalProtocolError("x"), NoAnswer),
        (TimeoutError(), NoAnswer),
        (ConnectionResetError("x"), NoAnswer),
    ],
)
def test_failures(failure: Exception, kind: type[object]) -> None:
    outcome = failure_outcome(failure)
    assert isinstance(outcome, kind)
    assert type(failure).__name__ in str(outcome)


@pytest.mark.parametrize(
    "account",
    [
        Account("graph.facebook.com", "v25.0", "token", WABA),
        Account("ftp://graph.facebook.com", "v25.0", "token", WABA),
        Account("https://", "v25.0", "token", WABA),
        Account("https://graph.facebook.com?x=1", "v25.0", "token", WABA),
        Account("https://user:secret@graph.facebook.com", "v25.0", "token", WABA),
        Account("https://graph.facebook.com", "25", "token", WABA),
        Account("https://graph.facebook.com", "../v25.0", "token", WABA),
        Account("https://graph.facebook.com", "v25.0", "", WABA),
        Account("https://graph.facebook.com", "v25.0", "two\nlines", WABA),
        Account("https://graph.facebook.com", "v25.0", "token", "../me"),
        Account("https://graph.facebook.com", "v25.0", "token", ""),
    ],
)
def test_accounts_that_no_request_can_be_made_with(account: Account) -> None:
    with pytest.raises(UsedWrongly):
        CloudApi(account)


def test_an_account_does_not_show_its_token() -> None:
    account = Account("https://graph.facebook.com", "v25.0", "EAAG-token", WABA)
    assert "EAAG" not in repr(account)
    assert "EAAG" not in repr(CloudApi(account))


def test_at_least_one_request_must_be_allowed() -> None:
    with pytest.raises(UsedWrongly):
        CloudApi(Account("https://graph.facebook.com", "v25.0", "token", WABA), in_flight=0)


# ── templates ──────────────────────────────────────────────────────────────────────────────────────────


def listed(name: str) -> dict[str, object]:
    return {"name": name, "language": "hi", "category": "MARKETING", "status": "APPROVED", "components": []}


def pages(count: int, host: str = "https://graph.example.org") -> Callable[[Request], Reply]:
    """``count`` pages; the addresses of the next page point to a host that must not get our token."""

    def answer(request: Request) -> Reply:
        query = parse_qs(urlsplit(request.path).query)
        page = int(query.get("after", ["0"])[0])
        paging: dict[str, object] = {"cursors": {"before": "x", "after": str(page + 1)}}
        if page + 1 < count:
            paging["next"] = f"{host}/next?after={page + 1}"
        return reply_json({"data": [listed(f"t{page}")], "paging": paging})

    return answer


def test_templates_are_read_to_the_last_page() -> None:
    with serving(pages(5)) as (api, server):
        names = [template.name for template in api.list_templates()]
    assert names == [f"t{page}" for page in range(5)]
    first = urlsplit(server.requests[0].path)
    assert first.path == f"/v25.0/{WABA}/message_templates"
    assert "quality_score" in parse_qs(first.query)["fields"][0]
    assert server.requests[0].headers["Authorization"] == "Bearer EAAG-token"


def test_the_next_page_is_asked_of_our_own_address_only() -> None:
    with GraphServer(accept) as elsewhere, serving(pages(3, elsewhere.url)) as (api, server):
        assert len(api.list_templates()) == 3
        assert len(server.requests) == 3
        assert elsewhere.requests == []


def test_the_cursor_may_stand_in_the_address_alone() -> None:
    def answer(request: Request) -> Reply:
        if "after=abc" in request.path:
            return reply_json({"data": [listed("b")]})
        return reply_json({"data": [listed("a")], "paging": {"next": "https://x.example.org/?after=abc"}})

    with serving(answer) as (api, _):
        assert [template.name for template in api.list_templates()] == ["a", "b"]


ILL_LISTS: dict[str, object] = {
    "for ever the same": {"data": [], "paging": {"next": "x", "cursors": {"after": "same"}}},
    "nowhere": {"data": [], "paging": {"next": "https://x.example.org/"}},
    "no list": {"data": {}},
    "nothing": {},
    "nameless": {"data": [{"language": "hi", "status": "APPROVED"}]},
    "no template": {"data": ["shaadi_invite_v1"]},
}


@pytest.mark.parametrize("name", ILL_LISTS)
def test_lists_that_can_not_be_read_fail(name: str) -> None:
    with serving(lambda request: reply_json(ILL_LISTS[name])) as (api, _), pytest.raises(Failed):
        api.list_templates()


def test_a_refused_list_says_what_to_do() -> None:
    refusal = reply_json({"error": {"message": "Session has expired", "code": 190}}, 401)
    with serving(lambda request: refusal) as (api, _), pytest.raises(Failed) as caught:
        api.list_templates()
    assert "190" in caught.value.message
    assert "WHATSAPP_ACCESS_TOKEN" in caught.value.hint


@pytest.mark.parametrize(
    "reply", [Reply(502, b"<html>"), Reply(then="cut"), Reply(then="half"), Reply(200, b"no")]
)
def test_a_list_that_breaks_off_is_unreachable(reply: Reply) -> None:
    with serving(lambda request: reply) as (api, _), pytest.raises(Unreachable):
        api.list_templates()


def test_a_list_longer_than_we_read_fails() -> None:
    long = Reply(body=json.dumps({"data": [], "x": "y" * LARGEST_ANSWER}).encode())
    with serving(lambda request: long) as (api, _), pytest.raises(Failed):
        api.list_templates()
