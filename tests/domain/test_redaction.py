"""The net under logs and tracebacks: what looks like a key, a link or a phone does not get through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.domain.redaction import masked

TOKEN = "Ab-_" * 10 + "xyz"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Key (value)=(+919876504321) already exists", "Key (value)=(••••321) already exists"),
        ("to 919876504321, from 9876504399", "to ••••321, from ••••399"),
        ("called +91 98765 04321 twice", "called ••••321 twice"),
        ("postgresql://me:pass@db.example/x", "postgresql://me:••••@db.example/x"),
        ("redis://:pass@127.0.0.1:9/0", "redis://:••••@127.0.0.1:9/0"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ••••"),
        ("token EAAGm0PX4ZCpsBAKZA9 in it", "token •••• in it"),
        ("wamid.HBgMOTE5ODc2NTA0MzIxFQ== failed", "•••• failed"),
        (f"GET /i/{TOKEN}/rsvp", "GET /i/••••/rsvp"),
    ],
)
def test_what_looks_like_a_key_or_a_phone_is_taken_out(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24 03:47:13,120 parinaya.worker a job of send failed (KeyError)",
        "dispatch 01a20b9f-2c74-7e23-8ae5-012345678912 is unknown",
        'File "/srv/parinaya_cli/store/engine.py", line 120, in translated',
        "ready: http://127.0.0.1:8080",
    ],
)
def test_what_helps_to_find_a_fault_stays(text: str) -> None:
    assert masked(text) == text


@given(st.text(), st.integers(10**9, 10**15 - 1), st.sampled_from(["", "+"]), st.text("abcXYZ", min_size=6))
def test_no_phone_and_no_secret_gets_through(words: str, number: int, plus: str, secret: str) -> None:
    told = masked(f"{words} ({plus}{number}) {secret!r} {secret}", [secret])
    assert f"({plus}{number})" not in told
    assert secret not in told
