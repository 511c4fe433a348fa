"""People, households, guest lists, answers by hand, roles: each verb asks, and the counts follow."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from parinaya_cli import settings
from parinaya_cli.domain.access import Channel, Role
from parinaya_cli.domain.errors import NotFound, NotPermitted, UsedWrongly
from parinaya_cli.domain.messages import DeliveryStatus, NoAnswer
from parinaya_cli.domain.weddings import Wedding
from parinaya_cli.services import (
    answers,
    audit,
    consent,
    events,
    import_queue,
    imports,
    inbox,
    invitations,
    people,
    reconcile,
    roles,
    statuses,
    units,
    weddings,
)
from parinaya_cli.services.answers import AnswerRequest
from parinaya_cli.services.imports import ImportReport, ImportRequest
from parinaya_cli.services.invitations import InviteRequest
from parinaya_cli.services.people import PeopleRequest, PersonFields
from parinaya_cli.services.units import UnitChanges
from parinaya_cli.store import counts
from parinaya_cli.store.transaction import Transaction
from parinaya_cli.wiring import App, open_app
from tests.fakes.contact_source import sheet
from tests.fakes.sender import FakeSender
from tests.services.wedding_kit import Scene


def drift(scene: Scene) -> list[Any]:
    with scene.begin() as tx:
        return counts.drift(tx.conn, tx.wedding.id)


def import_list(scene: Scene, *rows: list[str], source: str = "bride.csv", **more: Any) -> ImportReport:
    header = ["Name", "Phone", "Side", "Household", "Tags", "City"]
    return imports.import_people(lambda: scene.begin(), sheet(header, *rows), ImportRequest(source, **more))


# ── who may ────────────────────────────────────────────────────────────────────────────────────────────

Verb = Callable[[Transaction], object]
READERS = {Role.OWNER, Role.PLANNER, Role.OPERATOR, Role.FAMILY, Role.DESK, Role.AUDITOR}
PLANNERS = {Role.OWNER, Role.PLANNER}
WORKERS = {Role.OWNER, Role.PLANNER, Role.OPERATOR}

VERBS: dict[str, tuple[set[Role], Verb]] = {
    "people.list": (READERS, lambda tx: people.list_people(tx, PeopleRequest())),
    "people.add": (WORKERS, lambda tx: people.add(tx, PersonFields("Uma"))),
    "people.edit": (WORKERS, lambda tx: people.edit(tx, "P1", PersonFields(city="Pune"))),
    "units.list": (READERS, lambda tx: units.list_units(tx)),
    "units.build": (WORKERS, lambda tx: units.build(tx, dry_run=False)),
    "units.edit": (WORKERS, lambda tx: units.edit(tx, "U1", UnitChanges(label="Sharma"))),
    "events.list": (READERS, lambda tx: events.list_events(tx)),
    "events.add": (PLANNERS, lambda tx: events.add(tx, {"title": "Haldi", "starts": "2030-02-12T16:00"})),
    "events.edit": (PLANNERS, lambda tx: events.edit(tx, "sangeet", {"venue": "Lawn"})),
    "events.cancel": (PLANNERS, lambda tx: events.cancel(tx, "sangeet")),
    "events.import": (PLANNERS, lambda tx: events.import_all(tx, [])),
    "invite.add": (PLANNERS, lambda tx: invitations.add(tx, InviteRequest(["sangeet"], everyone=True))),
    "invite.remove": (PLANNERS, lambda tx: invitations.remove(tx, "sangeet", "U1")),
    "invite.list": (READERS, lambda tx: invitations.list_invited(tx, None)),
    "rsvp.status": (READERS, lambda tx: answers.status(tx)),
    "rsvp.list": (READERS, lambda tx: answers.list_standings(tx)),
    "rsvp.set": (
        READERS - {Role.AUDITOR},
        lambda tx: answers.set_answer(tx, AnswerRequest("U1", "sangeet", "yes", heads=1)),
    ),
    "rsvp.history": (READERS, lambda tx: answers.history(tx, "U1")),
    "consent.record": (WORKERS, lambda tx: consent.record(tx, "P1", "opt-in", source="call")),
    "consent.show": (READERS - {Role.DESK}, lambda tx: consent.history(tx, "P1")),
    "consent.stop": (WORKERS, lambda tx: consent.do_not_message(tx, "P1", lift=False, reason="asked")),
    "consent.lift": (PLANNERS, lambda tx: consent.do_not_message(tx, "P1", lift=True, reason="asked")),
    "roles.grant": ({Role.OWNER}, lambda tx: roles.grant(tx, "Ravi", "desk")),
    "roles.list": ({Role.OWNER}, lambda tx: roles.list_grants(tx)),
    "roles.revoke": ({Role.OWNER}, lambda tx: roles.revoke(tx, "Nobody")),
    "weddings.edit": ({Role.OWNER}, lambda tx: weddings.edit(tx, {"couple": "A & B"})),
    "audit.list": (
        {Role.OWNER, Role.PLANNER, Role.AUDITOR},
        lambda tx: audit.list_entries(tx, audit.AuditQuery()),
    ),
    "audit.verify": ({Role.OWNER, Role.PLANNER, Role.AUDITOR}, lambda tx: audit.verify(tx)),
    "inbox.list": (WORKERS, lambda tx: inbox.list_inbox(tx)),
    "imports.list": (READERS - {Role.FAMILY, Role.DESK}, lambda tx: import_queue.list_imports(tx)),
}


class Undone(Exception):
    """Rolls back what a verb did."""


def test_every_verb_asks_before_it_acts(scene: Scene) -> None:
    scene.event()
    scene.household("Asha", side="bride")
    scene.invite("sangeet")
    for role in READERS:
        side = "bride" if role is Role.FAMILY else None
        allowed = set()
        for name, (_, verb) in VERBS.items():
            try:
                with scene.begin(role, side=side) as tx:
                    verb(tx)
                    raise Undone
            except (Undone, NotFound, UsedWrongly):
                allowed.add(name)
            except NotPermitted:
                continue
        assert allowed == {name for name, (roles_, _) in VERBS.items() if role in roles_}, role


def test_a_refusal_is_audited(app: App, wedding: Wedding, env: dict[str, str], tmp_path: Path) -> None:
    with app.begin() as tx:
        _, token = roles.grant(tx, "Farah", "desk")
    told = settings.load(env={**env, "PARINAYA_TOKEN": token}, path=tmp_path / "config" / "config.toml")
    with open_app(told) as desk, pytest.raises(NotPermitted), desk.begin() as tx:
        people.add(tx, PersonFields("Uma"))
    with app.begin() as tx:
        listed, _ = audit.list_entries(tx, audit.AuditQuery(action="access.refused"))
        assert audit.verify(tx).ok
    assert [(one["actor"], one["role"]) for one in listed] == [("Farah", "desk")]


def test_roles_are_proved_by_tokens_that_are_shown_once(scene: Scene) -> None:
    with scene.begin() as tx:
        grant, token = roles.grant(tx, "Ravi", "family", side="groom")
        actor = roles.identify(tx, token, Channel.CLI)
        assert (actor.name, actor.role, actor.side, actor.wedding_id) == (
            "Ravi",
            Role.FAMILY,
            "groom",
            scene.wedding.id,
        )
        assert grant.name == "Ravi"
    stored = scene.rows("SELECT * FROM role_grants")
    assert token not in str(stored)
    with scene.begin() as tx:
        roles.revoke(tx, "Ravi")
        with pytest.raises(NotPermitted):
            roles.identify(tx, token, Channel.CLI)


@pytest.mark.parametrize(
    ("role", "side"),
    [("king", None), ("system", None), ("family", None), ("planner", "bride"), ("family", "both")],
)
def test_a_role_that_makes_no_sense_is_not_given(scene: Scene, role: str, side: str | None) -> None:
    with scene.begin() as tx, pytest.raises(UsedWrongly):
        roles.grant(tx, "Ravi", role, side=side)


def test_an_owner_of_one_wedding_gives_and_takes_nothing_in_others(scene: Scene) -> None:
    with scene.system() as tx:
        tx.bind(scene.wedding)
        roles.grant(tx, "Anita", "owner", everywhere=True)
        roles.grant(tx, "Bela", "owner", everywhere=True)
    with scene.begin(within=scene.wedding.id) as tx:
        with pytest.raises(NotPermitted):
            roles.grant(tx, "Ravi", "owner", everywhere=True)
        with pytest.raises((NotPermitted, NotFound)):
            roles.revoke(tx, "Anita")
    assert scene.rows("SELECT name FROM role_grants WHERE revoked_at IS NULL ORDER BY name") == [
        {"name": "Anita"},
        {"name": "Bela"},
    ]


def test_a_token_of_one_wedding_opens_no_other(scene: Scene) -> None:
    other = scene.another("second-wedding")
    with scene.begin(within=scene.wedding.id) as tx:
        assert weddings.choose_wedding(tx, None).slug == "ananya-kabir"
        with pytest.raises(UsedWrongly):
            weddings.choose_wedding(tx, other.slug)
        assert [one.slug for one in weddings.list_weddings(tx)] == ["ananya-kabir"]


# ── a family sees its own side ─────────────────────────────────────────────────────────────────────────


def test_a_family_sees_its_own_side_only(scene: Scene) -> None:
    scene.event()
    bride = scene.household("Asha", side="bride")
    groom = scene.household("Ravi", "+919812345678", side="groom")
    both = scene.household("Uma", side="both")
    scene.invite("sangeet")
    with scene.begin(Role.FAMILY, side="bride") as tx:
        assert [p.full_name for p in people.list_people(tx, PeopleRequest())[0]] == ["Asha", "Uma"]
        assert (
            people.list_people(tx, PeopleRequest(side="groom"))[0]
            == people.list_people(tx, PeopleRequest(side="both"))[0]
        )
        assert {u.ref for u in units.list_units(tx)} == {bride.ref, both.ref}
        assert [one.unit for one in invitations.list_invited(tx, None)] == [bride.ref, both.ref]
        assert [one.unit for one in answers.list_standings(tx)] == [bride.ref, both.ref]
        assert [row.invited_units for row in answers.status(tx)] == [2]
        assert [one.counts.invited_units for one in events.list_events(tx)] == [2]
        for verb in (
            lambda: people.find(tx, "P2"),
            lambda: units.find(tx, groom.ref),
            lambda: answers.history(tx, groom.ref),
            lambda: answers.set_answer(tx, AnswerRequest(groom.ref, "sangeet", "no")),
            lambda: consent.history(tx, "P2"),
            lambda: consent.history(tx, "+919812345678"),
        ):
            with pytest.raises(NotFound):
                verb()


def test_the_desk_sees_names_and_answers_only(scene: Scene) -> None:
    scene.event()
    scene.household("Asha", side="bride")
    scene.invite("sangeet")
    with scene.begin(Role.DESK) as tx:
        person = people.document(tx, people.find(tx, "P1"))
        assert set(person) == {"ref", "id", "full_name", "unit"}
        assert [one.phone for one in answers.list_standings(tx)] == [None]
        assert answers.set_answer(tx, AnswerRequest("U1", "sangeet", "yes", heads=1)).phone is None


def test_nothing_is_visible_across_weddings(scene: Scene) -> None:
    scene.event()
    scene.household("Asha", "+919812345678")
    scene.invite("sangeet")
    other = scene.another("second-wedding")
    with scene.begin(wedding=other) as tx:
        assert people.list_people(tx, PeopleRequest()) == ([], 0)
        assert units.list_units(tx) == []
        assert events.list_events(tx) == []
        assert answers.list_standings(tx) == []
        for verb in (
            lambda: people.find(tx, "P1"),
            lambda: units.find(tx, "U1"),
            lambda: events.find(tx, "sangeet"),
            lambda: consent.history(tx, "+919812345678"),
            lambda: people.find(tx, str(scene.value("SELECT id FROM people"))),
        ):
            with pytest.raises(NotFound):
                verb()


# ── households ─────────────────────────────────────────────────────────────────────────────────────────


def test_building_twice_changes_nothing(scene: Scene) -> None:
    import_list(
        scene,
        ["Asha Sharma", "9876500001", "bride", "Sharma family", "", ""],
        ["Ravi Sharma", "9876500002", "bride", "Sharma family", "", ""],
        ["Uma Rao", "9876500003", "groom", "", "", ""],
    )
    with scene.begin() as tx:
        rehearsed = units.build(tx, dry_run=True)
    assert scene.value("SELECT count(*) FROM guest_units") == 0
    with scene.begin() as tx:
        built = units.build(tx, dry_run=False)
    assert (built.created, built.people_placed) == (rehearsed.created, rehearsed.people_placed) == (2, 3)
    with scene.begin() as tx:
        again = units.build(tx, dry_run=False)
    assert (again.created, again.people_placed, again.left_alone) == (0, 0, 3)


def test_two_builds_at_once_make_each_household_once(scene: Scene) -> None:
    import_list(scene, *([f"Guest {n}", f"98765000{n:02d}", "bride", "", "", ""] for n in range(10, 20)))

    def build(_: int) -> tuple[int, int]:
        with scene.begin() as tx:
            report = units.build(tx, dry_run=False)
        return report.created, report.people_placed

    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(build, range(3)))
    assert sorted(done) == [(0, 0), (0, 0), (10, 10)]
    assert scene.value("SELECT count(*) FROM guest_units") == 10


def test_who_joins_later_changes_side_tags_and_counts(scene: Scene) -> None:
    scene.event()
    import_list(scene, ["Asha Sharma", "9876500001", "bride", "Sharma family", "vip", ""])
    with scene.begin() as tx:
        units.build(tx, dry_run=False)
    scene.invite("sangeet")
    import_list(
        scene,
        ["Asha Sharma", "9876500001", "bride", "Sharma family", "vip", ""],
        ["Ravi Sharma", "9876500002", "groom", "Sharma family", "haldi-crew", ""],
    )
    with scene.begin() as tx:
        assert units.build(tx, dry_run=False).people_placed == 1
        unit = units.find(tx, "U1")
    assert (unit.side, unit.tags) == ("both", ("haldi-crew", "vip"))
    assert drift(scene) == []


def test_a_person_who_changes_side_or_tags_changes_the_household(scene: Scene) -> None:
    scene.event()
    scene.household("Asha", side="bride")
    scene.invite("sangeet")
    with scene.begin() as tx:
        people.edit(tx, "P1", PersonFields(side="groom", add_tags=["vip"]))
        unit = units.find(tx, "U1")
    assert (unit.side, unit.tags) == ("groom", ("vip",))
    assert drift(scene) == []
    with scene.begin(Role.FAMILY, side="groom") as tx:
        assert [row.invited_units for row in answers.status(tx)] == [1]


def test_a_list_that_changes_side_or_tags_changes_the_household(scene: Scene) -> None:
    scene.event()
    import_list(scene, ["Asha Sharma", "9876500001", "bride", "", "", ""])
    with scene.begin() as tx:
        units.build(tx, dry_run=False)
    scene.invite("sangeet")
    import_list(scene, ["Asha Sharma", "9876500001", "groom", "", "vip", ""])
    with scene.begin() as tx:
        unit = units.find(tx, "U1")
    assert (unit.side, unit.tags) == ("groom", ("vip",))
    assert drift(scene) == []


def test_editing_a_household(scene: Scene) -> None:
    scene.household("Asha")
    scene.household("Ravi")
    scene.person("Uma")
    with scene.begin() as tx:
        edited = units.edit(tx, "U1", UnitChanges("Sharma", add=["P3"], primary="P3", extra_seats=0))
        assert (edited.label, edited.primary, edited.seats) == ("Sharma", "P3", 2)
        with pytest.raises(UsedWrongly, match="in U2 already"):
            units.edit(tx, "U1", UnitChanges(add=["P2"]))
        with pytest.raises(UsedWrongly, match="without members"):
            units.edit(tx, "U1", UnitChanges(remove=["P1", "P3"]))
        with pytest.raises(UsedWrongly, match="no member"):
            units.edit(tx, "U1", UnitChanges(primary="P2"))
        assert units.edit(tx, "U1", UnitChanges(remove=["P3"])).primary == "P1"
    with scene.begin() as tx:
        assert units.build(tx, dry_run=False).people_placed == 1
        assert [u.ref for u in units.list_units(tx)] == ["U1", "U2", "U3"]


# ── guest lists and answers by hand ────────────────────────────────────────────────────────────────────


def test_inviting_twice_changes_nothing_and_counts_follow(scene: Scene) -> None:
    scene.event(capacity=3)
    scene.household("Asha", seats=2)
    scene.household("Ravi", seats=2)
    with scene.begin() as tx:
        first = invitations.add(tx, InviteRequest(["sangeet"], everyone=True))
    with scene.begin() as tx:
        second = invitations.add(tx, InviteRequest(["sangeet"], everyone=True))
    assert (first.added, first.already, second.added, second.already) == (2, 0, 0, 2)
    assert [(one.event, one.seats, one.capacity) for one in first.over_capacity] == [("sangeet", 4, 3)]
    with scene.begin() as tx:
        invitations.add(tx, InviteRequest(["sangeet"], units=["U1"], seats=5))
        invitations.remove(tx, "sangeet", "U2")
        with pytest.raises(NotFound):
            invitations.remove(tx, "sangeet", "U2")
    assert scene.counts()["sangeet"]["seats"] == 5
    assert drift(scene) == []


@pytest.mark.parametrize(
    "request_",
    [
        InviteRequest([], everyone=True),
        InviteRequest(["sangeet"]),
        InviteRequest(["sangeet"], everyone=True, seats=0),
        InviteRequest(["sangeet"], everyone=True, seats=501),
        InviteRequest(["over"], everyone=True),
    ],
)
def test_an_invitation_that_makes_no_sense_is_refused(scene: Scene, request_: InviteRequest) -> None:
    scene.event()
    scene.event("over", days=-2)
    scene.household("Asha")
    with scene.begin() as tx, pytest.raises(UsedWrongly):
        invitations.add(tx, request_)


@pytest.mark.parametrize(
    "request_",
    [
        AnswerRequest("U1", "sangeet", "perhaps"),
        AnswerRequest("U1", "sangeet", "yes", heads=3),
        AnswerRequest("U1", "sangeet", "yes", heads=-1),
        AnswerRequest("U1", "sangeet", "no", heads=1),
        AnswerRequest("U1", "sangeet", "yes", heads=2, adults=2, children=1),
        AnswerRequest("U1", "sangeet", "yes", adults=2, children=1),
        AnswerRequest("U1", "sangeet", "yes", heads=1, diets={"veg": 2}),
    ],
)
def test_an_answer_that_contradicts_itself_is_refused(scene: Scene, request_: AnswerRequest) -> None:
    scene.event()
    scene.household("Asha", seats=2)
    scene.invite("sangeet")
    with scene.begin() as tx, pytest.raises(UsedWrongly):
        answers.set_answer(tx, request_)
    assert scene.answers() == []


def test_an_answer_by_hand_is_counted_and_can_be_traced(scene: Scene) -> None:
    scene.event()
    scene.event("pheras")
    scene.household("Asha", seats=3)
    scene.invite("sangeet")
    with scene.begin() as tx:
        told = answers.set_answer(
            tx, AnswerRequest("U1", "sangeet", "yes", adults=2, children=1, diets={"jain": 1})
        )
        assert (told.heads, told.diets) == (3, {"jain": 1})
        with pytest.raises(NotFound, match="not invited"):
            answers.set_answer(tx, AnswerRequest("U1", "pheras", "yes"))
    with scene.begin(after=timedelta(minutes=1)) as tx:
        answers.set_answer(tx, AnswerRequest("U1", "sangeet", "no"))
        given = answers.history(tx, "U1")
    assert [(one.status, one.source) for one in given] == [
        ("yes", "by hand: Meera"),
        ("no", "by hand: Meera"),
    ]
    assert scene.counts()["sangeet"] == {
        "units": 1, "seats": 3, "answered": 1, "yes": 0, "heads": 0, "no": 1, "maybe": 0,
    }  # fmt: skip


# ── events ─────────────────────────────────────────────────────────────────────────────────────────────


def test_an_events_file_is_taken_whole_or_not_at_all(scene: Scene) -> None:
    rows: list[dict[str, object]] = [
        {"title": "Haldi", "starts": "2030-02-11T10:00"},
        {"title": "Sangeet", "starts": "2030-02-12T18:00", "capacity": 300},
    ]
    with scene.begin() as tx:
        assert events.import_all(tx, rows).added == ("haldi", "sangeet")
    with scene.begin() as tx:
        again = events.import_all(tx, [rows[0], {**rows[1], "capacity": 250}])
    assert (again.added, again.updated, again.unchanged) == ((), ("sangeet",), ("haldi",))
    with pytest.raises(UsedWrongly, match="Event 2"), scene.begin() as tx:
        events.import_all(tx, [{"title": "Mehendi", "starts": "2030-02-10T10:00"}, {"title": "No start"}])
    assert scene.value("SELECT count(*) FROM events") == 2
    with pytest.raises(UsedWrongly, match="twice"), scene.begin() as tx:
        events.import_all(tx, [rows[0], rows[0]])


def test_an_event_keeps_what_is_not_told(scene: Scene) -> None:
    scene.event(venue="Lawn", capacity=10)
    with scene.begin() as tx:
        edited = events.edit(tx, "sangeet", {"title": "Sangeet night"})
        assert (edited.slug, edited.title, edited.venue, edited.capacity) == (
            "sangeet",
            "Sangeet night",
            "Lawn",
            10,
        )
        cancelled = events.cancel(tx, "sangeet")
        assert events.cancel(tx, "sangeet") == cancelled
        assert events.edit(tx, "sangeet", {"venue": "Hall"}).cancelled_at == cancelled.cancelled_at


# ── reconcile ──────────────────────────────────────────────────────────────────────────────────────────


def test_reconcile_mends_counts_and_finds_nothing_the_second_time(scene: Scene) -> None:
    scene.ready("Asha", "Ravi")
    scene.run("UPDATE projection_event_counts SET yes_heads = 99")
    scene.run("DELETE FROM projection_event_counts WHERE side = 'nobody'")
    looked = reconcile.reconcile(lambda: scene.system(), mend=False)
    assert [(one.drift, one.mended) for one in looked if one.name == "projections"] == [(1, 0)]
    first = reconcile.reconcile(lambda: scene.system())
    second = reconcile.reconcile(lambda: scene.system())
    assert [(one.drift, one.mended) for one in first if one.name == "projections"] == [(1, 1)]
    assert [(one.name, one.drift, one.mended) for one in second] == [
        (name, 0, 0) for name in (*reconcile.CHECKS, reconcile.TEMPLATES, reconcile.TOTALS)
    ]
    assert drift(scene) == []
    with pytest.raises(UsedWrongly):
        reconcile.reconcile(lambda: scene.system(), only=["weather"])


@pytest.mark.parametrize(
    ("policy", "state"), [("hold", "unknown"), ("give-up", "failed"), ("resend", "accepted")]
)
def test_the_policy_of_the_batch_decides_on_what_stays_unknown(scene: Scene, policy: str, state: str) -> None:
    scene.ready("Asha", "Ravi")
    scene.send(on_unknown=policy)
    sender = FakeSender(outcomes=[NoAnswer("read timeout")])
    scene.deliver(sender)
    reports = reconcile.reconcile(lambda: scene.system(timedelta(hours=1)), only=["unknown"])
    assert len(reports[0].left) == 1, "silence is no evidence while nothing comes in"
    with scene.system() as tx:
        assert not statuses.hear(
            tx, [scene.status(sender.sent[1], DeliveryStatus.READ, wamid="wamid.fake.2")]
        )
    reconcile.reconcile(lambda: scene.system(), only=["unknown"])
    assert scene.states()[0][0] == "unknown", "the evidence window has not passed"
    scene.run("UPDATE dispatch_attempts SET started_at = started_at - interval '20 minutes'")
    scene.run("UPDATE contact_points SET last_sent_at = last_sent_at - interval '20 minutes'")
    for _ in range(2):
        reconcile.reconcile(lambda: scene.system(), only=["unknown"])
        scene.deliver(sender)
    assert scene.states()[0][0] == state
    assert len(sender.sent) == (3 if policy == "resend" else 2)


def test_a_resend_happens_once(scene: Scene) -> None:
    scene.ready("Asha", "Ravi")
    scene.send(on_unknown="resend")
    sender = FakeSender(outcomes=[NoAnswer("read timeout")])
    scene.deliver(sender, in_flight=1)
    sender.outcomes = [NoAnswer("read timeout")] * 5
    with scene.system() as tx:
        update = scene.status(sender.sent[1], DeliveryStatus.READ, wamid="wamid.fake.2")
        statuses.hear(tx, [update])
    for _ in range(3):
        scene.run("UPDATE dispatch_attempts SET started_at = started_at - interval '20 minutes'")
        scene.run("UPDATE contact_points SET last_sent_at = last_sent_at - interval '20 minutes'")
        reconcile.reconcile(lambda: scene.system(), only=["unknown"])
        scene.deliver(sender)
    assert len(sender.sent) == 3
    assert scene.states()[0][0] == "unknown"


def test_a_cut_audit_log_is_seen(scene: Scene) -> None:
    scene.event()
    with scene.begin() as tx:
        assert audit.verify(tx).ok
    scene.run("ALTER TABLE audit_logs DISABLE TRIGGER ALL")
    scene.run("DELETE FROM audit_logs WHERE chain_id = :chain AND seq = 1", chain=scene.wedding.id)
    with scene.begin() as tx:
        found = audit.verify(tx)
    assert (found.ok, found.first_bad, found.reason) == (False, 1, "missing")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_logs SET actor = 'Nobody'",
        "UPDATE audit_logs SET at = at + interval '1 microsecond'",
        "UPDATE audit_logs SET entity_id = new_id()",
        "UPDATE audit_logs SET reason = 'x'",
        "UPDATE audit_values SET value = replace(value, 'Sangeet', 'Pheras')",
        "DELETE FROM audit_chains",
    ],
)
def test_any_change_of_the_audit_log_is_seen(scene: Scene, change: str) -> None:
    scene.event()
    scene.run("ALTER TABLE audit_logs DISABLE TRIGGER ALL")
    scene.run(change)
    with scene.begin() as tx:
        assert not audit.verify(tx).ok


def test_values_may_be_forgotten(scene: Scene) -> None:
    scene.person("Asha", "+919812345678")
    scene.run("DELETE FROM audit_values")
    with scene.begin() as tx:
        assert audit.verify(tx).ok
