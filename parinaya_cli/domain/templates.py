"""Templates: their parameters, their mapping to fields of the wedding, and the text a guest would read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


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
"""How long one value may be: the filled body must stay under Meta's 1,024 characters."""


def clean(value: str) -> str:
    """A value as Meta takes it: no newline, no tab, no runs of blanks, no control characters.

    Source: developers.facebook.com, WhatsApp, templates (errors 132018 and 100 for such values).
    """
    text = _BLANKS.sub(" ", _CONTROLS.sub("", value)).strip()
    return text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 1].rstrip() + "…"


def variables(text: str) -> tuple[str, ...]:
    """The variables of a text, each once, in order: ``guest_name`` or ``1``."""
    return tuple(dict.fromkeys(_VARIABLE.findall(text)))


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
    """A template filled for one guest: the values in order, and what has none."""

    values: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


def fill(template: TemplateDefinition, mapping: Mapping[str, str], fields: Mapping[str, str]) -> Filling:
    """Fill the parameters of a template with the fields of one guest."""
    values: dict[str, str] = {}
    missing: list[str] = []
    for parameter in parameters(template):
        name = field_of(parameter, mapping)
        value = clean(fields.get(name, "")) if name else ""
        if value:
            values[parameter] = value
        else:
            missing.append(parameter)
    return Filling(values, tuple(missing))


def _put_in(text: str, values: Mapping[str, str], prefix: str = "") -> str:
    return _VARIABLE.sub(lambda m: values.get(prefix + m[1], m[0]), text)


def read_aloud(template: TemplateDefinition, values: Mapping[str, str]) -> str:
    """The text that the guest would read, header, body, footer and buttons."""
    parts = [_put_in(template.header_text, values, "header:")]
    if template.header_format in {"image", "video", "document", "location"}:
        parts = [f"[{template.header_format}]"]
    parts += [_put_in(template.body, values), template.footer]
    parts += [f"[ {button.text} ]" for button in template.buttons]
    return "\n".join(part for part in parts if part)


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
        sisters = sorted(k for k in approved if k.split("_")[0] == language.split("_")[0])
        if sisters:
            return approved[sisters[0]]
    return approved[min(approved)] if approved else None
