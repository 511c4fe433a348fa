"""Templates: syncing them from the provider, mapping their parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from parinaya_cli.domain import access
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.conversation.understand import label_meaning
from parinaya_cli.domain.errors import NotFound, UsedWrongly
from parinaya_cli.domain.templates import FIELDS, ButtonKind, field_of, parameters, read_aloud
from parinaya_cli.ports import TemplateSource
from parinaya_cli.store import templates as store
from parinaya_cli.store.templates import Template
from parinaya_cli.store.transaction import Begin, Transaction


@dataclass(frozen=True)
class SyncReport:
    """What a sync found."""

    new: int
    changed: int
    unchanged: int
    gone: int


def sync(begin: Begin, source: TemplateSource) -> SyncReport:
    """Fetch every template of the account and write what changed. The provider is asked outside of any
    transaction.

    Raises:
        Unreachable: the provider is away.
    """
    with begin() as tx:
        access.require(tx.actor, Permission.SEND)
    found = source.list_templates()
    with begin() as tx:
        counts = {"new": 0, "changed": 0, "unchanged": 0}
        for definition in found:
            counts[store.write(tx, definition)] += 1
        gone = store.mark_gone(tx, [(one.name, one.language) for one in found])
        if counts["new"] or counts["changed"] or gone:
            tx.audit("templates.sync", "template", after={**counts, "gone": len(gone)})
    return SyncReport(counts["new"], counts["changed"], counts["unchanged"], len(gone))


def list_templates(tx: Transaction) -> list[Template]:
    """Every template, in every language."""
    access.require(tx.actor, Permission.READ)
    return store.list_templates(tx)


def versions(tx: Transaction, name: str, language: str | None = None) -> list[Template]:
    """The language versions of a template, or the one in this language.

    Raises:
        NotFound: there is none of this name, or not in this language.
    """
    access.require(tx.actor, Permission.READ)
    found = store.list_templates(tx, name)
    if not found:
        raise NotFound(
            f"There is no template {name!r}.", "See `parinaya templates list`, or sync them first."
        )
    chosen = [one for one in found if language in {None, one.definition.language}]
    if not chosen:
        known = ", ".join(one.definition.language for one in found)
        raise NotFound(f"{name} does not exist in {language!r}.", f"It exists in: {known}.")
    return chosen


def document(template: Template) -> dict[str, object]:
    """A template as ``--json`` shows one; in its text the names of the fields stand in braces."""
    definition, header = template.definition, template.header
    mapping = {one: field_of(one, template.mapping) for one in template.params}
    names = {one: f"{{{field}}}" for one, field in mapping.items() if field}
    return {
        "name": definition.name,
        "language": definition.language,
        "category": definition.category.lower(),
        "status": definition.status,
        "quality": definition.quality,
        "params": list(template.params),
        "mapped": template.mapped,
        "mapping": mapping,
        "header": definition.header_format,
        "header_medium": (header.link or header.filename) if header else None,
        "buttons": [button.text for button in definition.buttons],
        "answers": {
            button.text: label_meaning(button.text)
            for button in definition.buttons
            if button.kind is ButtonKind.QUICK_REPLY
        },
        "text": read_aloud(definition, names),
        "synced_at": template.synced_at,
    }


def map_parameters(tx: Transaction, name: str, wanted: Mapping[str, str]) -> list[Template]:
    """Map parameters of all language versions of a template to fields; what was mapped before stays.

    Raises:
        NotFound: there is no such template.
        UsedWrongly: no such parameter or field.
    """
    access.require(tx.actor, Permission.SEND)
    there = versions(tx, name)
    known = {one for version in there for one in parameters(version.definition)}
    known |= {one.removeprefix("header:") for one in known}
    mapping = dict(there[0].mapping)
    for parameter, field in wanted.items():
        if parameter not in known:
            raise UsedWrongly(
                f"{name} has no parameter {parameter!r}.", f"It has: {', '.join(sorted(known)) or 'none'}."
            )
        if field not in FIELDS:
            raise UsedWrongly(f"There is no field {field!r}.", f"Use one of: {', '.join(FIELDS)}.")
        mapping[parameter] = field
    store.set_mapping(tx, name, mapping)
    tx.audit("template.map", "template", ref=name, before=dict(there[0].mapping), after=mapping)
    return versions(tx, name)
