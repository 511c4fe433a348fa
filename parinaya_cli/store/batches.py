"""Batches: who could get a message with all that the gate looks at, and the batch as it was written."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping

from parinaya_cli.domain.batches import Addressee, Plan, PlannedDispatch, Skipped
from parinaya_cli.domain.dispatches import MAY_HAVE_ARRIVED
from parinaya_cli.domain.policy import FREQUENCY_PERIOD, Contact
from parinaya_cli.domain.refs import Handle, Kind
from parinaya_cli.domain.refs import make as make_ref
from parinaya_cli.store import refs
from parinaya_cli.store.counts import NEWEST_ANSWER
from parinaya_cli.store.invitations import Selection
from parinaya_cli.store.transaction import Transaction

# A stop reaches as far as it was meant: a do-not-message of anybody who has the phone holds for the phone, an
# opt-out from one phone holds for the person, whichever phone the message would go to. What was sent to a household
# that was left empty by a merge was sent to the one that took over.
_ADDRESSEE = f"""
    SELECT u.id AS unit_id, u.number AS unit_number, u.label, p.id AS person_id, p.number AS person_number,
           coalesce(p.full_name, '') AS full_name, p.language,
           p.do_not_message_at IS NOT NULL OR EXISTS (SELECT 1 FROM person_contacts oc
               JOIN people op ON op.wedding_id = oc.wedding_id AND op.id = oc.person_id
                WHERE oc.wedding_id = c.wedding_id AND oc.contact_point_id = c.id
                  AND op.do_not_message_at IS NOT NULL AND op.removed_at IS NULL) AS do_not_message,
           c.id AS contact_point_id, c.kind, c.value, c.state, c.country,
           CASE WHEN EXISTS (SELECT 1 FROM person_contacts oc
               JOIN contact_points o ON o.wedding_id = oc.wedding_id AND o.id = oc.contact_point_id
                WHERE oc.wedding_id = p.wedding_id AND oc.person_id = p.id AND o.consent = 'opted_out')
                THEN 'opted_out' ELSE c.consent END AS consent,
           c.not_on_whatsapp_at IS NOT NULL AS not_on_whatsapp, c.cooling_until, c.last_inbound_at,
           (SELECT coalesce(json_agg(json_build_array(i.event_id, i.seats, a.status)), '[]') FROM invitations i
              {NEWEST_ANSWER}
             WHERE i.wedding_id = u.wedding_id AND i.unit_id = u.id) AS invited,
           (SELECT array_agg(DISTINCT e) FROM invite_dispatch d CROSS JOIN unnest(d.events) AS e
             WHERE d.wedding_id = u.wedding_id AND d.template = :template
               AND d.unit_id = ANY(ARRAY(SELECT g.id FROM guest_units g WHERE g.wedding_id = u.wedding_id
                                            AND g.merged_into = u.id) || u.id)
               AND d.kind = 'template' AND d.state = ANY(:arrived)
               AND (CAST(:not_dispatch AS uuid[]) IS NULL OR NOT d.id = ANY(:not_dispatch))) AS sent_events,
           (SELECT count(*) FROM invite_dispatch d
             WHERE d.wedding_id = u.wedding_id AND d.contact_point_id = c.id AND d.kind = 'template'
               AND d.accepted_at > :period_begins) AS sent_in_period
      FROM guest_units u
      LEFT JOIN people p ON p.wedding_id = u.wedding_id AND p.id = u.primary_person_id
      LEFT JOIN LATERAL (
           SELECT c.* FROM person_contacts pc
             JOIN contact_points c ON c.wedding_id = pc.wedding_id AND c.id = pc.contact_point_id
            WHERE pc.wedding_id = p.wedding_id AND pc.person_id = p.id AND c.kind IN ('phone', 'user_id')
            ORDER BY (c.state = 'valid') DESC, pc.position, c.value LIMIT 1) c ON true
     WHERE u.wedding_id = :wedding AND u.removed_at IS NULL
"""


def _history(tx: Transaction, template: str) -> dict[str, object]:
    """Which earlier messages count: for ``already_sent`` those of the template, for the cap the latest ones."""
    return {
        "template": template,
        "arrived": sorted(state.value for state in MAY_HAVE_ARRIVED),
        "period_begins": tx.now - FREQUENCY_PERIOD,
    }


def _addressee(row: RowMapping) -> Addressee:
    contact = None
    if row["contact_point_id"] is not None:
        contact = Contact(
            row["kind"],
            row["value"],
            row["state"],
            row["country"],
            row["consent"],
            row["not_on_whatsapp"],
            row["cooling_until"],
            row["last_inbound_at"],
        )
    return Addressee(
        unit_id=row["unit_id"],
        unit_number=row["unit_number"],
        label=row["label"],
        person_id=row["person_id"],
        person_number=row["person_number"],
        full_name=row["full_name"],
        language=row["language"],
        do_not_message=bool(row["do_not_message"]),
        contact_point_id=row["contact_point_id"],
        contact=contact,
        invited={uuid.UUID(one[0]): (one[1], one[2]) for one in row["invited"]},
        sent_events=frozenset(row["sent_events"] or ()),
        sent_in_period=row["sent_in_period"],
    )


def list_candidates(
    tx: Transaction,
    wanted: Selection,
    event_ids: Sequence[uuid.UUID] | None,
    template: str,
) -> list[Addressee]:
    """Every selected household with the facts that the gate needs, in one query.

    ``event_ids`` narrows to households on one of these guest lists, unless the households were named.
    """
    rows = tx.rows(
        f"""{_ADDRESSEE}
            AND (cardinality(CAST(:units AS uuid[])) = 0 OR u.id = ANY(:units))
            AND (CAST(:side AS text) IS NULL OR u.side IN (:side, 'both'))
            AND (CAST(:tag AS text) IS NULL OR :tag = ANY(u.tags))
            AND (CAST(:events AS uuid[]) IS NULL OR cardinality(CAST(:units AS uuid[])) > 0
                 OR EXISTS (SELECT 1 FROM invitations i WHERE i.wedding_id = u.wedding_id
                             AND i.unit_id = u.id AND i.event_id = ANY(:events)))
            ORDER BY u.number""",
        units=list(wanted.units),
        side=wanted.side,
        tag=wanted.tag,
        events=list(event_ids) if event_ids is not None else None,
        not_dispatch=None,
        **_history(tx, template),
    )
    return [_addressee(row) for row in rows]


def addressees(
    tx: Transaction, unit_ids: Sequence[uuid.UUID], template: str, *, but: Sequence[uuid.UUID]
) -> dict[uuid.UUID, Addressee]:
    """The same facts, fresh, for the households of dispatches that are about to leave; ``but`` leaves these
    dispatches out of what was sent before."""
    rows = tx.rows(
        f"{_ADDRESSEE} AND u.id = ANY(:units)",
        units=list(unit_ids),
        not_dispatch=list(but),
        **_history(tx, template),
    )
    return {row["unit_id"]: _addressee(row) for row in rows}


def lock_sending(tx: Transaction) -> None:
    """One batch is planned at a time in a wedding: the second operator sees what the first has queued."""
    tx.row("SELECT 1 FROM weddings WHERE id = :wedding FOR NO KEY UPDATE")


@dataclass(frozen=True)
class Batch:
    """One batch; ``state`` is ``done`` when nothing of a running batch is open any more."""

    id: uuid.UUID
    number: int
    kind: str
    state: str
    why_paused: str
    template: str
    events: tuple[uuid.UUID, ...]
    on_unknown: str
    repeats: bool
    created_at: datetime
    actor: str

    @property
    def ref(self) -> str:
        """The short name, such as B3."""
        return make_ref(Kind.BATCH, self.number)


_BATCH = """
    SELECT b.id, b.number, b.kind, b.why_paused, b.template, b.events, b.on_unknown, b.repeats, b.created_at,
           b.actor,
           CASE WHEN b.state = 'running' AND NOT EXISTS (SELECT 1 FROM invite_dispatch d
                     WHERE d.batch_id = b.id AND d.state IN ('planned', 'queued', 'sending'))
                THEN 'done' ELSE b.state END AS state
      FROM batches b WHERE b.wedding_id = :wedding
"""


def _batch(row: RowMapping) -> Batch:
    return Batch(**{**dict(row), "events": tuple(row["events"])})


@dataclass(frozen=True)
class NewBatch:
    """What a batch is, beside its plan. ``kind``: send, remind or test; ``selection``: what was asked for."""

    kind: str
    template: str
    events: Sequence[uuid.UUID]
    on_unknown: str
    repeats: bool
    selection: Mapping[str, object]
    phone_number_id: str


def write(tx: Transaction, batch: NewBatch, planned: Plan) -> Batch:
    """Write a batch with all the dispatches of its plan: those that go out ``queued``, the others ``skipped``."""
    row = tx.row(
        "INSERT INTO batches (wedding_id, number, kind, template, events, on_unknown, repeats, selection, "
        "estimate, fingerprint, actor) VALUES (:wedding, :number, :kind, :template, :events, :on_unknown, "
        ":repeats, CAST(:selection AS jsonb), CAST(:estimate AS jsonb), :fingerprint, :actor) RETURNING id",
        number=refs.next_numbers(tx, Kind.BATCH),
        kind=batch.kind,
        template=batch.template,
        events=list(batch.events),
        on_unknown=batch.on_unknown,
        repeats=batch.repeats,
        selection=json.dumps(batch.selection),
        estimate=json.dumps(planned.estimate.__dict__, default=str),
        fingerprint=planned.fingerprint,
        actor=tx.actor.name,
    )
    assert row is not None
    shared = {
        "batch": row["id"],
        "kind": "test" if batch.kind == "test" else "template",
        "template": batch.template,
        "phone_number_id": batch.phone_number_id,
        "now": tx.now,
    }
    tx.run_many(
        "INSERT INTO invite_dispatch (wedding_id, batch_id, kind, unit_id, person_id, contact_point_id, template, "
        "language, events, content, content_sha256, phone_number_id, state, reason, not_before) VALUES (:wedding, "
        ":batch, :kind, :unit, :person, :contact, :template, :language, :events, CAST(:content AS jsonb), "
        ":digest, :phone_number_id, :state, :reason, coalesce(:not_before, :now))",
        [{**shared, **_outbound(one)} for one in planned.dispatches]
        + [{**shared, **_outbound(one)} for one in planned.skipped],
    )
    found = find_batch(tx, Handle("", id=row["id"]))
    assert found is not None
    return found


def _outbound(one: PlannedDispatch | Skipped) -> dict[str, object]:
    """What a row of the outbox holds of one message, or of one household that gets none."""
    row: dict[str, object] = {
        "unit": one.addressee.unit_id,
        "person": one.addressee.person_id,
        "contact": one.addressee.contact_point_id,
        "events": list(one.events),
    }
    if isinstance(one, Skipped):
        empty = {"language": "", "content": "{}", "digest": "", "not_before": None}
        return {**row, **empty, "state": "skipped", "reason": one.reason.value}
    return {
        **row,
        "language": one.language,
        "content": one.packed,
        "digest": one.digest,
        "state": "queued",
        "reason": one.waits_for,
        "not_before": one.not_before,
    }


def find_batch(tx: Transaction, handle: Handle) -> Batch | None:
    """The batch that a handle names."""
    condition, values = refs.named(handle)
    row = tx.row(f"{_BATCH} AND b.{condition}", **values) if condition != "false" else None
    return _batch(row) if row else None


def list_batches(tx: Transaction, limit: int = 50) -> list[Batch]:
    """The newest batches."""
    return [_batch(row) for row in tx.rows(f"{_BATCH} ORDER BY b.number DESC LIMIT :limit", limit=limit)]


def lock_batch(tx: Transaction, batch_id: uuid.UUID) -> None:
    """Let nobody else change the state of a batch until this transaction ends."""
    tx.row("SELECT 1 FROM batches WHERE wedding_id = :wedding AND id = :id FOR UPDATE", id=batch_id)


def set_state(tx: Transaction, batch_id: uuid.UUID, state: str, why: str = "") -> None:
    """Pause, resume or cancel a batch."""
    tx.run(
        "UPDATE batches SET state = :state, why_paused = :why WHERE wedding_id = :wedding AND id = :id",
        id=batch_id,
        state=state,
        why=why,
    )


def pause_running(tx: Transaction, batch_id: uuid.UUID, why: str) -> bool:
    """Pause a batch because of what the provider said; False when it was stopped already."""
    return (
        tx.run(
            "UPDATE batches SET state = 'paused', why_paused = :why "
            "WHERE wedding_id = :wedding AND id = :id AND state = 'running'",
            id=batch_id,
            why=why,
        )
        == 1
    )


@dataclass(frozen=True)
class Failure:
    """Messages of a batch that failed for one reason."""

    code: int | None
    title: str
    reason: str
    count: int


_OF_SIDES = (
    "(CAST(:sides AS text[]) IS NULL OR EXISTS (SELECT 1 FROM guest_units u "
    "WHERE u.wedding_id = d.wedding_id AND u.id = d.unit_id AND u.side = ANY(:sides)))"
)


def tally(
    tx: Transaction, batch_id: uuid.UUID, sides: Sequence[str] | None = None
) -> tuple[dict[str, int], dict[str, int], list[Failure]]:
    """How many dispatches of a batch are in each state, were skipped for each reason, failed for each code;
    ``sides`` narrows them to households of these sides."""
    rows = tx.rows(
        "SELECT d.state, d.reason, d.error_code, d.error_title, count(*)::int AS count FROM invite_dispatch d "
        f"WHERE d.wedding_id = :wedding AND d.batch_id = :batch AND {_OF_SIDES} "
        "GROUP BY d.state, d.reason, d.error_code, d.error_title ORDER BY d.state, d.reason, d.error_code",
        batch=batch_id,
        sides=list(sides) if sides is not None else None,
    )
    states: dict[str, int] = {}
    skipped: dict[str, int] = {}
    failed: list[Failure] = []
    for row in rows:
        states[row["state"]] = states.get(row["state"], 0) + row["count"]
        if row["state"] == "skipped":
            skipped[row["reason"]] = skipped.get(row["reason"], 0) + row["count"]
        if row["state"] == "failed":
            failed.append(Failure(row["error_code"], row["error_title"], row["reason"], row["count"]))
    return states, skipped, failed


def count_postponed(tx: Transaction, batch_id: uuid.UUID, sides: Sequence[str] | None = None) -> int:
    """How many queued messages of a batch are not due within ten seconds."""
    found: int = tx.value(
        "SELECT count(*) FROM invite_dispatch d WHERE d.wedding_id = :wedding AND d.batch_id = :batch "
        f"AND d.state = 'queued' AND d.not_before > :now + interval '10 seconds' AND {_OF_SIDES}",
        batch=batch_id,
        sides=list(sides) if sides is not None else None,
    )
    return found
