"""The short form of the fuzzing, the same cases each time. `make fuzz` looks for longer, and elsewhere."""

from __future__ import annotations

import hypothesis
import pytest

from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_foreign_breaks_it(name: str) -> None:
    target = TARGETS[name]
    short = hypothesis.settings(max_examples=25, deadline=None, derandomize=True, database=None)
    short(hypothesis.given(target.cases)(target.check))()
