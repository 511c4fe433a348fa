"""What every ``MessageSender`` does: the fake, and the Cloud API against a server on loopback."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import pytest

from parinaya_cli.adapters.whatsapp.client import Account, CloudApi, Timeouts
from parinaya_cli.domain.messages import (
    Accepted,
    ErrorFamily,
    FreeContent,
    NoAnswer,
    NotSent,
    OutboundMessage,
    ProviderError,
    Refused,
    SendOutcome,
)
from parinaya_cli.ports import MessageSender
from tests.fakes.graph_server import GraphServer, Reply, Request, reply_json
from tests.fakes.sender import GO, FakeSender

NUMBER = "700000000000001"


def message(token: str, to: str | None = "+919812300001") -> OutboundMessage:
    return OutboundMessage(NUMBER, to, None, FreeContent("Hello"), token, GO)


class Stage(Protocol):
    """A sender, and a provider that does what it is told for each token."""

    sender: MessageSender

    def arrived(self) -> list[str]:
        """The tokens that reached the provider, in their order."""
        ...


BEHAVIOURS = ("accept", "held", "withheld", "throttled", "trouble", "cut", "half", "slow")


class FakeStage:
    def __init__(self) -> None:
        self.fake = FakeSender(
            {
                "accept": Accepted("wamid.accept", "919812300001"),
                "held": Accepted("wamid.held", "919812300001", held=True),
                "withheld": Refused(ProviderError(131049, ErrorFamily.WITHHELD, "Told")),
                "throttled": Refused(ProviderError(130429, ErrorFamily.NUMBER_THROTTLE, "Told"), 7.0),
                "trouble": NoAnswer("HTTP 500"),
                "cut": NoAnswer("cut"),
                "half": NoAnswer("half"),
                "slow": NoAnswer("slow"),
            }
        )
        self.sender: MessageSender = self.fake

    def arrived(self) -> list[str]:
        return [sent.token for sent in self.fake.sent]


def graph_error(code: int) -> dict[str, object]:
    return {"error": {"message": "Told", "type": "OAuthException", "code": code, "fbtrace_id": "A1"}}


def answer(request: Request) -> Reply:
    """What Meta would say, by the token of the message."""
    token = request.json()["biz_opaque_callback_data"]
    taken = {"id": f"wamid.{token}"}
    contacts = [{"input": "+919812300001", "wa_id": "919812300001"}]
    yes = {"messaging_product": "whatsapp", "contacts": contacts, "messages": [taken]}
    if token == "held":
        taken["message_status"] = "held_for_quality_assessment"
    replies = {
        "withheld": reply_json(graph_error(131049), 400),
        "throttled": reply_json(graph_error(130429), 400, Retry_After="7"),
        "trouble": Reply(500, b"<html>Internal error</html>"),
        "cut": Reply(then="cut"),
        "half": Reply(body=b'{"messages":[', then="half"),
        "slow": Reply(then="hang"),
    }
    return replies.get(token, reply_json(yes))


class CloudStage:
    def __init__(self, server: GraphServer) -> None:
        self.server = server
        account = Account(server.url, "v25.0", "token", "500000000000009")
        times = Timeouts(connect=5, write=5, read=0.5, whole=10)
        self.cloud = CloudApi(account, in_flight=4, timeouts=times)
        self.sender: MessageSender = self.cloud

    def arrived(self) -> list[str]:
        return [request.json()["biz_opaque_callback_data"] for request in self.server.requests]


@pytest.fixture(name="stage", params=["fake", "cloud api"])
def open_stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    if request.param == "fake":
        yield FakeStage()
        return
    with GraphServer(answer) as server:
        stage = CloudStage(server)
        yield stage
        stage.cloud.close()


def send(stage: Stage, *tokens: str) -> list[SendOutcome]:
    return stage.sender.send([message(token) for token in tokens])


def test_nothing_to_send(stage: Stage) -> None:
    assert stage.sender.send([]) == []
    assert stage.arrived() == []


def test_an_acceptance_bears_the_message_id(stage: Stage) -> None:
    assert send(stage, "accept") == [Accepted("wamid.accept", "919812300001")]


def test_a_held_message_is_accepted_and_held(stage: Stage) -> None:
    assert send(stage, "held") == [Accepted("wamid.held", "919812300001", held=True)]


def test_a_refusal_bears_code_and_family(stage: Stage) -> None:
    (outcome,) = send(stage, "withheld")
    assert isinstance(outcome, Refused)
    assert (outcome.error.code, outcome.error.family) == (131049, ErrorFamily.WITHHELD)
    assert outcome.retry_after is None


def test_a_throttle_bears_the_time_to_wait(stage: Stage) -> None:
    (outcome,) = send(stage, "throttled")
    assert isinstance(outcome, Refused)
    assert outcome.error.family is ErrorFamily.NUMBER_THROTTLE
    assert outcome.retry_after == 7


@pytest.mark.parametrize("token", ["trouble", "cut", "half", "slow"])
def test_what_nobody_can_tell_is_no_answer_and_is_not_tried_again(stage: Stage, token: str) -> None:
    (outcome,) = send(stage, token)
    assert isinstance(outcome, NoAnswer)
    assert outcome.detail
    assert stage.arrived() == [token]


def test_outcomes_come_in_the_order_of_the_messages(stage: Stage) -> None:
    tokens = [*BEHAVIOURS, *(f"more{n}" for n in range(20))]
    outcomes = send(stage, *tokens)
    assert len(outcomes) == len(tokens)
    kinds: dict[str, type[object]] = {"accept": Accepted, "held": Accepted} | {
        name: Refused if name in ("withheld", "throttled") else NoAnswer for name in BEHAVIOURS[2:]
    }
    for token, outcome in zip(tokens, outcomes, strict=True):
        assert isinstance(outcome, kinds.get(token, Accepted))
    accepted = [outcome.message_id for outcome in outcomes[8:] if isinstance(outcome, Accepted)]
    assert len(set(accepted)) == 20
    assert sorted(stage.arrived()) == sorted(tokens)


def test_a_message_without_a_recipient_is_refused_and_disturbs_no_other(stage: Stage) -> None:
    messages: Sequence[OutboundMessage] = [message("a"), message("nobody", to=None), message("b")]
    first, middle, last = stage.sender.send(messages)
    assert isinstance(first, Accepted)
    assert isinstance(last, Accepted)
    assert isinstance(middle, Refused)
    assert middle.error.family is ErrorFamily.PARAMETERS
    assert sorted(stage.arrived()) == ["a", "b"]


def test_after_trouble_the_next_call_goes_through(stage: Stage) -> None:
    send(stage, "cut", "slow", "half", "trouble")
    assert send(stage, "accept") == [Accepted("wamid.accept", "919812300001")]


def test_closing_twice_does_no_harm(stage: Stage) -> None:
    send(stage, "accept")
    stage.sender.close()
    stage.sender.close()


def test_an_absent_provider_was_sent_nothing() -> None:
    """The fake says so by its script; the Cloud API finds it out at a port where nobody listens."""
    with GraphServer(answer) as server:
        account = Account(server.url, "v25.0", "token", "500000000000009")
    cloud = CloudApi(account)
    fake = FakeSender(outcomes=[NotSent("refused"), NotSent("refused")])
    senders: list[MessageSender] = [cloud, fake]
    for sender in senders:
        outcomes = sender.send([message("a"), message("b")])
        assert [type(outcome) for outcome in outcomes] == [NotSent, NotSent]
        sender.close()
