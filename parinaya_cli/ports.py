"""What services need from outside, as Protocols; adapters implement them, the wiring hands them over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from parinaya_cli.domain.messages import OutboundMessage, SendOutcome, Update
from parinaya_cli.domain.templates import TemplateDefinition


class MessageSender(Protocol):
    """Sends messages. It makes no retries of its own: a resend is a decision, not a time-out."""

    def send(self, messages: Sequence[OutboundMessage]) -> list[SendOutcome]:
        """Send all at once; one outcome for each message, in order. Never raises for a single message."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


class Pacer(Protocol):
    """The send rate of a phone number, shared by all workers on all machines."""

    def wait(self, phone_number_id: str, count: int) -> None:
        """Return when ``count`` messages may leave."""
        ...

    def slow_down(self, phone_number_id: str) -> None:
        """The provider complained: halve the rate for a while."""
        ...


class TemplateSource(Protocol):
    """Where approved templates come from."""

    def list_templates(self) -> list[TemplateDefinition]:
        """Every template of the account, in all languages and statuses.

        Raises:
            Unreachable: the provider can't be reached.
            Failed: the provider refused.
        """
        ...


class InboundParser(Protocol):
    """Bytes of a delivery into values."""

    def parse(self, body: bytes) -> list[Update]:
        """Every update of a delivery; what is not understood comes as ``Unreadable``.

        Raises:
            UsedWrongly: the body is no JSON object.
        """
        ...


@dataclass(frozen=True)
class QueueFigures:
    """How one queue stands. ``oldest_seconds``: age of the oldest waiting job, 0 when none waits."""

    name: str
    waiting: int
    running: int
    failed: int
    oldest_seconds: float


@dataclass(frozen=True)
class FailedJob:
    """A job that raised. ``error`` holds no personal data."""

    id: str
    queue: str
    subject: str
    error: str
    failed_at: str


class JobQueue(Protocol):
    """The doorbells. Every method raises ``Unreachable`` when the queue can't be reached."""

    def ring(self, queue: str, subject: str = "") -> bool:
        """Ring for rows that wait in Postgres; False when a bell for this subject already hangs there."""
        ...

    def figures(self) -> tuple[list[QueueFigures], int]:
        """How each queue stands, and the number of workers."""
        ...

    def failed(self) -> list[FailedJob]:
        """Jobs that raised."""
        ...

    def retry(self, job_id: str) -> None:
        """Put a failed job back."""
        ...

    def drop(self, job_id: str) -> None:
        """Forget a failed job."""
        ...


@dataclass(frozen=True)
class Sheet:
    """A list as read from a file: how it was understood, its header and its rows.

    ``rows`` yields ``(line, cells)``: the 1-based line of the file on which the row begins, and the cells as
    text. A row that can't be read comes as ``(line, error)`` with a sentence instead of cells.
    """

    source: str
    encoding: str
    delimiter: str
    header: list[str]
    rows: Iterator[tuple[int, list[str] | str]]


class ContactSource(Protocol):
    """A list that a family sent."""

    def read(self, path: Path) -> Sheet:
        """Open a list.

        Raises:
            UsedWrongly: it is no such file, or can't be understood.
        """
        ...
