"""What becomes of a delivery that has been read: judged, then kept, refused or counted as lost.

Both ways into the receiver end here: that of the ASGI application (``webhook.py``) and the short one for the usual
delivery (``webhook_direct.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from parinaya_cli.adapters.whatsapp import signature
from parinaya_cli.adapters.whatsapp.parsing import look
from parinaya_cli.services.webhooks import Incoming
from parinaya_cli.web.bodies import Limits, Reader
from parinaya_cli.web.keeping import Keeper
from parinaya_cli.web.metrics import Counts
from parinaya_cli.web.seldom import Seldom

PATH = "/webhooks/whatsapp"

SIGNATURE = b"x-hub-signature-256"

INLINE = 64 * 1024
"""Bytes up to which a body is judged in the event loop; larger ones take milliseconds and get a thread."""


class Outcome(Enum):
    """How a request ends: the word under which it is counted, the status, what is told."""

    STORED = ("stored", 200, "")
    DEAD = ("dead", 200, "")
    UNSIGNED = ("unsigned", 401, "The signature is missing or not right.\n")
    TOO_LARGE = ("too_large", 413, "The body is over the limit.\n")
    TOO_SLOW = ("too_slow", 408, "The body did not come in time.\n")
    NOT_JSON = ("not_json", 400, "The body is no JSON object.\n")
    UNAVAILABLE = ("unavailable", 503, "The delivery could not be stored. Send it again.\n")
    CROWDED = ("crowded", 503, "Too much is being received at once. Send it again.\n")
    WRONG_METHOD = ("wrong_method", 405, "Only GET and POST are answered here.\n")
    VERIFIED = ("verified", 200, "")
    NOT_VERIFIED = ("not_verified", 403, "The token or the challenge is not right.\n")
    GONE = ("gone", 0, "")

    def __init__(self, word: str, status: int, text: str) -> None:
        self.word = word
        """The label of its count."""
        self.status = status
        """The HTTP status; 0: nobody is there to be told."""
        self.text = text
        """What is told."""


@dataclass(frozen=True)
class Keys:
    """The secrets of the account: those that sign deliveries, and the token of Meta's handshake."""

    app_secrets: Sequence[str]
    verify_token: str


class Desk:
    """Judges deliveries and knows who keeps and counts them."""

    def __init__(self, keys: Keys, keeper: Keeper, counts: Counts, limits: Limits) -> None:
        self.keys, self.keeper, self.counts = keys, keeper, counts
        self.reader = Reader(limits)
        self._refusals = Seldom()

    def judge(self, body: bytes, signatures: Sequence[bytes]) -> Outcome | Incoming:
        """What is to be kept, or why it is not. May run in a thread."""
        signed = signatures[0].decode("latin-1") if len(signatures) == 1 else None
        if not signature.check(self.keys.app_secrets, body, signed):
            return Outcome.UNSIGNED
        found = look(body)
        if found.kind == "other":
            return Outcome.NOT_JSON
        dead = "The delivery is more than the parser takes." if found.kind == "beyond" else ""
        return Incoming(body, dead, found.lanes)

    def refuse(self, outcome: Outcome) -> Outcome:
        """The same outcome; the first unsigned delivery of a while is told."""
        if outcome is Outcome.UNSIGNED:
            self._refusals.tell("a delivery was refused, its signature is not that of WHATSAPP_APP_SECRET")
        return outcome


def settled(delivery: Incoming, stored: bool) -> Outcome:
    """The outcome of a delivery that was handed to the keeper."""
    if not stored:
        return Outcome.UNAVAILABLE
    return Outcome.DEAD if delivery.dead else Outcome.STORED
