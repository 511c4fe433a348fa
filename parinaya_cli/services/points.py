"""Which numbers and user ids are one guest's: learnt from what WhatsApp shows together, and followed when it changes.

Since 2026 a guest may write without a number. The business-scoped user id is then all that is known of them (Meta,
WhatsApp, business-scoped-user-ids), until a status, an answered message or a later message shows both.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from parinaya_cli.domain import phones
from parinaya_cli.domain.messages import InboundMessage, MovedUpdate, PreferenceUpdate
from parinaya_cli.store import consent as consents
from parinaya_cli.store import people, weddings
from parinaya_cli.store import points as store
from parinaya_cli.store.points import Seen as Seen
from parinaya_cli.store.transaction import Transaction


def learn(tx: Transaction, seen: Sequence[Seen]) -> None:
    """Phones were seen under these user ids: whoever writes under one later is known by the phone."""
    if not seen:
        return
    for joined in store.learn(tx, seen):
        if joined.user_point_id is not None:
            wedding = weddings.find_wedding(tx, joined.wedding_id)
            assert wedding is not None, "a foreign key binds each contact point to its wedding"
            with tx.within(wedding):
                _join(tx, joined.user_point_id, joined.phone_id)


def meet(tx: Transaction, update: InboundMessage | PreferenceUpdate) -> None:
    """Learn what a message or a preference shows of its sender, before anybody asks who that is.

    A number and a user id that stand together are one guest's. So are a user id that stands alone and the phone to
    which the message that it answers was sent: nobody else can answer that.
    """
    phone, user_id = update.sender.phone, update.sender.user_id
    if user_id is None:
        return
    if phone is not None:
        known = store.phones_of(tx, phone)
        there = {wedding for wedding, _ in known}
        for wedding_id, point in store.users_of(tx, user_id):
            if wedding_id not in there:
                known.append((wedding_id, _phone_beside(tx, wedding_id, point, phone)))
        learn(tx, [Seen(point, user_id, update.at) for _, point in known])
    elif isinstance(update, InboundMessage) and update.context_id is not None:
        sent_to = store.sent_to(tx, update.context_id)
        learn(tx, [Seen(sent_to, user_id, update.at)] if sent_to else [])


def _phone_beside(tx: Transaction, wedding_id: uuid.UUID, user_point: uuid.UUID, phone: str) -> uuid.UUID:
    """The number of somebody whom a wedding knew by their user id only."""
    wedding = weddings.find_wedding(tx, wedding_id)
    assert wedding is not None
    with tx.within(wedding):
        made = people.contact_point_once(tx, "phone", phone, country=phones.country(phone))
        tx.audit("contact.learn", "contact_point", entity_id=made, after={"user_point": str(user_point)})
        return made


def _join(tx: Transaction, user_point: uuid.UUID, phone_point: uuid.UUID) -> None:
    """What was said and decided under a user id holds for the phone; whoever has the one has the other."""
    store.take_over(tx, user_point, phone_point)
    _carry_consent(tx, user_point, phone_point)
    owners = [one for one in store.people_of(tx, user_point) if not store.has(tx, one, phone_point)]
    for person in owners:
        people.add_contact(tx, person, phone_point, "")
    store.bump(tx, owners)
    tx.audit("contact.join", "contact_point", entity_id=phone_point, after={"user_point": str(user_point)})


def _carry_consent(tx: Transaction, before: uuid.UUID, after: uuid.UUID) -> None:
    """A guest's consent goes with the guest: the ledger of the one contact point holds for the other too."""
    for entry in consents.history(tx, before):
        consents.add(tx, after, entry, entry.key)


def follow(tx: Transaction, update: MovedUpdate) -> str:
    """A guest has another number or another user id now: they are written to there. Returns why not, or ''.

    The new number becomes the primary phone of whoever had the old one as such, with the consent given for that; the
    old one stays with them behind it (Meta, WhatsApp, webhooks/reference/messages/system).
    """
    found = 0
    if update.user_id_before and update.user_id:
        found += store.rename_user(tx, update.user_id_before, update.user_id, update.at)
    if update.phone_before and update.phone:
        for wedding_id, before in store.phones_of(tx, update.phone_before):
            wedding = weddings.find_wedding(tx, wedding_id)
            assert wedding is not None
            with tx.within(wedding):
                after = people.contact_point_once(
                    tx, "phone", update.phone, country=phones.country(update.phone)
                )
                found += 1
                if after != before:
                    _move(tx, before, after, update)
    return "" if found else "nobody in any wedding has this number or user id"


def _move(tx: Transaction, before: uuid.UUID, after: uuid.UUID, update: MovedUpdate) -> None:
    owners = store.people_of(tx, before)
    for person in owners:
        primary = store.is_primary(tx, person, before)
        people.add_contact(tx, person, after, "")
        if primary:
            people.set_primary(tx, person, after)
    store.bump(tx, owners)
    _carry_consent(tx, before, after)
    store.forget_user(tx, before, update.at)
    tx.audit(
        "contact.move",
        "contact_point",
        entity_id=after,
        before={"contact_point": str(before)},
        after={"contact_point": str(after), "people": len(owners)},
    )
