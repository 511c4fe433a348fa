"""What services need from outside, as Protocols; adapters implement them, the wiring hands them over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # who reads a stranger's file needs the ports, and little of the domain
    from parinaya_cli.domain.accounts import CountedDay, Subscription, Token
    from parinaya_cli.domain.backups import Contents, Manifest
    from parinaya_cli.domain.media import MediaFile
    from parinaya_cli.domain.messages import OutboundMessage, SendOutcome, Update
    from parinaya_cli.domain.templates import TemplateDefinition
    from parinaya_cli.domain.unreadable_rows import UnreadableRow


class MessageSender(Protocol):
    """Sends messages. It makes no retries of its own: a resend is a decision, not a time-out."""

    def send(self, messages: Sequence[OutboundMessage]) -> list[SendOutcome]:
        """Send all at once; one outcome for each message, in order. Never raises for a single message."""
        ...

    def submit(self, messages: Sequence[OutboundMessage], within: float) -> None:
        """Let messages leave and return at once. One whose turn has not come within so many seconds does not leave."""
        ...

    def take(self, seconds: float) -> list[tuple[str, SendOutcome]]:
        """Outcomes of submitted messages by their tokens, each once; waits for one at most so many seconds."""
        ...

    def abandon(self) -> None:
        """Cut short every request under way: their outcomes come at once, most of them ``NoAnswer``."""
        ...

    def close(self) -> None:
        """Close the connections."""
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


class ProviderAccount(Protocol):
    """What the provider tells of our account. Every question ends within seconds.

    All raise ``Unreachable`` when the provider can't be reached, and ``Failed`` when it does not tell.
    """

    def token(self) -> Token:
        """Whether our access token is valid, for how long, and what it may do."""
        ...

    def subscriptions(self) -> list[Subscription]:
        """The apps that get the account's webhooks."""
        ...

    def counted_days(self, since: datetime, until: datetime, numbers: Sequence[str] = ()) -> list[CountedDay]:
        """How many messages left and arrived on each of the provider's days; of these phone numbers, or of all."""
        ...


class MediaHost(Protocol):
    """Where files lie that stand above the texts of templates."""

    def upload(self, phone_number_id: str, file: MediaFile) -> str:
        """Put a file there for messages of this phone number; returns the id that they name, for 30 days.

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
    """A job that raised. ``error`` holds no personal data. ``tries``: how often it raised; ``first_at``: the first
    time."""

    id: str
    queue: str
    subject: str
    error: str
    failed_at: str
    tries: int = 1
    first_at: str = ""


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
    """One table of a list: how its header was found, and its rows.

    ``name``: the sheet of a workbook, empty for files of one table. ``header_line``: the 1-based row where the
    header stands; what stands above it (titles) is told in ``notes``. ``sample``: the first rows behind the
    header, as text, for recognising columns by what they hold; they come again in ``rows``. ``rows`` yields
    ``(line, cells)``: the 1-based row of the file on which it begins, and the cells as text. A row that can't be
    read comes as ``(line, UnreadableRow)``.
    """

    header: list[str]
    rows: Iterator[tuple[int, list[str] | UnreadableRow]]
    name: str = ""
    header_line: int = 1
    sample: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class OpenedList:
    """A list as it is read. ``sheets`` come one after the other: the rows of one are read before the next comes.

    ``kind``: csv, xlsx, vcard or google. ``encoding`` and ``delimiter``: as found, empty where the kind has none.
    ``share``: how much of the file has been read, 0 to 1; None when nobody knows. ``close`` ends the reading at
    any time, and is called in any case. ``partial``: it holds what has changed, so that nobody is missing in it,
    and it may well be empty.
    """

    source: str
    kind: str
    sheets: Iterator[Sheet]
    encoding: str = ""
    delimiter: str = ""
    notes: tuple[str, ...] = ()
    share: Callable[[], float | None] = lambda: None
    close: Callable[[], None] = lambda: None
    partial: bool = False


@dataclass(frozen=True)
class ReadingOptions:
    """What is said of a list beforehand. ``sheet``: only this sheet of a workbook.

    ``header_first``: the first row is the header in any case, as in files that are no guest lists.
    """

    encoding: str | None = None
    sheet: str | None = None
    header_first: bool = False


class ContactSource(Protocol):
    """Lists that families send."""

    def open(self, path: Path, options: ReadingOptions) -> OpenedList:
        """Open a list, whatever its kind: that is found out from what it holds.

        Raises:
            UsedWrongly: it is no such file, or can't be understood.
            Failed: reading it took more memory or time than a list may take.
        """
        ...


@dataclass(frozen=True)
class SyncPoint:
    """Where a reading of an address book ended. ``parameters``: what was asked for; the token holds for that only."""

    token: str
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class ContactsAsked:
    """What is wanted of an address book.

    ``group``: the name of a group of contacts, None for all. ``region``: ISO code for phones without country code.
    ``options``: how the rows will be read; where they were others before, everything is read anew. ``known``: where
    the last readings ended, by scope.
    """

    group: str | None = None
    region: str = "IN"
    options: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, SyncPoint] = field(default_factory=dict)


@dataclass(frozen=True)
class ContactsRead:
    """What an address book said.

    ``scope``: the id of the group, empty for all contacts. ``account``: whose book it is, empty where that is not
    told. ``changes_only``: only contacts that have changed since the last time. ``rows``: the contacts within the
    scope, with the cells under ``header``; the book's id of each stands in ``present``. ``outside``: contacts that
    were read and are not within the scope, with the ids of their groups. ``deleted``: ids. ``renamed``: former ids
    with what they are now. ``point``: from where to go on the next time.
    """

    scope: str
    group: str
    account: str
    changes_only: bool
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    present: frozenset[str]
    outside: Mapping[str, frozenset[str]]
    deleted: frozenset[str]
    renamed: Mapping[str, str]
    point: SyncPoint | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ContactGroup:
    """A group of an address book. ``members``: how many contacts it has."""

    id: str
    name: str
    members: int


class AddressBook(Protocol):
    """The contacts of an account, kept by somebody else."""

    def read(self, asked: ContactsAsked) -> ContactsRead:
        """Every contact, or what has changed; it is all read when this returns.

        Raises:
            NotFound: there is no such group.
            UsedWrongly, Failed: nobody is signed in, or the provider refused.
            Unreachable: the provider can't be reached.
        """
        ...

    def list_groups(self) -> list[ContactGroup]:
        """The groups that people make and see, by name. Raises as ``read`` does."""
        ...


class OpenBackup(Protocol):
    """A backup that was found whole."""

    @property
    def manifest(self) -> Manifest:
        """What it says of itself."""
        ...

    def restore(self) -> None:
        """Bring it into the database: all of it or nothing, but for the revision of the schema.

        Raises:
            Failed: Postgres refuses.
        """
        ...


class BackupFiles(Protocol):
    """Backups of one server, as files."""

    def write(self, path: Path, snapshot: str, at: datetime, version: str, contents: Contents) -> Manifest:
        """Write what a held snapshot shows, read it through, and let the file appear.

        Raises:
            UsedWrongly: nothing can be written there.
            Failed: it can't be made, or what is read back is not what the database held.
        """
        ...

    def open(self, path: Path) -> AbstractContextManager[OpenBackup]:
        """Open a backup and see that it is the one that was made.

        Raises:
            NotFound: there is no such file.
            UsedWrongly: it is no backup.
            Failed: it is damaged.
        """
        ...


class CheckpointPlace(Protocol):
    """Where checkpoints of the audit log are kept, outside of the database; lines are only ever added."""

    @property
    def place(self) -> str:
        """Where it is, for people."""
        ...

    def read(self) -> list[str]:
        """Every line with its end.

        Raises:
            Failed, Unreachable: it can't be read.
        """
        ...

    def add(self, lines: Sequence[str]) -> None:
        """Add lines (without their ends), and return when they are kept.

        Raises:
            Failed, Unreachable: they can't be kept.
        """
        ...
