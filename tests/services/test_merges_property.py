"""Merges of random small weddings: what is merged and taken apart again is as it was, and counts are always right."""

from __future__ import annotations

import itertools
import uuid

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from parinaya_cli.domain.merges import Cluster
from parinaya_cli.services import merge_undo, merges, people
from parinaya_cli.services.people import PeopleRequest
from tests.services.merges_kit import Facts, make, merge, picture, unmerge, weddings
from tests.services.wedding_kit import Scene

SLUGS = itertools.count(1)
# A wedding in Postgres for each example: looking for a smaller one that fails would take minutes.
FEW = settings(
    max_examples=6,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@FEW
@given(weddings(), st.randoms(use_true_random=False))
def test_what_is_merged_and_taken_apart_is_as_it_was(scene: Scene, facts: Facts, chance: object) -> None:
    make(scene, facts, f"wedding-{next(SLUGS)}")
    refs = [one["ref"] for one in picture(scene)["people"]]
    chance.shuffle(refs)  # type: ignore[attr-defined]
    before, names = [], []
    for some in (refs[:2], [refs[0], *refs[2:4]], refs[4:6]):
        if len(some) > 1:
            before.append(picture(scene))
            names.append(merge(scene, *some).absorbed[0])
    after = picture(scene)
    assert len(after["people"]) == len(refs) - 3 - (len(refs) > 5)
    for was, name in zip(reversed(before), reversed(names), strict=True):
        unmerge(scene, name)
        assert picture(scene) == was


@FEW
@given(weddings())
def test_many_merges_at_once_are_taken_back_whole(scene: Scene, facts: Facts) -> None:
    make(scene, facts, f"wedding-{next(SLUGS)}")
    before = picture(scene)
    together = uuid.uuid4()
    with scene.begin() as tx:
        found = people.list_people(tx, PeopleRequest())[0]
        clusters = [
            Cluster(tuple(one.id for one in pair)) for pair in zip(found[::2], found[1::2], strict=False)
        ]
        versions = {one.id: one.version for one in found}
        report = merges.merge_many(tx, clusters, "the same people", together, versions)
    assert (len(report.merged), report.skipped) == (len(clusters), ())
    assert len(picture(scene)["people"]) == len(found) - len(clusters)
    with scene.begin() as tx:
        again = merges.merge_many(tx, clusters, "the same people", uuid.uuid4(), versions)
        assert ({one.why for one in again.skipped}, again.merged) == ({"merged"}, ())
        undone = merge_undo.undo_group(tx, together)
        assert (len(undone.undone), undone.blocked) == (len(clusters), ())
    assert picture(scene) == before
    with scene.begin() as tx:
        assert merge_undo.undo_group(tx, together).undone == ()
        assert {one.why for one in merges.merge_many(tx, clusters, "", together, versions).skipped} == {
            "changed"
        }
