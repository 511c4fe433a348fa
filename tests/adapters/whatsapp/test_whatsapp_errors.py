"""Meta's codes as families, and answers of the Graph API as outcomes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parinaya_cli.adapters.whatsapp.errors import (
    HTTP_TOO_MANY,
    KNOWN_CODES,
    NO_REASON,
    UNSENDABLE,
    family_of,
    response_outcome,
    retry_after,
    what_to_do,
)
from parinaya_cli.domain.messages import Accepted, ErrorFamily, NoAnswer, NotSent, Refused, SendOutcome

FAMILIES = {
    ErrorFamily.SAYS_FAILED: [1, 2, 131000, 131016, 133004],
    ErrorFamily.NUMBER_THROTTLE: [4, 80007, 130429, HTTP_TOO_MANY],
    ErrorFamily.PAIR_THROTTLE: [131056],
    ErrorFamily.WITHHELD: [131049, 130472],
    ErrorFamily.RECIPIENT: [131026, 131021, 131030, 130497, 130403, 131062, 137000],
    ErrorFamily.OPTED_OUT: [131050],
    ErrorFamily.TEMPLATE: [132001, 132007, 132015, 132016, 132068, 132069, 134101, 131053],
    ErrorFamily.PARAMETERS: [100, 131008, 131009, 132000, 132005, 132008, 132012, 132018, UNSENDABLE],
    ErrorFamily.ACCOUNT: [0, 190, 3, 10, 200, 299, 33, 368, 131005, 131031, 131042, 131045, 131048, 131064],
    ErrorFamily.MAINTENANCE: [131057],
    ErrorFamily.WINDOW: [131047],
    ErrorFamily.OTHER: [199, 300, 999999, -77, NO_REASON],
}
CASES = [(family, code) for family, codes in FAMILIES.items() for code in codes]


@pytest.mark.parametrize(("family", "code"), CASES)
def test_families(family: ErrorFamily, code: int) -> None:
    assert family_of(code) is family


def test_every_family_has_a_code() -> None:
    assert {family for family, _ in CASES} == set(ErrorFamily)


@pytest.mark.parametrize("code", [*sorted(KNOWN_CODES), 200, 250, 299, 123456])
def test_what_to_do_is_one_plain_sentence(code: int) -> None:
    sentence = what_to_do(code)
    assert sentence.endswith(".")
    assert sentence[0].isupper() or sentence.startswith("parinaya")
    assert "\n" not in sentence
    assert 20 < len(sentence) < 120


def test_an_unknown_code_is_said_to_be_unknown() -> None:
    assert what_to_do(123456) not in {what_to_do(code) for code in KNOWN_CODES}


# ── answers ────────────────────────────────────────────────────────────────────────────────────────────


def short(value: object) -> str:
    """A telling name of a case, of bounded length."""
    return str(value)[:60]


def graph_error(code: object, **more: object) -> bytes:
    error = {
        "message": f"(#{code}) Told by WhatsApp",
        "type": "OAuthException",
        "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": "More about it."},
        "fbtrace_id": "A1b2",
    }
    return json.dumps({"error": error | more}).encode()


def accepted(**more: object) -> bytes:
    message = {"id": "wamid.OUT1"} | more
    contacts = [{"input": "+919812300001", "wa_id": "919812300001"}]
    return json.dumps({"messaging_product": "whatsapp", "contacts": contacts, "messages": [message]}).encode()


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, accepted(), Accepted("wamid.OUT1", "919812300001")),
        (200, accepted(message_status="accepted"), Accepted("wamid.OUT1", "919812300001")),
        (
            200,
            accepted(message_status="held_for_quality_assessment"),
            Accepted("wamid.OUT1", "919812300001", held=True),
        ),
        (200, accepted(message_status="paused"), Accepted("wamid.OUT1", "919812300001", held=True)),
        (201, accepted(), Accepted("wamid.OUT1", "919812300001")),
        (200, b'{"contacts":[{"user_id":"IN.1"}],"messages":[{"id":"wamid.OUT1"}]}', Accepted("wamid.OUT1")),
        (200, b'{"messages":[{"id":"wamid.OUT1"}]}', Accepted("wamid.OUT1")),
    ],
)
def test_acceptances(status: int, body: bytes, expected: SendOutcome) -> None:
    assert response_outcome(status, {}, body) == expected


@pytest.mark.parametrize(
    ("status", "code", "family"),
    [
        (400, 130429, ErrorFamily.NUMBER_THROTTLE),
        (429, 130429, ErrorFamily.NUMBER_THROTTLE),
        (429, 131056, ErrorFamily.PAIR_THROTTLE),
        (429, 987654, ErrorFamily.NUMBER_THROTTLE),
        (401, 190, ErrorFamily.ACCOUNT),
        (500, 131000, ErrorFamily.SAYS_FAILED),
        (503, 131016, ErrorFamily.SAYS_FAILED),
        (200, 100, ErrorFamily.PARAMETERS),
        (400, 987654, ErrorFamily.OTHER),
        (404, 132001, ErrorFamily.TEMPLATE),
    ],
)
def test_refusals_go_by_the_code_and_not_by_the_status(status: int, code: int, family: ErrorFamily) -> None:
    outcome = response_outcome(status, {}, graph_error(code))
    assert isinstance(outcome, Refused)
    assert (outcome.error.code, outcome.error.family) == (code, family)
    assert outcome.error.title == f"(#{code}) Told by WhatsApp"
    assert (outcome.error.details, outcome.error.trace_id) == ("More about it.", "A1b2")
    assert outcome.retry_after is None


def test_a_refusal_without_extras() -> None:
    outcome = response_outcome(400, {}, b'{"error":{"message":"No.","code":100}}')
    assert isinstance(outcome, Refused)
    assert (outcome.error.details, outcome.error.trace_id) == ("", "")


def test_too_many_requests_without_words_of_meta() -> None:
    outcome = response_outcome(429, {"retry-after": "7"}, b"<html>slow down</html>")
    assert isinstance(outcome, Refused)
    assert outcome.error.family is ErrorFamily.NUMBER_THROTTLE
    assert outcome.retry_after == 7


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, graph_error(987654)),
        (503, graph_error(987654)),
        (408, graph_error(987654)),
        (200, graph_error(987654)),
        (500, b""),
        (502, b"<html>Bad gateway</html>"),
        (408, b"{}"),
        (404, b"Not found"),
        (302, b""),
        (200, b""),
        (200, b"{}"),
        (200, b"[]"),
        (200, b"null"),
        (200, b'{"messages":[]}'),
        (200, b'{"messages":[{}]}'),
        (200, b'{"messages":[{"id":""}]}'),
        (200, b'{"messages":[{"id":7}]}'),
        (200, b'{"messages":"wamid.OUT1"}'),
        (200, b'{"success":true}'),
        (200, accepted()[:-1]),
        (200, b"\xff\xfe"),
        (200, b"[" * 100_000),
        (500, accepted()),
        (400, b'{"error":"no"}'),
        (400, b'{"error":{"message":"no"}}'),
        (400, graph_error("100")),
        (400, graph_error(True)),
        (400, graph_error(100.5)),
        (400, graph_error(10**30)),
        (400, graph_error(100, message=None)),
    ],
    ids=short,
)
def test_what_is_neither_yes_nor_no_is_no_answer(status: int, body: bytes) -> None:
    assert isinstance(response_outcome(status, {}, body), NoAnswer)


@settings(deadline=None)
@given(st.integers(100, 599), st.binary(max_size=40) | st.sampled_from([accepted(), graph_error(100)]))
def test_an_answer_never_says_that_nothing_was_sent(status: int, body: bytes) -> None:
    assert not isinstance(response_outcome(status, {}, body), NotSent)


@settings(deadline=None)
@given(st.text(st.characters(), max_size=20), st.text(st.characters(), max_size=20))
def test_words_of_an_answer_can_be_stored(title: str, trace: str) -> None:
    outcome = response_outcome(400, {}, graph_error(100, message=title, fbtrace_id=trace))
    assert isinstance(outcome, Refused)
    for words in (outcome.error.title, outcome.error.trace_id):
        words.encode("utf-8")
        assert "\x00" not in words


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": " 120 "}, 120.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "999999999"}, 86_400.0),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "9" * 5_000}, None),
        ({"retry-after": "Sun, 22 Nov 2026 10:01:00 GMT"}, None),
        ({"retry-after": "Sun, 22 Nov 2026 10:01:00 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 60.0),
        ({"retry-after": "Sun, 22 Nov 2026 09:00:00 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 0.0),
    ],
    ids=short,
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


@settings(deadline=None)
@given(st.text(st.characters(), max_size=40), st.text(st.characters(), max_size=40))
def test_retry_after_takes_any_header(value: str, date: str) -> None:
    seconds = retry_after({"retry-after": value, "date": date})
    assert seconds is None or 0 <= seconds <= 86_400
