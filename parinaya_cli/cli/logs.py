"""Log lines of the processes that stay: one way for all, with a net under it."""

from __future__ import annotations

import logging

from parinaya_cli.domain.redaction import masked
from parinaya_cli.settings import Settings


class _Net(logging.Formatter):
    """Takes secrets and phones out of lines, and of tracebacks where there are any."""

    def __init__(self, secrets: list[str]) -> None:
        super().__init__("%(asctime)s %(name)s %(message)s")
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record), self._secrets)


def set_up(told: Settings) -> None:
    """Warnings and errors go to stderr, a line each."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Net(told.secrets))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
