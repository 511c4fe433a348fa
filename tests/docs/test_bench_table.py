"""The table of bars in docs/performance.md: renewed bench by bench, the rest kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.bench import table
from tests.docs.story import ROOT

SENT = table.Held(
    "sending", "Sending: fast", "one worker", 337.0, "messages/s", 0.41, 0.6, True, "2026-11-24"
)
SHOWN = table.Held("pages", "Pages", "p99", 8.8, "ms", 0.2, 1.0, False, "2026-11-24")


def test_the_rows_of_a_bench_that_ran_replace_its_old_ones() -> None:
    both = table.written(f"before\n{table.BEGIN}\n{table.END}\nafter\n", [SENT, SHOWN])
    faster = replace(SENT, ratio=0.7, on="2026-11-25")
    again = table.written(both, [faster])
    assert "| pages | Pages: p99 | 8.8 ms | 0.20 | ≤ 1 | kept | 2026-11-24 |" in again
    assert "| sending | fast: one worker | 337.0 messages/s | 0.70 | ≥ 0.6 | kept | 2026-11-25 |" in again
    assert "not kept" in both
    assert "not kept" not in again
    assert again.startswith("before\n")
    assert again.endswith("after\n")


def test_a_document_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="bench"):
        table.written("nothing", [SENT])


def test_the_document_of_figures_has_its_marks() -> None:
    text = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert table.written(text, [SENT]) != text
