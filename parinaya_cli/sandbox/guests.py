"""The guests' script: who gets a message, and what they then do.

A YAML file::

    version: 1
    seed: 7
    pace: {read_after: [0.1, 0.8], answer_after: [0.2, 1.5]}    # seconds
    guests:
      - household: "Ramesh Sharma family"
        phone: "+919812345678"
        reads: true             # false: delivered, never read
        does:                   # once, after the first template message has arrived
          - tap: "yes"          # yes, no, maybe, stop: quick reply 0, 1, 2, 3; or a label to the letter
          - wait: 2
          - say: "4 log aayenge"
        replies: ["4"]          # one for each free-form message with a question mark that comes in
        expect: {sangeet: {answer: "yes", heads: 4}}     # the truth, for tests; the stand-in ignores it
      - household: "No WhatsApp"
        phone: "+919812345679"
        fails: 131026           # failed with that code in place of delivered

Actions: ``tap``, ``say``, ``wait`` (seconds), ``voice: true``, ``image`` (its caption), ``react`` (an emoji),
``preference`` (stop or resume: WhatsApp's own switch for marketing messages). Each but ``wait`` may add
``from`` (the number it comes from), ``repeat`` (how often the same webhook is sent) and, for a tap,
``without_context``. A reply is a text or an action; ``tap`` there means a button or row of the message that
asked.

``members``, ``names``, ``seats``, ``language`` and ``expect`` are notes for people and tests. ``phone: null``
is a household without a phone. A second household on the same phone says ``shares_phone_with`` and does
nothing itself; messages that name it or one of its ``names`` do not set the first one going.

All scalars are read as text, so that ``tap: yes`` and ``phone: +9198…`` mean what they look like.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.sandbox.numbers import normal_phone

TAP_WORDS = {"yes": 0, "no": 1, "maybe": 2, "stop": 3}
_ACTS = ("tap", "say", "wait", "voice", "image", "react", "preference")
_EXTRAS = ("from", "repeat", "without_context")
_NOTES = ("members", "names", "seats", "language", "expect")
_GUEST_KEYS = ("household", "phone", "shares_phone_with", "reads", "does", "replies", "fails", *_NOTES)
_HONORIFICS = ("shri", "smt.", "smt", "mr.", "mrs.", "ms.", "dr.", "dr", "prof.", "श्री", "श्रीमती", "डॉ.")
_HINT = "See examples/guests.yaml for a script that works."


@dataclass(frozen=True)
class Action:
    """One thing a guest does. ``what``: the act; ``value``: its text; ``seconds``: those of ``wait``."""

    what: str
    value: str = ""
    seconds: float = 0.0
    sender: str | None = None
    repeat: int = 1
    without_context: bool = False


@dataclass(frozen=True)
class Guest:
    """One simulated guest. ``names``: the people of the household, as the family writes them."""

    household: str
    phone: str
    names: tuple[str, ...] = ()
    reads: bool = True
    does: tuple[Action, ...] = ()
    replies: tuple[Action, ...] = ()
    fails: int | None = None

    def is_named(self, text: str) -> bool:
        """Whether a text names the household or one of its people, with or without their honorific."""
        plain = " ".join(text.lower().split())
        return any(_bare(name) in plain for name in (self.household, *self.names))


def _bare(name: str) -> str:
    words = name.lower().split()
    return " ".join(words[1:] if len(words) > 1 and words[0] in _HONORIFICS else words)


@dataclass(frozen=True)
class Pace:
    """How long guests take, in seconds: from delivered to read, and before each action."""

    read_after: tuple[float, float] = (0.1, 0.8)
    answer_after: tuple[float, float] = (0.2, 1.5)


@dataclass(frozen=True)
class Script:
    """The whole script; ``guests`` by phone. A number that isn't in it reads in silence.

    ``sharers``: the other households that get their messages on the same phone.
    """

    seed: int = 1
    pace: Pace = field(default_factory=Pace)
    guests: Mapping[str, Guest] = field(default_factory=dict)
    sharers: Mapping[str, Sequence[Guest]] = field(default_factory=dict)

    def is_for(self, guest: Guest, text: str) -> bool:
        """Whether the guest takes a message for its own: not when it names a sharer of the phone."""
        others = self.sharers.get(guest.phone, ())
        return guest.is_named(text) or not any(other.is_named(text) for other in others)

    def guest(self, phone: str) -> Guest:
        """The guest behind a number; a silent one when the script does not name it."""
        return self.guests.get(phone) or Guest(household=f"Guest {phone[-4:]}", phone=phone)


def draw(rng: random.Random, span: tuple[float, float]) -> float:
    """A time within a span."""
    return rng.uniform(*span)


class _Loader(yaml.BaseLoader):
    """YAML with every scalar as text, and no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key!r} stands there twice", node.start_mark
                )
        return super().construct_mapping(node, deep)


def load_script(path: Path) -> Script:
    """Read and check a script.

    Raises:
        UsedWrongly: no such file, no YAML, or something in it that can't be meant; names the file and the
        entry.
    """
    try:
        content = yaml.load(path.read_text("utf-8"), Loader=_Loader)  # noqa: S506 - a BaseLoader builds only text
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsedWrongly(f"The guests' script {path} can't be read: {error}", _HINT) from error
    try:
        return read_script(content)
    except ValueError as error:
        raise UsedWrongly(f"{path}: {error}.", _HINT) from error


def read_script(content: object) -> Script:
    """Check a script that was read from YAML (scalars as text).

    Raises:
        ValueError: with the entry and what is wrong with it.
    """
    top = _mapping(content, "the script", ("version", "seed", "pace", "guests"))
    if top.get("version") != "1":
        raise ValueError("version must be 1")
    paces = _mapping(top.get("pace", {}), "pace", ("read_after", "answer_after"))
    spans = {name: _span(value, f"pace: {name}") for name, value in paces.items()}
    entries = top.get("guests")
    if not isinstance(entries, list):
        raise ValueError("guests must be a list")
    guests: dict[str, Guest] = {}
    sharers: dict[str, list[Guest]] = {}
    for place, entry in enumerate(entries, start=1):
        _add(_mapping(entry, f"guest {place}", _GUEST_KEYS), place, guests, sharers)
    seed = _whole(top.get("seed", "1"), "seed", least=0)
    return Script(seed=seed, pace=Pace(**spans), guests=guests, sharers=sharers)


def _add(
    fields: Mapping[str, Any], place: int, guests: dict[str, Guest], sharers: dict[str, list[Guest]]
) -> None:
    """Read one entry and put it where it belongs; an entry without a phone is a note for people."""
    guest = _guest(fields, place)
    label = f"guest {place} ({guest.household})"
    acts = bool(guest.does or guest.replies or guest.fails is not None)
    other = guests.get(guest.phone)
    if fields.get("shares_phone_with") is not None:
        if other is None or other.household != fields["shares_phone_with"]:
            raise ValueError(f"{label}: shares_phone_with names no earlier household with this phone")
        if acts:
            raise ValueError(f"{label}: the household that it shares the phone with acts, so this one can't")
        sharers.setdefault(guest.phone, []).append(guest)
    elif other is not None:
        raise ValueError(f"{label}: {guest.phone} is already the phone of {other.household}")
    elif guest.phone:
        guests[guest.phone] = guest
    elif acts:
        raise ValueError(f"{label}: without a phone it can't do anything")


def _guest(fields: Mapping[str, Any], place: int) -> Guest:
    household = fields.get("household")
    if not isinstance(household, str) or not household.strip():
        raise ValueError(f"guest {place}: household is missing")
    label = f"guest {place} ({household})"
    if "phone" not in fields:
        raise ValueError(f"{label}: phone is missing (null for a household without one)")
    does = tuple(
        _action(entry, f"{label}: does {n}") for n, entry in enumerate(_list(fields, "does", label), start=1)
    )
    replies = tuple(
        _reply(entry, f"{label}: replies {n}")
        for n, entry in enumerate(_list(fields, "replies", label), start=1)
    )
    fails = _whole(fields["fails"], f"{label}: fails", least=1) if "fails" in fields else None
    if fails is not None and (does or replies):
        raise ValueError(f"{label}: nothing arrives when it fails, so does and replies must be empty")
    expect = fields.get("expect", {})
    if not isinstance(expect, dict) or not all(isinstance(v, dict) for v in expect.values()):
        raise ValueError(f"{label}: expect must be a mapping of events, each with an answer")
    return Guest(
        household=household,
        phone="" if fields["phone"] in ("null", "~", "") else _phone(fields["phone"], f"{label}: phone"),
        names=tuple(str(name) for name in _list(fields, "names", label)),
        reads=_flag(fields.get("reads", "true"), f"{label}: reads"),
        does=does,
        replies=replies,
        fails=fails,
    )


def _reply(entry: object, label: str) -> Action:
    return _action({"say": entry}, label) if isinstance(entry, str) else _action(entry, label)


def _action(entry: object, label: str) -> Action:
    fields = _mapping(entry, label, (*_ACTS, *_EXTRAS))
    acts = [name for name in fields if name in _ACTS]
    if len(acts) != 1:
        raise ValueError(f"{label} must name one of {', '.join(_ACTS)}")
    what, value = acts[0], fields[acts[0]]
    if not isinstance(value, str) or not value:
        raise ValueError(f"{label}: {what} needs a text")
    extras = [name for name in _EXTRAS if name in fields]
    if what == "wait" and extras:
        raise ValueError(f"{label}: wait takes no {extras[0]}")
    if "without_context" in fields and what != "tap":
        raise ValueError(f"{label}: only a tap has a context")
    if what == "preference" and value not in ("stop", "resume"):
        raise ValueError(f"{label}: preference is stop or resume, not {value!r}")
    if what == "voice" and not _flag(value, f"{label}: voice"):
        raise ValueError(f"{label}: voice is true or left out")
    return Action(
        what=what,
        value=value,
        seconds=_number(value, f"{label}: wait") if what == "wait" else 0.0,
        sender=_phone(fields["from"], f"{label}: from") if "from" in fields else None,
        repeat=_whole(fields.get("repeat", "1"), f"{label}: repeat", least=1),
        without_context=_flag(fields.get("without_context", "false"), f"{label}: without_context"),
    )


def _mapping(value: object, label: str, allowed: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{label} must be a mapping")
    for key in value:
        if key not in allowed:
            raise ValueError(f"{label}: there is no {key!r}; known are {', '.join(allowed)}")
    return value


def _list(fields: Mapping[str, Any], name: str, label: str) -> list[Any]:
    value = fields.get(name, [])
    if not isinstance(value, list):
        raise ValueError(f"{label}: {name} must be a list")
    return value


def _span(value: object, label: str) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f"{label} must be two times in seconds")
    low, high = (_number(item, label) for item in value)
    if low > high:
        raise ValueError(f"{label}: the shorter time comes first")
    return low, high


def _number(value: object, label: str) -> float:
    try:
        number = float(str(value))
    except ValueError:
        raise ValueError(f"{label}: {value!r} is no number") from None
    if not math.isfinite(number) or number < 0:
        raise ValueError(f"{label}: {value!r} is no time in seconds")
    return number


def _whole(value: object, label: str, *, least: int) -> int:
    if not isinstance(value, str) or not value.isascii() or not value.isdigit() or int(value) < least:
        raise ValueError(f"{label}: {value!r} is no whole number from {least} on")
    return int(value)


def _flag(value: object, label: str) -> bool:
    words = {"true": True, "yes": True, "false": False, "no": False}
    if not isinstance(value, str) or value.lower() not in words:
        raise ValueError(f"{label}: {value!r} is neither true nor false")
    return words[value.lower()]


def _phone(value: object, label: str) -> str:
    phone = normal_phone(value) if isinstance(value, str) else None
    if phone is None:
        raise ValueError(f"{label}: {value!r} is no number with a plus sign and a country code")
    return phone
