"""Outcomes: what became of attempts is written down, and pulls the line where the next would fare the same."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import groupby

from parinaya_cli.domain.consent import ConsentEntry
from parinaya_cli.domain.dispatches import MOST_MISFILLED, TEMPLATE_RESTS, Line, Settlement, after_send
from parinaya_cli.domain.errors import Locked, Unreachable
from parinaya_cli.domain.messages import Accepted, NoAnswer, NotSent, Refused, SendOutcome
from parinaya_cli.store import batches as batch_store
from parinaya_cli.store import consent as consents
from parinaya_cli.store import numbers, pace, sending, weddings
from parinaya_cli.store import outcomes as store
from parinaya_cli.store.dispatches import Dispatch
from parinaya_cli.store.outcomes import Done
from parinaya_cli.store.sending import Permitted
from parinaya_cli.store.transaction import Begin, Transaction

Ended = tuple[Permitted, SendOutcome]
"""What was permitted, and how its request ended."""

WAITS = (0.05, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0)
"""Seconds between tries to write outcomes down while Postgres is away or busy; less than the lease in all."""

MAINTENANCE_RESTS = timedelta(minutes=2)
"""How long a number in maintenance is left alone (Meta's 131057 lasts about a minute)."""

_WORDS: Mapping[type, str] = {
    Accepted: "accepted",
    Refused: "refused",
    NotSent: "not_sent",
    NoAnswer: "no_answer",
}


def settle(begin: Begin, ended: Sequence[Ended]) -> set[Line]:
    """Write outcomes down, for minutes if need be: what is not written becomes ``unknown``.

    Raises:
        Locked, Unreachable: Postgres stayed away.
    """
    for wait in WAITS:
        try:
            with begin() as tx:
                return _settle(tx, ended)
        except (Locked, Unreachable):
            time.sleep(wait)
    with begin() as tx:
        return _settle(tx, ended)


def _settle(tx: Transaction, ended: Sequence[Ended]) -> set[Line]:
    pairs = sorted(ended, key=lambda p: (p[0].dispatch.wedding_id, p[0].dispatch.id))
    done: list[Done] = []
    for wedding_id, group in groupby(pairs, lambda pair: pair[0].dispatch.wedding_id):
        wedding = weddings.find_wedding(tx, wedding_id)
        assert wedding is not None, "a foreign key binds each dispatch to its wedding"
        with tx.within(wedding):
            done += _settle_in(tx, list(group))
    # Numbers come last, as in the order of locks in which permission is given.
    for one, what, _ in done:
        if what.line is Line.STOP_NUMBER:
            numbers.stop_number(tx, one.dispatch.phone_number_id, _why(what))
        elif what.line is Line.REST_NUMBER:
            until = tx.now + MAINTENANCE_RESTS
            numbers.stop_number(tx, one.dispatch.phone_number_id, _why(what), until)
    for number in sorted({one.dispatch.phone_number_id for one, _, _ in done}):
        mine = [outcome for one, _, outcome in done if one.dispatch.phone_number_id == number]
        missed = mine.count("not_sent")
        pace.tell_reach(tx, number, failed=missed if missed == len(mine) else 0)
    return {what.line for _, what, _ in done}


def _settle_in(tx: Transaction, pairs: Sequence[Ended]) -> list[Done]:
    done = [
        (one, after_send(what, one.dispatch.tries + 1, one.attempt), _WORDS[type(what)])
        for one, what in pairs
    ]
    store.settle(tx, done)
    counts: dict[str, int] = {}
    for one, what, _ in done:
        counts[what.state.value] = counts.get(what.state.value, 0) + 1
        _pull_the_line(tx, one.dispatch, what)
    store.tell_contacts(tx, done)
    for one, what, _ in done:
        if what.opted_out and one.dispatch.contact_point_id:
            _opt_out(tx, one.dispatch.contact_point_id, one.token)
    tx.audit("dispatch.send", "dispatch", after={"attempts": len(done), "states": counts})
    return done


def _why(what: Settlement) -> str:
    return f"{what.error.code}: {what.error.title}" if what.error else what.reason


def _pull_the_line(tx: Transaction, dispatch: Dispatch, what: Settlement) -> None:
    """Stop what is behind this message, where its outcome says so."""
    if what.line is Line.STOP_NUMBER:
        tx.audit("number.stop", "number", ref=dispatch.phone_number_id[-4:], after={"why": _why(what)})
    if dispatch.batch_id is None:
        return
    misfilled = what.line is Line.DOUBT_BATCH
    if misfilled and store.share_misfilled(tx, dispatch.batch_id) <= MOST_MISFILLED:
        return
    if what.line is Line.PAUSE_BATCH or misfilled:
        if batch_store.pause_running(tx, dispatch.batch_id, _why(what)):
            tx.audit("invite.pause", "batch", entity_id=dispatch.batch_id, after={"why": _why(what)})
    elif what.line is Line.REST_BATCH:
        sending.rest_batch(tx, dispatch.batch_id, what.reason, tx.now + TEMPLATE_RESTS)


def _opt_out(tx: Transaction, contact_point_id: uuid.UUID, evidence: str) -> None:
    entry = ConsentEntry("opt-out", tx.now, tx.now, "provider: marketing switched off", evidence)
    consents.add(tx, contact_point_id, entry, f"provider:{evidence}")
    tx.audit("consent.record", "contact_point", entity_id=contact_point_id, after={"kind": "opt-out"})
