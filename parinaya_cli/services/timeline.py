"""All that happened with one person or household, in order."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence

from parinaya_cli.domain import access, refs
from parinaya_cli.domain.access import Permission, Role
from parinaya_cli.services import people, units
from parinaya_cli.store import answers
from parinaya_cli.store import people as people_store
from parinaya_cli.store import timeline as store
from parinaya_cli.store.timeline import Change, Moment, Sent
from parinaya_cli.store.transaction import Transaction
from parinaya_cli.store.units import Unit

_DONE = {
    "person.add": "added by hand",
    "person.edit": "edited",
    "person.remove": "removed",
    "person.restore": "brought back",
    "person.erase": "erased",
    "person.merge": "merged",
    "person.unmerge": "taken apart again",
    "unit.add": "household made",
    "unit.edit": "household changed",
    "unit.remove": "household removed",
}


def read(tx: Transaction, name: str) -> tuple[str, list[Moment]]:
    """What ``P12`` or ``U5`` is called, and all that happened with them, the oldest first.

    The desk sees answers only, as everywhere.

    Raises:
        NotFound: there is no such person or household that the actor may see.
        UsedWrongly: it is the ref of something else.
    """
    access.require(tx.actor, Permission.READ)
    if refs.looks_like_one(name) and name.strip().upper().startswith(refs.Kind.UNIT):
        unit = units.find(tx, name)
        return unit.label, _of(tx, [unit], _seen(tx, unit))
    person = people.find(tx, name)
    homes = [units.find(tx, person.unit)] if person.unit else []
    return person.full_name, _of(tx, homes, [person.id])


def _seen(tx: Transaction, unit: Unit) -> list[uuid.UUID]:
    """The members whom the actor may see: a household of both sides has some of each."""
    found = people_store.list_by_ids(tx, [member.id for member in unit.members])
    return [one.id for one in found if tx.actor.sides is None or one.side in tx.actor.sides]


def _of(tx: Transaction, homes: Sequence[Unit], members: Sequence[uuid.UUID]) -> list[Moment]:
    moments: list[Moment] = [moment for unit in homes for moment in _answers(tx, unit)]
    if tx.actor.role is not Role.DESK:
        whose = store.whose(tx, members, [unit.id for unit in homes])
        moments += store.lists(tx, whose)
        moments += map(_change, store.changes(tx, whose))
        moments += store.invited(tx, whose)
        moments += (moment for one in store.sent(tx, whose) for moment in _message(one))
        moments += store.heard(tx, whose)
        moments += store.consented(tx, whose)
    return sorted(moments, key=lambda one: one.at)


def _answers(tx: Transaction, unit: Unit) -> Iterator[Moment]:
    for one in answers.history(tx, unit.id):
        heads = f", {one.heads} heads" if one.heads is not None else ""
        asked = f" (asks for {one.requested_heads})" if one.requested_heads else ""
        note = f": {one.note}" if one.note and tx.actor.role is not Role.DESK else ""
        by = one.actor if one.channel == "cli" else ""
        yield Moment(
            one.given_at,
            "answer",
            f"{one.event}: {one.status}{heads}{asked}{note}",
            by,
            one.channel,
            unit.ref,
        )


def _message(one: Sent) -> Iterator[Moment]:
    """A message when it was queued, and each state that it reached."""
    ref = refs.make(refs.Kind.BATCH, one.batch_number) if one.batch_number else ""
    what = f"template {one.template}" if one.template else one.text or one.kind
    told = {"by": one.actor, "channel": "worker", "ref": ref}
    yield Moment(one.at, "message out", f"{what} to {one.to}" if one.to else what, **told)
    if one.accepted_at is not None:
        yield Moment(one.accepted_at, "message state", f"{what}: accepted", channel="worker", ref=ref)
    reached = {word for _, word in one.statuses}
    for at, word in one.statuses:
        yield Moment(at, "message state", f"{what}: {word}", channel="webhook", ref=ref)
    if one.state not in {*reached, "accepted"}:
        why = f" ({one.reason.replace('_', ' ')})" if one.reason else ""
        yield Moment(one.updated_at, "message state", f"{what}: {one.state}{why}", channel="worker", ref=ref)


def _change(one: Change) -> Moment:
    what = _DONE.get(one.action, one.action.replace(".", " "))
    if one.action == "person.dnm":
        stopped = (one.after or {}).get("do_not_message")
        what = "do not message" if stopped else "may be messaged again"
    differences = (
        ", ".join(_differences(one.before or {}, one.after or {})) if one.action.endswith("edit") else ""
    )
    if one.action == "person.merge":
        differences = "with " + ", ".join((one.after or {}).get("absorbed", ()))
    detail = ": ".join(part for part in (what, differences) if part)
    return Moment(
        one.at,
        "change",
        f"{detail} ({one.reason})" if one.reason else detail,
        one.actor,
        one.channel,
        one.ref,
    )


def _differences(before: Mapping[str, object], after: Mapping[str, object]) -> Iterable[str]:
    for key in dict.fromkeys((*before, *after)):
        was, now = _shown(before.get(key)), _shown(after.get(key))
        if was != now:
            yield f"{key.replace('_', ' ')} {was or '–'} → {now or '–'}"


def _shown(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)
