"""What the receiver answers to right, wrong and hostile requests, and what it keeps of each."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from parinaya_cli.web.bodies import Limits
from parinaya_cli.web.webhook_desk import PATH
from tests.web.receiver_kit import (
    TOKEN,
    envelope,
    get,
    post,
    raw,
    receiver_app,
    receiving,
    signature,
    status_body,
    stored,
)

MEGABYTE = 1024 * 1024


@pytest.fixture
def root(env: dict[str, str], tmp_path: Path) -> Iterator[str]:
    with receiving(receiver_app(env, tmp_path)) as address:
        yield address


@pytest.fixture
def hasty(env: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """A receiver that waits for nobody: only for what comes too slowly, as a busy machine is slow as well."""
    with receiving(receiver_app(env, tmp_path), Limits(read=0.4, head=0.4)) as address:
        yield address


def request_head(*lines: str) -> bytes:
    return "\r\n".join([f"POST {PATH} HTTP/1.1", "Host: x", *lines, "", ""]).encode("latin-1")


def test_a_signed_delivery_is_stored_as_the_bytes_that_came(root: str, database_url: str) -> None:
    body = envelope({"messages": [{"text": {"body": "हाँ \u0000 😀 \ud83d"}}]})
    assert b"\\u0939" in body
    assert b"\\ud83d" in body
    answer = post(root, body)
    assert (answer.status_code, answer.content) == (200, b"")
    assert stored(database_url) == [(body, "pending", 1)]


def test_the_same_body_twice_is_stored_once(root: str, database_url: str) -> None:
    body = status_body(1)
    assert [post(root, body).status_code for _ in range(3)] == [200, 200, 200]
    assert stored(database_url) == [(body, "pending", 3)]


def test_a_thousand_updates_in_three_megabytes_are_taken(root: str, database_url: str) -> None:
    words = "x" * 2900
    messages = [{"id": f"wamid.{n}", "text": {"body": words}} for n in range(1000)]
    body = envelope({"messages": messages})
    assert 2.7 * MEGABYTE < len(body) < 3 * MEGABYTE
    assert post(root, body).status_code == 200
    assert stored(database_url) == [(body, "pending", 1)]


BODY = status_body(7)
GOOD = signature(BODY)
FORGED = {
    "missing": [],
    "of another secret": [signature(BODY, "another")],
    "of an empty secret": [signature(BODY, "")],
    "of another body": [signature(BODY + b" ")],
    "sha1 prefix": ["sha1=" + GOOD.removeprefix("sha256=")],
    "no prefix": [GOOD.removeprefix("sha256=")],
    "upper case": [GOOD.upper()],
    "cut": [GOOD[:-1]],
    "one too many": [GOOD + "0"],
    "two in one header": [f"{GOOD},{GOOD}"],
    "two headers": [GOOD, GOOD],
    "a wrong one before the right one": ["sha256=" + "0" * 64, GOOD],
    "not ASCII": ["sha256=é" + "0" * 63],
}


def test_what_is_not_rightly_signed_leaves_nothing(root: str, database_url: str) -> None:
    answers = {}
    for kind, signatures in FORGED.items():
        lines = [f"X-Hub-Signature-256: {one}" for one in signatures]
        head = request_head("Connection: close", f"Content-Length: {len(BODY)}", *lines)
        answers[kind] = raw(root, head + BODY)[:13]
    assert answers == dict.fromkeys(FORGED, b"HTTP/1.1 401 ")
    assert stored(database_url) == []


NO_OBJECTS = {
    "nothing": b"",
    "words": b"not json",
    "a list": b"[]",
    "a string": b'"x"',
    "a number": b"1",
    "null": b"null",
    "half an object": b'{"a": ',
    "an object and more": b'{"a": 1} x',
    "not UTF-8": b'{"a": "\xff"}',
}


def test_a_signed_body_that_is_no_json_object_is_refused(root: str, database_url: str) -> None:
    answers = {kind: post(root, body).status_code for kind, body in NO_OBJECTS.items()}
    assert answers == dict.fromkeys(NO_OBJECTS, 400)
    assert stored(database_url) == []


BEYOND = {
    "deep": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "very deep": b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "an integer of 5,000 digits": b'{"a": ' + b"9" * 5000 + b"}",
    "too many updates": envelope({"statuses": [{}] * 5001}),
}


def test_json_beyond_our_parser_is_kept_as_dead(root: str, database_url: str) -> None:
    answers = {kind: post(root, body).status_code for kind, body in BEYOND.items()}
    assert answers == dict.fromkeys(BEYOND, 200)
    assert stored(database_url) == [(body, "dead", 1) for body in BEYOND.values()]


def test_strange_json_is_kept_for_processing(root: str, database_url: str) -> None:
    bodies = [
        b"{}",
        b'{"a": NaN}',
        b'{"a": 1, "a": 2}',
        b' \n{"object": [], "entry": 4}',
        b'{"entry": [null]}',
    ]
    assert [post(root, body).status_code for body in bodies] == [200] * len(bodies)
    assert stored(database_url) == [(body, "pending", 1) for body in bodies]


# ── size and time ──────────────────────────────────────────────────────────────────────────────────────


def test_the_limit_itself_is_taken_and_one_byte_more_is_not(
    env: dict[str, str], tmp_path: Path, database_url: str
) -> None:
    fits = status_body(1).ljust(1000)
    with receiving(receiver_app(env, tmp_path), Limits(body=1000)) as root:
        assert post(root, fits).status_code == 200
        assert post(root, fits + b" ").status_code == 413
    assert [body for body, _, _ in stored(database_url)] == [fits]


def test_a_declared_size_over_the_limit_is_refused_before_the_body_is_sent(root: str) -> None:
    for size in (4 * MEGABYTE + 1, 10**30):
        head = request_head(f"Content-Length: {size}", "Expect: 100-continue")
        answer = raw(root, head)
        assert b"100 Continue" not in answer
        assert answer.startswith(b"HTTP/1.1 413 ") or (size > 2**64 and answer.startswith(b"HTTP/1.1 400 "))


def test_a_client_that_sends_all_of_a_body_that_is_too_large_reads_the_answer(root: str) -> None:
    assert post(root, b"x" * (6 * MEGABYTE)).status_code == 413


def test_a_chunked_body_is_read_no_further_than_the_limit(root: str, database_url: str) -> None:
    parts = urlsplit(root)
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    sent = 0
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as connection:
        connection.sendall(request_head("Transfer-Encoding: chunked"))
        try:
            for _ in range(100_000):
                connection.sendall(chunk)
                sent += 65536
        except OSError:
            pass
        else:
            pytest.fail("the receiver took six gigabytes")
    answer = raw(root, request_head("Transfer-Encoding: chunked") + chunk * 80)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer
    assert stored(database_url) == []


def test_a_body_that_comes_too_slowly_is_given_up(hasty: str) -> None:
    body = status_body(1)
    signed = f"X-Hub-Signature-256: {signature(body)}"
    for framing, start in (
        (f"Content-Length: {len(body)}", body[:50]),
        ("Transfer-Encoding: chunked", b"1\r\n{\r\n"),
    ):
        answer = raw(hasty, request_head(framing, signed) + start)
        assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_head_that_comes_too_slowly_or_is_endless_is_given_up(hasty: str) -> None:
    assert raw(hasty, b"") == b""
    assert raw(hasty, b"POST /webhooks/whatsapp HTTP/1.1\r\nHost: x\r\n") == b""
    assert raw(hasty, b"GET /healthz HTTP/1.1\r\n" + b"X: y\r\n" * 50_000) == b""


def test_a_second_request_on_a_connection_has_the_same_deadline(hasty: str) -> None:
    answer = raw(hasty, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /heal")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.count(b"HTTP/1.1") == 1


def test_all_bodies_together_have_a_limit(env: dict[str, str], tmp_path: Path, database_url: str) -> None:
    with receiving(receiver_app(env, tmp_path), Limits(bodies=2000)) as root:
        assert post(root, status_body(1).ljust(2001)).status_code == 503
        # What was given back can be taken again, as often as one likes.
        assert [post(root, status_body(2).ljust(1900)).status_code for _ in range(3)] == [200] * 3
    assert len(stored(database_url)) == 1


# ── other addresses, other methods ─────────────────────────────────────────────────────────────────────


def test_other_methods_are_not_answered(root: str) -> None:
    for method in ("PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"):
        answer = raw(root, f"{method} {PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 405 "), method
        assert b"allow: GET, POST" in answer


def test_there_are_no_other_addresses(root: str) -> None:
    paths = ["/", "/webhooks", PATH + "/", "/webhooks/whatsapp/x", "/healthz/", "/docs"]
    assert {path: get(root, path).status_code for path in paths} == dict.fromkeys(paths, 404)


def test_what_is_no_http_is_turned_away(root: str) -> None:
    hello = b"\x16\x03\x01\x02\x00"  # TLS
    for data in (hello, b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n", b"POST\r\n\r\n", b"\x00" * 100):
        assert raw(root, data).startswith(b"HTTP/1.1 400 "), data
    assert get(root, "/healthz").status_code == 200


# ── the handshake ──────────────────────────────────────────────────────────────────────────────────────


def handshake(
    root: str, *, mode: str = "subscribe", token: str = TOKEN, challenge: str = "1158201444"
) -> tuple[int, str, str]:
    query = f"hub.mode={quote(mode)}&hub.verify_token={quote(token)}&hub.challenge={quote(challenge)}"
    answer = get(root, f"{PATH}?{query}")
    return answer.status_code, answer.headers["content-type"], answer.text


def test_the_challenge_is_echoed_when_the_token_is_right(root: str) -> None:
    plain = "text/plain; charset=utf-8"
    assert handshake(root) == (200, plain, "1158201444")
    assert handshake(root, challenge="a" * 256) == (200, plain, "a" * 256)


WRONG: list[dict[str, str]] = [
    {"token": "wrong"},
    {"token": ""},
    {"token": TOKEN + "x"},
    {"token": "é\U0001f600"},
    {"mode": "unsubscribe"},
    {"challenge": ""},
    {"challenge": "a" * 257},
    {"challenge": "<script>alert(1)</script>"},
    {"challenge": "a\r\nSet-Cookie: x=y"},
    {"challenge": "१२३"},
]


def test_every_other_handshake_is_refused(root: str) -> None:
    for wrong in WRONG:
        status, _, text = handshake(root, **wrong)
        assert status == 403, wrong
        assert not wrong.get("challenge") or wrong["challenge"] not in text


def test_parameters_that_are_there_twice_are_refused(root: str) -> None:
    query = f"hub.mode=subscribe&hub.verify_token={TOKEN}&hub.challenge=1"
    assert get(root, f"{PATH}?{query}").status_code == 200
    for extra in (
        "hub.verify_token=wrong",
        f"hub.verify_token={TOKEN}",
        "hub.challenge=2",
        "&".join(["a=b"] * 50),
    ):
        assert get(root, f"{PATH}?{query}&{extra}").status_code == 403, extra


def test_without_a_token_no_handshake_is_right(env: dict[str, str], tmp_path: Path) -> None:
    app = receiver_app({**env, "WHATSAPP_VERIFY_TOKEN": ""}, tmp_path)
    with receiving(app) as root:
        assert handshake(root, token="")[0] == 403
        assert handshake(root)[0] == 403


def test_answers_name_no_server_and_echo_no_body(root: str) -> None:
    answer = post(root, json.dumps({"canary": 1}).encode(), X_Hub_Signature_256="sha256=" + "0" * 64)
    assert "server" not in answer.headers
    assert "canary" not in answer.text
