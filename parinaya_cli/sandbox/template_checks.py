"""Does a request fill a template as Meta wants it filled?

Shapes and limits: developers.facebook.com, documentation/business-messaging/whatsapp/templates/components and
…/messages/template-messages; the codes are those of …/support/error-codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from parinaya_cli.sandbox.errors import GraphError
from parinaya_cli.sandbox.fields import object_at, objects_at, one_of, text_at
from parinaya_cli.sandbox.templates import Catalog, Template, fill, variables

_SUB_TYPES = ("quick_reply", "url", "flow", "copy_code", "catalog", "voice_call", "mpm", "spm")
_MEDIA_FORMATS = ("IMAGE", "VIDEO", "DOCUMENT")
_BODY_LIMIT = 1024
_HEADER_LIMIT = 60
_PAYLOAD_LIMIT = 256


@dataclass(frozen=True)
class Filling:
    """A template with this guest's values: what is read, what each quick reply sends back, its media.

    ``payloads``: place among the template's buttons → payload. ``media``: kind and uploaded id.
    """

    template: Template
    text: str
    payloads: Mapping[int, str] = field(default_factory=dict)
    media: tuple[tuple[str, str], ...] = ()


def fill_template(message: dict[str, Any], catalog: Catalog, version: float) -> Filling:
    """Check ``message`` (the request's ``template``) against the catalog and fill it.

    Raises:
        GraphError: 132001, 132015, 132016 for the template itself; 132000, 132005, 132012, 132018, 131008,
            131009, 100 for what it is filled with.
    """
    template = _sendable(message, catalog)
    components = objects_at(message, "components", "template['components']")
    single: dict[str, dict[str, Any]] = {}
    buttons: list[dict[str, Any]] = []
    for component in components:
        kind = one_of(component.get("type"), ("header", "body", "button"), "template['components']['type']")
        if kind == "button":
            buttons.append(component)
        elif kind in single:
            raise GraphError(100, f"There are two components of type {kind}.")
        else:
            single[kind] = component
    header, media = _fill_header(template, single.get("header"), version)
    values = _values("body", template.body, template.named, single.get("body"), version)
    text = fill(template.body, values)
    if len(text) > _BODY_LIMIT:
        raise GraphError(
            132005, f"body: the filled text has {len(text)} characters, at most {_BODY_LIMIT} are allowed."
        )
    payloads = _fill_buttons(template, buttons, version)
    return Filling(template, "\n".join(part for part in (header, text) if part), payloads, media)


def _sendable(message: dict[str, Any], catalog: Catalog) -> Template:
    name = text_at(message, "name", "template['name']", most=512, missing=100, long=100)
    language = object_at(message, "language", "template['language']", missing=100)
    code = text_at(language, "code", "template['language']['code']", most=20, missing=100, long=100)
    template = catalog.find(name, code)
    if template is None or template.status not in ("APPROVED", "PAUSED", "DISABLED"):
        raise GraphError(132001, f"template name ({name}) does not exist in {code}")
    if template.status == "PAUSED":
        raise GraphError(132015, f"template name ({name}) is paused due to low quality")
    if template.status == "DISABLED":
        raise GraphError(132016, f"template name ({name}) is disabled")
    return template


def _fill_header(
    template: Template, component: dict[str, Any] | None, version: float
) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The header's text ("" without one) and the uploaded media that it shows."""
    wanted = str(template.header.get("format", "TEXT")).upper() if template.header else "TEXT"
    if wanted == "TEXT":
        pattern = str(template.header.get("text", "")) if template.header else ""
        text = fill(pattern, _values("header", pattern, template.named, component, version))
        if len(text) > _HEADER_LIMIT:
            raise GraphError(132005, f"header: the filled text has more than {_HEADER_LIMIT} characters.")
        return text, ()
    given = objects_at(component or {}, "parameters", "header['parameters']")
    received = str(given[0].get("type", "unknown")).upper() if given else "UNKNOWN"
    if received != wanted:
        raise GraphError(132012, f"header: Format mismatch, expected {wanted}, received {received}")
    if len(given) != 1:
        raise GraphError(
            132000, f"header: number of params ({len(given)}) does not match the expected number (1)"
        )
    if wanted not in _MEDIA_FORMATS:
        location = object_at(given[0], "location", "header['location']")
        for name in ("latitude", "longitude"):
            if location.get(name) in (None, ""):
                raise GraphError(131008, f"The parameter header['location']['{name}'] is required.")
        return "", ()
    medium = object_at(given[0], wanted.lower(), f"header['{wanted.lower()}']")
    found = media_id(medium, f"header['{wanted.lower()}']")
    return "", ((wanted.lower(), found),) if found else ()


def media_id(medium: dict[str, Any], path: str) -> str | None:
    """The uploaded id of a medium; None when it is given as a link. Exactly one of the two must be there."""
    given = [name for name in ("id", "link") if medium.get(name) not in (None, "")]
    if len(given) != 1:
        raise GraphError(100, f"{path} needs either an id or a link.")
    if given == ["link"]:
        link = text_at(medium, "link", f"{path}['link']", most=2048, long=100)
        if not re.match(r"https?://[^\s/]+", link):
            raise GraphError(100, f"Param {path}['link'] is not a valid URI.")
        return None
    return text_at(medium, "id", f"{path}['id']", most=100, long=100)


def _values(
    where: str, pattern: str, named: bool, component: dict[str, Any] | None, version: float
) -> dict[str, str]:
    """The values of a component's variables by their names ("1", "2", … where they are numbered)."""
    wanted = variables(pattern)
    given = objects_at(component or {}, "parameters", f"{where}['parameters']")
    if named and any(not isinstance(p.get("parameter_name"), str) or not p["parameter_name"] for p in given):
        raise GraphError(100, "Parameter name is missing or empty")
    if len(given) != len(wanted):
        raise GraphError(
            132000,
            f"{where}: number of localizable_params ({len(given)}) does not match the expected number of "
            f"params ({len(wanted)})",
        )
    if not named and any("parameter_name" in p for p in given):
        raise GraphError(100, f"{where}: the template has numbered parameters, a parameter_name was given")
    names = [str(p["parameter_name"]) for p in given] if named else wanted
    if sorted(names) != sorted(wanted):
        raise GraphError(100, f"{where}: parameter names ({', '.join(names)}) are not those of the template")
    return {name: _value(p, where, version) for name, p in zip(names, given, strict=True)}


def _value(parameter: dict[str, Any], where: str, version: float) -> str:
    kind = parameter.get("type")
    if kind in ("currency", "date_time"):
        legacy = object_at(parameter, str(kind), f"{where}['{kind}']")
        text = text_at(legacy, "fallback_value", f"{where}['{kind}']['fallback_value']", most=32768)
    elif kind == "text":
        text = text_at(parameter, "text", f"{where}['text']", most=32768, long=132005)
    else:
        raise GraphError(132012, f"{where}: Format mismatch, expected TEXT, received {str(kind).upper()}")
    if not text.strip():
        raise GraphError(131008, f"{where}: a parameter is empty")
    if re.search(r"[\n\r\t]| {5}", text):
        raise GraphError(
            132018 if version >= 23 else 100,
            f"{where}: Param text cannot have new-line/tab characters or more than 4 consecutive spaces",
        )
    return text


def _fill_buttons(template: Template, given: list[dict[str, Any]], version: float) -> dict[int, str]:
    payloads: dict[int, str] = {}
    filled: set[int] = set()
    for component in given:
        place, button = _button_place(template, component)
        if place in filled:
            raise GraphError(100, f"buttons: Button at index {place} is given twice")
        filled.add(place)
        parameters = objects_at(component, "parameters", "button['parameters']")
        if button["type"] == "QUICK_REPLY":
            payloads[place] = _payload(parameters, place)
        elif button["type"] == "URL":
            _check_suffix(button, parameters, place, version)
    for place, button in enumerate(template.buttons):
        if button["type"] == "URL" and variables(str(button.get("url", ""))) and place not in filled:
            raise GraphError(131008, f"buttons: Button at index {place} of type Url requires a parameter")
    return payloads


def _button_place(template: Template, component: dict[str, Any]) -> tuple[int, Mapping[str, Any]]:
    sub_type = one_of(component.get("sub_type"), _SUB_TYPES, "template['components']['sub_type']")
    index = component.get("index")
    if not isinstance(index, str) or not index.isdigit():
        raise GraphError(100, "Param template['components']['index'] must be a string of digits.")
    if int(index) >= len(template.buttons):
        raise GraphError(131009, f"buttons: Button at index {index} does not exist in the template")
    button = template.buttons[int(index)]
    if button["type"] != sub_type.upper():
        raise GraphError(
            132018, f"buttons: Button at index {index} is of type {button['type']}, got {sub_type}"
        )
    return int(index), button


def _payload(parameters: list[dict[str, Any]], place: int) -> str:
    if len(parameters) != 1:
        raise GraphError(132018, f"buttons: Button at index {place} takes one parameter of type payload")
    if parameters[0].get("type") != "payload":
        raise GraphError(
            132018, f"buttons: Button at index {place} of type QuickReply takes a parameter of type payload"
        )
    return text_at(parameters[0], "payload", "button['payload']", most=_PAYLOAD_LIMIT)


def _check_suffix(
    button: Mapping[str, Any], parameters: list[dict[str, Any]], place: int, version: float
) -> None:
    wanted = len(variables(str(button.get("url", ""))))
    if not wanted:
        raise GraphError(
            132018, f"buttons: Button at index {place} is of type Url and does not take parameters"
        )
    if len(parameters) != wanted or parameters[0].get("type") != "text":
        raise GraphError(
            132018, f"buttons: Button at index {place} of type Url takes one parameter of type text"
        )
    suffix = _value(parameters[0], "buttons", version)
    if len(str(button["url"])) + len(suffix) > 2000:
        raise GraphError(132018, "buttons: the URL has more than 2000 characters")
