"""The state of the stand-in's world: chats, rates, media, figures and the journal of what was accepted."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TextIO

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.sandbox.checks import Send
from parinaya_cli.sandbox.errors import GraphError
from parinaya_cli.sandbox.faults import EXPIRES, FaultPlan
from parinaya_cli.sandbox.free_checks import FreeForm
from parinaya_cli.sandbox.limits import Bucket, number_bucket, pair_bucket
from parinaya_cli.sandbox.media import MediaStore
from parinaya_cli.sandbox.numbers import new_wamid, user_id, wa_id
from parinaya_cli.sandbox.options import SandboxOptions
from parinaya_cli.sandbox.template_checks import Filling
from parinaya_cli.sandbox.templates import Catalog


@dataclass(frozen=True)
class Message:
    """One accepted message. ``nth``: its place among this person's; ``by_user_id``: sent without a number."""

    wamid: str
    phone: str
    by_user_id: bool
    content: Filling | FreeForm
    token: str | None
    nth: int


@dataclass
class Chat:
    """What is known of one person. Times are seconds since 1970."""

    phone: str
    bucket: Bucket
    sent: int = 0
    heard: int = 0
    last_heard: float | None = None
    last_timestamp: int = 0
    last_wamid: str = ""
    begun: bool = False
    replies_used: int = 0
    marketing_off: bool = False


@dataclass
class World:
    """Everything that outlives one request."""

    options: SandboxOptions
    catalog: Catalog
    faults: FaultPlan
    media: MediaStore = field(default_factory=MediaStore)
    chats: dict[str, Chat] = field(default_factory=dict)
    inbound: set[str] = field(default_factory=set)
    accepted: int = 0
    begun: float = field(default_factory=time.time)
    told: list[tuple[float, str]] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)
    journal: TextIO | None = None
    _by_user_id: dict[str, str] = field(default_factory=dict)
    _number: Bucket = field(init=False)

    def __post_init__(self) -> None:
        self._number = number_bucket(self.options.messages_per_second, time.monotonic())

    def open_journal(self) -> None:
        """Open the journal, at its end.

        Raises:
            UsedWrongly: it can't be written.
        """
        if self.options.journal is not None:
            try:
                self.journal = self.options.journal.open("a", encoding="utf-8")
            except OSError as error:
                raise UsedWrongly(
                    f"The journal can't be written: {error}.", "Name a file in a folder of yours."
                ) from error

    def count(self, status: str) -> None:
        """Count a status that a message is told to have, for the account's own figures."""
        if status in ("sent", "delivered"):
            self.told.append((time.time(), status))

    @property
    def token_expires(self) -> float | None:
        """When the access token expires, in seconds since 1970; None: never."""
        fault = self.faults.of_account(EXPIRES)
        return None if fault is None else self.begun + fault.value

    def close_journal(self) -> None:
        """Close the journal."""
        if self.journal is not None:
            self.journal.close()

    def chat(self, phone: str) -> Chat:
        """The chat with a person, begun here if there is none yet."""
        chat = self.chats.get(phone)
        if chat is None:
            chat = self.chats[phone] = Chat(phone, pair_bucket(time.monotonic()))
            self._by_user_id[user_id(phone)] = phone
        return chat

    def know(self, phone: str) -> None:
        """Make a person reachable by user id before anything was sent."""
        self._by_user_id[user_id(phone)] = phone

    # ── a message comes to be ──────────────────────────────────────────────────────────────────────────

    def resolve(self, send: Send) -> str:
        """Whom a message is for; checks what a right message can still be wrong about.

        Returns:
            The recipient's number, E.164.

        Raises:
            GraphError: 131009 unknown user id, 131021 to the sender itself, 100 unknown medium, 131047
            free-form
                text outside the customer service window.
        """
        phone = send.phone or self._by_user_id.get(send.user_id or "")
        if phone is None:
            raise GraphError(
                131009, "Param recipient is not a business-scoped user id that this business knows."
            )
        if wa_id(phone) == self.options.display_phone_number:
            raise GraphError(131021, "The recipient's number is the sender's.")
        for kind, media_id in send.content.media:
            if media_id not in self.media.media:
                raise GraphError(
                    100, f"Param {kind}['id'] is not a valid whatsapp business account media attachment ID"
                )
        if isinstance(send.content, FreeForm) and not self.window_open(phone):
            raise GraphError(
                131047,
                "Message failed to send because more than 24 hours have passed since the customer last wrote",
            )
        return phone

    def window_open(self, phone: str) -> bool:
        """Whether the person wrote within the customer service window."""
        heard = self.chats[phone].last_heard if phone in self.chats else None
        return heard is not None and time.time() - heard < self.options.window

    def take_rates(self, phone: str) -> None:
        """Count a message against both rates.

        Raises:
            GraphError: 130429 for the number, 131056 for this person; nothing is counted then.
        """
        now = time.monotonic()
        if not self._number.take(now):
            raise GraphError(
                130429, "Message failed to send because there were too many messages sent from this number"
            )
        if not self.chat(phone).bucket.take(now):
            self._number.give_back()
            raise GraphError(
                131056, "Message failed to send because there were too many messages to this person"
            )

    def accept(self, send: Send, phone: str) -> Message:
        """Take a message: it gets its id and stands in the journal before anybody is told."""
        chat = self.chat(phone)
        chat.sent += 1
        message = Message(
            wamid=new_wamid(phone, inbound=False),
            phone=phone,
            by_user_id=send.phone is None,
            content=send.content,
            token=send.token,
            nth=chat.sent,
        )
        chat.last_wamid = message.wamid
        self.accepted += 1
        self._write(message, send.given)
        return message

    def _write(self, message: Message, given: str) -> None:
        if self.journal is None:
            return
        content = message.content
        template = content.template if isinstance(content, Filling) else None
        line = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "wamid": message.wamid,
            "to": message.phone,
            "given": given,
            "type": "template" if isinstance(content, Filling) else content.kind,
            "template": template.name if template else None,
            "language": template.language if template else None,
            "text": content.text,
            "token": message.token,
        }
        self.journal.write(json.dumps(line, ensure_ascii=False) + "\n")
        self.journal.flush()

    # ── a guest is heard ───────────────────────────────────────────────────────────────────────────────

    def hear(self, phone: str, *, writes: bool) -> tuple[str, int, int]:
        """A guest acts: opens the window if it is a message, counts against the number's rate.

        Returns:
            The new message id, its timestamp (whole seconds, later than the person's last one, because the
            order of what one person said must be readable from it), and its place among those of this person.
        """
        chat = self.chat(phone)
        now = time.time()
        chat.heard += 1
        chat.last_timestamp = max(int(now), chat.last_timestamp + 1)
        wamid = new_wamid(phone, inbound=True)
        if writes:
            chat.last_heard = now
            self.inbound.add(wamid)
            self._number.use(time.monotonic())
        return wamid, chat.last_timestamp, chat.heard
