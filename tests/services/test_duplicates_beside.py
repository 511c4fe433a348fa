"""Two who work on duplicates at once, or an import beside an apply: it ends as if one had come after the other."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count, cycle

import pytest

from parinaya_cli.domain.duplicates import Verdict
from parinaya_cli.domain.errors import Locked, NotFound
from parinaya_cli.services import applies, audit, duplicates, people
from parinaya_cli.services.imports import ImportRequest, import_people
from parinaya_cli.services.people import PersonFields
from parinaya_cli.store import duplicate_scans as scans
from parinaya_cli.store.transaction import Transaction
from tests.fakes.contact_source import sheet
from tests.journeys.stage import until
from tests.services.merges_kit import picture
from tests.services.test_duplicates_service import HEADER, MUMMY, PAPA, decide, lists, pairs, scan
from tests.services.wedding_kit import Scene


def test_two_who_apply_and_decide_at_once(scene: Scene) -> None:
    lists(scene)
    scan(scene)
    ref = pairs(scene)["P1", "P6"]["ref"]

    def different() -> str:
        try:
            decide(scene, ref, "different", "Rohan")
        except (NotFound, Locked):
            return "late"
        return "decided"

    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(applies.apply, scene.begin) for _ in range(2)]
        said = pool.submit(different).result()
        reports = [one.result() for one in running]
    merged = [tuple(sorted(group)) for report in reports for group in report.people]
    assert len(merged) == len(set(merged))
    assert (("P1", "P6") in merged) == (said == "late")
    assert ("P2", "P7") in merged
    with scene.begin() as tx:
        assert audit.verify(tx).ok


def test_a_decision_while_the_ground_is_read_is_heeded(scene: Scene) -> None:
    lists(scene)
    scan(scene)
    number = int(str(pairs(scene)["P1", "P6"]["ref"])[1:])
    with ThreadPoolExecutor(1) as pool, scene.admin.connect() as other:
        other.exec_driver_sql(
            "LOCK TABLE merges IN ACCESS EXCLUSIVE MODE"
        )  # read last, after what was decided
        applying = pool.submit(applies.apply, scene.begin)
        until(lambda: scene.value("SELECT count(*) FROM pg_locks WHERE NOT granted"), 60, "the apply waits")
        other.exec_driver_sql("UPDATE duplicates SET verdict = 'different' WHERE number = %s", (number,))
        other.commit()
        merged = {tuple(sorted(group)) for group in applying.result().people}
    assert ("P1", "P6") not in merged
    assert ("P2", "P7") in merged


def test_an_import_beside_an_apply(scene: Scene) -> None:
    lists(scene)
    scan(scene)
    again = (*MUMMY[:1], ("2", "Ratilal Savla", "9829987902", "", "Baroda", "groom"), *MUMMY[2:])
    rows = [list(row) for row in (*again, ("5", "Zubin Daruwala", "9829987999", "", "Mumbai", "bride"))]
    with ThreadPoolExecutor(2) as pool:
        applying = pool.submit(applies.apply, scene.begin)
        bringing = pool.submit(import_people, scene.begin, sheet(HEADER, *rows), ImportRequest("mummy.csv"))
        done, brought = applying.result(), bringing.result()
    assert brought.created == 1
    merged = {tuple(sorted(one)) for one in done.people}
    left_alone = {people for people, why in done.skipped if why == "changed"}
    assert ("P1", "P6") in merged
    assert ("P2", "P7") in merged | left_alone
    with scene.begin() as tx:
        told = [outer for one in scans.read_ground(tx).records for outer in one.external_ids]
        assert sorted(told) == sorted({*told})
        assert len(told) == len(PAPA) + len(rows)
        assert audit.verify(tx).ok


def test_two_who_decide_and_scan_at_once(scene: Scene) -> None:
    lists(scene)
    scan(scene)
    ref = pairs(scene)["P4", "P9"]["ref"]

    refused: list[str] = []

    def decided(name: str, verdict: str) -> str:
        try:
            with scene.begin(name=name) as tx:
                duplicates.decide(tx, ref, verdict, only_open=True)
        except Locked as error:
            refused.append(str(error))
            return ""
        return name

    with ThreadPoolExecutor(4) as pool:
        deciding = [
            pool.submit(decided, *told) for told in (("Meera", Verdict.SAME), ("Rohan", Verdict.DIFFERENT))
        ]
        scanning = [pool.submit(scan, scene, everyone=True) for _ in range(2)]
        winner = "".join(one.result() for one in deciding)
        assert {one.result().people for one in scanning} == {9}
    assert winner in ("Meera", "Rohan")
    assert ["has decided meanwhile" in one for one in refused] == [True]
    assert pairs(scene, decided=True)["P4", "P9"]["decided_by"] == winner
    with scene.begin() as tx:
        assert audit.verify(tx).ok


def test_what_happens_while_an_apply_thinks_is_heeded(scene: Scene) -> None:
    lists(scene)
    scan(scene)
    ref = pairs(scene)["P1", "P6"]["ref"]
    opened = count()

    @contextmanager
    def begin() -> Iterator[Transaction]:
        if next(opened) == 1:  # between reading and merging
            decide(scene, ref, "different", "Rohan")
            with scene.begin(name="Rohan") as tx:
                people.edit(tx, "P7", PersonFields(city="Baroda"))
        with scene.begin() as tx:
            yield tx

    done = applies.apply(begin)
    assert (("P2", "P7"), "changed") in done.skipped
    assert not any({"P1", "P6"} & set(one) or {"P2", "P7"} & set(one) for one in done.people)
    assert pairs(scene, decided=True)["P1", "P6"]["decided_by"] == "Rohan"


def test_an_apply_that_is_overtaken_each_time_says_so(scene: Scene) -> None:
    lists(scene)
    scan(scene)
    ref = pairs(scene)["P4", "P9"]["ref"]
    opened, verdicts = count(), cycle(("different", "same"))

    @contextmanager
    def begin() -> Iterator[Transaction]:
        if next(opened) % 2:  # between reading and merging
            decide(scene, ref, next(verdicts), "Rohan")
        with scene.begin() as tx:
            yield tx

    before = picture(scene)["people"]
    with pytest.raises(Locked, match="Others decide on pairs this moment"):
        applies.apply(begin)
    assert picture(scene)["people"] == before
