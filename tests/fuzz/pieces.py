"""What a target of the fuzzing is, and strange texts and bytes to throw at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st


@dataclass(frozen=True)
class Target:
    """``cases``: what comes in; ``check``: raises when something does not hold."""

    cases: st.SearchStrategy[Any]
    check: Callable[[Any], None]


def words(*known: str) -> st.SearchStrategy[str]:
    """Texts put together from known pieces and from anything."""
    piece = st.one_of(st.sampled_from(known), st.text(max_size=6))
    return st.lists(piece, max_size=14).map("".join)


def spliced(whole: bytes) -> st.SearchStrategy[bytes]:
    """A right file with some bytes cut out and others put in."""
    place = st.integers(0, len(whole))
    return st.lists(st.tuples(place, st.integers(0, 40), st.binary(max_size=12)), min_size=1, max_size=4).map(
        lambda cuts: _splice(whole, cuts)
    )


def _splice(whole: bytes, cuts: list[tuple[int, int, bytes]]) -> bytes:
    for place, length, more in cuts:
        whole = whole[:place] + more + whole[place + length :]
    return whole


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
