"""What becomes of messages that left: statuses move dispatches, and tell of the people whom they were for.

Late, repeated and shuffled statuses end in the same state: that of a dispatch is a maximum over the lattice, why it
failed a maximum over the provider's times and codes, and what they tell of a contact point is weighed by the times.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from parinaya_cli.domain.consent import OPT_OUT, ConsentEntry
from parinaya_cli.domain.dispatches import (
    Failure,
    State,
    after_failure,
    after_status,
    counts_more,
    read_token,
)
from parinaya_cli.domain.messages import DeliveryStatus, StatusUpdate
from parinaya_cli.services import points
from parinaya_cli.services.points import Seen
from parinaya_cli.store import consent as consents
from parinaya_cli.store import statuses as store
from parinaya_cli.store import weddings
from parinaya_cli.store.statuses import Heard, Move, Told
from parinaya_cli.store.transaction import Transaction

NOT_OURS = "no message of ours bears this id or token"


def hear(tx: Transaction, updates: Sequence[StatusUpdate]) -> list[StatusUpdate]:
    """Give statuses their effect, in their order; returns those that are about no message that we know (yet)."""
    updates = list({one.key: one for one in reversed(updates)}.values())[::-1]
    found = _find(tx, updates)
    known = store.known_keys(tx, [one.key for one in found])
    fresh = [(one, told) for one, told in found.items() if one.key not in known]
    heard, moves = _fold(fresh, _standing(tx, fresh))
    if heard:
        store.add(tx, heard)
        store.move(tx, moves)
        points.learn(tx, _seen(heard))
        _tell_contacts(tx, heard)
    return [one for one in updates if one not in found]


def _find(tx: Transaction, updates: Sequence[StatusUpdate]) -> dict[StatusUpdate, Told]:
    """The dispatch of each: by its correlation token first, which is understood even after a restore."""
    tokens = {one: token[0] for one in updates if (token := read_token(one.token)) is not None}
    told = store.find(tx, list(tokens.values()), [one.message_id for one in updates])
    by_id = {one.id: one for one in told}
    by_wamid = {one.wamid: one for one in told if one.wamid}
    found: dict[StatusUpdate, Told] = {}
    for one in updates:
        dispatch = by_id.get(tokens[one]) if one in tokens else None
        dispatch = dispatch or by_wamid.get(one.message_id)
        if dispatch is not None:
            found[one] = dispatch
    return found


def _standing(tx: Transaction, fresh: Sequence[tuple[StatusUpdate, Told]]) -> Mapping[uuid.UUID, Failure]:
    """How the messages that have failed already, and are told to have failed once more, are known to have failed."""
    again = [
        told.id for one, told in fresh if one.status is DeliveryStatus.FAILED and told.state is State.FAILED
    ]
    return store.standing_failures(tx, again)


def _fold(
    fresh: Sequence[tuple[StatusUpdate, Told]], standing: Mapping[uuid.UUID, Failure]
) -> tuple[list[Heard], list[Move]]:
    states: dict[uuid.UUID, State] = {}
    failures = dict(standing)
    moves: dict[uuid.UUID, Move] = {}
    heard: list[Heard] = []
    for update, told in fresh:
        before = states.get(told.id, told.state)
        state = after_status(before, update.status)
        heard.append(Heard(told, update, state is not None))
        if update.status is DeliveryStatus.FAILED and State.FAILED in {before, state}:
            failure = Failure(update.at, update.error.code if update.error else 0, update.key)
            if counts_more(failure, failures.get(told.id) if state is None else None):
                state, failures[told.id] = State.FAILED, failure
        if state is not None:
            states[told.id] = state
            moves[told.id] = Move(told, state, update)
    return heard, [moves[one] for one in sorted(moves)]


def _seen(heard: Sequence[Heard]) -> list[Seen]:
    """The user ids that WhatsApp told of phones that were written to."""
    return [
        Seen(one.told.contact_point_id, one.update.recipient_user_id, one.update.at)
        for one in heard
        if one.told.contact_point_id and one.update.recipient_user_id
    ]


def _tell_contacts(tx: Transaction, heard: Sequence[Heard]) -> None:
    """Not on WhatsApp (131026), stopped marketing messages (131050), to be left alone for a day (131049)."""
    lost: set[uuid.UUID] = set()
    stops: list[tuple[Heard, uuid.UUID]] = []
    rest: dict[uuid.UUID, datetime] = {}
    arrived: set[uuid.UUID] = set()
    for one in heard:
        point, update = one.told.contact_point_id, one.update
        if point is None:
            continue
        if update.status in {DeliveryStatus.DELIVERED, DeliveryStatus.READ}:
            arrived.add(point)
        if update.status is not DeliveryStatus.FAILED or update.error is None:
            continue
        tells = after_failure(update.error)
        if tells.not_on_whatsapp:
            lost.add(point)
        if tells.cooling:
            rest[point] = max(rest.get(point, update.at), update.at + tells.cooling)
        if tells.opted_out:
            stops.append((one, point))
    telling = {*lost, *rest, *(point for _, point in stops)}
    store.lock_points(tx, telling)
    if arrived:
        mended = set(store.lost_among(tx, arrived))
        store.lock_points(tx, mended - telling)
        lost |= mended
    if lost:
        store.weigh(tx, sorted(lost))
    store.cool_down(tx, rest)
    for one, point in sorted(stops, key=lambda stop: stop[1]):
        _opt_out(tx, one, point)


def _opt_out(tx: Transaction, one: Heard, point: uuid.UUID) -> None:
    wedding = weddings.find_wedding(tx, one.told.wedding_id)
    assert wedding is not None, "a foreign key binds each dispatch to its wedding"
    with tx.within(wedding):
        at = min(one.update.at, tx.now + timedelta(hours=1))
        entry = ConsentEntry(OPT_OUT, at, tx.now, "provider: marketing switched off", one.update.key)
        if consents.add(tx, point, entry, f"provider:{one.update.key}") is not None:
            tx.audit("consent.record", "contact_point", entity_id=point, after={"kind": OPT_OUT})
