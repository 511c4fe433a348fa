"""Consent: recording opt-ins and opt-outs, and the do-not-message that beats them."""

from __future__ import annotations

import uuid

from parinaya_cli.domain import access, phones, refs
from parinaya_cli.domain.access import Permission, Role
from parinaya_cli.domain.consent import OPT_IN, ConsentEntry, ConsentState, fold, is_own_word
from parinaya_cli.domain.errors import NotFound, NotPermitted, UsedWrongly
from parinaya_cli.services import people
from parinaya_cli.store import consent as store
from parinaya_cli.store import people as people_store
from parinaya_cli.store.people import Person
from parinaya_cli.store.transaction import Transaction


def record(
    tx: Transaction, whom: str, kind: str, *, source: str, evidence: str = ""
) -> tuple[str, list[ConsentEntry]]:
    """Record what somebody decided, for all their phones or the phone given; returns the first with its ledger.

    An opt-in without evidence does not lift what the guest decided: it is refused rather than written down in vain.

    Raises:
        UsedWrongly: no source, one that parinaya itself uses, an opt-in that lifts nothing, neither person nor phone.
        NotFound: there is no such person, or they have no phone.
    """
    access.require(tx.actor, Permission.CONSENT_RECORD)
    entry = ConsentEntry(kind, tx.now, tx.now, source.strip(), evidence.strip())
    if not entry.source or is_own_word(entry):
        raise UsedWrongly(
            "A consent needs its source, in your words." if entry.source else "A consent needs its source.",
            "Say how it was given: --source 'on the phone, 3 May'.",
        )
    found = _points(tx, whom)
    if kind == OPT_IN:
        for value, point in found:
            _must_count(value, store.history(tx, point), entry)
    for _, point in sorted(found, key=lambda one: one[1]):
        store.add(tx, point, entry, f"hand:{uuid.uuid4()}")
        tx.audit("consent.record", "contact_point", entity_id=point, after={"kind": kind, "source": source})
    value, point = found[0]
    return value, store.history(tx, point)


def _must_count(value: str, known: list[ConsentEntry], entry: ConsentEntry) -> None:
    """Refuse an opt-in after which the contact point would be opted out still."""
    if fold([*known, entry]) is not ConsentState.OPTED_OUT:
        return
    shown = phones.show(value) if value.startswith("+") else value
    if entry.evidence:
        raise UsedWrongly(
            f"{shown} stopped messages, and “{entry.source}” sounds like work on lists, which lifts no stop.",
            "Say how the guest told you: --source 'on the phone, 3 May'.",
        )
    raise UsedWrongly(
        f"{shown} stopped messages: what the guest decided, only the guest takes back.",
        "Name where their own word can be looked up, such as --evidence 'call of 3 May, noted by Meera', "
        "or let them write START.",
    )


def history(tx: Transaction, whom: str) -> tuple[str, list[ConsentEntry]]:
    """The ledger of a person's primary phone, or of a phone.

    Raises:
        NotFound: nobody here has it.
    """
    access.require(tx.actor, Permission.READ)
    if tx.actor.role is Role.DESK:
        raise NotPermitted(f"{tx.actor.name} acts as desk, which sees names and answers only.")
    value, point = _points(tx, whom)[0]
    return value, store.history(tx, point)


def _points(tx: Transaction, whom: str) -> list[tuple[str, uuid.UUID]]:
    """The phones meant, with their contact points: the one that messages go to first."""
    handle = refs.read(whom, refs.Kind.PERSON)
    if handle.number is not None or handle.id is not None:
        person = people.find(tx, whom)
        usable = [c for c in person.contacts if c.kind != "email"]
        if not usable:
            raise NotFound(f"{person.ref} has no phone.", "Consent belongs to a phone: give the number.")
        return [(c.value, c.id) for c in sorted(usable, key=lambda c: c.state != "valid")]
    value = phones.parse_one(whom, tx.wedding.region)
    point = store.find_point(tx, "phone", value)
    mine = tx.actor.sides
    if mine is not None and all(one.side not in mine for one in people_store.list_by_phone(tx, value)):
        point = None
    if point is None:
        raise NotFound(
            "Nobody here has this phone.", "Add the person first: parinaya people add NAME --phone …"
        )
    return [(value, point)]


def do_not_message(tx: Transaction, name: str, *, lift: bool, reason: str) -> Person:
    """Stop all messages to a person, or lift that stop. It beats every consent.

    Raises:
        NotFound: there is no such person.
        UsedWrongly: no reason is given.
    """
    access.require(tx.actor, Permission.CONSENT_LIFT if lift else Permission.CONSENT_RECORD)
    if not reason.strip():
        raise UsedWrongly("A do-not-message needs its reason.", "Give --reason TEXT.")
    before = people.find(tx, name)
    people_store.set_do_not_message(tx, before.id, None if lift else reason)
    after = people.find(tx, str(before.id))
    tx.audit(
        "person.dnm",
        "person",
        ref=after.ref,
        entity_id=after.id,
        before={"do_not_message": before.do_not_message_at is not None},
        after={"do_not_message": not lift},
    )
    return after
