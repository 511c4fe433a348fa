"""Duplicates over a real database: scans, decisions, applies and their undo, alone and beside others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from parinaya_cli.domain.access import Role
from parinaya_cli.domain.errors import Failed, Locked, NotFound, NotPermitted, UsedWrongly
from parinaya_cli.services import applies, audit, duplicates, erasures, merge_undo, people, units
from parinaya_cli.services.duplicates import ScanReport
from parinaya_cli.services.imports import ImportRequest, import_people
from parinaya_cli.services.people import PersonFields
from parinaya_cli.store import duplicate_near as near
from parinaya_cli.store import duplicate_scans as scans
from tests.fakes.contact_source import sheet
from tests.services.merges_kit import Facts, make, picture, weddings
from tests.services.wedding_kit import Scene

SLUGS = count(1)
HEADER = ("Id", "Name", "Phone", "Email", "City", "Side")
PAPA = (
    ("1", "Deepak Chaturvedi", "9829987901", "", "Jaipur", "bride"),
    ("2", "Ratilal Savla", "9829987902", "ratilal.savla@example.com", "Surat", "bride"),
    ("3", "Kishore Bhattacharya", "9829987903", "", "Kolkata", "bride"),
    ("4", "Meenakshi Iyer", "9829987904", "", "Chennai", ""),
    ("5", "Mohan Deshpande", "9829987905", "", "Pune", "bride"),
)
MUMMY = (
    ("1", "Dipak Chaturvedi", "+91 98299 87901", "", "Jaipur", "bride"),
    ("2", "Ratilal Savla", "9829987902", "ratilal.savla@example.com", "Surat", "groom"),
    ("3", "Sushmita Bhattacharya", "9829987903", "", "Kolkata", "bride"),
    ("4", "Meenakshi Iyer", "", "", "", ""),
)


def lists(scene: Scene, *more: Sequence[str]) -> None:
    """Two lists of one family that name three people twice, and a wife under her husband's number."""
    for name, rows in (("papa.csv", PAPA), ("mummy.csv", (*MUMMY, *more))):
        import_people(scene.begin, sheet(HEADER, *map(list, rows)), ImportRequest(name))


def pairs(scene: Scene, **which: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """The pairs by their people."""
    with scene.begin() as tx:
        found: list[dict[str, Any]] = duplicates.list_pairs(tx, **which)[0]
    return {(one["left"], one["right"]): one for one in found}


def scan(scene: Scene, **how: Any) -> ScanReport:
    """Scan."""
    return duplicates.scan(scene.begin, **how)


def decide(scene: Scene, pair: str, verdict: str, name: str = "Meera") -> None:
    """Decide on a pair."""
    with scene.begin(name=name) as tx:
        tx.reason = "asked them"
        duplicates.decide(tx, pair, verdict)


def test_a_scan_finds_them_and_a_second_one_changes_nothing(scene: Scene) -> None:
    lists(scene)
    first = scan(scene)
    assert (first.people, first.compared, first.reopened) == (9, 9, ())
    found = pairs(scene)
    assert first.pairs == len(found) == first.sure + first.unsure
    assert {("P1", "P6"), ("P2", "P7")} <= {key for key, one in found.items() if one["sure"]}
    assert ("P3", "P8") not in pairs(scene, sure=True)
    assert "same phone" in " ".join(found["P1", "P6"]["why"])
    again = scan(scene)
    assert (again.compared, again.pairs, again.sure) == (0, first.pairs, first.sure)
    assert pairs(scene) == found
    scan(scene, everyone=True)
    assert pairs(scene) == found
    with scene.begin() as tx:
        assert audit.verify(tx).ok


def test_who_came_in_since_is_compared_with_all(scene: Scene) -> None:
    lists(scene)
    before = scan(scene)
    new = scene.person("Mohan Deshpande", "9829987905", city="Pune")
    after = scan(scene)
    assert (after.compared, after.people) == (1, before.people + 1)
    met = pairs(scene)["P5", new.ref]
    assert met["sure"]
    scan(scene, everyone=True)
    assert pairs(scene)["P5", new.ref]["ref"] == met["ref"]


def test_of_many_people_only_those_near_the_new_ones_are_read(scene: Scene) -> None:
    lists(scene)
    before = scan(scene)
    new = scene.person("Mohan Deshpande", "9829987905", city="Pune")
    with scene.begin() as tx:
        learned = near.read_learned(tx)
        assert learned is not None
        ground = near.read_near(tx, scans.list_fresh(tx), learned[0])
        mohan = people.find(tx, "P5")
        assert {str(mohan.id), str(new.id)} <= {one.id for one in ground.records}
        assert len(ground.records) < before.people
    after = scan(scene, small=0)
    assert (after.compared, after.people, after.sure) == (1, before.people + 1, before.sure + 1)
    assert after.clusters == before.clusters + 1
    found = pairs(scene)
    assert found["P5", new.ref]["sure"]
    with scene.begin() as tx:
        kept = near.read_learned(tx)
        assert kept is not None
        assert (kept[0].values, kept[1]) == (learned[0].values, before.people)
    assert scan(scene, small=0).compared == 0
    whole = scan(scene, everyone=True)
    assert (whole.sure, whole.clusters) == (after.sure, after.clusters)
    assert pairs(scene).keys() == found.keys()


def test_apply_merges_the_sure_ones_and_undo_takes_all_back(scene: Scene) -> None:
    lists(scene)
    scan(scene)
    before = picture(scene)
    rehearsed = applies.apply(scene.begin, dry_run=True)
    assert picture(scene) == before
    done = applies.apply(scene.begin)
    assert (done.people, done.merged_people, done.skipped) == (rehearsed.people, rehearsed.merged_people, ())
    assert {("P1", "P6"), ("P2", "P7")} <= {tuple(sorted(one)) for one in done.people}
    assert len(picture(scene)["people"]) == len(before["people"]) - done.merged_people
    assert applies.apply(scene.begin).undo is None
    assert done.undo is not None
    for expected in (done.merged_people, 0):
        with scene.begin() as tx:
            assert applies.undo(tx, done.undo) == (done.undo, expected)
        assert picture(scene) == before
    scan(scene)
    assert {tuple(sorted(one)) for one in applies.apply(scene.begin).people} == {
        tuple(sorted(one)) for one in done.people
    }


def test_undo_is_all_or_nothing(scene: Scene) -> None:
    lists(scene)
    scan(scene)
    done = applies.apply(scene.begin)
    survivor = next(one[0] for one in done.people if "P7" in one)  # the side of both came by the merge
    with scene.begin() as tx:
        people.edit(tx, survivor, PersonFields(city="Baroda", side="groom"))
    merged = picture(scene)
    with scene.begin() as tx, pytest.raises(Failed, match=survivor):
        applies.undo(tx, str(done.undo))
    assert picture(scene) == merged
    with scene.begin() as tx, pytest.raises(NotFound):
        applies.undo(tx, "A9")


def test_what_was_decided_holds(scene: Scene) -> None:
    lists(scene)
    scan(scene)
    found = pairs(scene)
    decide(scene, found["P1", "P6"]["ref"], "different")
    decide(scene, found["P4", "P9"]["ref"], "same")
    decided = pairs(scene, decided=True)
    assert decided["P1", "P6"]["decision"] == "different"
    assert (decided["P4", "P9"]["decided_by"], decided["P4", "P9"]["reason"]) == ("Meera", "asked them")
    assert scan(scene, everyone=True).reopened == ()
    merged = {tuple(sorted(one)) for one in applies.apply(scene.begin, min_score=0.05).people}
    assert ("P4", "P9") in merged
    assert not any({"P1", "P6"} <= set(one) for one in merged)
    with scene.begin() as tx, pytest.raises(NotFound, match="settled"):
        duplicates.decide(tx, found["P4", "P9"]["ref"], "different")


def test_a_decision_holds_for_whom_they_became(scene: Scene) -> None:
    lists(scene, ("5", "Deepak Chaturvedi", "9829987901", "", "Jaipur", "bride"))
    scan(scene)
    found = pairs(scene)
    decide(scene, found["P1", "P6"]["ref"], "different")
    first = applies.apply(scene.begin)
    one = next(group for group in first.people if "P10" in group)
    assert not {"P1", "P6"} <= set(one)
    scan(scene)
    assert all(not {"P1", "P6"} <= set(group) for group in applies.apply(scene.begin).people)


def test_only_new_evidence_asks_again(scene: Scene) -> None:
    lists(scene)
    scan(scene)
    pair = pairs(scene)["P4", "P9"]
    decide(scene, pair["ref"], "different")
    with scene.begin() as tx:
        people.edit(tx, "P9", PersonFields(add_tags=["vip"], notes="comes late"))
    assert scan(scene).reopened == ()
    with scene.begin() as tx:
        people.edit(tx, "P9", PersonFields(phones=["9829987904"]))
    assert scan(scene).reopened == (pair["ref"],)
    assert pairs(scene)["P4", "P9"]["score"] > pair["score"]


def test_who_changed_since_the_scan_is_left_alone_and_told(scene: Scene) -> None:
    lists(scene)
    scan(scene)
    with scene.begin() as tx:
        people.edit(tx, "P6", PersonFields(full_name="Somebody Else"))
    done = applies.apply(scene.begin)
    assert (("P1", "P6"), "changed") in done.skipped
    assert not any("P6" in one for one in done.people)
    assert any("P7" in one for one in done.people)


def test_who_was_taken_apart_by_hand_is_not_merged_again(scene: Scene) -> None:
    lists(scene)
    scan(scene)
    applies.apply(scene.begin)
    with scene.begin() as tx:
        merge_undo.unmerge(tx, "P6")
    scan(scene)
    assert applies.apply(scene.begin).people == ()
    decide(scene, pairs(scene)["P1", "P6"]["ref"], "same")
    assert [tuple(sorted(one)) for one in applies.apply(scene.begin).people] == [("P1", "P6")]


def test_who_stands_for_a_family_is_merged_by_decision_only(scene: Scene) -> None:
    lists(scene, ("5", "Mohan Deshpande & family", "9829987905", "", "Pune", "bride"))
    assert scan(scene).pairs
    met = pairs(scene)["P5", "P10"]
    assert (met["score"] > 0.9, met["sure"]) == (True, False)
    with scene.begin() as tx:
        assert "whole family" in duplicates.view(tx, met["ref"]).doubt
    assert not any("P10" in one for one in applies.apply(scene.begin, dry_run=True).people)
    decide(scene, met["ref"], "same")
    assert {"P5", "P10"} in map(set, applies.apply(scene.begin).people)


FEW = settings(
    max_examples=4,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@FEW
@given(weddings())
def test_any_wedding_is_as_it_was_after_apply_and_undo(scene: Scene, facts: Facts) -> None:
    make(scene, facts, f"wedding-{next(SLUGS)}")
    assert scan(scene).compared == len(picture(scene)["people"])
    found, before = pairs(scene), picture(scene)
    assert scan(scene, everyone=True).pairs == len(found)
    assert pairs(scene) == found
    done = applies.apply(scene.begin, min_score=0.3)
    assert done.skipped == ()
    assert len(picture(scene)["people"]) == len(before["people"]) - done.merged_people
    if done.undo:
        with scene.begin() as tx:
            assert applies.undo(tx, done.undo)[1] == done.merged_people
    assert picture(scene) == before


def test_roles_and_sides(scene: Scene) -> None:
    lists(scene)
    scan(scene)
    assert ("P2", "P7") in pairs(scene)
    with scene.begin(Role.FAMILY, side="bride") as tx:
        mine = {one["ref"]: one for one in duplicates.list_pairs(tx)[0]}
        with pytest.raises(NotFound):
            duplicates.explain_people(tx, "P2", "P7")
    across = pairs(scene)["P2", "P7"]["ref"]
    assert across not in mine
    unit = scene.household("Anybody")
    scene.event()
    with scene.begin() as tx:
        units.edit(tx, unit.ref, units.UnitChanges(add=["P7"]))
    scene.invite("sangeet")
    with scene.begin(Role.FAMILY, side="bride") as tx:
        mine = {one["ref"]: one for one in duplicates.list_pairs(tx)[0]}
    assert mine[across]["right"] is None
    assert mine[across]["right_name"] is None
    assert mine[across]["why"] == ["already invited"]
    with pytest.raises(NotPermitted), scene.begin(Role.FAMILY, side="bride") as tx:
        duplicates.decide(tx, across, "same")
    with pytest.raises(NotPermitted):
        applies.apply(lambda: scene.begin(Role.AUDITOR))
    with scene.begin(Role.DESK) as tx:
        assert set(duplicates.list_pairs(tx)[0][0]) == {"ref", "left", "right", "left_name", "right_name"}


def test_explaining_two_who_were_never_paired(scene: Scene) -> None:
    lists(scene)
    with scene.begin() as tx:
        _, _, told = duplicates.explain_people(tx, "P1", "P2")
        assert told.score < 0.05
        assert sum(one.weight for one in told.reasons) == pytest.approx(told.odds)
        _, _, alike = duplicates.explain_people(tx, "P6", "P1")
        assert alike.score > 0.9
        with pytest.raises(UsedWrongly):
            duplicates.explain_people(tx, "P1", "P1")


def test_a_question_is_asked_once_of_all_who_are_one(scene: Scene) -> None:
    mohan = ("9829987905", "", "Pune", "bride")
    lists(scene, ("5", "Mohan Deshpande", *mohan), ("6", "Mohan Deshpande & family", *mohan))
    scan(scene)
    found = pairs(scene)
    assert found["P5", "P10"]["sure"]
    both = {found["P5", "P11"]["ref"], found["P10", "P11"]["ref"]}

    def asked() -> list[str]:
        with scene.begin() as tx:
            return [one.ref for one in duplicates.list_open(tx, sure=False, min_score=0.05)]

    before = asked()
    assert len(both & set(before)) == 1
    decide(scene, (both & set(before)).pop(), "same")
    assert asked() == [ref for ref in before if ref not in both]
    assert {"P5", "P10", "P11"} in map(set, applies.apply(scene.begin).people)


def test_only_open_pairs_are_decided_in_a_review(scene: Scene) -> None:
    lists(scene)
    scan(scene)
    ref = pairs(scene)["P1", "P6"]["ref"]
    decide(scene, ref, "different", "Rohan")
    with scene.begin() as tx, pytest.raises(Locked, match="Rohan"):
        duplicates.decide(tx, ref, "same", only_open=True)
    with scene.begin() as tx, pytest.raises(Locked):
        duplicates.take_back(tx, ref, "same")
    with scene.begin() as tx:
        duplicates.take_back(tx, ref, "different")
    assert ("P1", "P6") in pairs(scene)


def test_an_erased_person_leaves_no_pair(scene: Scene) -> None:
    lists(scene)
    scan(scene)
    with scene.begin() as tx:
        erasures.erase(tx, "P6", reason="asked for it")
    assert (
        scene.value("SELECT count(*) FROM duplicates d JOIN people p ON p.id = d.right_id WHERE p.number = 6")
        == 0
    )
    scan(scene)
    assert not any("P6" in key for key in pairs(scene))
