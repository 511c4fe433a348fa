"""The dashboard: every place that shows a number shows the same one, and it is the one of the raw answers."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parinaya_cli.domain.access import Role
from parinaya_cli.services import answers, dashboard, invitations, projections, reconcile, why
from parinaya_cli.services.answers import AnswerRequest
from parinaya_cli.services.invitations import InviteRequest
from parinaya_cli.services.why import WhyRequest
from parinaya_cli.store import calls
from parinaya_cli.store import dashboard as store
from tests.services.exports_kit import wait_for_a_lock
from tests.services.wedding_kit import Scene, template

EVENTS = ("sangeet", "pheras")
SIDES = ("bride", "groom", "both", "bride")
ANSWERS = st.lists(
    st.tuples(
        st.integers(1, 4), st.sampled_from(EVENTS), st.sampled_from(["yes", "no", "maybe"]), st.integers(0, 3),
        st.integers(0, 2), st.sampled_from([None, "jain", "veg"]),
    ),
    max_size=14,
)  # fmt: skip


def stage(scene: Scene) -> None:
    """Four households on the lists of two events."""
    scene.wedding = scene.another(f"w{scene.value('SELECT count(*) FROM weddings')}")
    for event in EVENTS:
        scene.event(event, capacity=10)
    for name, side in zip(("Asha", "Ravi", "Uma", "Ila"), SIDES, strict=True):
        scene.household(name, seats=5, side=side)
    scene.invite("sangeet")
    scene.invite("pheras", units=["U1", "U2"])


def say(
    scene: Scene, unit: int, event: str, status: str, adults: int, children: int, diet: str | None
) -> None:
    """An answer by hand, if the household is invited."""
    if event == "pheras" and unit > 2:
        return
    told: dict[str, Any] = {}
    if status == "yes" and adults:
        told = {"adults": adults, "children": children, "diets": {diet: 1} if diet else {}}
    with scene.begin() as tx:
        answers.set_answer(tx, AnswerRequest(f"U{unit}", event, status, **told))


def added_up(scene: Scene, sides: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Everything that is counted, from the raw rows, by event."""
    invited = scene.rows(
        "SELECT e.slug, i.unit_id, i.seats, u.side FROM invitations i JOIN guest_units u ON u.id = i.unit_id "
        "JOIN events e ON e.id = i.event_id WHERE i.wedding_id = :wedding",
        wedding=scene.wedding.id,
    )
    said = scene.rows(
        "SELECT e.slug, r.unit_id, r.status, r.heads, r.adults, r.children, r.diets FROM rsvp_responses r "
        "JOIN events e ON e.id = r.event_id WHERE r.wedding_id = :wedding ORDER BY r.given_at, r.id",
        wedding=scene.wedding.id,
    )
    newest = {(row["slug"], row["unit_id"]): row for row in said}
    found: dict[str, dict[str, Any]] = {slug: Counter() for slug in EVENTS}
    for row in invited:
        if row["side"] not in sides:
            continue
        line, answer = found[row["slug"]], newest.get((row["slug"], row["unit_id"]))
        line["invited_units"] += 1
        line["invited_seats"] += row["seats"]
        line["answered_units" if answer else "pending_units"] += 1
        if answer:
            line[f"{answer['status']}_units"] += 1
        if answer and answer["status"] == "yes":
            line["yes_heads"] += answer["heads"] or 0
            line["adults"] += answer["adults"] or 0
            line["children"] += answer["children"] or 0
            line["uncounted_units"] += answer["heads"] is None
            for name, heads in answer["diets"].items():
                line[f"diet:{name}"] += heads
    return found


NUMBERS = (
    "invited_units", "invited_seats", "answered_units", "yes_units", "yes_heads", "no_units", "maybe_units",
    "pending_units",
)  # fmt: skip
MORE = ("adults", "children", "uncounted_units")


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANSWERS)
def test_every_number_is_that_of_the_raw_answers_everywhere(
    scene: Scene, said: list[tuple[int, str, str, int, int, str | None]]
) -> None:
    stage(scene)
    for one in said:
        say(scene, *one)
    for side, sides in ((None, ("bride", "groom", "both")), ("bride", ("bride", "both"))):
        raw = added_up(scene, sides)
        with scene.begin() as tx:
            table = {row.event: row for row in answers.status(tx, side=side)}
            told = dashboard.overview(tx, side)
            lists = {slug: answers.list_standings(tx, slug, None, side) for slug in EVENTS}
            for line in told.events:
                expected = raw[line.event]
                for name in NUMBERS:
                    opened = why.explain(tx, WhyRequest(line.event, name, side=side))
                    told_numbers = {getattr(line, name), getattr(table[line.event], name), opened.value}
                    assert told_numbers == {expected[name]}, (line.event, name, side)
                for name in MORE:
                    opened = why.explain(tx, WhyRequest(line.event, name, side=side))
                    assert {getattr(line, name), opened.value} == {expected[name]}, (line.event, name)
                diets = {
                    key.removeprefix("diet:"): n for key, n in expected.items() if key.startswith("diet:")
                }
                assert dict(line.diets) == diets
                shown = [one for one in lists[line.event] if one.status == "yes"]
                assert sum(one.heads or 0 for one in shown) == expected["yes_heads"]
            assert told.pending_calls == sum(line["pending_units"] for line in raw.values())
            assert not any(one.stale for one in told.projections)


def test_a_rebuild_makes_the_same_and_drift_is_told(scene: Scene) -> None:
    stage(scene)
    for one in ((1, "sangeet", "yes", 2, 1, "jain"), (2, "sangeet", "no", 0, 0, None)):
        say(scene, *one)
    kept = (
        "SELECT event_id, side, yes_heads, adults, children, diets FROM projection_event_counts ORDER BY 1, 2"
    )
    before = scene.rows(kept)
    scene.run("UPDATE projection_event_counts SET yes_heads = 99, diets = '{}' WHERE yes_units > 0")
    scene.run(
        "INSERT INTO projection_deliveries (wedding_id, state, messages) VALUES (:wedding, 'read', 7)",
        wedding=scene.wedding.id,
    )

    def found(mend: bool) -> reconcile.CheckReport:
        [one] = reconcile.reconcile(scene.system, only=["projections"], mend=mend)
        return one

    looked = found(mend=False)
    assert (looked.drift, looked.mended) == (3, 0)
    slug = scene.wedding.slug
    assert f"{slug}: sangeet (bride): yes_heads was 99, counted 3" in looked.left
    assert f"{slug}: messages read: was 7, counted 0" in looked.left
    assert found(mend=True).mended == 3
    assert (found(mend=True).drift, found(mend=True).left) == (0, ())
    assert scene.rows(kept) == before
    [told] = scene.rows(
        "SELECT v.value FROM audit_logs a JOIN audit_values v ON v.chain_id = a.chain_id AND v.seq = a.seq "
        "WHERE a.action = 'projection.mend'"
    )
    assert "yes_heads was 99, counted 3" in told["value"]
    with scene.begin() as tx:
        assert dashboard.overview(tx).deliveries == {}


def test_counts_that_lack_an_answer_are_stale(scene: Scene) -> None:
    stage(scene)
    scene.run(
        "INSERT INTO rsvp_responses (wedding_id, unit_id, event_id, status, channel, source, source_key, given_at, "
        "recorded_at) SELECT i.wedding_id, i.unit_id, i.event_id, 'no', 'cli', 'past the house', 'k', now(), "
        "now() + interval '90 seconds' FROM invitations i WHERE i.wedding_id = :wedding LIMIT 1",
        wedding=scene.wedding.id,
    )
    with scene.begin() as tx:
        [counts, deliveries] = dashboard.overview(tx).projections
    assert (counts.name, counts.stale, deliveries.stale) == ("event_counts", True, False)
    assert 60 < counts.lag_seconds <= 120


def test_messages_are_counted_as_they_move(scene: Scene) -> None:
    scene.ready("Asha", "Ravi", "Uma")
    scene.send()

    def told() -> dict[str, int]:
        with scene.begin() as tx:
            return dict(dashboard.overview(tx).deliveries)

    assert told() == {"queued": 3}
    scene.deliver()
    assert told() == {"accepted": 3}
    rows = "SELECT count(*) FROM delivery_changes"
    assert scene.value(rows) > 0
    with scene.system() as tx:
        projections.fold(tx)
    assert scene.value(rows) == 0
    assert told() == {"accepted": 3}
    scene.run("DELETE FROM delivery_events")
    scene.run("UPDATE invite_dispatch SET state = 'read' WHERE id = (SELECT id FROM invite_dispatch LIMIT 1)")
    assert told() == {"accepted": 2, "read": 1}
    with scene.begin() as tx:
        assert store.compare(tx, mend=False) == []
    with scene.begin(Role.FAMILY, side="bride") as tx:
        assert dashboard.overview(tx).deliveries == {}  # these households are of no side


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.integers(1, 4), st.sampled_from(["yes", "no", "maybe"])),
        st.tuples(st.just("side"), st.integers(1, 4), st.sampled_from(["bride", "groom", "both", None])),
        st.tuples(st.just("state"), st.integers(1, 4), st.sampled_from(["accepted", "failed", "read"])),
        st.tuples(st.just("zone"), st.just(0), st.sampled_from(["Asia/Kolkata", "America/Los_Angeles"])),
        st.tuples(st.just("fold"), st.just(0), st.none()),
    ),
    max_size=12,
)

_STEPS = {
    "say": "INSERT INTO rsvp_responses (wedding_id, unit_id, event_id, status, channel, source, source_key, given_at) "
    "SELECT i.wedding_id, i.unit_id, i.event_id, :what, 'cli', 'a test', gen_random_uuid()::text, "
    "now() - random() * interval '3 days' FROM invitations i JOIN guest_units u ON u.id = i.unit_id "
    "WHERE i.wedding_id = :wedding AND u.number = :unit",
    "side": "UPDATE guest_units SET side = :what WHERE wedding_id = :wedding AND number = :unit",
    "state": "UPDATE invite_dispatch SET state = :what WHERE wedding_id = :wedding AND unit_id = "
    "(SELECT id FROM guest_units WHERE wedding_id = :wedding AND number = :unit)",
    "zone": "UPDATE weddings SET timezone = :what WHERE id = :wedding AND :unit = 0",
}


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_what_is_kept_by_side_is_what_a_recount_finds(
    scene: Scene, steps: list[tuple[str, int, str | None]]
) -> None:
    stage(scene)
    scene.template()
    scene.send()
    for kind, unit, what in steps:
        if kind == "fold":
            with scene.system() as tx:
                projections.fold(tx)
        else:
            scene.run(_STEPS[kind], wedding=scene.wedding.id, unit=unit, what=what)
    with scene.begin() as tx:
        assert store.compare(tx, mend=False) == []
        for side in ("bride", "groom", None):
            told = dashboard.overview(tx, side)
            messages, said = recounted(scene, side)
            assert told.deliveries == messages, side
            assert sum(one.yes + one.no + one.maybe for one in told.days) == said, side


def recounted(scene: Scene, side: str | None) -> tuple[dict[str, int], int]:
    """Messages by state, and how many answers there are, from the raw rows."""
    values = {"wedding": scene.wedding.id, "sides": [side, "both"] if side else None}
    within = "(CAST(:sides AS text[]) IS NULL OR u.side = ANY(:sides))"
    rows = scene.rows(
        "SELECT d.state, count(*) AS n FROM invite_dispatch d JOIN guest_units u ON u.id = d.unit_id "
        f"WHERE d.wedding_id = :wedding AND {within} GROUP BY d.state",
        **values,
    )
    said = scene.value(
        "SELECT count(*) FROM rsvp_responses r JOIN guest_units u ON u.id = r.unit_id "
        f"WHERE r.wedding_id = :wedding AND {within}",
        **values,
    )
    return {row["state"]: row["n"] for row in rows}, said


def test_a_household_that_changes_sides_while_its_message_moves_is_counted_once(scene: Scene) -> None:
    scene.ready("Asha")
    scene.send()
    with scene.begin() as tx, ThreadPoolExecutor(1) as pool:
        tx.run("UPDATE invite_dispatch SET state = 'read' WHERE wedding_id = :wedding")
        moving = pool.submit(scene.run, "UPDATE guest_units SET side = 'bride'")
        wait_for_a_lock(scene)
        tx.conn.commit()
        moving.result(60)
    with scene.begin() as tx:
        assert store.compare(tx, mend=False) == []
    with scene.begin(Role.FAMILY, side="bride") as tx:
        assert dashboard.overview(tx).deliveries == {"read": 1}


def test_who_is_called_first_and_why(scene: Scene) -> None:
    scene.event("later", days=90)
    scene.event("sangeet", days=30)
    for name, seats in (("Asha", 2), ("Ravi", 6), ("Uma", 3), ("Ila", 1)):
        scene.household(name, seats=seats)
    scene.invite("later", "sangeet")
    scene.template(template())
    scene.send()
    scene.run(
        "UPDATE invite_dispatch SET state = 'failed', error_title = 'Undeliverable' WHERE unit_id = "
        "(SELECT id FROM guest_units WHERE number = 3)"
    )
    with scene.begin() as tx:
        answers.set_answer(tx, AnswerRequest("U4", "sangeet", "no"))
    with scene.begin() as tx:
        found = dashboard.overview(tx, first_calls=5)
    assert [(one.unit, one.event) for one in found.calls] == [
        ("U3", "sangeet"), ("U2", "sangeet"), ("U1", "sangeet"), ("U3", "later"), ("U2", "later"),
    ]  # fmt: skip
    assert found.calls[0].why == "the message failed: Undeliverable"
    assert found.calls[0].phone is not None
    assert found.pending_calls == 7
    with scene.begin(Role.DESK) as tx:
        assert all(one.phone is None for one in dashboard.overview(tx).calls)


@pytest.mark.parametrize("few", [0, 1_000])
def test_whom_to_call_first_is_what_sorting_everybody_tells(scene: Scene, few: int) -> None:
    scene.event()
    for number in range(12):
        scene.household(f"Guest {number}", seats=1 + number % 3, side=("bride", "groom")[number % 2])
    scene.invite("sangeet")
    scene.template()
    scene.send()
    scene.run(
        "UPDATE invite_dispatch SET state = CASE WHEN u.number % 4 = 1 THEN 'failed' WHEN u.number = 2 THEN 'skipped' "
        "ELSE 'read' END FROM guest_units u WHERE u.id = unit_id"
    )
    with scene.begin() as tx:
        for unit in ("U5", "U6", "U12"):
            answers.set_answer(tx, AnswerRequest(unit, "sangeet", "no"))
    rows = scene.rows(
        "SELECT u.number, i.seats, u.side, d.state IN ('failed', 'skipped') AS unreached FROM invitations i "
        "JOIN guest_units u ON u.id = i.unit_id JOIN invite_dispatch d ON d.unit_id = u.id "
        "WHERE u.number NOT IN (5, 6, 12)"
    )
    event = scene.value("SELECT id FROM events")
    for sides, wanted in ((None, 5), (None, 20), (("groom", "both"), 4)):
        own = [row for row in rows if sides is None or row["side"] in sides]
        own.sort(key=lambda row: (not row["unreached"], -row["seats"], row["number"]))
        with scene.begin() as tx:
            found = calls.list_first(tx, event, calls.Wanted(wanted, sides, calls.FEW + 1 - few))
        assert [one.unit_number for one in found] == [row["number"] for row in own][:wanted]


def test_who_sees_one_side_sees_its_numbers(scene: Scene) -> None:
    stage(scene)
    with scene.begin(Role.FAMILY, side="groom") as tx:
        told = dashboard.overview(tx)
        assert {line.event: line.invited_units for line in told.events} == {"sangeet": 2, "pheras": 1}
        assert {one.unit for one in told.calls} == {"U2", "U3"}
        opened = why.explain(tx, WhyRequest("sangeet", "invited_units"))
        assert [one.stand.unit for one in opened.parts] == ["U2", "U3"]


def test_a_number_is_opened_as_it_was_and_what_changed(scene: Scene) -> None:
    stage(scene)
    scene.run(
        "INSERT INTO rsvp_responses (wedding_id, unit_id, event_id, status, heads, channel, source, source_key, actor, "
        "given_at, recorded_at) SELECT i.wedding_id, i.unit_id, i.event_id, 'yes', 2, 'webhook', 'message abc', 'k', "
        "'parinaya', now() - interval '2 days', now() - interval '2 days' FROM invitations i "
        "JOIN guest_units u ON u.id = i.unit_id JOIN events e ON e.id = i.event_id "
        "WHERE i.wedding_id = :wedding AND u.number = 1 AND e.slug = 'sangeet'",
        wedding=scene.wedding.id,
    )
    scene.run("UPDATE invitations SET created_at = now() - interval '3 days'")
    say(scene, 1, "sangeet", "yes", 3, 1, None)
    say(scene, 2, "sangeet", "yes", 1, 0, None)
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    with scene.begin() as tx:
        then = why.explain(tx, WhyRequest("sangeet", as_of=yesterday))
        now = why.explain(tx, WhyRequest("sangeet", since=yesterday))
        [first, _] = why.document(tx, now).items
        [before] = why.document(tx, then).items
    assert (then.value, now.value, now.value_then) == (2, 5, 2)
    assert [(one.stand.unit, one.before, one.adds) for one in now.changes] == [("U1", 2, 4), ("U2", 0, 1)]
    assert (first["source"], first["by"], first["channel"]) == ("by hand: Meera", "Meera", "cli")
    assert (before["source"], before["channel"]) == ("message abc", "webhook")


def test_a_household_that_was_taken_off_the_list_stands_where_it_stood(scene: Scene) -> None:
    stage(scene)
    say(scene, 1, "sangeet", "yes", 3, 1, None)
    before = scene.value("SELECT clock_timestamp()").isoformat()
    with scene.begin() as tx:
        invitations.add(tx, InviteRequest(["sangeet"], units=["U2"], seats=2))
        invitations.remove(tx, "sangeet", "U1")
    with scene.begin() as tx:
        heads = why.explain(tx, WhyRequest("sangeet", since=before))
        seats = why.explain(tx, WhyRequest("sangeet", "invited_seats", since=before))
        then = why.explain(tx, WhyRequest("sangeet", "invited_seats", as_of=before))
    assert (heads.value, heads.value_then, seats.value, seats.value_then) == (0, 4, 12, 20)
    assert [(one.stand.unit, one.before, one.adds) for one in heads.changes] == [("U1", 4, 0)]
    assert [(one.stand.unit, one.before, one.adds) for one in seats.changes] == [("U2", 5, 2), ("U1", 5, 0)]
    assert [(one.stand.unit, one.adds) for one in then.parts] == [("U1", 5), ("U2", 5), ("U3", 5), ("U4", 5)]
