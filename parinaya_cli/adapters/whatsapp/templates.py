"""Templates as the Graph API lists them (``GET /{business account id}/message_templates``), as values.

Source: Meta, WhatsApp, templates/template-management and templates/components.
"""

from __future__ import annotations

import re

from parinaya_cli.adapters.whatsapp.envelope import Json, identifier, mapping, text
from parinaya_cli.domain.errors import Failed
from parinaya_cli.domain.templates import ButtonKind, TemplateButton, TemplateDefinition

FIELDS = "name,language,category,status,quality_score,parameter_format,components"
"""What is asked for; without it the Graph API leaves out the quality and the parameter format."""

_BUTTONS = {"QUICK_REPLY": ButtonKind.QUICK_REPLY, "URL": ButtonKind.URL}
_NAMED = re.compile(r"\{\{\s*[a-z_][a-z0-9_]*\s*\}\}")


def definition(listed: object) -> TemplateDefinition:
    """One element of the list.

    The language stays as Meta lists it: a send must name exactly this code. Category, status, quality and
    formats come in lower case.

    Raises:
        Failed: it has no name, language or status.
    """
    told = mapping(listed)
    name, language, status = (identifier(told.get(key)) for key in ("name", "language", "status"))
    if not (name and language and status):
        raise Failed(
            "WhatsApp listed a template without a name, a language or a status.",
            "Look at the templates in WhatsApp Manager, then run `parinaya templates sync` again.",
        )
    parts = _components(told)
    header, body = parts.get("HEADER", {}), text(parts.get("BODY", {}).get("text")) or ""
    header_text = text(header.get("text")) or ""
    return TemplateDefinition(
        name=name,
        language=language,
        category=_lower(told.get("category")),
        status=status.lower(),
        quality=_lower(mapping(told.get("quality_score")).get("score")),
        parameter_format=_lower(told.get("parameter_format")) or _guessed_format(header_text + body),
        body=body,
        header_format=_lower(header.get("format")),
        header_text=header_text,
        footer=text(parts.get("FOOTER", {}).get("text")) or "",
        buttons=_buttons(parts.get("BUTTONS", {})),
    )


def _components(told: Json) -> dict[str, Json]:
    listed = told.get("components")
    components = map(mapping, listed if isinstance(listed, list) else [])
    return {(text(component.get("type")) or "").upper(): component for component in components}


def _buttons(component: Json) -> tuple[TemplateButton, ...]:
    listed = component.get("buttons")
    return tuple(
        _button(index, mapping(button))
        for index, button in enumerate(listed if isinstance(listed, list) else [])
    )


def _button(index: int, told: Json) -> TemplateButton:
    url = text(told.get("url")) or ""
    return TemplateButton(
        index=index,
        kind=_BUTTONS.get((text(told.get("type")) or "").upper(), ButtonKind.OTHER),
        text=text(told.get("text")) or "",
        url=url,
        variable="{{" in url,
    )


def _guessed_format(words: str) -> str:
    """Older templates are listed without a format; their variables tell."""
    return "named" if _NAMED.search(words) else "positional"


def _lower(value: object) -> str:
    return (text(value) or "").lower()
