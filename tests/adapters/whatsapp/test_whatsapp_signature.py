"""Signatures of webhooks: exactly one, over the raw bytes, under a secret that is known."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from parinaya_cli.adapters.whatsapp.signature import check, sign

SECRETS = st.text(st.characters(), min_size=1, max_size=40)


def test_a_known_answer() -> None:
    """RFC 4231, test case 2."""
    assert sign("Jefe", b"what do ya want for nothing?") == (
        "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


@settings(deadline=None)
@given(SECRETS, st.binary(max_size=200))
def test_what_was_signed_checks(secret: str, body: bytes) -> None:
    assert check([secret], body, sign(secret, body))


@settings(deadline=None)
@given(SECRETS, SECRETS, st.binary(max_size=50))
def test_during_a_rotation_both_secrets_hold_and_afterwards_one(old: str, new: str, body: bytes) -> None:
    assume(old != new)
    assert check([new, old], body, sign(old, body))
    assert check([new, old], body, sign(new, body))
    assert not check([new], body, sign(old, body))


@settings(deadline=None)
@given(st.binary(max_size=50), st.data())
def test_every_mutation_of_the_header_is_refused(body: bytes, data: st.DataObject) -> None:
    header = sign("secret", body)
    place = data.draw(st.integers(0, len(header)))
    taken = data.draw(st.integers(0, 3))
    put = data.draw(
        st.text(st.sampled_from("0123456789abcdefABCDEF =,\n\x00\u0661s") | st.characters(), max_size=3)
    )
    mutated = header[:place] + put + header[place + taken :]
    assume(mutated != header)
    assert not check(["secret"], body, mutated)


@settings(deadline=None)
@given(st.binary(max_size=50), st.data())
def test_every_mutation_of_the_body_is_refused(body: bytes, data: st.DataObject) -> None:
    other = data.draw(st.binary(max_size=50))
    assume(other != body)
    assert not check(["secret"], other, sign("secret", body))


@pytest.mark.parametrize("secrets", [[], [""], ["", ""]])
def test_without_a_secret_nothing_checks(secrets: list[str]) -> None:
    assert not check(secrets, b"{}", sign("", b"{}"))


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        sign("secret", b"{}").removeprefix("sha256="),
        sign("secret", b"{}").upper(),
        sign("secret", b"{}").replace("sha256", "sha1"),
        sign("secret", b"{}") + "\n",
        " " + sign("secret", b"{}"),
        sign("secret", b"{}") + ", " + sign("secret", b"{}"),
        sign("other", b"{}"),
    ],
)
def test_wrong_headers(header: str | None) -> None:
    assert check(["secret"], b"{}", sign("secret", b"{}"))
    assert not check(["secret"], b"{}", header)


def test_the_bytes_count_and_not_the_json() -> None:
    assert not check(["secret"], b'{"a": "/"}', sign("secret", b'{"a": "\\/"}'))
