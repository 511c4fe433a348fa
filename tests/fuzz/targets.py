"""What is thrown at everything that reads foreign bytes, and what must hold whatever comes.

A target is a strategy and a check. Whatever is not a house error is a finding; so is a row that vanishes.
"""

from __future__ import annotations

from tests.fuzz import answers, deliveries, guests, lists, operators
from tests.fuzz.pieces import Target

TARGETS: dict[str, Target] = {
    **deliveries.TARGETS,
    **answers.TARGETS,
    **lists.TARGETS,
    **guests.TARGETS,
    **operators.TARGETS,
}
"""What is fuzzed, by name."""
