"""The long form of the fuzzing: every target in turn, with new dice each time, until the time is over.

python -m tests.fuzz [seconds]    (600)
"""

from __future__ import annotations

import resource
import sys
import time
import traceback
from collections import Counter
from itertools import count

import hypothesis

from tests.fuzz.pieces import Target
from tests.fuzz.targets import TARGETS

EXAMPLES = 200
MEMORY = 4 * 1024**3
SLOWEST = 10.0
"""Processor seconds that one case may take: more is a finding."""


def look(target: Target, seed: int) -> int:
    """Try a target with these dice; how many cases there were."""
    tried = 0

    def check(case: object) -> None:
        nonlocal tried
        tried += 1
        begun = time.process_time()
        target.check(case)
        assert time.process_time() - begun < SLOWEST, "too slow"

    told = hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    hypothesis.seed(seed)(told(hypothesis.given(target.cases)(check)))()
    return tried


def main(seconds: float) -> int:
    """Fuzz for so long; 1 when something was found."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    cases: Counter[str] = Counter()
    found: dict[str, int] = {}
    ends, first = time.monotonic() + seconds, time.time_ns() % 10**9
    for seed in count(first):
        for name, target in TARGETS.items():
            if time.monotonic() > ends:
                break
            try:
                cases[name] += look(target, seed)
            except Exception:  # noqa: BLE001 (a finding of whatever kind is told, and the others go on)
                if name not in found:
                    sys.stderr.write(f"{name}, seed {seed}:\n{traceback.format_exc()}\n")
                found.setdefault(name, seed)
        else:
            continue
        break
    for name in TARGETS:
        seen = f"found with seed {found[name]}" if name in found else "nothing found"
        sys.stdout.write(f"{name:16} {cases[name]:9,} cases, {seen}\n")
    sys.stdout.write(f"{'all':16} {cases.total():9,} cases in {seconds:g} s\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 600.0))
