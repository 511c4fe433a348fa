"""Households put together and taken apart: guest lists, answers and messages follow, and nothing is lost."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from parinaya_cli.domain.errors import Failed, Locked, NotFound, UsedWrongly
from parinaya_cli.services import answers, audit, merge_undo, merges, people, removals, units, units_moves
from parinaya_cli.services.answers import AnswerRequest
from parinaya_cli.services.units import UnitChanges
from parinaya_cli.services.units_moves import MoveReport, SplitRequest
from parinaya_cli.store import counts
from tests.services.wedding_kit import Scene, tap


def merge(scene: Scene, *names: str, dry_run: bool = False) -> MoveReport:
    with scene.begin() as tx:
        return units_moves.merge(tx, names, dry_run=dry_run)


def split(scene: Scene, name: str, *members: str, dry_run: bool = False, **more: Any) -> MoveReport:
    with scene.begin() as tx:
        return units_moves.split(tx, SplitRequest(name, members, **more), dry_run=dry_run)


def answer(scene: Scene, unit: str, status: str, heads: int | None = None, **more: Any) -> None:
    with scene.begin() as tx:
        answers.set_answer(tx, AnswerRequest(unit, "sangeet", status, heads, **more))


def standing(scene: Scene) -> dict[str, tuple[int, str, int | None]]:
    """Seats, status and heads of each household for the sangeet; counts agree, and the audit log verifies."""
    with scene.begin() as tx:
        assert counts.drift(tx.conn, tx.wedding.id) == []
        assert audit.verify(tx).ok
        return {
            one.unit: (one.seats, one.status, one.heads)
            for one in answers.list_standings(tx, event="sangeet")
        }


def queued(scene: Scene) -> list[int]:
    """The numbers of the households that a message waits to be sent to."""
    found = scene.rows(
        "SELECT u.number FROM invite_dispatch d JOIN guest_units u ON u.id = d.unit_id WHERE d.state = 'queued'"
    )
    return sorted(row["number"] for row in found)


def everything(scene: Scene) -> Any:
    tables = (
        "guest_units",
        "guest_unit_members",
        "invitations",
        "rsvp_responses",
        "invite_dispatch",
        "audit_logs",
    )
    return [scene.rows(f"SELECT * FROM {table} ORDER BY 1, 2, 3") for table in tables]


# ── together ───────────────────────────────────────────────────────────────────────────────────────────


def test_two_households_become_one_with_all_that_they_had(scene: Scene) -> None:
    scene.ready("Asha Rao", "Ravi Rao", "Uma Iyer", seats=3)
    answer(scene, "U1", "yes", 2, diets={"jain": 1})
    answer(scene, "U2", "yes", 3, diets={"jain": 2})
    told = merge(scene, "U1", "U2")
    assert (told.unit["ref"], told.unit["seats"], told.unit["extra_seats"]) == ("U1", 6, 4)
    assert standing(scene) == {"U1": (6, "yes", 5), "U3": (3, "pending", None)}
    with scene.begin() as tx:
        assert units.find(tx, "U2").ref == "U1"
        assert people.find(tx, "P2").unit == "U1"
        history = answers.history(tx, "U1")
    assert [one.heads for one in history] == [2, 3, 5]
    assert "U1 said yes (2) and U2 said yes (3)" in history[-1].source
    assert "U2 (Ravi Rao family) was put to it by hand" in told.unit["why"]  # type: ignore[operator]
    with pytest.raises(UsedWrongly, match="one household already"):
        merge(scene, "U1", "U2")
    with pytest.raises(NotFound):
        merge(scene, "U1", "U9")


def test_a_rehearsal_tells_what_would_happen_and_does_nothing(scene: Scene) -> None:
    scene.ready("Asha Rao", "Ravi Rao", seats=3)
    answer(scene, "U1", "no")
    answer(scene, "U2", "yes", 3)
    before = everything(scene)
    rehearsed = merge(scene, "U1", "U2", dry_run=True)
    assert everything(scene) == before
    done = merge(scene, "U1", "U2")
    assert (rehearsed.unit["seats"], rehearsed.notes) == (done.unit["seats"], done.notes)
    assert standing(scene) == {"U1": (6, "yes", 3)}
    before = everything(scene)
    rehearsed = split(scene, "U1", "P2", extra_seats=2, dry_run=True)
    assert everything(scene) == before
    assert split(scene, "U1", "P2", extra_seats=2).notes == rehearsed.notes


def test_an_invitation_and_an_answer_of_one_go_to_both(scene: Scene) -> None:
    scene.ready("Asha Rao", seats=2)
    scene.household("Ravi Rao", seats=4)
    answer(scene, "U1", "yes", 2)
    told = merge(scene, "U2", "U1")
    assert standing(scene) == {"U2": (2, "yes", 2)}
    assert told.unit["seats"] == 6
    assert any("U1 is invited and U2 was not" in note for note in told.notes)


def test_nobody_is_written_to_twice_and_buttons_still_answer(scene: Scene) -> None:
    _, second, _ = scene.ready("Asha Rao", "Ravi Rao", "Uma Iyer")
    scene.send(units=["U2"])
    scene.deliver()
    [sent] = scene.sender.sent
    merge(scene, "U1", "U2")
    scene.send()
    assert queued(scene) == [3]
    scene.hear(scene.say(second, tap(sent, "no")))
    assert standing(scene) == {"U1": (4, "no", None), "U3": (2, "pending", None)}


def test_queued_messages_are_cancelled_and_those_that_leave_are_waited_for(scene: Scene) -> None:
    scene.ready("Asha Rao", "Ravi Rao")
    scene.send()
    told = merge(scene, "U1", "U2")
    assert scene.states() == [("queued", ""), ("cancelled", "household_merged")]
    assert any("1 queued messages to U2 are cancelled" in note for note in told.notes)
    scene.household("Uma Iyer")
    scene.run("UPDATE invite_dispatch SET state = 'sending' WHERE state = 'queued'")
    with pytest.raises(Locked, match="leaving"):
        merge(scene, "U3", "U1")
    with pytest.raises(Locked, match="leaving"):
        split(scene, "U1", "P2")
    assert len(standing(scene)) == 1


def test_who_comes_back_comes_to_the_household_that_took_over(scene: Scene) -> None:
    scene.ready("Asha Rao", "Ravi Rao")
    scene.person("Neel Rao")
    with scene.begin() as tx:
        units.edit(tx, "U2", UnitChanges(add=["P3"]))
        removals.remove(tx, ["P3"])
    merge(scene, "U1", "U2")
    with scene.begin() as tx:
        assert removals.restore(tx, "P3").unit == "U1"


def test_people_who_were_merged_are_not_taken_apart_into_a_household_that_is_gone(scene: Scene) -> None:
    scene.ready("Asha Rao", "Aasha Rao", "Uma Iyer")
    with scene.begin() as tx:
        merges.merge(tx, ["P1", "P2"])
    merge(scene, "U3", "U1")
    with scene.begin() as tx:
        assert units.find(tx, "U2").ref == "U3"
        with pytest.raises(Failed, match="U2 was put together with another"):
            merge_undo.unmerge(tx, "P2")


def test_reasons_leave_with_whom_they_speak_of(scene: Scene) -> None:
    phone = "+919876500001"
    for name in ("Ramesh Gupta", "Sunita Gupta", "Rahul Gupta"):
        scene.person(name, phone)
    with scene.begin() as tx:
        units.build(tx, dry_run=False)
        assert len(units.find(tx, "U1").why) == 2
        merged = units_moves.split(tx, SplitRequest("U1", ["P2"])).unit
        assert not any("Sunita" in why for why in units.find(tx, "U1").why)
        assert merged["why"] == ["taken apart from U1 by hand"]
        assert units.edit(tx, "U1", UnitChanges(remove=["P3"])).why == ()
    merge(scene, "U1", "U2")
    assert scene.value("SELECT label FROM guest_units WHERE number = 2") == "Gupta family"


# ── apart ──────────────────────────────────────────────────────────────────────────────────────────────


def family(scene: Scene) -> None:
    """U1: Asha, Ravi, Neel and an unnamed seat, invited to the sangeet with all four."""
    scene.ready("Asha Rao", seats=4)
    for at, name in enumerate(("Ravi Rao", "Neel Rao")):
        scene.person(name, f"+91987659999{at}")
    with scene.begin() as tx:
        units.edit(tx, "U1", UnitChanges(add=["P2", "P3"]))


def test_some_get_a_household_of_their_own_on_the_same_lists(scene: Scene) -> None:
    family(scene)
    answer(scene, "U1", "yes", 3, diets={"jain": 3})
    told = split(scene, "U1", "P2", "P3", label="Ravi and Neel")
    assert (told.unit["ref"], told.unit["label"], told.unit["primary"]) == ("U2", "Ravi and Neel", "P2")
    assert standing(scene) == {"U1": (2, "yes", 2), "U2": (2, "yes", 1)}
    assert scene.counts()["sangeet"]["heads"] == 3
    with scene.begin() as tx:
        diets = [one.diets for one in answers.list_standings(tx, event="sangeet")]
        assert units.find(tx, "U1").seats == 2
        assert "yes (3)" in answers.history(tx, "U2")[0].source
    assert diets == [{"jain": 2}, {"jain": 1}]
    assert build_finds_nothing(scene)


def build_finds_nothing(scene: Scene) -> bool:
    with scene.begin() as tx:
        return units.build(tx, dry_run=False).people_placed == 0


def test_what_was_sent_goes_along_with_whom_it_was_sent_to(scene: Scene) -> None:
    family(scene)
    scene.send()
    scene.deliver()
    split(scene, "U1", "P1")
    scene.send()
    assert queued(scene) == [1]


def test_a_queued_message_to_who_leaves_is_cancelled(scene: Scene) -> None:
    family(scene)
    scene.send()
    assert any("cancelled" in note for note in split(scene, "U1", "P1").notes)
    assert scene.states() == [("cancelled", "household_split")]


@pytest.mark.parametrize(
    ("members", "more", "match"),
    [
        ((), {}, "Nobody is named"),
        (("P4",), {}, "no member"),
        (("P1", "P2", "P3"), {}, "Nobody would stay"),
        (("P1",), {"extra_seats": 2}, "1 unnamed seats"),
        (("P1",), {"label": " "}, "label"),
    ],
)
def test_what_can_not_be_taken_apart_stays(
    scene: Scene, members: tuple[str, ...], more: Any, match: str
) -> None:
    family(scene)
    scene.person("Uma Iyer")
    with pytest.raises(UsedWrongly, match=match):
        split(scene, "U1", *members, **more)
    assert standing(scene) == {"U1": (4, "pending", None)}


def test_a_merge_and_a_split_at_once_end_as_if_one_had_come_after_the_other(scene: Scene) -> None:
    family(scene)
    scene.household("Uma Iyer", seats=2)
    answer(scene, "U1", "yes", 4)

    def one(at: int) -> MoveReport:
        return split(scene, "U1", "P2") if at else merge(scene, "U2", "U1")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, range(2)))
    held = standing(scene)
    assert sum(seats for seats, _, _ in held.values()) == 4
    assert sum(heads or 0 for _, _, heads in held.values()) == 4
    placed = scene.rows("SELECT person_id, count(*) AS times FROM guest_unit_members GROUP BY 1")
    assert [row["times"] for row in placed] == [1, 1, 1, 1]
    assert len({uuid.UUID(str(row["person_id"])) for row in placed}) == 4
