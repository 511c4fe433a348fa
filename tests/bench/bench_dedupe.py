"""How well duplicates and households are found, how true the scores are, and what it takes; beside what else can run.

python -m tests.bench.bench_dedupe

The labelled sample is taken from PARINAYA_DEDUPE_DATA, or from shared/data/dedupe beside this tree. No weight was
learned from it. The invented lists are of seeds that nothing was learned from either.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from parinaya_cli.domain.dedupe import block
from parinaya_cli.domain.dedupe.compare import compare
from parinaya_cli.domain.dedupe.normalise import Record
from parinaya_cli.domain.dedupe.scan import Scan, scan
from parinaya_cli.domain.dedupe.score import LIKELY, log_odds, probability
from parinaya_cli.domain.people import read_side
from tests.bench.fit_dedupe import lists_of
from tests.bench.peers_dedupe import HOW, SPLINK, Labels, peers
from tests.domain.dedupe.families import drawn
from tests.domain.dedupe.lists import Truth, invent
from tests.domain.dedupe.name_pool import REGIONS

BESIDE = Path(__file__).resolve().parents[3] / "shared/data/dedupe"
UNSEEN = range(201, 213)


def sample_folder() -> Path | None:
    """Where the labelled sample lies, if it is here."""
    folder = Path(os.environ.get("PARINAYA_DEDUPE_DATA", BESIDE))
    return folder if (folder / "guests-5k.csv").is_file() and (folder / "score.py").is_file() else None


def read_sample(folder: Path) -> Truth:
    """The labelled sample as records, with its truth."""
    with open(folder / "guests-5k.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with open(folder / "truth-5k.csv", encoding="utf-8", newline="") as file:
        truth = {row["row_id"]: row for row in csv.DictReader(file)}
    lines: Counter[str] = Counter()
    records: list[Record] = []
    for row in rows:
        lines[row["source"]] += 1
        records.append(
            Record(
                id=row["row_id"],
                full_name=row["full_name"],
                phones=(row["phone"],) if row["phone"] else (),
                emails=(row["email"],) if row["email"] else (),
                city=row["city"],
                side=read_side(row["side"]) if row["side"] else None,
                tags=tuple(tag.strip() for tag in row["tags"].split(";") if tag.strip()),
                source=row["source"],
                line=lines[row["source"]],
            )
        )
    return Truth(
        records,
        [truth[record.id]["person_id"] for record in records],
        [truth[record.id]["household_id"] for record in records],
    )


# ── figures ────────────────────────────────────────────────────────────────────────────────────────────


def labels(count: int, groups: Iterable[Sequence[int]]) -> Labels:
    """A label for every row; rows of one group have one."""
    found = list(range(count))
    for group in groups:
        for place in group:
            found[place] = group[0]
    return found


def _pairs(labels_: Iterable[Hashable]) -> int:
    return sum(count * (count - 1) // 2 for count in Counter(labels_).values())


def figures(truth: Sequence[str], found: Labels) -> tuple[float, float, float]:
    """Pairwise precision, recall and F1."""
    right, claimed, true = _pairs(zip(truth, found, strict=True)), _pairs(found), _pairs(truth)
    precision, recall = right / claimed if claimed else 1.0, right / true if true else 1.0
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def line(what: str, found: tuple[float, float, float], note: str = "") -> str:
    """One line of a table."""
    return f"  {what:34} P {found[0]:.3f}  R {found[1]:.3f}  F1 {found[2]:.3f}  {note}".rstrip()


def verdict(figure: float, bar: float) -> str:
    """Whether a bar is kept, in words that the other benches use too."""
    return f"{figure:.3f} at least {bar:g}: {'kept' if figure >= bar else 'NOT KEPT'}"


def by_scorer(folder: Path, truth: Truth, people: Labels, homes: Labels) -> tuple[float, float]:
    """F1 of persons and households as the sample's own scorer counts them."""
    with tempfile.TemporaryDirectory() as place:
        predicted = Path(place, "predicted.csv")
        rows = (f"{r.id},{p},{h}" for r, p, h in zip(truth.records, people, homes, strict=True))
        predicted.write_text("\n".join(["row_id,cluster_id,household", *rows]), encoding="utf-8")
        argv = [
            sys.executable,
            str(folder / "score.py"),
            str(folder / "truth-5k.csv"),
            str(predicted),
            "--json",
        ]
        told = json.loads(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)
    return told["person"]["pairwise"]["f1"], told["household"]["pairwise"]["f1"]


def calibration(found: Sequence[tuple[Scan, Truth]]) -> list[str]:
    """Ten bins of the score: how many pairs, what was predicted, what is true."""
    bins = [[0, 0.0, 0.0] for _ in range(10)]
    for scanned, truth in found:
        for left, right in block.pairs(scanned.entries):
            signals = compare(scanned.entries[left], scanned.entries[right], scanned.lists)
            score = probability(log_odds(signals))
            held = bins[min(int(score * 10), 9)]
            held[0] += 1
            held[1] += score
            held[2] += truth.people[left] == truth.people[right]
    return [
        f"  {place / 10:.1f} to {place / 10 + 0.1:.1f}  {int(count):9,} pairs  predicted {told / (count or 1):.3f}"
        f"  true {right / (count or 1):.3f}"
        for place, (count, told, right) in enumerate(bins)
    ]


def sample(folder: Path) -> None:
    """The labelled sample: this, and the peers."""
    truth = read_sample(folder)
    begun = time.perf_counter()
    scanned = scan(truth.records)
    likely = scanned.people(LIKELY)
    seconds = time.perf_counter() - begun
    count = len(truth.records)
    people, sure = labels(count, likely), labels(count, scanned.sure_people())
    homes = labels(count, scanned.homes(likely))
    counted = by_scorer(folder, truth, people, homes)
    print(f"The labelled sample, {count:,} rows ({scanned.compared:,} pairs compared)")
    print(line("parinaya, score 0.5", figures(truth.people, people), f"{seconds:.1f} s"))
    print(line("parinaya, sure (default apply)", figures(truth.people, sure)))
    print(line("parinaya, households", figures(truth.households, homes)))
    for name, peer in peers().items():
        begun = time.perf_counter()
        found = figures(truth.people, peer(truth.records))
        print(line(name, found, f"{time.perf_counter() - begun:.1f} s"))
    print(f"  F1 of persons by the sample's scorer {verdict(counted[0], 0.92)}")
    print(f"  F1 of households by the sample's scorer {verdict(counted[1], 0.72)}")
    print(f"  sure: precision {verdict(figures(truth.people, sure)[0], 0.99)}")
    print(f"  sure: recall {verdict(figures(truth.people, sure)[1], 0.65)}")
    print("Of pairs with a score, how many are one person (the labelled sample)")
    print("\n".join(calibration([(scanned, truth)])))


def unseen() -> None:
    """Invented lists of other seeds: every list, the mean, and the peers' mean."""
    print(f"Invented lists that nothing was learned from, {len(UNSEEN)}")
    totals: dict[str, list[tuple[float, float, float]]] = {}
    scans: list[tuple[Scan, Truth]] = []
    for seed in UNSEEN:
        truth = lists_of(seed)
        count = len(truth.records)
        scanned = scan(truth.records)
        scans.append((scanned, truth))
        likely = scanned.people(LIKELY)
        told = {
            "parinaya, score 0.5": figures(truth.people, labels(count, likely)),
            "parinaya, sure (default apply)": figures(truth.people, labels(count, scanned.sure_people())),
            "parinaya, households": figures(truth.households, labels(count, scanned.homes(likely))),
        }
        told |= {name: figures(truth.people, peer(truth.records)) for name, peer in peers().items()}
        print(line(f"list {seed}, {count:,} rows", told["parinaya, score 0.5"]))
        for name, found in told.items():
            totals.setdefault(name, []).append(found)
    means: dict[str, tuple[float, float, float]] = {}
    for name, all_found in totals.items():
        first, second, third = (sum(column) / len(all_found) for column in zip(*all_found, strict=True))
        means[name] = (first, second, third)
        print(line(f"mean: {name}", means[name]))
    print(f"  mean F1 of persons on unseen lists {verdict(means['parinaya, score 0.5'][2], 0.8)}")
    print(f"  mean precision of the sure {verdict(means['parinaya, sure (default apply)'][0], 0.97)}")
    print(f"  mean recall of the sure {verdict(means['parinaya, sure (default apply)'][1], 0.5)}")
    print("Of pairs with a score, how many are one person (the invented lists)")
    print("\n".join(calibration(scans)))


def mixed_lists(seed: int, rows: int) -> list[Record]:
    """So many rows of one wedding whose families come from every region, in shares drawn from the seed."""
    families = max(rows // 8, 10)
    while True:
        mix = replace(drawn(Random(seed), tuple(REGIONS), families), weddings=1)
        records = invent(seed, mix).records
        if len(records) >= rows:
            return records[:rows]
        families = int(families * 1.1 * rows / len(records))


def main() -> None:
    """Measure and print."""
    folder = sample_folder()
    if folder is None:
        print("The labelled sample is not here: set PARINAYA_DEDUPE_DATA to its folder.")
    else:
        sample(folder)
    unseen()
    if SPLINK not in peers():
        print(HOW)


if __name__ == "__main__":
    main()
