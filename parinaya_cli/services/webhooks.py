"""Deliveries: kept before anybody is told so, processed apart from that, as often as need be.

``keep`` knows nothing of weddings; ``process_slice`` knows nothing of HTTP.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from parinaya_cli.domain import access, jobs
from parinaya_cli.domain.access import Permission
from parinaya_cli.domain.errors import Locked, NotFound, ParinayaError, Unreachable, UsedWrongly
from parinaya_cli.domain.messages import (
    AccountUpdate,
    InboundMessage,
    MovedUpdate,
    PreferenceUpdate,
    StatusUpdate,
    TemplateUpdate,
    Unreadable,
    Update,
)
from parinaya_cli.ports import InboundParser
from parinaya_cli.services import conversation, news, points, statuses
from parinaya_cli.services.conversation import Ears
from parinaya_cli.services.news import Ours
from parinaya_cli.store import engine, erasures
from parinaya_cli.store import points as point_store
from parinaya_cli.store import webhooks as store
from parinaya_cli.store.transaction import Begin, Transaction
from parinaya_cli.store.webhooks import Claim
from parinaya_cli.store.webhooks import Delivery as Delivery
from parinaya_cli.store.webhooks import Effect as Effect
from parinaya_cli.store.webhooks import Incoming as Incoming


def keep(tx: Transaction, bodies: Sequence[Incoming]) -> int:
    """Store bodies whose signature was right, each once; returns how many are new. Rings when any is.

    Whoever answers 200 does so after this transaction has been committed.
    """
    new = store.insert_once(tx, bodies)
    if new:
        tx.ring(jobs.PROCESS)
    return new


SLICE = 200
"""How many deliveries share a transaction while all goes well."""

TRIES = 3
"""How often a slice is begun that Postgres gives up so that others can go on."""


def process_slice(begin: Begin, parser: InboundParser, ears: Ears) -> int:
    """Process the deliveries that wait, up to ``SLICE`` in one transaction, oldest first; returns how many.

    When anything in the slice fails, nothing of it has happened, and its first delivery is processed alone and
    with care (``process_next``): the one that fails is found and put aside, the others follow.
    """
    for left in reversed(range(TRIES)):
        try:
            with begin() as tx:
                return _process_together(tx, parser, ears)
        except Locked:
            if not left:
                break
        except Exception:  # noqa: BLE001 - whatever it was, it comes again below, where it is named or raised
            break
    return 0 if process_next(begin, parser, ears).number is None else 1


def _process_together(tx: Transaction, parser: InboundParser, ears: Ears) -> int:
    taken = store.take_for_processing(tx, SLICE)
    read = {delivery.number: parser.parse(delivery.body) for delivery in taken}
    betraying = _mask(tx, read)
    told = [(number, update) for number, updates in read.items() for update in updates]
    free = store.claim(tx, [_claim(number, update) for number, update in told])
    fresh = {update.key: update for _, update in reversed(told) if update.key in free}
    store.park(tx, _apply(tx, list(fresh.values())[::-1], ears))
    store.mark_done(tx, [delivery.number for delivery in taken])
    store.empty_bodies(tx, betraying)
    return len(taken)


@dataclass(frozen=True)
class Processed:
    """What became of one delivery. ``number`` None: nothing was waiting."""

    number: int | None
    updates: int = 0
    error: str = ""


def process_next(begin: Begin, parser: InboundParser, ears: Ears) -> Processed:
    """Process the next delivery that waits, alone: each of its updates takes effect or is undone by itself.

    Each update has its natural key: processed twice, it does nothing the second time. A delivery of which
    something failed is tried again later, then dead until a person replays it.
    """
    taken: list[Delivery] = []
    try:
        with begin() as tx:
            taken = store.take_for_processing(tx, 1)
            if not taken:
                return Processed(None)
            return _process_alone(tx, taken[0], parser, ears)
    except Exception as error:
        if not taken or isinstance(error, Unreachable | Locked):
            raise
        # A bug may lie behind it, and its text may quote the guest: the kind is told, the delivery put aside.
        told = error.message if isinstance(error, ParinayaError) else type(error).__name__
        with begin() as tx:
            store.mark_failed(tx, taken[0].number, told)
        return Processed(taken[0].number, 0, told)


def _process_alone(tx: Transaction, delivery: Delivery, parser: InboundParser, ears: Ears) -> Processed:
    try:
        read = {delivery.number: parser.parse(delivery.body)}
    except UsedWrongly as error:  # beyond the parser, however often it is tried
        store.mark_failed(tx, delivery.number, error.message, dead=True)
        return Processed(delivery.number, 0, error.message)
    betraying = _mask(tx, read)
    updates = _in_order(read[delivery.number])
    errors = [error for error in (_try(tx, delivery.number, one, ears) for one in updates) if error]
    if errors:
        store.mark_failed(tx, delivery.number, "; ".join(errors))
    else:
        store.mark_done(tx, [delivery.number])
        store.empty_bodies(tx, betraying)
    return Processed(delivery.number, len(updates), "; ".join(errors))


def _mask(tx: Transaction, read: dict[int, list[Update]]) -> list[int]:
    """Let the statuses of messages to somebody who was forgotten bear hashes; returns the deliveries that hold one."""
    betraying: list[int] = []
    if not (read and erasures.anywhere(tx)):
        return betraying
    for number, updates in read.items():
        for place, update in enumerate(updates):
            if isinstance(update, StatusUpdate):
                known = erasures.marked(tx, update.message_id)
                if point_store.sent_to(tx, known) is not None:
                    key = erasures.marked(tx, update.key)
                    updates[place] = replace(
                        update, key=key, message_id=known, recipient=None, recipient_user_id=None, error=None
                    )
                    betraying.append(number)
    return betraying


def _try(tx: Transaction, number: int, update: Update, ears: Ears) -> str:
    """Give one update its effect; returns what went wrong, or ''. What went wrong is undone."""
    try:
        with tx.savepoint():
            if store.claim(tx, [_claim(number, update)]):
                store.park(tx, _apply(tx, [update], ears))
        return ""
    except Exception as error:
        if engine.ends_transaction(error):
            raise
        return f"{type(update).__name__}: {type(error).__name__}"


def _claim(number: int, update: Update) -> Claim:
    if isinstance(update, Unreadable):
        return Claim(number, update.key, update.kind, "kept", update.reason, update.facts)
    return Claim(number, update.key, type(update).__name__)


_ORDER = (StatusUpdate, TemplateUpdate, MovedUpdate, PreferenceUpdate, InboundMessage, AccountUpdate)
"""The order in which the kinds are dealt with: that in which everybody locks messages, batches, contact points,
people and phone numbers."""


def _in_order(updates: Sequence[Update]) -> list[Update]:
    """Kind by kind; what guests say as they said it, by the provider's time."""

    def place(update: Update) -> tuple[int, float]:
        kind = next((n for n, one in enumerate(_ORDER) if isinstance(update, one)), len(_ORDER))
        if isinstance(update, InboundMessage | PreferenceUpdate | MovedUpdate):
            return kind, update.at.timestamp()
        return kind, 0.0

    return sorted(updates, key=place)


def _apply(tx: Transaction, updates: Sequence[Update], ears: Ears) -> dict[str, str]:
    """The effects of updates whose keys were free; returns why some can't be placed yet, by their keys."""
    ordered = _in_order(updates)
    told = [one for one in ordered if isinstance(one, StatusUpdate)]
    spoken = [one for one in ordered if isinstance(one, InboundMessage | PreferenceUpdate)]
    if told:
        news.learn(tx, {Ours(one.phone_number_id, one.account_id, one.our_number) for one in told})
    why = {one.key: statuses.NOT_OURS for one in statuses.hear(tx, told)} if told else {}
    if spoken:
        point_store.lock(
            tx,
            [one.sender.phone for one in spoken if one.sender.phone],
            [one.sender.user_id for one in spoken if one.sender.user_id],
        )
    for one in ordered:
        reason = _effect(tx, one, ears)
        if reason:
            why[one.key] = reason
    return why


def _effect(tx: Transaction, update: Update, ears: Ears) -> str:
    """The effect of an update that is no status; returns why it can't be placed yet, or ''."""
    match update:
        case InboundMessage():
            points.meet(tx, update)
            return conversation.hear(tx, update, ears)
        case PreferenceUpdate():
            points.meet(tx, update)
            found = conversation.hear_preference(tx, update, ears)
            return "" if found else "nobody in any wedding has this contact point"
        case MovedUpdate():
            return points.follow(tx, update)
        case TemplateUpdate():
            news.hear_template(tx, update)
        case AccountUpdate():
            return news.hear_account(tx, update, ears.phone_number_id)
        case StatusUpdate() | Unreadable():
            pass
    return ""


# ── looking, replaying ─────────────────────────────────────────────────────────────────────────────────


def list_deliveries(tx: Transaction, state: str | None, limit: int) -> tuple[list[Delivery], dict[str, int]]:
    """The newest deliveries, and how many are in each state."""
    access.require(tx.actor, Permission.AUDIT)
    access.require_everywhere(tx.actor, "stored deliveries")
    return store.list_deliveries(tx, state, limit), store.count_states(tx)


def show(tx: Transaction, number: int) -> tuple[Delivery, list[Effect]]:
    """One delivery with what its updates did.

    Raises:
        NotFound: there is none of this number.
    """
    access.require(tx.actor, Permission.AUDIT)
    access.require_everywhere(tx.actor, "stored deliveries")
    found = store.find_delivery(tx, number)
    if found is None:
        raise NotFound(f"There is no delivery {number}.", "See `parinaya webhook list`.")
    return found, store.list_effects(tx, number)


def replay(tx: Transaction, numbers: Sequence[int], state: str | None, since: datetime | None) -> int:
    """Let stored deliveries be processed again; what was done already is not done twice."""
    access.require(tx.actor, Permission.SEND)
    access.require_everywhere(tx.actor, "stored deliveries")
    count = store.reopen(tx, numbers or None, state, since)
    if count:
        tx.audit("webhook.replay", "webhook", after={"deliveries": count, "state": state})
        tx.ring(jobs.PROCESS)
    return count
