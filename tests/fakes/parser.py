"""Deliveries without Meta's JSON: a body stands for the updates that a test gave it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.messages import Update


class FakeParser:
    """``InboundParser``: ``script`` tells the updates of each body, or the error that reading it raises."""

    def __init__(self, script: Mapping[bytes, Sequence[Update] | Exception] | None = None) -> None:
        self.script = dict(script or {})

    def parse(self, body: bytes) -> list[Update]:
        told = self.script.get(body)
        if told is None:
            raise UsedWrongly("The body is no JSON object.")
        if isinstance(told, Exception):
            raise told
        return list(told)
