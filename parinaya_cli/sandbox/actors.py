"""The simulation: what becomes of an accepted message, and what the guest behind the number does then."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from parinaya_cli.sandbox.deliveries import Deliveries
from parinaya_cli.sandbox.errors import WITHHELD, status_error
from parinaya_cli.sandbox.free_checks import Choice, FreeForm
from parinaya_cli.sandbox.guests import TAP_WORDS, Action, Guest, Script, draw
from parinaya_cli.sandbox.media import PICTURE, VOICE
from parinaya_cli.sandbox.numbers import is_us
from parinaya_cli.sandbox.state import Message, World
from parinaya_cli.sandbox.template_checks import Filling
from parinaya_cli.sandbox.webhooks import (
    MESSAGE,
    PREFERENCE,
    STATUS,
    Update,
    contact,
    message_element,
    preference_element,
    pricing,
    status_element,
)

log = logging.getLogger(__name__)

CHAT_OPEN = 0.1
"""With ``shuffle``: the share of readers who have the chat open, so that no ``delivered`` comes."""


@dataclass(frozen=True)
class Speech:
    """A guest's message: from whom, its type and what stands under it, the message it answers (``quoting``).

    ``repeat``: how often the same webhook is sent; ``lane``: whose order it keeps, if not the number's own.
    """

    phone: str
    content: tuple[str, Any]
    name: str
    quoting: str | None = None
    repeat: int = 1
    lane: str = ""
    hide_phone: bool = False


class Cast:
    """The guests, their timers, and what they have done. Closed with the server."""

    def __init__(self, world: World, deliveries: Deliveries, script: Script) -> None:
        self.world = world
        self.script = script
        self.scheduled = 0
        self.statuses: Counter[str] = Counter()
        self.acts: Counter[str] = Counter()
        self.impossible: list[str] = []
        self._deliveries = deliveries
        self._timers: set[asyncio.TimerHandle] = set()
        for phone in script.guests:
            world.know(phone)

    # ── a message arrives ──────────────────────────────────────────────────────────────────────────────

    def arrive(self, message: Message, fails: int | None = None) -> None:
        """Play what follows on an accepted message: its statuses, then the guest; or it fails with that code."""
        guest = self.script.guest(message.phone)
        rng = random.Random(f"{self.script.seed}|{message.phone}|{message.nth}")
        code = self._failure(message, guest) if fails is None else fails
        if code is not None:
            if code not in WITHHELD:
                self._tell(message, guest, "sent")
            self._tell(message, guest, "failed", code=code)
            return
        self._tell(message, guest, "sent")
        if isinstance(message.content, FreeForm) and message.content.kind == "reaction":
            return
        chat_open = guest.reads and self.world.options.shuffle and rng.random() < CHAT_OPEN
        if not chat_open:
            self._tell(message, guest, "delivered")
        pause = draw(rng, self.script.pace.read_after) if guest.reads else 0.0
        if guest.reads:
            self._later(pause, lambda: self._tell(message, guest, "read", priced=chat_open))
        if isinstance(message.content, Filling):
            self._begin(message, guest, rng, pause)
        else:
            self._answer(message, message.content, guest, rng, pause)

    def _failure(self, message: Message, guest: Guest) -> int | None:
        """The code with which a message ends, if it does not arrive."""
        content, options = message.content, self.world.options
        marketing = isinstance(content, Filling) and content.template.category == "MARKETING"
        if guest.fails is not None:
            return guest.fails
        if marketing and is_us(message.phone):
            return 131049
        if marketing and self.world.chat(message.phone).marketing_off:
            return 131050
        if not all(self.world.media.fits(kind, media_id) for kind, media_id in content.media):
            return 131053
        chance = random.Random(f"{options.seed}|fails|{message.phone}|{message.nth}").random()
        return 131026 if chance < options.fail_rate else None

    def _tell(
        self, message: Message, guest: Guest, status: str, *, code: int | None = None, priced: bool = False
    ) -> None:
        content = message.content
        category = ""
        if status in ("sent", "delivered") or priced:
            category = content.template.category.lower() if isinstance(content, Filling) else "service"
        element = status_element(
            message.wamid,
            status,
            time.time(),
            phone=message.phone,
            hide_phone=message.by_user_id,
            token=message.token,
        )
        if category:
            element["pricing"] = pricing(category)
        if code is not None:
            element["errors"] = [status_error(code)]
        self.statuses[status] += 1
        self.world.count("delivered" if priced else status)
        beside = (
            contact(message.phone, guest.household, hide_phone=message.by_user_id) if code is None else None
        )
        key = f"{message.phone}|out|{message.nth}|{status}"
        self._deliveries.put(Update(STATUS, key, message.phone, element, beside))

    # ── the guest acts ─────────────────────────────────────────────────────────────────────────────────

    def _begin(self, message: Message, guest: Guest, rng: random.Random, pause: float) -> None:
        """The first template message sets the guest's ``does`` going."""
        chat = self.world.chat(message.phone)
        if chat.begun or not self.script.is_for(guest, message.content.text):
            return
        chat.begun = True
        self._play(list(guest.does), message, guest, rng, pause)

    def _play(
        self, actions: list[Action], message: Message, guest: Guest, rng: random.Random, pause: float
    ) -> None:
        if not actions:
            return
        first, rest = actions[0], actions[1:]
        wait = first.seconds if first.what == "wait" else draw(rng, self.script.pace.answer_after)

        def act() -> None:
            if first.what != "wait":
                self._act(first, message, guest)
            self._play(rest, message, guest, rng, 0.0)

        self._later(pause + wait, act)

    def _answer(
        self, message: Message, content: FreeForm, guest: Guest, rng: random.Random, pause: float
    ) -> None:
        """A free-form message with a question is answered with the next of the guest's ``replies``."""
        chat = self.world.chat(message.phone)
        if "?" not in content.text or chat.replies_used >= len(guest.replies):
            return
        reply = guest.replies[chat.replies_used]
        chat.replies_used += 1
        self._play([reply], message, guest, rng, pause)

    def _act(self, action: Action, message: Message, guest: Guest) -> None:
        phone = action.sender or guest.phone
        if action.what == "preference":
            self.prefer(phone, action.value, guest.household)
            return
        content = self._content(action, message)
        if content is None:
            problem = f"{guest.household}: nothing to tap that means {action.value!r}"
            log.warning("%s", problem)
            self.impossible.append(problem)
            return
        tapped = action.what == "tap" and not action.without_context
        speech = Speech(
            phone=phone,
            content=content,
            name=guest.household,
            quoting=message.wamid if tapped else None,
            repeat=action.repeat,
            lane=guest.phone,
        )
        self.speak(speech)

    def _content(self, action: Action, message: Message) -> tuple[str, Any] | None:
        """Type and content of the guest's message; None when there is nothing to tap."""
        if action.what == "tap":
            if isinstance(message.content, Filling):
                return _tap_template(action.value, message.content)
            return _tap_choice(action.value, message.content.choices)
        if action.what == "voice":
            medium = self.world.media.add("audio/ogg", VOICE)
            return "audio", _medium(medium.id, "audio/ogg; codecs=opus", medium.sha256) | {"voice": True}
        if action.what == "image":
            medium = self.world.media.add("image/png", PICTURE)
            return "image", {"caption": action.value} | _medium(medium.id, "image/png", medium.sha256)
        if action.what == "react":
            return "reaction", {"message_id": message.wamid, "emoji": action.value}
        return "text", {"body": action.value}

    def speak(self, speech: Speech) -> str:
        """A guest writes now. Returns the wamid."""
        phone = speech.phone
        wamid, at, nth = self.world.hear(phone, writes=True)
        context = None
        if speech.quoting is not None:
            context = {"from": self.world.options.display_phone_number, "id": speech.quoting}
        hide = speech.hide_phone
        element = message_element(wamid, phone, at, speech.content, context=context, hide_phone=hide)
        self.acts[speech.content[0]] += 1
        beside = contact(phone, speech.name, hide_phone=hide)
        for copy in range(speech.repeat):
            key = f"{phone}|in|{nth}|{copy}"
            self._deliveries.put(Update(MESSAGE, key, speech.lane or phone, element, beside))
        return wamid

    def prefer(self, phone: str, value: str, name: str) -> None:
        """The guest uses WhatsApp's own switch: ``stop`` or ``resume`` marketing messages."""
        _, at, nth = self.world.hear(phone, writes=False)
        self.world.chat(phone).marketing_off = value == "stop"
        self.acts["preference"] += 1
        element = preference_element(phone, value, at)
        self._deliveries.put(Update(PREFERENCE, f"{phone}|in|{nth}|0", phone, element, contact(phone, name)))

    # ── timers and figures ─────────────────────────────────────────────────────────────────────────────

    def _later(self, wait: float, what: Callable[[], None]) -> None:
        self.scheduled += 1

        def ring() -> None:
            self._timers.discard(handle)
            try:
                what()
            finally:
                self.scheduled -= 1

        handle = asyncio.get_running_loop().call_later(wait, ring)
        self._timers.add(handle)

    def close(self) -> None:
        """Stop all timers."""
        for handle in self._timers:
            handle.cancel()
        self._timers.clear()

    def figures(self) -> dict[str, Any]:
        """What guests have done, and what they have left."""
        chats = self.world.chats
        begun = sum(1 for phone in self.script.guests if phone in chats and chats[phone].begun)
        used = sum(chats[phone].replies_used for phone in self.script.guests if phone in chats)
        return {
            "scripted": len(self.script.guests),
            "begun": begun,
            "scheduled": self.scheduled,
            "said": dict(sorted(self.acts.items())),
            "replies_left": sum(len(g.replies) for g in self.script.guests.values()) - used,
            "impossible": list(self.impossible),
        }


def _medium(media_id: str, mime_type: str, sha256: str) -> dict[str, Any]:
    return {"mime_type": mime_type, "sha256": sha256, "id": media_id}


def _tap_template(meaning: str, filling: Filling) -> tuple[str, Any] | None:
    """A tap on a quick reply, by word or by label. Without a payload the label comes back as payload."""
    buttons = filling.template.quick_replies
    found = [b for b in buttons if b[1] == meaning]
    place = TAP_WORDS.get(meaning.lower())
    if not found and place is not None:
        found = buttons[place : place + 1]
    if not found:
        return None
    index, label = found[0]
    return "button", {"payload": filling.payloads.get(index, label), "text": label}


def _tap_choice(meaning: str, choices: tuple[Choice, ...]) -> tuple[str, Any] | None:
    """A tap on a reply button or a row of a list, by title, id or word."""
    found = [c for c in choices if meaning in (c.title, c.id)]
    place = TAP_WORDS.get(meaning.lower())
    if not found and place is not None:
        found = list(choices[place : place + 1])
    if not found:
        return None
    choice = found[0]
    kind = "list_reply" if choice.row else "button_reply"
    reply = {"id": choice.id, "title": choice.title}
    if choice.row and choice.description:
        reply["description"] = choice.description
    return "interactive", {"type": kind, kind: reply}
