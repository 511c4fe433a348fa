"""What a trial came to; and how much is tried, and by which dice."""

from __future__ import annotations

import os
import random

MESSAGES = int(os.environ.get("PARINAYA_FAULTS_MESSAGES", "2000"))
"""How many households a batch is sent to, and how many rows a list has."""

SEED = int(os.environ.get("PARINAYA_FAULTS_SEED", "5"))
"""The same seed, the same moments; the machine adds its own chance."""

PATIENCE = 600.0
"""Seconds after which something that should heal by itself has not."""

_told: list[dict[str, int]] = []


def dice(name: str) -> random.Random:
    """Chance for a trial."""
    return random.Random(f"{SEED} {name}")


def tell(times: int, **figures: int) -> None:
    """Keep the figures of the trial that runs. ``times``: how often the thing was done to us."""
    _told.append({"times": times, **figures})


def take() -> dict[str, int]:
    """The figures of the trial that has just ended; they are told once."""
    found = {what: count for told in _told for what, count in told.items()}
    _told.clear()
    return found
