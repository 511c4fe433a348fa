"""Creating a template: the rules that Meta's review holds before a human or a model looks.

Rules: developers.facebook.com, documentation/business-messaging/whatsapp/templates/components and
…/templates/template-review. The stand-in approves at once what passes them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from parinaya_cli.sandbox.errors import GraphError
from parinaya_cli.sandbox.fields import objects_at, one_of, text_at
from parinaya_cli.sandbox.numbers import new_object_id
from parinaya_cli.sandbox.templates import CATEGORIES, VARIABLE, Catalog, Template, read_template, variables

_HEADER_FORMATS = ("TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION")
_BUTTON_LIMITS = {"QUICK_REPLY": 10, "URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1, "FLOW": 1}


def create_template(payload: dict[str, Any], catalog: Catalog) -> Template:
    """Check a new template and put it into the catalog as APPROVED.

    Raises:
        GraphError: 100, with Meta's subcode (2388040 too long, 2388047/2388072/2388073 header/body/footer,
            2388293 too many variables, 2388299 variable at an end, 2388024 exists already) where it has one.
    """
    name = text_at(payload, "name", "name", most=512, missing=100, long=100)
    if not re.fullmatch(r"[a-z0-9_]+", name):
        raise GraphError(100, "Param name must consist of lower case letters, digits and underscores.")
    language = text_at(payload, "language", "language", most=10, missing=100, long=100)
    if not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2})?", language):
        raise GraphError(100, f'Param language must be a supported language code - got "{language}".')
    category = one_of(payload.get("category"), CATEGORIES, "category")
    named = one_of(payload.get("parameter_format", "positional"), ("named", "positional"), "parameter_format")
    if catalog.find(name, language):
        raise _refused(
            2388024, "Content in this language already exists", f"There is already {language} content."
        )
    components = objects_at(payload, "components", "components")
    for component in components:
        _check_component(component, named == "named")
    definition = {
        "name": name,
        "language": language,
        "category": category,
        "parameter_format": named,
        "components": components,
        "id": new_object_id(),
        "status": "APPROVED",
    }
    try:
        template = read_template(definition)
    except ValueError as error:
        raise GraphError(100, f"Invalid components: {error}.") from error
    catalog.templates.append(template)
    return template


def _refused(subcode: int, title: str, details: str) -> GraphError:
    return GraphError(100, details, message="Invalid parameter", subcode=subcode, title=title)


def _check_component(component: dict[str, Any], named: bool) -> None:
    kind = one_of(component.get("type"), ("HEADER", "BODY", "FOOTER", "BUTTONS"), "components['type']")
    component["type"] = kind
    if kind == "BUTTONS":
        _check_buttons(objects_at(component, "buttons", "components['buttons']"))
    elif kind == "BODY":
        text = _text(component, 1024, 2388072)
        _check_variables(text, named)
        _check_samples(component, text, named)
    elif kind == "FOOTER":
        if variables(_text(component, 60, 2388073)):
            raise _refused(2388073, "Footer format is incorrect", "The footer can't have variables.")
    else:
        _check_header(component, named)


def _text(component: Mapping[str, Any], most: int, subcode: int) -> str:
    text = component.get("text")
    if not isinstance(text, str) or not text.strip():
        raise _refused(subcode, "Format is incorrect", f"The {component['type']} needs a text.")
    if len(text) > most:
        raise _refused(
            2388040, "Character limit exceeded", f"The {component['type']} can have {most} characters."
        )
    return text


def _check_header(component: dict[str, Any], named: bool) -> None:
    component["format"] = one_of(component.get("format"), _HEADER_FORMATS, "components['format']")
    if component["format"] == "TEXT":
        text = _text(component, 60, 2388047)
        if len(variables(text)) > 1:
            raise _refused(2388047, "Header format is incorrect", "The header can have one variable.")
        _check_names(text, named)


def _check_variables(text: str, named: bool) -> None:
    _check_names(text, named)
    bare = text.strip().strip(".,!?")
    if re.match(r"\{\{", bare) or re.search(r"\}\}$", bare):
        raise _refused(
            2388299, "Variables can't be at the start or end", "Variables can't be at the start or end."
        )
    if re.search(r"\}\}\s*\{\{", text):
        raise _refused(2388299, "Variables can't follow each other", "Two variables need words between them.")
    words = len(VARIABLE.sub(" ", text).split())
    if words < 2 * len(variables(text)):
        raise _refused(
            2388293, "Too many variables", "There are too many variables for the length of the text."
        )


def _check_names(text: str, named: bool) -> None:
    found = variables(text)
    if text.count("{{") != len(VARIABLE.findall(text)):
        raise _refused(2388072, "Format is incorrect", "A variable is {{name}} or {{1}}.")
    if named and any(name.isdigit() for name in found):
        raise _refused(
            2388072, "Format is incorrect", "A template with named parameters has a number as a name."
        )
    if not named and found != [str(n) for n in range(1, len(found) + 1)]:
        raise _refused(2388072, "Format is incorrect", "Variables are numbered from {{1}} without holes.")


def _check_samples(component: Mapping[str, Any], text: str, named: bool) -> None:
    wanted = variables(text)
    if not wanted:
        return
    example = component.get("example")
    example = example if isinstance(example, dict) else {}
    if named:
        given = [e.get("param_name") for e in objects_at(example, "body_text_named_params", "example")]
        complete = sorted(map(str, given)) == sorted(wanted)
    else:
        rows = example.get("body_text")
        row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], list) else rows
        complete = isinstance(row, list) and len(row) == len(wanted)
    if not complete:
        raise _refused(2388072, "Body format is incorrect", "The body needs an example of each variable.")


def _check_buttons(buttons: list[dict[str, Any]]) -> None:
    kinds = []
    for button in buttons:
        button["type"] = one_of(button.get("type"), _BUTTON_LIMITS, "components['buttons']['type']")
        text_at(button, "text", "components['buttons']['text']", most=25, missing=100, long=100)
        kinds.append(button["type"])
    if not 1 <= len(kinds) <= 10:
        raise GraphError(100, "A template has 1 to 10 buttons.")
    for kind, most in _BUTTON_LIMITS.items():
        if kinds.count(kind) > most:
            raise GraphError(100, f"A template has at most {most} buttons of type {kind}.")
    places = [place for place, kind in enumerate(kinds) if kind == "QUICK_REPLY"]
    if places and places[-1] - places[0] + 1 != len(places):
        raise GraphError(100, "Quick reply buttons must stand together.")
