"""What a trial came to, in one line; and how much is tried, and by which dice."""

from __future__ import annotations

import os
import random
import sys

MESSAGES = int(os.environ.get("PARINAYA_FAULTS_MESSAGES", "2000"))
"""How many households a batch is sent to, and how many rows a list has."""

SEED = int(os.environ.get("PARINAYA_FAULTS_SEED", "5"))
"""The same seed, the same moments; the machine adds its own chance."""

PATIENCE = 900.0
"""Seconds after which something that should heal by itself has not."""


def dice(name: str) -> random.Random:
    """Chance for a trial."""
    return random.Random(f"{SEED} {name}")


def tell(name: str, **figures: int) -> None:
    """Print the figures of a trial."""
    said = ", ".join(f"{what.replace('_', ' ')} {count:,}" for what, count in figures.items())
    sys.stderr.write(f"\n{name}: {said} (seed {SEED})\n")
