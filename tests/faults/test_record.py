"""The line and the table that tell what became of the trials."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.conftest import ROOT
from tests.faults import record

pytest_plugins = ("pytester",)

KILLED = record.Outcome(
    "the parent alone is killed", "held", 51.4, {"times": 3, "duplicates": 0, "in_flight": 42}, "2026-11-24"
)
CUT = record.Outcome("machines lose the network", "left out: only root can", 0.1, {}, "2026-11-24")


def test_the_rows_of_trials_that_ran_replace_their_old_ones() -> None:
    both = record.written(f"before\n{record.BEGIN}\n{record.END}\nafter\n", [KILLED, CUT])
    again = record.written(both, [replace(KILLED, verdict="FAILED", figures={}, on="2026-11-25")])
    held = "| the parent alone is killed | 3 | 0 |  |  | in flight 42 | 51 | held | 2026-11-24 |"
    left_out = "| machines lose the network |  |  |  |  |  | 0 | left out: only root can | 2026-11-24 |"
    assert held in both
    assert left_out in both
    assert held not in again
    assert left_out in again
    assert "| the parent alone is killed |  |  |  |  |  | 51 | FAILED | 2026-11-25 |" in again
    assert again.startswith("before\n")
    assert again.endswith("after\n")


def test_the_document_of_figures_has_its_marks() -> None:
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    assert record.written(text, [CUT]) != text
    with pytest.raises(ValueError, match="faults"):
        record.written("nothing", [CUT])


def test_a_trial_that_failed_is_told_and_stops_no_other(pytester: pytest.Pytester) -> None:
    """Real trials, run by a pytest of their own: one holds, one fails, one is left out."""
    pytester.makepyfile(
        faults_all="""
        import pytest
        from tests.faults.ledger import tell

        def test_one_holds():
            tell(4, duplicates=0)

        @pytest.mark.parametrize("code", [190])
        def test_another_fails(code):
            tell(1, duplicates=1)
            assert not "a household got two"

        def test_a_third():
            pytest.skip("only root can")
        """
    )
    recorder = record.Recorder()
    code = pytester.inline_run("-p", "no:randomly", "faults_all.py", plugins=[recorder]).ret
    assert code == pytest.ExitCode.TESTS_FAILED
    assert [(one.what, one.verdict, one.figures) for one in recorder.outcomes] == [
        ("one holds", "held", {"times": 4, "duplicates": 0}),
        ("another fails (190)", "FAILED", {"times": 1, "duplicates": 1}),
        ("a third", "left out: only root can", {}),
    ]
