"""Our requests held against the rules of Meta's Messages API.

The rules are a table made by hand (``tests/data/whatsapp/message_request_rules.json``). Where Meta's OpenAPI
file is at hand (``PARINAYA_META_OPENAPI``, or beside the repository), the same rules are read from it as
well: the table must agree with it, and our requests must hold against both.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from parinaya_cli.adapters.whatsapp.payloads import message_payload
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.messages import (
    ButtonValue,
    FreeContent,
    MediaValue,
    OutboundMessage,
    ReplyButton,
    TemplateContent,
    TextValue,
)
from tests.fakes.sender import GO

ROOT = Path(__file__).parents[3]
TABLE = json.loads((ROOT / "tests/data/whatsapp/message_request_rules.json").read_text("utf-8"))
ADDED: dict[str, list[str]] = TABLE["additions"]["properties"]
INSTEAD: dict[str, str] = TABLE["additions"]["instead"]


@dataclass(frozen=True)
class Rule:
    """What holds for every object at a place of the request. ``longest``: characters; ``most``: elements."""

    at: str
    schema: str
    required: list[str]
    properties: list[str]
    enums: dict[str, list[str]] = field(default_factory=dict)
    longest: dict[str, int] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)


RULES = [Rule(**rule) for rule in TABLE["rules"]]


def official_file() -> Path | None:
    given_path = os.environ.get("PARINAYA_META_OPENAPI")
    places = (
        [Path(given_path)] if given_path else sorted((ROOT / "../shared/reference/openapi").glob("*.yaml"))
    )
    return next((place for place in places if place.is_file()), None)


def official_rules(path: Path) -> list[Rule]:
    """The same rules, read from Meta's file at the places that our table names."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    schemas = yaml.load(path.read_text("utf-8"), loader)["components"]["schemas"]
    return [read_rule(rule.at, rule.schema, schemas) for rule in RULES]


def read_rule(at: str, pointer: str, schemas: Any) -> Rule:
    node = schemas
    for part in pointer.split("/"):
        node = node[int(part)] if isinstance(node, list) else node[part]
    properties: dict[str, Any] = node["properties"]
    return Rule(
        at=at,
        schema=pointer,
        required=sorted(node.get("required", [])),
        properties=sorted(properties),
        enums={name: sorted(told["enum"]) for name, told in properties.items() if "enum" in told},
        longest={name: told["maxLength"] for name, told in properties.items() if "maxLength" in told},
        most={name: told["maxItems"] for name, told in properties.items() if "maxItems" in told},
    )


@pytest.fixture(scope="module", name="rules")
def rules_in_force() -> list[Rule]:
    """The rules of our table; with Meta's file at hand, the file's own, which must say the same."""
    path = official_file()
    official = official_rules(path) if path else RULES
    assert official == RULES
    return official


# ── holding a request against rules ────────────────────────────────────────────────────────────────────


def find(node: Any, at: str) -> Iterator[dict[str, Any]]:
    """Every object at a place: ``a.b[].c`` goes into every element, ``a[type=x]`` into those of one type."""
    if not at:
        yield node
        return
    step, _, rest = at.partition(".")
    match = re.fullmatch(r"(\w+)(?:\[(?:type=(\w+))?\])?", step)
    assert match
    if match[1] not in node:
        return
    inner = node[match[1]]
    for element in inner if "[" in step else [inner]:
        if match[2] is None or element["type"] == match[2]:
            yield from find(element, rest)


def breaches(payload: dict[str, Any], rules: list[Rule]) -> list[str]:
    """What the request breaks, in words."""
    found: list[str] = []
    for rule in rules:
        for node in find(payload, rule.at):
            allowed = {*rule.properties, *ADDED.get(rule.at, [])}
            found += [f"{rule.at}: {name} is not a field" for name in node if name not in allowed]
            found += [
                f"{rule.at}: {name} is missing"
                for name in rule.required
                if name not in node and INSTEAD.get(name) not in node
            ]
            for name, value in node.items():
                if name in rule.enums and value not in rule.enums[name]:
                    found.append(f"{rule.at}: {name} is none of the choices")
                limit = rule.longest.get(name) or rule.most.get(name)
                if limit is not None and not 0 < len(value) <= limit:
                    found.append(f"{rule.at}: {name} is empty or too long")
    return found


# ── any message ────────────────────────────────────────────────────────────────────────────────────────

WORDS = st.text(st.characters(), max_size=30) | st.integers(0, 5_000).map(lambda length: "x" * length)
TEXTS = st.builds(TextValue, WORDS) | st.builds(TextValue, WORDS, st.sampled_from(["guest_name", "couple"]))
MEDIA = st.builds(
    MediaValue,
    st.sampled_from(["image", "video", "document", "audio"]),
    id=st.none() | st.just("1037543291543636"),
    link=st.none() | st.just("https://example.org/a"),
    filename=st.none() | WORDS,
)
BUTTONS = st.builds(ButtonValue, st.integers(-1, 11), st.sampled_from(["quick_reply", "url", "flow"]), WORDS)
TEMPLATES = st.builds(
    TemplateContent,
    st.sampled_from(["shaadi_invite_v1", ""]),
    st.sampled_from(["hi", "en_US"]),
    header=st.none() | TEXTS | MEDIA,
    body=st.lists(TEXTS, max_size=4).map(tuple),
    buttons=st.lists(BUTTONS, max_size=3).map(tuple),
)
FREE = st.builds(
    FreeContent,
    WORDS,
    st.lists(st.builds(ReplyButton, WORDS, WORDS), max_size=4).map(tuple),
    st.none() | st.just("wamid.IN1"),
)
MESSAGES = st.builds(
    OutboundMessage,
    st.just("700000000000001"),
    st.none() | st.sampled_from(["+919812300001", "919812300001"]),
    st.none() | st.just("IN.1349"),
    TEMPLATES | FREE,
    st.just("pn1.ABC.1"),
)


@settings(deadline=None)
@given(message=MESSAGES)
def test_any_message_makes_a_proper_request_or_none(rules: list[Rule], message: OutboundMessage) -> None:
    try:
        payload = message_payload(message)
    except UsedWrongly:
        return
    assert breaches(payload, rules) == []
    json.dumps(payload, ensure_ascii=False).encode("utf-8")


def outbound(content: TemplateContent | FreeContent, to: str | None = "+919812300001") -> OutboundMessage:
    return OutboundMessage("700000000000001", to, "IN.1349", content, "pn1.ABC.1", GO)


FULL = [
    outbound(
        TemplateContent(
            "shaadi_invite_v1",
            "hi",
            header=header,
            body=body,
            buttons=(ButtonValue(0, "quick_reply", "rsvp:yes"), ButtonValue(1, "url", "abc")),
        ),
        to,
    )
    for to in ("+919812300001", None)
    for header in (
        TextValue("Meera & Kabir", "couple"),
        MediaValue("image", id="1"),
        MediaValue("video", link="https://example.org/v.mp4"),
        MediaValue("document", id="1", filename="Invite.pdf"),
    )
    for body in ((TextValue("Asha"), TextValue("14 Feb")), (TextValue("Asha", "guest_name"),))
] + [
    outbound(FreeContent("Thank you.", reply_to="wamid.IN1")),
    outbound(FreeContent("How many?", (ReplyButton("1", "1"), ReplyButton("2", "2")), "wamid.IN1")),
]


@pytest.mark.parametrize("place", range(len(FULL)))
def test_messages_with_everything_hold(rules: list[Rule], place: int) -> None:
    payload = message_payload(FULL[place])
    assert breaches(payload, rules) == []


def test_every_rule_is_met_by_some_message() -> None:
    payloads = [message_payload(message) for message in FULL]
    unmet = [rule.at for rule in RULES if not any(list(find(payload, rule.at)) for payload in payloads)]
    assert unmet == []


def test_the_rules_catch_what_is_wrong() -> None:
    payload: dict[str, Any] = dict(message_payload(FULL[0]))
    template = payload["template"]
    ill = [
        {name: value for name, value in payload.items() if name != "to"},
        payload | {"colour": "red"},
        payload | {"recipient_type": "crowd"},
        payload | {"template": template | {"language": {"code": "hi"}}},
        payload | {"template": template | {"components": [{"type": "button", "index": "0"}]}},
        payload
        | {
            "template": template
            | {"components": [{"type": "body", "parameters": [{"type": "text", "text": "x" * 32_769}]}]}
        },
    ]
    assert [len(breaches(wrong, RULES)) > 0 for wrong in ill] == [True] * len(ill)
