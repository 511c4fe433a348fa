"""What a scan for duplicates takes through the database: seconds, memory, pairs a person; and again with new people.

python -m tests.bench.bench_duplicates [people…]    (people: how many, one size after the other; 10000)

The people are invented: one wedding whose families come from every region, with shares drawn anew. Each list goes in
by `people import`, and the scan is a process of its own, as an operator starts it. PARINAYA_BENCH_PEOPLE sets the
sizes as well.
"""

from __future__ import annotations

import csv
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from parinaya_cli.adapters.embedded import Embedded
from parinaya_cli.domain.dedupe import block
from parinaya_cli.domain.dedupe.normalise import Record, normalise
from tests.bench.bench_dedupe import mixed_lists
from tests.bench.bench_imports import run

NEW = 500
SEED = 77
BARS = {10_000: 30.0, 100_000: 360.0}
MOST_MEMORY = 1024.0


@dataclass(frozen=True)
class Took:
    """What one scan took: seconds and the most memory of its process in MiB; ``pairs``: those that it left."""

    seconds: float
    memory: float
    people: int
    pairs: int


def write_lists(records: Sequence[Record], folder: Path) -> list[Path]:
    """One file for each list that the records stand in, in their order."""
    lists: defaultdict[str, list[Record]] = defaultdict(list)
    for record in records:
        lists[record.source].append(record)
    paths = []
    for source, rows in lists.items():
        path = folder / f"{source.replace('/', '-').rpartition('.')[0]}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(("Sr No", "Name", "Mobile", "Email", "City", "Side", "Category"))
            for number, row in enumerate(rows, 1):
                side = row.side.value if row.side else ""
                phone, email, tags = " / ".join(row.phones), " / ".join(row.emails), ";".join(row.tags)
                lines.writerow((number, row.full_name, phone, email, row.city, side, tags))
        paths.append(path)
    return paths


def compared(records: Sequence[Record]) -> float:
    """How many pairs a whole scan compares, for each record."""
    return sum(1 for _ in block.pairs(normalise(list(records)))) / len(records)


def scanned(env: Mapping[str, str]) -> Took:
    """Scan."""
    told, seconds, memory = run(env, "dedupe", "scan")
    people, pairs = told["people"], told["pairs"]
    assert isinstance(people, int)
    assert isinstance(pairs, int)
    return Took(seconds, memory, people, pairs)


def through_database(records: Sequence[Record], new: Sequence[Record]) -> tuple[Took, Took]:
    """A scan of everybody, and one more after new people came in, on servers of its own."""
    with tempfile.TemporaryDirectory(prefix="parinaya-bench-") as name:
        folder = Path(name)
        keep = {
            key: value for key, value in os.environ.items() if not key.startswith(("PARINAYA_", "DATABASE_"))
        }
        keep.pop("REDIS_URL", None)
        env = {**keep, "PARINAYA_HOME": f"{name}/home", "PARINAYA_CONFIG_DIR": f"{name}/config"}
        run(env, "init")
        servers = Embedded(folder / "home")
        servers.start()
        try:
            run(env, "weddings", "add", "Bench", "--slug", "bench")
            for path in write_lists(records, folder):
                run(env, "people", "import", str(path))
            first = scanned(env)
            late = [replace(record, source="late.csv") for record in new]
            run(env, "people", "import", str(write_lists(late, folder)[0]))
            return first, scanned(env)
        finally:
            servers.release()
            run(env, "services", "stop")


def measure(people: int) -> None:
    """Measure so many people and print."""
    records = mixed_lists(SEED, people + NEW)
    new = set(Random(SEED).sample(range(len(records)), NEW))
    old = [record for place, record in enumerate(records) if place not in new]
    first, again = through_database(old, [records[place] for place in sorted(new)])
    print(
        f"  {first.people:9,} people: {first.seconds:6.1f} s, {first.memory:5,.0f} MiB, {compared(old):.1f} pairs "
        f"compared a person, {first.pairs:,} kept; with {again.people - first.people} new ones "
        f"{again.seconds:5.1f} s, {again.memory:5,.0f} MiB"
    )
    if bar := BARS.get(people):
        print(f"    scan of {people:,}: {first.seconds:.1f} s at most {bar:g}: {kept(first.seconds, bar)}")
        print(
            f"    scan of {people:,}: {first.memory:.0f} MiB at most {MOST_MEMORY:g}: {kept(first.memory, MOST_MEMORY)}"
        )
    sys.stdout.flush()


def kept(figure: float, bar: float) -> str:
    """Whether a figure is under its bar, in words that the other benches use too."""
    return "kept" if figure <= bar else "NOT KEPT"


def main(sizes: Sequence[int]) -> None:
    """Measure one size after the other."""
    print("A scan through the database, a process of its own")
    for size in sizes:
        measure(size)


if __name__ == "__main__":
    told = sys.argv[1:] or os.environ.get("PARINAYA_BENCH_PEOPLE", "10000").split()
    main([int(size) for size in told])
