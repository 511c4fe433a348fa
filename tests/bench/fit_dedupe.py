"""Learn the weights of parinaya_cli/domain/dedupe/weights.py anew from invented lists, and write them there.

python -m tests.bench.fit_dedupe

A logistic regression by Newton's method with a ridge, in plain Python; some minutes. The invented lists are of other
names, regions and mixtures each (tests/domain/dedupe/lists.py); the labelled sample list is not among them.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from parinaya_cli.domain.dedupe import block, households
from parinaya_cli.domain.dedupe.compare import compare
from parinaya_cli.domain.dedupe.lists import Lists
from parinaya_cli.domain.dedupe.normalise import normalise
from tests.domain.dedupe.families import drawn
from tests.domain.dedupe.lists import Truth, invent
from tests.domain.dedupe.name_pool import REGIONS

TARGET = Path(__file__).resolve().parents[2] / "parinaya_cli/domain/dedupe/weights.py"
SEEDS = range(1, 61)
RIDGE = 1.5
FEWEST = 12

Sample = tuple[tuple[str, ...], bool]


def regions_of(seed: int) -> tuple[str, ...]:
    """Which regions the families of a seed come from: one to three, or all."""
    random = Random(seed * 7 + 1)
    return tuple(random.sample(sorted(REGIONS), random.choice([1, 2, 3, len(REGIONS)])))


def lists_of(seed: int, families: int = 300) -> Truth:
    """The invented lists of a seed."""
    return invent(seed, drawn(Random(seed), regions_of(seed), families))


def samples(truth: Truth) -> tuple[list[Sample], list[Sample]]:
    """What the pairs of lists tell and whether they are one person; the same for living together."""
    entries = normalise(truth.records)
    lists = Lists.learn(entries)
    same = [
        (compare(entries[one], entries[other], lists).told, truth.people[one] == truth.people[other])
        for one, other in block.pairs(entries)
    ]
    home = [
        (
            households.signals(entries[one], entries[other], lists),
            truth.households[one] == truth.households[other],
        )
        for one, other in households.pairs(entries, lists)
    ]
    return same, home


def fit(found: Sequence[Sample]) -> dict[str, float]:
    """The weight of every signal that stands often enough, in log-odds."""
    often = Counter(signal for told, _ in found for signal in told)
    names = sorted(signal for signal, count in often.items() if count >= FEWEST)
    place = {name: number for number, name in enumerate(names)}
    # Rows that tell the same are one row with a count: there are far fewer of them.
    counted: defaultdict[tuple[int, ...], list[int]] = defaultdict(lambda: [0, 0])
    for told, right in found:
        counted[tuple(place[signal] for signal in told if signal in place)][right] += 1
    weights = [0.0] * len(names)
    for _ in range(25):
        step = _newton(list(counted.items()), weights)
        weights = [weight + change for weight, change in zip(weights, step, strict=True)]
        if max(map(abs, step)) < 0.005:
            break
    return {name: weights[place[name]] for name in names}


def _newton(rows: Sequence[tuple[tuple[int, ...], list[int]]], weights: Sequence[float]) -> list[float]:
    """One step: the ridge's gradient over its curvature."""
    size = len(weights)
    gradient = [-RIDGE * weight for weight in weights]
    curve = [[0.0] * size for _ in range(size)]
    for number in range(size):
        curve[number][number] = RIDGE
    for told, (wrong, right) in rows:
        chance = 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, sum(weights[one] for one in told)))))
        slope = right - (wrong + right) * chance
        bend = (wrong + right) * chance * (1.0 - chance)
        for one in told:
            gradient[one] += slope
            line = curve[one]
            for other in told:
                line[other] += bend
    return _solved(curve, gradient)


def _solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Solve a symmetric positive system by Gauss's elimination."""
    size = len(right)
    for pivot in range(size):
        head = matrix[pivot]
        for row in range(pivot + 1, size):
            line = matrix[row]
            if line[pivot]:
                factor = line[pivot] / head[pivot]
                for column in range(pivot, size):
                    line[column] -= factor * head[column]
                right[row] -= factor * right[pivot]
    for pivot in range(size - 1, -1, -1):
        known = sum(matrix[pivot][column] * right[column] for column in range(pivot + 1, size))
        right[pivot] = (right[pivot] - known) / matrix[pivot][pivot]
    return right


def _tables(weights: dict[str, float]) -> Iterator[str]:
    """The lines of the table of persons: one entry for a signal and its reach, its levels in a row."""
    tables: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for signal, weight in weights.items():
        what, _, rest = signal.partition(":")
        how, _, reach = rest.partition("@")
        tables[f"{what}@{reach}" if reach else what][how] = weight
    for name, levels in sorted(tables.items()):
        row = ", ".join(f'"{how}": {weight:.2f}' for how, weight in sorted(levels.items()))
        yield f'    "{name}": {{{row}}},'


HEAD = '''"""What each signal weighs, in log-odds: above 0 for one person or one household, below 0 against.

Learned by tests/bench/fit_dedupe.py from invented lists of many regions and mixtures; not edited by hand.
The tables are named ``what`` or ``what@reach``: how far contact goes between the two rows (a shared number or
address, something weak, nothing known, numbers that differ) changes what the rest is worth.
"""

from __future__ import annotations

'''


def main() -> None:
    """Learn and write."""
    same: list[Sample] = []
    home: list[Sample] = []
    for seed in SEEDS:
        people, homes = samples(lists_of(seed))
        same += people
        home += homes
        print(f"list {seed}: {len(people):,} pairs, {len(homes):,} for households", flush=True)
    people_lines = "\n".join(_tables(fit(same)))
    home_lines = "\n".join(f'    "{signal}": {weight:.2f},' for signal, weight in sorted(fit(home).items()))
    TARGET.write_text(
        f"{HEAD}WEIGHTS: dict[str, dict[str, float]] = {{\n{people_lines}\n}}\n\n"
        f"HOUSEHOLD_WEIGHTS: dict[str, float] = {{\n{home_lines}\n}}\n",
        encoding="utf-8",
    )
    print(f"{len(same):,} pairs; written. Run ruff format on it.")


if __name__ == "__main__":
    main()
