"""People: finding, adding, changing one by one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from parinaya_cli.domain import access, names, phones, refs
from parinaya_cli.domain.access import Permission, Role
from parinaya_cli.domain.consent import ConsentEntry
from parinaya_cli.domain.errors import Locked, NotFound, UsedWrongly
from parinaya_cli.domain.events import check_side
from parinaya_cli.domain.people import read_language
from parinaya_cli.domain.phones import Phone, PhoneState
from parinaya_cli.services import events
from parinaya_cli.store import consent as consents
from parinaya_cli.store import erasures, search
from parinaya_cli.store import people as store
from parinaya_cli.store import units as unit_store
from parinaya_cli.store.people import PeopleFilter, Person
from parinaya_cli.store.transaction import Transaction


@dataclass(frozen=True)
class PeopleRequest:
    """Which people are asked for."""

    side: str | None = None
    tag: str | None = None
    event: str | None = None
    no_phone: bool = False
    limit: int | None = None
    gone: bool = False


def list_people(tx: Transaction, request: PeopleRequest) -> tuple[list[Person], int]:
    """The people that match and may be seen, and how many there are in all."""
    access.require(tx.actor, Permission.READ)
    event = events.find(tx, request.event) if request.event else None
    wanted = PeopleFilter(
        sides=sides_asked(tx, request.side),
        tag=request.tag,
        event_id=event.id if event else None,
        no_phone=request.no_phone,
        gone=request.gone,
    )
    return store.list_people(tx, wanted, limit=request.limit)


def sides_asked(tx: Transaction, side: str | None) -> Sequence[str] | None:
    """The sides to look at: what was asked for, within what the actor may see."""
    mine, side = tx.actor.sides, check_side(side)
    if side is None:
        return mine
    asked = (side,) if side == "both" else (side, "both")
    return asked if mine is None else tuple(one for one in asked if one in mine)


def find(tx: Transaction, name: str) -> Person:
    """The person of this ref or id.

    Raises:
        NotFound: there is none that the actor may see.
    """
    access.require(tx.actor, Permission.READ)
    found = store.find_person(tx, refs.read(name, refs.Kind.PERSON), tx.actor.sides)
    if found is None:
        raise NotFound(f"There is no person {name!r}.", "See `parinaya people list`.")
    return found


def document(tx: Transaction, person: Person) -> dict[str, object]:
    """A person as ``--json`` shows one; the desk gets names only."""
    told: dict[str, object] = {
        "ref": person.ref,
        "id": person.id,
        "full_name": person.full_name,
        "phones": person.phones,
        "emails": person.emails,
        "city": person.city,
        "side": person.side,
        "tags": list(person.tags),
        "unit": person.unit,
        "external_ids": list(person.external_ids),
        "do_not_message": person.do_not_message_at is not None,
        "consent": person.consent,
        "language": person.language,
        "household": person.household,
        "notes": person.notes,
        "extra": dict(person.extra),
        "contact_points": [
            {"kind": c.kind, "value": c.value, "state": c.state, "raw": c.raw, "consent": c.consent}
            for c in person.contacts
        ],
    }
    if tx.actor.role is Role.DESK:
        return {key: told[key] for key in ("ref", "id", "full_name", "unit")}
    return told


def whole(tx: Transaction, person: Person) -> dict[str, object]:
    """The same, with the rows of lists that name the person."""
    access.require(tx.actor, Permission.READ)
    told = document(tx, person)
    if tx.actor.role is Role.DESK:
        return told
    rows = [
        {
            "source": one.source,
            "row": one.row,
            "external_id": one.external_id,
            "import": refs.make(refs.Kind.IMPORT, one.import_number),
            "at": one.imported_at.astimezone(tx.wedding.zone),
            "gone_at": one.gone_at.astimezone(tx.wedding.zone) if one.gone_at else None,
        }
        for one in store.list_sources(tx, person.id)
    ]
    return {**told, "sources": rows}


@dataclass(frozen=True)
class PersonFields:
    """What an operator says of a person; None leaves a thing as it is."""

    full_name: str | None = None
    phones: Sequence[str] | None = None
    emails: Sequence[str] | None = None
    city: str | None = None
    side: str | None = None
    language: str | None = None
    notes: str | None = None
    household: str | None = None
    add_tags: Sequence[str] = ()
    drop_tags: Sequence[str] = ()
    drop_phones: Sequence[str] = ()
    drop_emails: Sequence[str] = ()


def _columns(fields: PersonFields, before: Person | None) -> dict[str, object]:
    told: dict[str, object] = {}
    if fields.full_name is not None:
        parts = names.split(fields.full_name)
        if not parts.full_name:
            raise UsedWrongly("A person needs a name.", "Give the full name as the family writes it.")
        told |= {
            "full_name": parts.full_name,
            "honorific": parts.honorific,
            "given_name": parts.given_name,
            "family_name": parts.family_name,
            "folded": names.fold_name(parts),
        }
    for key in ("city", "notes", "household"):
        value = getattr(fields, key)
        if value is not None:
            told[key] = names.clean(value) if key != "notes" else value
    if fields.language is not None:
        told["language"] = _language(fields.language)
    if fields.side is not None:
        told["side"] = check_side(fields.side)
    tags = list(before.tags) if before else []
    wanted = sorted({*tags, *(t.strip().lower() for t in fields.add_tags)} - {*fields.drop_tags, ""})
    if wanted != sorted(tags):
        told["tags"] = wanted
    return told


def _language(text: str) -> str | None:
    code = read_language(text)
    if code is None and text.strip():
        raise UsedWrongly(f"{text!r} is no language.", "Give its code or its name, such as hi or Gujarati.")
    return code


def _read_phones(tx: Transaction, texts: Sequence[str]) -> list[Phone]:
    found: list[Phone] = []
    for text in texts:
        for phone in phones.read_cell(text, tx.wedding.region):
            if phone.state is PhoneState.IMPOSSIBLE:
                raise UsedWrongly(
                    f"{text!r} is no phone number{': ' + phone.note if phone.note else ''}.",
                    "Give it with its country code, such as +919812345678.",
                )
            found.append(phone)
    return found


def add(tx: Transaction, fields: PersonFields) -> Person:
    """Add a person by hand.

    Raises:
        UsedWrongly: no name, a phone that can't be read, or one whose owner asked to be forgotten.
    """
    access.require(tx.actor, Permission.PEOPLE)
    columns = _columns(fields, None)
    if "full_name" not in columns:
        raise UsedWrongly("A person needs a name.", "Give the full name as the family writes it.")
    numbers = _read_phones(tx, fields.phones or ())
    person_id = store.insert(tx, columns)
    search.keep_name(tx, str(columns["folded"]))
    _add_contacts(tx, person_id, numbers, fields.emails or ())
    made = find(tx, str(person_id))
    tx.audit("person.add", "person", ref=made.ref, entity_id=made.id, after=_shown(made))
    return made


def _add_contacts(
    tx: Transaction, person_id: uuid.UUID, numbers: Sequence[Phone], emails: Sequence[str]
) -> None:
    told: list[tuple[str, str, str, str]] = []
    for phone in numbers:
        assert phone.e164 is not None
        told.append(("phone", phone.e164, phone.raw, phone.state.value))
    for email in emails:
        if "@" not in email:
            raise UsedWrongly(f"{email!r} is no email address.", "It looks like asha@example.com.")
        told.append(("email", email.strip().lower(), email, PhoneState.VALID.value))
    forgotten = _forgotten(tx, [value for _, value, _, _ in told])
    for kind, value, raw, state in told:
        country = phones.country(value) if kind == "phone" else ""
        point = store.contact_point_once(tx, kind, value, state=state, country=country)
        store.add_contact(tx, person_id, point, raw)
        if value in forgotten:
            entry = ConsentEntry("opt-out", tx.now, tx.now, "asked to be forgotten", "")
            consents.add(tx, point, entry, "erased")


def _forgotten(tx: Transaction, values: Sequence[str]) -> set[str]:
    """The contact points whose owner asked to be forgotten: they come back with a reason only, and opted out."""
    found = erasures.erased(tx, values) if values and erasures.has_any(tx) else set()
    if found and not tx.reason.strip():
        raise UsedWrongly(
            f"Whoever has {', '.join(sorted(found))} asked to be forgotten.",
            "If they want to be a guest again, say so with --reason; they get no message before they agree to it.",
        )
    return found


def _drop_contacts(tx: Transaction, person: Person, fields: PersonFields) -> None:
    for text in fields.drop_phones:
        # One that can't be read is known by what stands there.
        here = [c.value for c in person.contacts if c.kind == "phone" and text.strip() in (c.value, c.raw)]
        value = here[0] if here else phones.parse_one(text, tx.wedding.region)
        if not store.drop_contact(tx, person.id, "phone", value):
            raise NotFound(f"{person.ref} has no phone {text}.", f"See `parinaya people show {person.ref}`.")
    for text in fields.drop_emails:
        if not store.drop_contact(tx, person.id, "email", text.strip().lower()):
            raise NotFound(f"{person.ref} has no email {text}.", f"See `parinaya people show {person.ref}`.")


def _carry_stop(tx: Transaction, person: Person) -> None:
    """The phone that a person stopped from is taken away: the stop holds for the phones that are left."""
    entry = ConsentEntry("opt-out", tx.now, tx.now, "edit: said stop from another phone", person.ref)
    for point in sorted((c for c in person.contacts if c.kind != "email"), key=lambda c: c.id):
        consents.add(tx, point.id, entry, f"edit:{uuid.uuid4()}")
        tx.audit("consent.record", "contact_point", entity_id=point.id, after={"kind": entry.kind})


def _shown(person: Person) -> Mapping[str, object]:
    return {
        "full_name": person.full_name,
        "phones": person.phones,
        "emails": person.emails,
        "city": person.city,
        "side": person.side,
        "language": person.language,
        "tags": list(person.tags),
        "notes": person.notes,
        "household": person.household,
    }


def edit(tx: Transaction, name: str, fields: PersonFields) -> Person:
    """Change a person; only what is told changes. The first phone given becomes the primary one.

    Raises:
        NotFound: there is no such person.
        UsedWrongly: a value is wrong.
        Locked: somebody else changed the person meanwhile.
    """
    access.require(tx.actor, Permission.PEOPLE)
    before = find(tx, name)
    columns = _columns(fields, before)
    numbers = _read_phones(tx, fields.phones or ())
    said = columns or numbers or fields.emails or fields.drop_phones or fields.drop_emails
    if said and not store.update(tx, before.id, before.version, columns):
        raise Locked(f"Somebody else changed {before.ref} just now.", "Look at it and try again.")
    if "folded" in columns:
        search.keep_name(tx, str(columns["folded"]))
    if columns.keys() & {"side", "tags"}:
        unit_store.refresh_of_people(tx, [before.id])
    _add_contacts(tx, before.id, numbers, fields.emails or ())
    if numbers and numbers[0].e164 is not None:
        store.set_primary(tx, before.id, store.contact_point_once(tx, "phone", numbers[0].e164))
    _drop_contacts(tx, before, fields)
    after = find(tx, str(before.id))
    if fields.drop_phones and before.consent == "opted_out" and after.consent != "opted_out":
        _carry_stop(tx, after)
        after = find(tx, str(before.id))
    was, now = _shown(before), _shown(after)
    changed = [key for key in was if was[key] != now[key]]
    if changed:
        tx.audit(
            "person.edit",
            "person",
            ref=after.ref,
            entity_id=after.id,
            before={key: was[key] for key in changed},
            after={key: now[key] for key in changed},
        )
    return after
