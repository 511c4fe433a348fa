"""Templates: their parameters, their mapping to fields of the wedding, and the text a guest would read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from urllib.parse import quote


class ButtonKind(StrEnum):
    """The kinds of buttons that parinaya fills; others are sent as they are."""

    QUICK_REPLY = "quick_reply"
    URL = "url"
    OTHER = "other"


@dataclass(frozen=True)
class TemplateButton:
    """One button of a template, at its 0-based place. ``url`` ends in a variable when ``variable`` is true."""

    index: int
    kind: ButtonKind
    text: str
    url: str = ""
    variable: bool = False


@dataclass(frozen=True)
class TemplateDefinition:
    """A message template as the provider holds it, in one language.

    ``header_format``: "" (none), text, image, video, document, location. ``parameter_format``: named or
    positional. ``status``: the provider's word in lower case (only ``approved`` sends).
    """

    name: str
    language: str
    category: str
    status: str
    quality: str
    parameter_format: str
    body: str
    header_format: str = ""
    header_text: str = ""
    footer: str = ""
    buttons: tuple[TemplateButton, ...] = ()


FIELDS: tuple[str, ...] = (
    "guest_name",
    "unit_name",
    "couple",
    "events",
    "event_name",
    "event_date",
    "event_time",
    "venue",
    "rsvp_by",
    "link",
    "seats",
)
"""What a parameter can be mapped to (the contract's list)."""

_VARIABLE = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")
_BLANKS = re.compile(r"\s+")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
MAX_VALUE = 60
"""How long a name may be, in characters; a longer one is shortened."""

LONGEST_VALUES = {"events": 300, "venue": 120, "link": 2000}
"""Values that a guest must read whole may be longer."""

LONGEST_BODY, LONGEST_HEADER = 1024, 60
"""Characters of a filled text (developers.facebook.com, WhatsApp, templates/components; error 132005)."""

MEDIA_HEADERS = frozenset({"image", "video", "document"})
"""Headers that show a medium, which every message must bring along."""


@lru_cache(maxsize=4096)
def clean(value: str, most: int = MAX_VALUE) -> str:
    """A value as Meta takes it: no newline, no tab, no runs of blanks, no control characters.

    Source: developers.facebook.com, WhatsApp, templates (errors 132018 and 100 for such values).
    """
    text = _BLANKS.sub(" ", _CONTROLS.sub("", value)).strip()
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def variables(text: str) -> tuple[str, ...]:
    """The variables of a text, each once, in order: ``guest_name`` or ``1``."""
    return tuple(dict.fromkeys(_VARIABLE.findall(text)))


@lru_cache(maxsize=256)
def parameters(template: TemplateDefinition) -> tuple[str, ...]:
    """Every parameter of a template: of the header, of the body, and ``button:N`` for buttons with a url.

    Numbered ones come by their number, wherever they stand in the text: that is how the provider takes them.
    """
    body = variables(template.body)
    if all(one.isdigit() for one in body):
        body = tuple(sorted(body, key=int))
    found = [f"header:{v}" for v in variables(template.header_text)]
    found += body
    found += [f"button:{b.index}" for b in template.buttons if b.kind is ButtonKind.URL and b.variable]
    return tuple(found)


def field_of(parameter: str, mapping: Mapping[str, str]) -> str | None:
    """The field that fills a parameter: what was mapped, or the field whose name it bears."""
    if parameter in mapping:
        return mapping[parameter]
    bare = parameter.removeprefix("header:")
    if bare in mapping:
        return mapping[bare]
    if parameter.startswith("button:"):
        return "link"
    return bare if bare in FIELDS else None


def unmapped(template: TemplateDefinition, mapping: Mapping[str, str]) -> tuple[str, ...]:
    """The parameters that nothing fills yet."""
    return tuple(p for p in parameters(template) if field_of(p, mapping) is None)


@dataclass(frozen=True)
class Filling:
    """A template filled for one guest: the values in order, what has none, and which were shortened.

    ``problems``: why the text can't be sent, one sentence each; empty when nothing is missing.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    shortened: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def fill(template: TemplateDefinition, mapping: Mapping[str, str], fields: Mapping[str, str]) -> Filling:
    """Fill the parameters of a template with the fields of one guest.

    A link is never shortened, and a text that would be longer than Meta takes is a problem, not cut.
    """
    values: dict[str, str] = {}
    problems: dict[str, str] = {}
    shortened: list[str] = []
    for parameter in parameters(template):
        name = field_of(parameter, mapping)
        value, problem = _value(template, parameter, name, fields)
        if problem:
            problems[parameter] = problem
        else:
            values[parameter] = value
        if value.endswith("…") and len(value) < len(fields.get(name or "", "").strip()):
            shortened.append(parameter)
    problems |= _too_long(template, values) if not problems else {}
    return Filling(values, tuple(problems), tuple(shortened), tuple(problems.values()))


def _value(
    template: TemplateDefinition, parameter: str, name: str | None, fields: Mapping[str, str]
) -> tuple[str, str]:
    """The value of one parameter, and what is wrong with it, as a sentence."""
    if name is None:
        return "", f"Nothing is mapped to {parameter}."
    value = clean(fields.get(name, ""), LONGEST_VALUES.get(name, MAX_VALUE))
    if not value:
        return "", f"{name} has no value for {parameter}."
    if not parameter.startswith("button:"):
        return value, ""
    place = int(parameter.removeprefix("button:"))
    return _ending(next(one for one in template.buttons if one.index == place), value, name)


def _ending(button: TemplateButton, value: str, name: str) -> tuple[str, str]:
    """What of a link stands in the variable at the end of a button's address."""
    fixed = button.url.partition("{{")[0]
    if name != "link":
        return quote(value, safe=""), ""
    if value.startswith(fixed) and len(value) > len(fixed):
        return value[len(fixed) :], ""
    return "", f"The button {button.text!r} leads to {fixed}, and the guest's link is elsewhere."


def _too_long(template: TemplateDefinition, values: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for where, text, prefix, most in (
        ("header", template.header_text, "header:", LONGEST_HEADER),
        ("body", template.body, "", LONGEST_BODY),
    ):
        count = len(_put_in(text, values, prefix))
        if count > most:
            found[where] = f"The {where} would have {count} characters; WhatsApp takes {most}."
    return found


def _put_in(text: str, values: Mapping[str, str], prefix: str = "") -> str:
    return _VARIABLE.sub(lambda m: values.get(prefix + m[1], m[0]), text)


def read_aloud(template: TemplateDefinition, values: Mapping[str, str]) -> str:
    """The text that the guest would read, header, body, footer and buttons."""
    parts = [_put_in(template.header_text, values, "header:")]
    if template.header_format in MEDIA_HEADERS | {"location"}:
        parts = [f"[{template.header_format}]"]
    parts += [_put_in(template.body, values), template.footer]
    parts += [_button_aloud(button, values) for button in template.buttons]
    return "\n".join(part for part in parts if part)


def _button_aloud(button: TemplateButton, values: Mapping[str, str]) -> str:
    ending = values.get(f"button:{button.index}")
    if button.kind is not ButtonKind.URL or not button.url:
        return f"[ {button.text} ]"
    return f"[ {button.text}: {_VARIABLE.sub(lambda m: ending or m[0], button.url)} ]"


def choose_language(
    there: Mapping[str, TemplateDefinition], wanted: str | None, fallback: str
) -> TemplateDefinition | None:
    """The language version for one guest: the wanted one, a sister of it (en for en_GB), the wedding's, any.

    Only approved versions are chosen while there is one.
    """
    approved = {k: v for k, v in there.items() if v.status == "approved"} or dict(there)
    for language in (wanted, fallback, "en"):
        if not language:
            continue
        if language in approved:
            return approved[language]
        sisters = sorted(k for k in approved if is_sister(k, language))
        if sisters:
            return approved[sisters[0]]
    return approved[min(approved)] if approved else None


def is_sister(one: str, other: str) -> bool:
    """Are two codes the same language, as ``en`` and ``en_GB``?"""
    return one.split("_")[0] == other.split("_")[0]
