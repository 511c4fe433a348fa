"""Message templates as the stand-in holds them: read from a file, created, listed, looked up.

The shape is Meta's own, as ``GET /{WABA_ID}/message_templates`` answers it (developers.facebook.com,
documentation/business-messaging/whatsapp/templates/template-management).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.sandbox.errors import GraphError

VARIABLE = re.compile(r"\{\{\s*([a-z0-9_]+)\s*\}\}")
CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
DEFAULT_FIELDS = ("name", "parameter_format", "components", "language", "status", "category", "id")
FIELDS = (*DEFAULT_FIELDS, "quality_score", "rejected_reason", "previous_category", "sub_category")


@dataclass(frozen=True)
class Template:
    """One template in one language. ``raw`` is what the listing shows; the rest is read from it once."""

    raw: Mapping[str, Any]
    name: str
    language: str
    status: str
    category: str
    named: bool
    header: Mapping[str, Any] | None
    body: str
    buttons: tuple[Mapping[str, Any], ...]

    @property
    def quick_replies(self) -> list[tuple[int, str]]:
        """Place among all buttons and label of each quick reply, in their order."""
        return [
            (place, str(button["text"]))
            for place, button in enumerate(self.buttons)
            if button["type"] == "QUICK_REPLY"
        ]


def variables(text: str) -> list[str]:
    """The variables of a component's text, each once, in the order in which they first stand there."""
    return list(dict.fromkeys(VARIABLE.findall(text)))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its variables replaced."""
    return VARIABLE.sub(lambda found: values[found[1]], text)


def read_template(raw: Mapping[str, Any]) -> Template:
    """Read one definition; ``id``, status and parameter format are added where they are missing.

    Raises:
        ValueError: with what is wrong, when the definition is not in Meta's shape.
    """
    for name in ("name", "language", "category"):
        if not isinstance(raw.get(name), str) or not raw[name]:
            raise ValueError(f"{name} is missing")
    parts = raw.get("components")
    if not isinstance(parts, list) or not all(
        isinstance(p, dict) and isinstance(p.get("type"), str) for p in parts
    ):
        raise ValueError("components is no list of objects with a type")
    by_type = {str(part["type"]).upper(): part for part in parts}
    if len(by_type) != len(parts):
        raise ValueError("two components have the same type")
    body = by_type.get("BODY", {}).get("text")
    if not isinstance(body, str) or not body:
        raise ValueError("there is no BODY with a text")
    buttons = by_type.get("BUTTONS", {}).get("buttons", [])
    if not isinstance(buttons, list) or not all(
        isinstance(b, dict) and {"type", "text"} <= b.keys() for b in buttons
    ):
        raise ValueError("each button needs a type and a text")
    named = _is_named(raw, body, by_type.get("HEADER", {}))
    full = {
        "parameter_format": "NAMED" if named else "POSITIONAL",
        "status": "APPROVED",
        "id": _stable_id(raw["name"], raw["language"]),
        "quality_score": {"score": "UNKNOWN"},
    }
    full.update({key: value for key, value in raw.items() if key != "parameter_format"})
    return Template(
        raw=full,
        name=raw["name"],
        language=raw["language"],
        status=str(full["status"]).upper(),
        category=raw["category"].upper(),
        named=named,
        header=by_type.get("HEADER"),
        body=body,
        buttons=tuple({**b, "type": str(b["type"]).upper()} for b in buttons),
    )


def _is_named(raw: Mapping[str, Any], body: str, header: Mapping[str, Any]) -> bool:
    wanted = raw.get("parameter_format")
    if wanted is not None:
        return str(wanted).upper() == "NAMED"
    return any(not name.isdigit() for name in variables(body + str(header.get("text", ""))))


def _stable_id(name: str, language: str) -> str:
    digest = hashlib.sha256(f"{name}/{language}".encode()).digest()
    return str(10**15 + int.from_bytes(digest[:6], "big"))


@dataclass
class Catalog:
    """The templates of the account, in the order in which they came."""

    templates: list[Template] = field(default_factory=list)

    def find(self, name: str, language: str) -> Template | None:
        """The template of that name in exactly that language."""
        return next((t for t in self.templates if t.name == name and t.language == language), None)

    def listing(self, query: Mapping[str, str], *, address: str, version: float) -> dict[str, Any]:
        """One page of the listing, as Meta answers it.

        ``query`` may hold ``fields``, ``limit``, ``after``, ``before`` and the filters ``name``,
        ``language``, ``status``, ``category``. ``address`` is that of the listing, for ``paging.next``.

        Raises:
            GraphError: 100 for a bad field or limit, 131059 (100 before v24.0) for a cursor that is not ours.
        """
        found = [t for t in self.templates if _matches(t, query)]
        names = _wanted_fields(query.get("fields", ""))
        limit = query.get("limit", "25")
        if not limit.isdigit() or not 1 <= int(limit) <= 1000:
            raise GraphError(100, "Param limit must be an integer between 1 and 1000.")
        start = _after(query, len(found), int(limit), version)
        page = found[start : start + int(limit)]
        answer: dict[str, Any] = {"data": [{n: t.raw[n] for n in names if n in t.raw} for t in page]}
        if page:
            last = start + len(page)
            answer["paging"] = {"cursors": {"before": _cursor(start), "after": _cursor(last)}}
            if last < len(found):
                kept = [
                    (k, v) for k, v in query.items() if k not in ("after", "before", "limit", "access_token")
                ]
                pairs = [*kept, ("limit", limit), ("after", _cursor(last))]
                answer["paging"]["next"] = f"{address}?{urlencode(pairs)}"
        return answer


def _matches(template: Template, query: Mapping[str, str]) -> bool:
    return (
        query.get("name", template.name) == template.name
        and query.get("language", template.language) == template.language
        and query.get("status", template.status).upper() == template.status
        and query.get("category", template.category).upper() == template.category
    )


def _wanted_fields(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()] or list(DEFAULT_FIELDS)
    for name in names:
        if name not in FIELDS:
            detail = f"Tried accessing nonexisting field ({name}) on node type (WhatsAppMessageTemplate)"
            raise GraphError(100, message=f"(#100) {detail}")
    return names if "id" in names else [*names, "id"]


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(f"at:{place}".encode()).decode().rstrip("=")


def _after(query: Mapping[str, str], total: int, limit: int, version: float) -> int:
    for name, back in (("after", 0), ("before", limit)):
        if query.get(name):
            place = _place(query[name])
            if place is None or place > total:
                raise GraphError(131059 if version >= 24 else 100, f"The cursor in {name} is not valid.")
            return max(0, place - back)
    return 0


def _place(cursor: str) -> int | None:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        return None
    found = re.fullmatch(r"at:(\d+)", text)
    return int(found[1]) if found else None


def load_templates(path: Path) -> Catalog:
    """Read a file of definitions: ``{"data": [...]}`` as the listing answers, or the bare list.

    Raises:
        UsedWrongly: no such file, no JSON, or a definition that is not in Meta's shape; names the entry.
    """
    hint = "The file holds what GET /{WABA_ID}/message_templates answers; see examples/templates.json."
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsedWrongly(f"The templates in {path} can't be read: {error}.", hint) from error
    entries = content.get("data") if isinstance(content, dict) else content
    if not isinstance(entries, list):
        raise UsedWrongly(f"{path} holds no list of templates.", hint)
    catalog = Catalog()
    for place, entry in enumerate(entries, start=1):
        label = f"{path}: template {place}"
        if not isinstance(entry, dict):
            raise UsedWrongly(f"{label} is no JSON object.", hint)
        try:
            template = read_template(entry)
        except ValueError as error:
            raise UsedWrongly(f"{label} ({entry.get('name', 'no name')}): {error}.", hint) from error
        if catalog.find(template.name, template.language):
            raise UsedWrongly(f"{label}: {template.name} stands there twice in {template.language}.", hint)
        catalog.templates.append(template)
    return catalog
