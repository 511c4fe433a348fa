"""How well `units build` forms households of the labelled sample and of invented lists, beside the scores alone.

python -m tests.bench.bench_units

"scanned": after `dedupe scan`; "not": without one, when the build looks for duplicates itself. The floor is what one
list says of its own rows: household texts, and the same name with the same phone. No weight was learned from the
sample.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import replace

from parinaya_cli.domain import names
from parinaya_cli.domain.dedupe.scan import scan
from parinaya_cli.domain.dedupe.score import LIKELY
from parinaya_cli.domain.duplicates import Ground, Known, assess, looked_at
from parinaya_cli.domain.phones import read_cell
from parinaya_cli.domain.units import Candidate, plan
from parinaya_cli.domain.units_homes import Tie, find_ties
from tests.bench.bench_dedupe import (
    by_scorer,
    figures,
    labels,
    line,
    read_sample,
    sample_folder,
    verdict,
)
from tests.bench.fit_dedupe import lists_of
from tests.domain.dedupe.lists import Truth

INVENTED = range(201, 207)


def ground_of(truth: Truth, *, scanned: bool) -> Ground:
    """The lists as a wedding holds them, after a scan for duplicates or without one."""
    ids = [uuid.UUID(int=place + 1) for place in range(len(truth.records))]
    records = [replace(one, id=str(named)) for one, named in zip(truth.records, ids, strict=True)]
    ground = Ground("IN", records, dict.fromkeys(ids, 1), [], [], frozenset())
    if not scanned:
        return ground
    outcome = assess(ground, None)
    known = [
        Known(uuid.UUID(int=n), n, one.left, one.right, one.odds, one.versions, False)
        for n, one in enumerate(outcome.found)
    ]
    return replace(ground, known=known)


def built(ground: Ground, ties: Sequence[Tie]) -> list[int]:
    """A label for every row: rows of one household have one."""
    candidates = []
    for place, record in enumerate(ground.records):
        parts = names.split(record.full_name)
        told = [phone.e164 for cell in record.phones for phone in read_cell(cell, "IN") if phone.e164]
        candidates.append(
            Candidate(
                uuid.UUID(record.id), place, record.full_name, names.fold_name(parts), parts.family_name,
                tuple(told), None, record.household, record.source,
            )
        )  # fmt: skip
    groups = [[one.int - 1 for one in unit.members] for unit in plan(candidates, ties)]
    return labels(len(candidates), groups)


def told(what: str, truth: Truth) -> dict[str, tuple[float, float, float]]:
    """The figures of one set of lists, printed."""
    found = {}
    scanned = scan(truth.records)
    homes = scanned.homes(scanned.people(LIKELY))
    found["scores alone"] = figures(truth.households, labels(len(truth.records), homes))
    bare = ground_of(truth, scanned=False)
    found["what one list says"] = figures(truth.households, built(bare, []))
    looked = looked_at(bare, frozenset(bare.versions))
    found["units build, not scanned"] = figures(truth.households, built(bare, find_ties(looked, {})))
    ground = ground_of(truth, scanned=True)
    begun = time.perf_counter()
    labelled = built(ground, find_ties(ground, {}))
    seconds = time.perf_counter() - begun
    found["units build, scanned"] = figures(truth.households, labelled)
    print(f"{what}, {len(truth.records):,} rows; thought out in {seconds:.1f} s")
    for name, one in found.items():
        print(line(name, one))
    return found


def main() -> None:
    """Measure and print."""
    folder = sample_folder()
    if folder is None:
        print("The labelled sample is not here: set PARINAYA_DEDUPE_DATA to its folder.")
    else:
        truth = read_sample(folder)
        told("The labelled sample", truth)
        ground = ground_of(truth, scanned=True)
        alone = list(range(len(truth.records)))
        _, f1 = by_scorer(folder, truth, alone, built(ground, find_ties(ground, {})))
        print(f"  F1 of built households by the sample's scorer {verdict(f1, 0.72)}")
    found = [told(f"Invented lists {seed}", lists_of(seed)) for seed in INVENTED]
    print(f"Means over {len(found)} invented sets of lists")
    for name in found[0]:
        first, second, third = (
            sum(column) / len(found) for column in zip(*(one[name] for one in found), strict=True)
        )
        print(line(name, (first, second, third)))
    mean = sum(one["units build, scanned"][0] for one in found) / len(found)
    print(f"  mean precision of built households on invented lists {verdict(mean, 0.9)}")


if __name__ == "__main__":
    main()
