"""What every ``MediaHost`` does: the fake, and the Cloud API against the stand-in and a server on loopback."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from parinaya_cli.adapters.whatsapp.client import Account
from parinaya_cli.adapters.whatsapp.media import LARGEST_ANSWER, MediaUploads
from parinaya_cli.domain.errors import Failed, ParinayaError, Unreachable, UsedWrongly
from parinaya_cli.domain.media import MediaFile
from parinaya_cli.ports import MediaHost
from tests.fakes.graph_server import GraphServer, Reply, reply_json
from tests.fakes.media_host import FakeMediaHost
from tests.sandbox.sandbox_kit import NUMBER, standing_in

CARD = MediaFile("image", "image/png", "Ananya weds Kabir.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9)


def uploads(url: str) -> MediaUploads:
    return MediaUploads(Account(url, "v25.0", "token", "500000000000009"))


@contextmanager
def host(kind: str, state: str) -> Iterator[MediaHost]:
    if kind == "fake":
        yield FakeMediaHost({"refused": Failed("No."), "away": Unreachable("Away.")}.get(state))
    elif state == "well":
        with standing_in() as desk:
            yield uploads(desk.address)
    else:
        refusal = {"error": {"message": "(#131053) Media upload error", "code": 131053}}
        reply = {"refused": reply_json(refusal, 400), "away": Reply(then="cut")}[state]
        with GraphServer(lambda request: reply) as server:
            yield uploads(server.url)


KINDS = pytest.mark.parametrize("kind", ["fake", "cloud api"])


@KINDS
def test_each_upload_has_an_id_of_its_own(kind: str) -> None:
    with host(kind, "well") as there:
        first, second = (there.upload(NUMBER, CARD) for _ in range(2))
    assert first
    assert second
    assert first != second


@KINDS
@pytest.mark.parametrize(("state", "error"), [("refused", Failed), ("away", Unreachable)])
def test_what_goes_wrong_is_told(kind: str, state: str, error: type[ParinayaError]) -> None:
    with host(kind, state) as there, pytest.raises(error):
        there.upload(NUMBER, CARD)


# ── the Cloud API alone ────────────────────────────────────────────────────────────────────────────────


def test_every_byte_arrives_and_the_familys_file_name_stays_here() -> None:
    with standing_in() as desk:
        media_id = uploads(desk.address).upload(NUMBER, CARD)
        told = desk.client.get(f"/v25.0/{media_id}").json()
    assert told["sha256"] == hashlib.sha256(CARD.content).hexdigest()
    assert told["mime_type"] == "image/png"
    with GraphServer(lambda request: reply_json({"id": "1"})) as server:
        uploads(server.url).upload(NUMBER, CARD)
    [request] = server.requests
    assert (request.method, request.path) == ("POST", f"/v25.0/{NUMBER}/media")
    assert b"Ananya" not in request.body


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (reply_json({}), Unreachable),
        (reply_json({"id": 7}), Unreachable),
        (Reply(502, b"Bad gateway"), Unreachable),
        (Reply(200, b"{" * (LARGEST_ANSWER + 1)), Unreachable),
        (Reply(302, b"", {"location": "http://127.0.0.1:9/"}), Unreachable),
        (reply_json({"error": {"message": "Expired", "code": 190}}, 401), Failed),
    ],
    ids=["no id", "no text", "502", "endless", "redirect", "refused"],
)
def test_an_answer_that_names_no_id_is_none(reply: Reply, error: type[ParinayaError]) -> None:
    with GraphServer(lambda request: reply) as server, pytest.raises(error) as caught:
        uploads(server.url).upload(NUMBER, CARD)
    assert "token" not in str(caught.value.message)


def test_a_number_that_is_none_is_refused_without_a_request() -> None:
    with pytest.raises(UsedWrongly):
        uploads("http://127.0.0.1:9").upload("../500", CARD)
