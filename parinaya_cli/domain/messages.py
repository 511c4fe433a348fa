"""What goes out and what can come in, as values: no JSON, no HTTP, no Meta."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from parinaya_cli.domain.policy import Go

# ── out ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class TextValue:
    """The value of one parameter; ``name`` is None in templates with numbered parameters."""

    text: str
    name: str | None = None


@dataclass(frozen=True)
class MediaValue:
    """The medium of a template's header: an uploaded id or a link. ``kind``: image, video, document."""

    kind: str
    id: str | None = None
    link: str | None = None
    filename: str | None = None


@dataclass(frozen=True)
class ButtonValue:
    """What fills one button of a template: ``kind`` is quick_reply (a payload) or url (a suffix)."""

    index: int
    kind: str
    value: str


@dataclass(frozen=True)
class TemplateContent:
    """A template with everything filled in that changes from guest to guest."""

    name: str
    language: str
    header: TextValue | MediaValue | None = None
    body: tuple[TextValue, ...] = ()
    buttons: tuple[ButtonValue, ...] = ()


@dataclass(frozen=True)
class ReplyButton:
    """A button under a free-form message: at most 3, title at most 20 characters, id at most 256."""

    id: str
    title: str


@dataclass(frozen=True)
class FreeContent:
    """Free-form text, allowed inside the 24-hour window only. ``reply_to``: the message id it answers."""

    text: str
    buttons: tuple[ReplyButton, ...] = ()
    reply_to: str | None = None


@dataclass(frozen=True)
class OutboundMessage:
    """One message, ready to leave.

    ``to`` is E.164 with ``+``; ``user_id`` is a business-scoped user id, for guests who show no number.
    ``token`` is the correlation token that the provider hands back in every status of the message.
    ``permission`` is the word of the policy gate: without one there is no message.
    """

    phone_number_id: str
    to: str | None
    user_id: str | None
    content: TemplateContent | FreeContent
    token: str
    permission: Go


class ErrorFamily(StrEnum):
    """What a provider's error code means for us, whatever its number.

    The families and what each does to a dispatch follow Meta's list of error codes
    (developers.facebook.com, WhatsApp, support/error-codes).
    """

    SAYS_FAILED = "says_failed"  # it says it failed, for now
    NUMBER_THROTTLE = "number_throttle"  # too many messages from this number
    PAIR_THROTTLE = "pair_throttle"  # too many messages to this person
    WITHHELD = "withheld"  # held back from this person for now
    RECIPIENT = "recipient"  # this person can't get it
    OPTED_OUT = "opted_out"  # this person stopped marketing messages
    TEMPLATE = "template"  # nothing more with this template
    PARAMETERS = "parameters"  # this guest's values
    ACCOUNT = "account"  # nothing more from this account until a person has looked
    MAINTENANCE = "maintenance"  # the number is being moved for a minute
    WINDOW = "window"  # free-form text outside the customer service window
    OTHER = "other"  # a refusal that we do not know


@dataclass(frozen=True)
class ProviderError:
    """One error as the provider told it. Branch on ``family``, show ``title``."""

    code: int
    family: ErrorFamily
    title: str
    details: str = ""
    trace_id: str = ""


@dataclass(frozen=True)
class Accepted:
    """The provider took the request. ``held``: held back for quality assessment, neither sent nor failed."""

    message_id: str
    wa_id: str | None = None
    held: bool = False


@dataclass(frozen=True)
class Refused:
    """The provider said no, in its own error form. ``retry_after`` in seconds where it named one."""

    error: ProviderError
    retry_after: float | None = None


@dataclass(frozen=True)
class NotSent:
    """The request provably never reached the provider."""

    detail: str


@dataclass(frozen=True)
class NoAnswer:
    """Nobody can tell whether the provider took the request."""

    detail: str


SendOutcome = Accepted | Refused | NotSent | NoAnswer

# ── in ─────────────────────────────────────────────────────────────────────────────────────────────────


class DeliveryStatus(StrEnum):
    """What a status webhook says of a message."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True)
class Sender:
    """Who wrote: a phone (E.164 with ``+``), a business-scoped user id, or both; never neither."""

    phone: str | None
    user_id: str | None = None
    profile_name: str = ""


@dataclass(frozen=True)
class Tap:
    """A tap on a button or a row: ``payload`` is what we put there, ``label`` what the guest saw."""

    payload: str
    label: str


@dataclass(frozen=True)
class Text:
    """Words that the guest typed."""

    body: str


@dataclass(frozen=True)
class OtherContent:
    """A voice note, a picture, a reaction, …: ``kind`` is the provider's word for it."""

    kind: str
    caption: str = ""


@dataclass(frozen=True)
class StatusUpdate:
    """One status of one message. ``key`` is the natural key of its effect.

    ``account_id`` and ``our_number`` (E.164): to which account the phone number id belongs, and what it is.
    """

    key: str
    phone_number_id: str
    message_id: str
    status: DeliveryStatus
    at: datetime
    token: str | None = None
    recipient: str | None = None
    error: ProviderError | None = None
    recipient_user_id: str | None = None
    account_id: str = ""
    our_number: str = ""


@dataclass(frozen=True)
class InboundMessage:
    """One message from a guest. ``context_id`` is the message that it answers, where the guest's app says so."""

    key: str
    phone_number_id: str
    message_id: str
    at: datetime
    sender: Sender
    content: Tap | Text | OtherContent
    context_id: str | None = None


@dataclass(frozen=True)
class PreferenceUpdate:
    """The guest used WhatsApp's own switch for marketing messages."""

    key: str
    phone_number_id: str
    sender: Sender
    stop: bool
    at: datetime


@dataclass(frozen=True)
class MovedUpdate:
    """A guest has changed their number or was given another user id; None: not told."""

    key: str
    phone_number_id: str
    at: datetime
    phone_before: str | None = None
    phone: str | None = None
    user_id_before: str | None = None
    user_id: str | None = None


@dataclass(frozen=True)
class TemplateUpdate:
    """A template's status, quality or category changed at the provider; None means: not told.

    ``at``: when, by the provider's clock.
    """

    key: str
    account_id: str
    name: str
    language: str
    status: str | None = None
    quality: str | None = None
    reason: str = ""
    category: str | None = None
    at: datetime | None = None


UNLIMITED = 0
"""A tier without a limit."""


@dataclass(frozen=True)
class AccountUpdate:
    """News of the account or of one of its numbers (``number``, E.164; None: of all).

    ``stop``: why nothing more may be sent from there until a person has looked, empty when nothing says so.
    ``tier``: to how many people a day it may write first, ``UNLIMITED``, or None when that is not told.
    """

    key: str
    account_id: str
    event: str
    at: datetime | None = None
    number: str | None = None
    tier: int | None = None
    quality: str | None = None
    stop: str = ""


@dataclass(frozen=True)
class Unreadable:
    """Something that we do not understand: kept, listed, never dropped."""

    key: str
    kind: str
    reason: str
    facts: dict[str, str] = field(default_factory=dict)


Update = (
    StatusUpdate
    | InboundMessage
    | PreferenceUpdate
    | MovedUpdate
    | TemplateUpdate
    | AccountUpdate
    | Unreadable
)

# ── as it is kept ──────────────────────────────────────────────────────────────────────────────────────


def pack(content: TemplateContent | FreeContent) -> dict[str, object]:
    """The content of a message as a JSON document, to be kept with its dispatch."""
    if not isinstance(content, TemplateContent):
        return {"kind": "free", **asdict(content)}
    header = content.header
    packed: dict[str, object] = {  # by hand: asdict takes three times as long, and a batch has many
        "kind": "template",
        "name": content.name,
        "language": content.language,
        "header": vars(header) if header is not None else None,
        "body": [vars(one) for one in content.body],
        "buttons": [vars(one) for one in content.buttons],
    }
    if isinstance(header, MediaValue):
        packed["header_kind"] = "media"
    return packed


def unpack(packed: Mapping[str, Any]) -> TemplateContent | FreeContent:
    """The content of a message from the JSON document that ``pack`` made."""
    if packed["kind"] == "free":
        return FreeContent(
            packed["text"], tuple(ReplyButton(**one) for one in packed["buttons"]), packed["reply_to"]
        )
    header = packed["header"]
    if header is not None:
        header = MediaValue(**header) if packed.get("header_kind") == "media" else TextValue(**header)
    return TemplateContent(
        packed["name"],
        packed["language"],
        header,
        tuple(TextValue(**one) for one in packed["body"]),
        tuple(ButtonValue(**one) for one in packed["buttons"]),
    )
