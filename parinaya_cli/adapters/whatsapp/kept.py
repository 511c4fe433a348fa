"""What is not understood, or not acted on: kept with its reason and the facts that a person needs."""

from __future__ import annotations

from collections.abc import Mapping

from parinaya_cli.adapters.whatsapp.envelope import Item, Json, mapping, text
from parinaya_cli.domain.messages import Unreadable

_MOST_FACTS = 20
LONGEST_FACT = 200


def unreadable(item: Item, kind: str, reason: str, facts: Mapping[str, object]) -> Unreadable:
    """An item that is kept as it is."""
    told = {"account": item.account_id, "phone_number_id": item.phone_number_id, **facts}
    return Unreadable(key=item.key(), kind=kind, reason=reason, facts=_facts(told))


def other(item: Item) -> Unreadable:
    """A field, or a shape, that parinaya does not act on; kept so that a person sees it."""
    kind = item.kind.removeprefix("field:")[:LONGEST_FACT]
    return unreadable(item, kind, "parinaya does not act on this kind of news.", value_of(item))


def value_of(item: Item) -> Json:
    """What a change that is one update as a whole holds."""
    content = mapping(item.content)
    return mapping(content.get("value")) if item.kind.startswith("field:") else content


def some(told: Json, *names: str) -> dict[str, object]:
    """These parts of what was told."""
    return {name: told.get(name) for name in names}


def lacking(what: str, **parts: object) -> str:
    """A sentence that names the first part which is not there; empty when all are."""
    missing = next((name for name, part in parts.items() if not part), None)
    return f"The {what} has no {missing.replace('_', ' ')}." if missing else ""


def _facts(told: Mapping[str, object]) -> dict[str, str]:
    """The scalars among what was told, and those one step inside it, as bounded text."""
    facts: dict[str, str] = {}
    for name, value in told.items():
        inner = (
            {f"{name}.{key}": part for key, part in value.items()}
            if isinstance(value, dict)
            else {name: value}
        )
        for key, part in inner.items():
            if isinstance(part, str | int | float) and part != "" and len(facts) < _MOST_FACTS:
                facts[(text(key) or "")[:LONGEST_FACT]] = (text(str(part)) or "")[:LONGEST_FACT]
    return facts
