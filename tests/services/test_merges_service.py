"""Merging people and taking it back: what is kept, what becomes of households and messages, what stands in the way."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from parinaya_cli.domain.access import Role
from parinaya_cli.domain.errors import Failed, NotFound, NotPermitted, ParinayaError, UsedWrongly
from parinaya_cli.domain.merges import Cluster
from parinaya_cli.domain.messages import Sender, Text
from parinaya_cli.services import (
    answers,
    consent,
    erasures,
    import_undo,
    merge_undo,
    merges,
    people,
    removals,
    search,
    timeline,
    units,
)
from parinaya_cli.services.answers import AnswerRequest
from parinaya_cli.services.imports import ImportRequest, import_people
from parinaya_cli.services.people import PeopleRequest, PersonFields
from tests.fakes.contact_source import sheet
from tests.services.merges_kit import HEADER, Facts, make, merge, picture, unmerge
from tests.services.wedding_kit import Scene, tap

# Id, name, phone, email, city, side, tags, notes, household, events, gift, pax, language
ASHA = ["1", "Asha Rao", "9876500001", "", "Pune", "bride", "vip", "late", "Rao", "", "vase", "", ""]
AASHA = [
    "2",
    "Aasha Rao",
    "98765 00002",
    "a@x.in",
    "Poona",
    "groom",
    "close",
    "no nuts",
    "",
    "",
    "lamp",
    "3",
    "hi",
]
NEEL = ["3", "Neel Rao", "9876500003", "", "", "bride", "", "", "Rao", "", "", "", ""]
MEENA = ["4", "Meena Rao", "9876500004", "", "", "groom", "", "", "Iyer", "", "", "", ""]
ANNA = ["5", "Asha R", "9876500005", "", "", "groom", "", "", "Iyer", "", "", "", ""]


def person(scene: Scene, name: str) -> dict[str, Any]:
    with scene.begin() as tx:
        return people.whole(tx, people.find(tx, name))


def unit(scene: Scene, name: str) -> Any:
    with scene.begin() as tx:
        return units.find(tx, name)


def say(scene: Scene, name: str, status: str, heads: int | None = None) -> None:
    with scene.begin() as tx:
        answers.set_answer(tx, AnswerRequest(name, "sangeet", status, heads))


def test_nothing_of_the_merged_rows_is_lost(scene: Scene) -> None:
    make(scene, Facts([ASHA, AASHA, NEEL]))
    with scene.begin() as tx:
        consent.do_not_message(tx, "P2", lift=False, reason="mourning")
        consent.record(tx, "P2", "opt-out", source="on the phone")
    report = merge(scene, "P1", "P2", keep="P1")
    assert (report.survivor, report.absorbed) == ("P1", ("P2",))
    one = person(scene, "P2")
    assert (one["ref"], one["full_name"], one["city"], one["side"]) == ("P1", "Asha Rao", "Pune", "both")
    assert (one["phones"], one["emails"]) == (["+919876500001", "+919876500002"], ["a@x.in"])
    assert [point["raw"] for point in one["contact_points"]] == ["9876500001", "98765 00002", "a@x.in"]
    assert (one["tags"], one["language"], one["external_ids"]) == (["vip", "close"], "hi", ["1", "2"])
    assert one["notes"] == "late\n[P2] no nuts"
    assert one["extra"] == {"Gift": "vase", "Gift (P2)": "lamp"}
    assert (one["do_not_message"], one["consent"]) == (True, "opted_out")
    assert [(row["source"], row["row"]) for row in one["sources"]] == [("list.csv", 2), ("list.csv", 3)]
    city = next(choice for choice in report.choices if choice.field == "city")
    assert (city.before, city.after, city.whose) == ({"P1": "Pune", "P2": "Poona"}, "Pune", "P1")
    with scene.begin() as tx:
        assert [found.person.ref for found in search.find_people(tx, "Aasha")] == ["P1"]
        assert [found.person.ref for found in search.find_people(tx, "98765 00002")] == ["P1"]
        assert "merged: with P2" in [moment.detail for moment in timeline.read(tx, "P2")[1]]
        assert consent.history(tx, "P2")[0] == "+919876500001"


def test_who_stays(scene: Scene) -> None:
    make(scene, Facts([ASHA, NEEL, MEENA, AASHA], invited=frozenset({(4, "sangeet")})))
    assert merge(scene, "P1", "P2", dry_run=True).survivor == "P1"
    assert merge(scene, "P2", "P3", dry_run=True).survivor == "P2"
    assert merge(scene, "P1", "P4", dry_run=True).survivor == "P4"
    assert merge(scene, "P1", "P4", keep="P1", dry_run=True).survivor == "P1"
    for names, more in ((["P1", "P1"], {}), (["P1"], {}), (["P1", "P2"], {"keep": "P3"})):
        with pytest.raises(UsedWrongly):
            merge(scene, *names, **more)
    with pytest.raises(NotFound):
        merge(scene, "P1", "P9")


def test_in_one_household_only_the_seat_that_was_counted_twice_goes(scene: Scene) -> None:
    make(scene, Facts([ASHA, NEEL, [*ANNA[:8], "Rao", *ANNA[9:]]], invited=frozenset({(1, "sangeet")})))
    before = picture(scene)
    assert unit(scene, "U1").seats == 3
    merge(scene, "P1", "P3")
    home = unit(scene, "U1")
    assert ([member.ref for member in home.members], home.seats, home.primary) == (["P1", "P2"], 2, "P1")
    assert scene.counts()["sangeet"]["seats"] == 2
    unmerge(scene, "P3")
    assert picture(scene) == before


def test_nobody_else_leaves_a_household(scene: Scene) -> None:
    make(scene, Facts([ASHA, NEEL, ANNA, MEENA], invited=frozenset({(1, "sangeet"), (3, "sangeet")})))
    scene.template()
    scene.send()
    report = merge(scene, "P1", "P3")
    left = unit(scene, "U2")
    assert ([one.ref for one in left.members], left.primary, left.seats) == (["P4"], "P4", 1)
    assert scene.states() == [("queued", ""), ("cancelled", "person_merged")]
    assert any("send it anew" in note for note in report.notes)
    assert (scene.counts()["sangeet"]["units"], scene.counts()["sangeet"]["seats"]) == (2, 3)
    unmerge(scene, "P3")
    assert scene.states() == [("queued", ""), ("queued", "")]
    assert unit(scene, "U2").primary == "P3"


def test_a_household_left_empty_is_the_survivors_from_now_on(scene: Scene) -> None:
    """Invitations and answers go along where there are none, what it was sent counts as sent, its buttons work."""
    alone = [*ANNA[:8], "", *ANNA[9:]]
    make(scene, Facts([ASHA, NEEL, alone], invited=frozenset({(1, "haldi"), (3, "sangeet")})))
    scene.template()
    scene.send(events=["sangeet"])
    scene.deliver()
    [message] = scene.sender.sent
    before = picture(scene)
    merge(scene, "P1", "P3", keep="P1")
    assert [home.ref for home in (unit(scene, "U2"), unit(scene, "U1"))] == ["U1", "U1"]
    assert unit(scene, "U1").events == ("haldi", "sangeet")
    assert scene.send(events=["sangeet"]).plan.reasons == {"already_sent": 1}
    scene.hear(scene.say(None, tap(message, "yes"), sender=Sender("+919876500005")))
    assert scene.answers() == [("sangeet", "yes", 1, None)]
    assert scene.value("SELECT unit_id FROM rsvp_responses") == unit(scene, "U1").id
    unmerge(scene, "P3")
    assert unit(scene, "U2").events == ("sangeet",)
    # The answer since came from the phone that went back.
    assert scene.value("SELECT unit_id FROM rsvp_responses") == unit(scene, "U2").id
    now = picture(scene)
    assert (now["people"], now["units"], now["queue"][0]) == (
        before["people"],
        before["units"],
        before["queue"][0],
    )


def test_a_household_left_empty_is_not_invited_twice(scene: Scene) -> None:
    alone = [*ANNA[:8], "", *ANNA[9:]]
    make(scene, Facts([ASHA, NEEL, alone], invited=frozenset({(1, "sangeet"), (3, "sangeet")})))
    scene.template()
    scene.send()
    before = picture(scene)
    merge(scene, "P1", "P3")
    assert scene.states() == [("queued", ""), ("cancelled", "household_merged")]
    scene.deliver()
    assert [one.to for one in scene.sender.sent] == ["+919876500001"]
    assert (scene.counts()["sangeet"]["units"], scene.counts()["sangeet"]["seats"]) == (1, 2)
    unmerge(scene, "P3")
    assert picture(scene)["units"] == before["units"]
    scene.deliver()
    assert [one.to for one in scene.sender.sent] == ["+919876500001", "+919876500005"]


def test_answers_that_contradict_are_kept_and_not_summed(scene: Scene) -> None:
    alone = [*ANNA[:8], "", *ANNA[9:]]
    make(scene, Facts([ASHA, NEEL, alone], invited=frozenset({(1, "sangeet"), (3, "sangeet")})))
    say(scene, "U1", "yes", 2)
    say(scene, "U2", "no")
    before = picture(scene)
    report = merge(scene, "P1", "P3", keep="P1")
    assert report.conflicts == ("sangeet: U1 said yes (2), which counts; U2 said no, which is kept.",)
    assert (scene.counts()["sangeet"]["heads"], scene.counts()["sangeet"]["answered"]) == (2, 1)
    with scene.begin() as tx:
        assert sorted(one.status for one in answers.history(tx, "U1")) == ["no", "yes"]
    unmerge(scene, "P1")
    assert picture(scene) == before


def test_a_list_that_names_the_absorbed_changes_the_survivor(scene: Scene) -> None:
    make(scene, Facts([ASHA, [*AASHA[:4], "Pune", *AASHA[5:]]]))
    merge(scene, "P1", "P2", keep="P1")
    with scene.begin() as tx:
        assert import_undo.undo(scene.begin, "I1", dry_run=True).refused[0].reason == "merged"
        assert tx.wedding == scene.wedding
    moved = [*AASHA[:2], "98765 00002, 9876500009", "a@x.in", "Goa", *AASHA[5:]]
    report = import_people(scene.begin, sheet(HEADER, ASHA, moved), ImportRequest("list.csv"))
    assert (report.created, report.updated) == (0, 1)
    one = person(scene, "P1")
    assert (one["city"], set(one["phones"])) == ("Goa", {"+919876500001", "+919876500002", "+919876500009"})
    with pytest.raises(Failed, match="I2") as caught:
        unmerge(scene, "P2")
    assert caught.value.code == "built_on"
    assert import_undo.undo(scene.begin, "I2").undone
    unmerge(scene, "P2")
    assert (person(scene, "P1")["city"], person(scene, "P2")["phones"]) == ("Pune", ["+919876500002"])
    assert [row["row"] for row in person(scene, "P2")["sources"]] == [3]
    assert import_undo.undo(scene.begin, "I1").undone


def test_what_was_built_on_a_merge_is_named(scene: Scene) -> None:
    make(scene, Facts([ASHA, [*AASHA[:4], "", *AASHA[5:]], NEEL, MEENA]))
    merge(scene, "P1", "P2", keep="P1")
    merge(scene, "P1", "P3", keep="P1")
    with pytest.raises(Failed, match="P3 was merged into P1 on top"):
        unmerge(scene, "P2")
    merge(scene, "P1", "P4", keep="P4")
    with pytest.raises(Failed, match="parinaya people unmerge P1"):
        unmerge(scene, "P3")
    assert {person(scene, name)["ref"] for name in ("P1", "P2", "P3", "P4")} == {"P4"}
    for name in ("P1", "P1", "P1"):
        unmerge(scene, name)
    assert [person(scene, name)["ref"] for name in ("P1", "P2", "P3", "P4")] == ["P1", "P2", "P3", "P4"]
    for name, kind in (("P1", UsedWrongly), ("P9", NotFound)):
        with pytest.raises(kind):
            unmerge(scene, name)


def test_edits_since_stay_unless_the_merge_brought_the_field(scene: Scene) -> None:
    make(scene, Facts([[*ASHA[:4], "", *ASHA[5:]], AASHA]))
    merge(scene, "P1", "P2", keep="P1")
    with scene.begin() as tx:
        people.edit(tx, "P1", PersonFields(full_name="Asha Rao-Iyer", city="Agra", add_tags=["family"]))
    with pytest.raises(Failed, match=r"city of P1 .* 'Agra'"):
        unmerge(scene, "P1")
    with scene.begin() as tx:
        people.edit(tx, "P1", PersonFields(city="Poona"))
    unmerge(scene, "P1")
    one = person(scene, "P1")
    assert (one["full_name"], one["city"], one["tags"]) == ("Asha Rao-Iyer", "", ["family", "vip"])
    assert person(scene, "P2")["tags"] == ["close"]


def test_stops_since_hold_for_everybody(scene: Scene) -> None:
    make(scene, Facts([ASHA, AASHA, NEEL]))
    merge(scene, "P1", "P2", "P3")
    scene.hear(scene.say(None, Text("STOP"), sender=Sender("+919876500002")))
    with scene.begin() as tx:
        consent.do_not_message(tx, "P3", lift=False, reason="mourning")
    unmerge(scene, "P2")
    for name in ("P1", "P2", "P3"):
        told = person(scene, name)
        assert (told["consent"], told["do_not_message"]) == ("opted_out", True), name


def test_an_erasure_ends_it(scene: Scene) -> None:
    make(scene, Facts([ASHA, AASHA, NEEL]))
    merge(scene, "P1", "P2", keep="P1")
    with scene.begin() as tx:
        told = erasures.erase(tx, "P2", reason="asked for it")
    assert told.tables["people"] == 2
    assert scene.value("SELECT count(*) FROM merge_changes") == 0
    with pytest.raises(Failed, match="erased"):
        unmerge(scene, "P1")


def test_somebody_removed_comes_back_first(scene: Scene) -> None:
    make(scene, Facts([ASHA, AASHA, NEEL]))
    before = picture(scene)
    merge(scene, "P1", "P2", keep="P1")
    with scene.begin() as tx:
        removals.remove(tx, ["P2"])
    with pytest.raises(Failed, match="people restore P1"):
        unmerge(scene, "P2")
    with scene.begin() as tx:
        assert removals.restore(tx, "P2").ref == "P1"
    unmerge(scene, "P2")
    assert picture(scene) == before


def test_who_may(scene: Scene) -> None:
    make(scene, Facts([ASHA, AASHA]))
    for role in (Role.FAMILY, Role.DESK, Role.AUDITOR):
        with (
            pytest.raises(NotPermitted),
            scene.begin(role, side="bride" if role is Role.FAMILY else None) as tx,
        ):
            merges.merge(tx, ["P1", "P2"])
    with pytest.raises(NotFound), scene.begin(Role.OPERATOR, side="bride") as tx:
        merges.merge(tx, ["P1", "P2"])
    with scene.begin(Role.OPERATOR, side="bride") as tx:
        pair = Cluster(tuple(row["id"] for row in scene.rows("SELECT id FROM people")))
        assert [one.why for one in merges.merge_many(tx, [pair], "", uuid.uuid4()).skipped] == ["hidden"]
    merge(scene, "P1", "P2", keep="P1")
    with pytest.raises(NotPermitted), scene.begin(Role.AUDITOR) as tx:
        merge_undo.unmerge(tx, "P1")
    logged = scene.rows("SELECT action, ref FROM audit_logs WHERE action LIKE 'person.%merge'")
    assert logged == [{"action": "person.merge", "ref": "P1"}]


def reload(scene: Scene) -> None:
    moved = [*AASHA[:4], "Goa", *AASHA[5:]]
    import_people(scene.begin, sheet(HEADER, [*ASHA[:4], "", *ASHA[5:]], moved), ImportRequest("list.csv"))


def stop(scene: Scene) -> None:
    with scene.begin() as tx:
        consent.do_not_message(tx, "P2", lift=False, reason="mourning")


def answer(scene: Scene) -> None:
    scene.hear(scene.say(None, Text("yes, 1"), sender=Sender("+919876500002")))


@pytest.mark.parametrize("work", [reload, stop, answer], ids=lambda work: work.__name__)
def test_what_begins_during_a_merge_comes_after_it(scene: Scene, work: Callable[[Scene], None]) -> None:
    make(scene, Facts([[*ASHA[:4], "", *ASHA[5:]], AASHA], invited=frozenset({(2, "sangeet")})))
    with scene.begin() as tx:
        merges.merge(tx, ["P1", "P2"], keep="P1")
        other = threading.Thread(target=work, args=(scene,))
        other.start()
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
            "AND datname = current_database()"
        )
        until = time.monotonic() + 30
        while other.is_alive() and not scene.value(waiting) and time.monotonic() < until:
            pass
        assert other.is_alive()
    other.join(30)
    one = person(scene, "P1")
    assert one["city"] == ("Goa" if work is reload else "Poona")
    assert one["do_not_message"] is (work is stop)
    assert [row[0] for row in scene.answers()] == (["sangeet"] if work is answer else [])
    assert (
        scene.value("SELECT count(*) FROM rsvp_responses WHERE unit_id <> :home", home=unit(scene, "U1").id)
        == 0
    )


def test_two_operators_at_once_end_as_one_after_the_other(scene: Scene) -> None:
    make(scene, Facts([ASHA, AASHA, NEEL, MEENA]))
    start, failed = threading.Barrier(3), []

    def work(*names: str) -> None:
        start.wait(20)
        try:
            merge(scene, *names)
        except ParinayaError as error:
            failed.append(error)

    def load() -> None:
        start.wait(20)
        moved = [*AASHA[:4], "Goa", *AASHA[5:]]
        import_people(scene.begin, sheet(HEADER, ASHA, moved, NEEL, MEENA), ImportRequest("list.csv"))

    threads = [
        threading.Thread(target=work, args=("P1", "P2", "P3")),
        threading.Thread(target=work, args=("P4", "P3", "P2")),
        threading.Thread(target=load),
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    standing = scene.value("SELECT count(*) FROM merges")
    assert standing == 2 - len(failed)
    assert scene.value("SELECT count(*) FROM people a JOIN people b ON b.id = a.merged_into "
                       "WHERE b.merged_into IS NOT NULL") == 0  # fmt: skip
    shown = picture(scene)["people"]
    assert len(shown) == 4 - scene.value("SELECT count(*) FROM people WHERE merged_into IS NOT NULL")
    assert sum(len(one["sources"]) for one in shown) == 4
    assert sorted(phone for one in shown for phone in one["phones"]) == [
        f"+91987650000{n}" for n in (1, 2, 3, 4)
    ]
    assert scene.value("SELECT count(*) FROM person_contacts pc JOIN people p ON p.id = pc.person_id "
                       "WHERE p.merged_into IS NOT NULL") == 0  # fmt: skip


def test_many_at_once(scene: Scene) -> None:
    rows = [[str(n), f"Guest {n // 2}", f"98{n:08d}", *[""] * 10] for n in range(600)]
    import_people(scene.begin, sheet(HEADER, *rows), ImportRequest("list.csv"))
    with scene.begin() as tx:
        units.build(tx, dry_run=False)
        found = people.list_people(tx, PeopleRequest())[0]
    clusters = [Cluster((one.id, other.id)) for one, other in zip(found[::2], found[1::2], strict=True)]
    together = uuid.uuid4()
    with scene.begin() as tx:
        report = merges.merge_many(tx, clusters, "same", together)
    assert (len(report.merged), scene.value("SELECT count(*) FROM people WHERE merged_into IS NULL")) == (
        300,
        300,
    )
    assert scene.value("SELECT count(*) FROM guest_units WHERE removed_at IS NULL") == 300
    with scene.begin() as tx:
        assert len(merge_undo.undo_group(tx, together).undone) == 300
        assert people.list_people(tx, PeopleRequest())[0] == [
            type(one)(**{**vars(one), "version": one.version + 2}) for one in found
        ]
