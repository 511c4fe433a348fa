"""Batches: who could get a message with all that the gate looks at, and the batch as it was written."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
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
               AND (d.accepted_at > :period_begins OR d.state IN ('sending', 'unknown'))
               AND (CAST(:not_dispatch AS uuid[]) IS NULL OR NOT d.id = ANY(:not_dispatch))) AS sent_in_period
      FROM guest_units u
      LEFT JOIN people p ON p.wedding_id = u.wedding_id AND p.id = u.primary_person_id
      LEFT JOIN LATERAL (
           SELECT c.* FROM person_contacts pc
             JOIN contact_points c ON c.wedding_id = pc.wedding_id AND c.id = pc.contact_point_id
            WHERE pc.wedding_id = p.wedding_id AND pc.person_id = p.id AND c.kind IN ('phone', 'user_id')
            ORDER BY (c.state = 'valid') DESC, (c.state = 'guessed_region') DESC, pc.position, c.value
            LIMIT 1) c ON true
     WHERE u.wedding_id = :wedding AND u.removed_at IS NULL
"""


def _history(tx: Transaction, template: str) -> dict[str, object]:
    """Which earlier messages count: for ``already_sent`` those of the template, for the cap the latest ones."""
    return {
        "template": template,
        "arrived": sorted(state.value for state in MAY_HAVE_ARRIVED),
        "period_begins": tx.now - FREQUENCY_PERIOD,
    }


def _addressee(row: RowMapping, event_ids: dict[str, uuid.UUID]) -> Addressee:
    """A row as a value; ``event_ids`` are shared by all of them: they are few, and households are many."""
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
        invited={
            event_ids.setdefault(told, uuid.UUID(told)): (seats, answer)
            for told, seats, answer in row["invited"]
        },
        sent_events=frozenset(row["sent_events"] or ()),
        sent_in_period=row["sent_in_period"],
    )


AT_ONCE = 2_000
"""Households that are read, or dispatches that are written, by one statement."""


def read_candidates(
    tx: Transaction,
    wanted: Selection,
    event_ids: Sequence[uuid.UUID] | None,
    template: str,
) -> Iterator[list[Addressee]]:
    """Every selected household with the facts that the gate needs, by number, some thousands at a time.

    ``event_ids`` narrows to households on one of these guest lists, unless the households were named. What is done
    with one part comes between two statements, so that Postgres never takes the transaction for forgotten.
    """
    known: dict[str, uuid.UUID] = {}
    behind, full = 0, True
    while full:
        rows = tx.rows(
            f"""{_ADDRESSEE}
                AND (cardinality(CAST(:units AS uuid[])) = 0 OR u.id = ANY(:units))
                AND (CAST(:side AS text) IS NULL OR u.side IN (:side, 'both'))
                AND (CAST(:tag AS text) IS NULL OR :tag = ANY(u.tags))
                AND (CAST(:events AS uuid[]) IS NULL OR cardinality(CAST(:units AS uuid[])) > 0
                     OR EXISTS (SELECT 1 FROM invitations i WHERE i.wedding_id = u.wedding_id
                                 AND i.unit_id = u.id AND i.event_id = ANY(:events)))
                AND u.number > :behind
                ORDER BY u.number LIMIT :many""",
            units=list(wanted.units),
            side=wanted.side,
            tag=wanted.tag,
            events=list(event_ids) if event_ids is not None else None,
            not_dispatch=None,
            behind=behind,
            many=AT_ONCE,
            **_history(tx, template),
        )
        full = len(rows) == AT_ONCE
        if rows:
            behind = rows[-1]["unit_number"]
            yield [_addressee(row, known) for row in rows]


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
    known: dict[str, uuid.UUID] = {}
    return {row["unit_id"]: _addressee(row, known) for row in rows}


def lock_sending(tx: Transaction) -> None:
    """One batch is planned at a time in a wedding: the second operator sees what the first has queued."""
    tx.row("SELECT 1 FROM weddings WHERE id = :wedding FOR NO KEY UPDATE")


@dataclass(frozen=True)
class Batch:
    """One batch; ``state`` is ``done`` when nothing of a running batch is open any more.

    ``selected``: how many households were selected; each has a row of its own.
    """

    id: uuid.UUID
    number: int
    kind: str
    state: str
    why_paused: str
    template: str
    events: tuple[uuid.UUID, ...]
    on_unknown: str
    repeats: bool
    include_guessed: bool
    selected: int
    created_at: datetime
    actor: str

    @property
    def ref(self) -> str:
        """The short name, such as B3."""
        return make_ref(Kind.BATCH, self.number)


_BATCH = """
    SELECT b.id, b.number, b.kind, b.why_paused, b.template, b.events, b.on_unknown, b.repeats,
           b.include_guessed, b.selected, b.created_at, b.actor,
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
    include_guessed: bool = False


def write(tx: Transaction, batch: NewBatch, planned: Plan) -> Batch:
    """Write a batch with all the dispatches of its plan: those that go out ``queued``, the others ``skipped``."""
    row = tx.row(
        "INSERT INTO batches (wedding_id, number, kind, template, events, on_unknown, repeats, include_guessed, "
        "selected, selection, estimate, fingerprint, actor) VALUES (:wedding, :number, :kind, :template, :events, "
        ":on_unknown, :repeats, :guessed, :selected, CAST(:selection AS jsonb), CAST(:estimate AS jsonb), "
        ":fingerprint, :actor) RETURNING id",
        number=refs.next_numbers(tx, Kind.BATCH),
        kind=batch.kind,
        template=batch.template,
        events=list(batch.events),
        on_unknown=batch.on_unknown,
        repeats=batch.repeats,
        guessed=batch.include_guessed,
        selected=len(planned.dispatches) + len(planned.skipped),
        selection=json.dumps(batch.selection),
        estimate=json.dumps(asdict(planned.estimate), default=str),
        fingerprint=planned.fingerprint,
        actor=tx.actor.name,
    )
    assert row is not None
    for start in range(0, len(planned.dispatches), AT_ONCE):
        _insert(tx, row["id"], batch, planned.dispatches[start : start + AT_ONCE])
    for start in range(0, len(planned.skipped), AT_ONCE):
        _insert(tx, row["id"], batch, planned.skipped[start : start + AT_ONCE])
    tx.renew_statistics(len(planned.dispatches) + len(planned.skipped), "invite_dispatch")
    found = find_batch(tx, Handle("", id=row["id"]))
    assert found is not None
    return found


def _insert(
    tx: Transaction, batch_id: uuid.UUID, batch: NewBatch, chosen: Sequence[PlannedDispatch | Skipped]
) -> None:
    tx.run(
        """
        INSERT INTO invite_dispatch (wedding_id, batch_id, kind, unit_id, person_id, contact_point_id, template,
            language, events, content, content_sha256, phone_number_id, state, reason, not_before)
        SELECT :wedding, :batch, :kind, r.unit, r.person, r.contact, :template, r.language, r.events, r.content,
               r.digest, :number, r.state, r.reason, coalesce(r.not_before, :now)
          FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(unit uuid, person uuid, contact uuid, language text,
               events uuid[], content jsonb, digest text, state text, reason text, not_before timestamptz)
        """,
        batch=batch_id,
        kind="test" if batch.kind == "test" else "template",
        template=batch.template,
        number=batch.phone_number_id,
        rows=f"[{','.join(_outbound(one) for one in chosen)}]",
    )


def _outbound(one: PlannedDispatch | Skipped) -> str:
    """What a row of the outbox holds of one message, or of one household that gets none, as JSON."""
    row: dict[str, object] = {
        "unit": _text(one.addressee.unit_id),
        "person": _text(one.addressee.person_id),
        "contact": _text(one.addressee.contact_point_id),
        "events": [str(event) for event in one.events],
    }
    if isinstance(one, Skipped):
        row |= {"language": "", "digest": "", "state": "skipped", "reason": one.reason.value}
        return _joined(row, "{}")
    content, digest = one.packed
    row |= {"language": one.language, "digest": digest, "state": "queued", "reason": one.waits_for}
    row["not_before"] = one.not_before.isoformat() if one.not_before else None
    return _joined(row, content)


def _text(known: uuid.UUID | None) -> str | None:
    return str(known) if known else None


def _joined(row: Mapping[str, object], content: str) -> str:
    """A row with its content, which is JSON already."""
    return f'{json.dumps(row, ensure_ascii=False)[:-1]}, "content": {content}}}'


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
