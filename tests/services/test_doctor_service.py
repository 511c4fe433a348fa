"""The doctor: all is well, then each thing is broken on purpose, told with its mend, and well again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from parinaya_cli.domain.access import Role
from parinaya_cli.domain.accounts import NEEDED, Subscription, Token
from parinaya_cli.domain.errors import Failed, Unreachable
from parinaya_cli.domain.messages import DeliveryStatus
from parinaya_cli.services import checkpoints, doctor, statuses, webhooks
from parinaya_cli.services.doctor import Finding, Patient
from parinaya_cli.services.webhooks import Incoming
from parinaya_cli.store import health, schema
from tests.fakes.checkpoint_place import FakePlace
from tests.fakes.provider_account import WELL as TOKEN
from tests.fakes.provider_account import FakeAccount
from tests.fakes.queue import FakeQueue
from tests.fakes.template_source import FakeTemplates
from tests.services.wedding_kit import Scene, template

WELL = {"version": "9", "eviction": "noeviction"}


@dataclass
class Case:
    """A scene, and what the doctor is told of the world around it."""

    scene: Scene
    queue: FakeQueue = field(default_factory=FakeQueue)
    facts: Mapping[str, str] = field(default_factory=lambda: WELL)
    source: FakeTemplates = field(default_factory=lambda: FakeTemplates([template()]))
    settings: Mapping[str, bool] = field(default_factory=lambda: {"PARINAYA_AUDIT_KEY": True})
    schema: tuple[str | None, str] = (schema.HEAD, schema.HEAD)
    room: int = 10 * 1024**3
    ahead: timedelta = timedelta(0)
    place: FakePlace = field(default_factory=FakePlace)
    after: timedelta = timedelta(0)
    account: FakeAccount = field(default_factory=FakeAccount)
    door: str | None = ""
    role: Role = Role.OWNER

    def wrong(self) -> dict[str, Finding]:
        """What the doctor finds wrong."""
        found = self.found()
        assert all(one.detail for one in found)
        # The servers of the tests save nothing for after a power cut (tests/servers.py).
        power = [one for one in found if one.name == "postgres" and "power cut" in one.detail]
        return {one.name: one for one in found if not one.ok and one not in power}

    def found(self) -> list[Finding]:
        """All that the doctor finds."""
        return doctor.examine(
            Patient(
                begin=lambda: self.scene.begin(self.role, after=self.after),
                queue=lambda: self.queue,
                queue_facts=lambda: self.facts,
                source=lambda: self.source,
                account=lambda: self.account,
                greet=lambda: self.door,
                address="https://hooks.example/webhooks/whatsapp",
                settings=self.settings,
                schema=lambda: self.schema,
                room=lambda: self.room,
                places=lambda: [self.place],
                clock=lambda: datetime.now(UTC) + self.ahead,
            )
        )


@pytest.fixture
def case(scene: Scene) -> Case:
    scene.ready("Asha", "Ravi")
    scene.send()
    scene.deliver()
    for number, message in enumerate(scene.sender.sent, 1):
        with scene.system() as tx:
            statuses.hear(tx, [scene.status(message, DeliveryStatus.READ, wamid=f"wamid.fake.{number}")])
    case = Case(scene)
    with scene.begin() as tx:
        checkpoints.keep(tx, [case.place], always=True)
    return case


ROWS = {
    "sums": ("UPDATE batches SET selected = 3", "UPDATE batches SET selected = 2"),
    "once": (
        "INSERT INTO dispatch_attempts (wedding_id, dispatch_id, number, token, wamid) "
        "SELECT wedding_id, id, 9, 'again', 'wamid.again' FROM invite_dispatch LIMIT 1",
        "DELETE FROM dispatch_attempts WHERE number = 9",
    ),
    "sending": (
        "UPDATE invite_dispatch SET state = 'sending', lease_until = now() - interval '5 minutes'",
        "UPDATE invite_dispatch SET state = 'read'",
    ),
    "consent": (
        "INSERT INTO consent_ledger "
        "(wedding_id, contact_point_id, kind, effective_at, recorded_at, source, source_key) "
        "SELECT wedding_id, contact_point_id, 'opt-out', now() - interval '1 day', now() - interval '1 day', 'a', 'a' "
        "FROM invite_dispatch LIMIT 1",
        "INSERT INTO consent_ledger "
        "(wedding_id, contact_point_id, kind, effective_at, recorded_at, source, source_key) "
        "SELECT wedding_id, contact_point_id, 'opt-in', now() - interval '1 hour', now() - interval '1 hour', 'b', 'b' "
        "FROM consent_ledger WHERE kind = 'opt-out'",
    ),
    "merges": (
        "UPDATE people a SET merged_into = b.id FROM people b WHERE a.id <> b.id",
        "UPDATE people SET merged_into = NULL",
    ),
    "forgotten": (
        "UPDATE people SET erased_at = now() WHERE number = 1",
        "UPDATE people SET erased_at = NULL",
    ),
    "guards": (
        "ALTER TABLE consent_ledger DISABLE TRIGGER only_added",
        "ALTER TABLE consent_ledger ENABLE TRIGGER only_added",
    ),
    "webhooks": (
        "INSERT INTO webhook_events (body, body_sha256, received_at) VALUES ('{}', 'a', now() - interval '9 minutes')",
        "UPDATE webhook_events SET state = 'done'",
    ),
    "audit": (
        "UPDATE audit_chains SET seq = seq + 1 WHERE seq > 0",
        "UPDATE audit_chains SET seq = seq - 1 WHERE seq > 0",
    ),
}
"""What breaks the rows, and what mends them, by the check that must find it."""


def test_each_thing_that_is_broken_in_the_rows_is_found_alone_and_with_its_mend(case: Case) -> None:
    assert case.wrong() == {}
    for name, (harm, mend) in ROWS.items():
        case.scene.run(harm)
        found = case.wrong()
        assert set(found) == {name}, harm
        assert found[name].hint
        case.scene.run(mend)
        assert case.wrong() == {}, mend


def test_what_is_declared_as_a_guard_is_what_the_migrations_make(scene: Scene) -> None:
    found = scene.rows(
        "SELECT relname, tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT tgisinternal"
    )
    there = {(row["relname"], row["tgname"]) for row in found}
    assert there >= health.GUARDS
    assert {table for table, trigger in there if trigger == "only_added"} == set(health.ONLY_ADDED)


def change(**values: object) -> Callable[[Case], None]:
    return lambda case: case.__dict__.update(values)


def fail_a_job(case: Case) -> None:
    case.queue.fail("invites.send")


def ring_for_nobody(case: Case) -> None:
    case.queue.ring("invites.send")


def keep_what_is_dead(case: Case) -> None:
    with case.scene.system() as tx:
        webhooks.keep(tx, [Incoming(b"{}", "too deep")])


def hear_nothing(case: Case) -> None:
    case.scene.ready("Asha")
    case.scene.send()
    case.scene.deliver()
    case.scene.run("UPDATE invite_dispatch SET accepted_at = now() - interval '20 minutes'")


AROUND: list[tuple[str, Callable[[Case], None]]] = [
    ("settings", change(settings={"PARINAYA_AUDIT_KEY": False})),
    ("disk", change(room=100 * 1024**2)),
    ("clock", change(ahead=timedelta(minutes=3))),
    ("schema", change(schema=("0001", schema.HEAD))),
    ("queue", change(facts={**WELL, "eviction": "allkeys-lru"})),
    ("queue", fail_a_job),
    ("workers", ring_for_nobody),
    ("webhooks", keep_what_is_dead),
    ("checkpoints", change(after=timedelta(days=2))),
    ("templates", change(source=FakeTemplates([template(status="paused")]))),
    ("templates", change(source=FakeTemplates(error=Unreachable("WhatsApp can't be reached.")))),
    ("token", change(account=FakeAccount(Token(False, "Session has expired")))),
    ("token", change(account=FakeAccount(Token(True, "", datetime(2026, 1, 1, tzinfo=UTC))))),
    ("token", change(account=FakeAccount(Token(True, permissions=frozenset(NEEDED[1:]))))),
    ("subscribed", change(account=FakeAccount(apps=[]))),
    ("subscribed", change(account=FakeAccount(apps=[Subscription("A", "https://old.example/")]))),
    ("address", change(door="it refuses our verify token")),
    ("templates", change(account=FakeAccount(error=Unreachable("WhatsApp can't be reached.", "Wait.")))),
    ("webhooks", hear_nothing),
]


def test_each_thing_that_is_wrong_around_the_rows_is_found_with_its_mend(scene: Scene) -> None:
    for name, harm in AROUND:
        case = Case(scene)
        with scene.begin() as tx:
            checkpoints.keep(tx, [case.place], always=True)
        assert case.wrong() == {}
        harm(case)
        found = case.wrong()
        assert set(found) == {name}
        assert found[name].hint
        scene.run("DELETE FROM webhook_events")


def test_what_a_role_may_not_see_is_no_fault(scene: Scene) -> None:
    case = Case(scene, role=Role.OPERATOR)
    notes = {one.name: one.detail for one in case.found() if one.ok}
    assert notes["audit"] == "not asked: your role may not see it"
    assert not case.wrong()


def test_a_token_that_ends_soon_is_told_and_no_alarm(scene: Scene) -> None:
    case = Case(scene)
    for days, told in ((13, True), (15, False)):
        case.account.told = replace(TOKEN, expires_at=datetime.now(UTC) + timedelta(days=days, hours=1))
        [token] = [one for one in case.found() if one.name == "token"]
        assert (token.ok, bool(token.hint), f"{days} days" in token.detail) == (True, told, True)


def test_what_can_not_be_asked_is_a_note_and_asked_once(scene: Scene) -> None:
    case = Case(scene, account=FakeAccount(error=Failed("Not for you.")), door=None)
    notes = {one.name: one.detail for one in case.found() if one.ok}
    assert ["Not for you." in notes[name] for name in ("token", "subscribed")] == [True, True]
    assert "PARINAYA_WEBHOOK_URL" in notes["address"]
    case = Case(scene, account=FakeAccount(error=Unreachable("WhatsApp can't be reached.", "Wait.")))
    found = {one.name: one for one in case.found()}
    assert case.account.asked == 1, "offline, nobody waits three times"
    for name in ("token", "subscribed", "address"):
        assert found[name].ok
        assert found[name].detail.startswith("not asked")
    assert not found["templates"].ok
