"""`parinaya dedupe`: from a script, and side by side on a real terminal."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from parinaya_cli.cli.dedupe_review import picture
from parinaya_cli.cli.text import clean
from parinaya_cli.domain.dedupe.explain import Explanation, Reason
from parinaya_cli.services.duplicates import PairView
from parinaya_cli.store.duplicates import Duplicate
from tests.cli.commands_kit import acting_as, done, servers, wedding
from tests.cli.frame_terminal import PARINAYA, on_terminal
from tests.conftest import Cli

PAPA = """Id,Name,Mobile,City
1,Deepak Chaturvedi,98299 87901,Jaipur
2,Ratilal Savla,98299 87902,Surat
3,Meenakshi Iyer,98299 87904,Chennai
4,Kishore Bhattacharya,98299 87903,Kolkata
5,लक्ष्मी नारायण,,Pune
"""
MUMMY = """Id,Name,Mobile,City
1,Dipak Chaturvedi,98299 87901,Jaipur
2,Ratilal Savla,98299 87902,Surat
3,Meenakshi Iyer,,
4,K. Bhattacharya,,
5,Laxmi Narayan,,Pune
"""


@pytest.fixture
def scanned(cli: Cli, tmp_path: Path) -> Any:
    """Two lists that name the same people, scanned."""
    wedding(cli)
    for name, text in (("papa", PAPA), ("mummy", MUMMY)):
        (tmp_path / f"{name}.csv").write_text(text, "utf-8")
        done(cli, "people", "import", tmp_path / f"{name}.csv")
    return done(cli, "dedupe", "scan")


def test_scan_decide_apply_undo(cli: Cli, scanned: Any) -> None:
    assert {"scan", "people", "pairs", "sure", "unsure", "clusters", "seconds"} <= set(scanned)
    listed = done(cli, "dedupe", "pairs")
    assert listed["total"] == scanned["pairs"] == scanned["sure"] + scanned["unsure"]
    assert {"ref", "left", "right", "score", "why", "against"} <= set(listed["items"][0])
    assert done(cli, "dedupe", "pairs", "--sure")["total"] == scanned["sure"]
    assert len(done(cli, "dedupe", "pairs", "--unsure", "--limit", "1")["items"]) == 1
    unsure = done(cli, "dedupe", "pairs", "--unsure")["items"][0]["ref"]
    decided = done(cli, "dedupe", "decide", unsure, "different", "--reason", "two cousins")
    assert (decided["decision"], decided["reason"]) == ("different", "two cousins")
    assert done(cli, "dedupe", "pairs", "--decided")["total"] == 1
    before = done(cli, "people", "list", "--all")
    assert cli("dedupe", "apply").code == 2
    planned = done(cli, "dedupe", "apply", "--dry-run")
    assert (planned["undo"], done(cli, "people", "list", "--all")) == (None, before)
    applied = done(cli, "dedupe", "apply", "--yes")
    assert applied["merged_people"] == planned["merged_people"] > 0
    assert done(cli, "people", "list", "--all")["total"] == before["total"] - applied["merged_people"]
    assert done(cli, "dedupe", "undo", applied["undo"])["people"] == applied["merged_people"]
    assert done(cli, "people", "list", "--all") == before


def test_what_is_wrong_is_told(cli: Cli, scanned: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert scanned["people"] == 10
    assert cli("dedupe", "pairs", "--sure", "--unsure").code == 2
    assert cli("dedupe", "decide", "D999", "same").code == 4
    assert cli("dedupe", "decide", "P1", "same").code == 2
    assert cli("dedupe", "apply", "--min-score", "7", "--yes").code == 2
    assert cli("dedupe", "undo", "A1").code == 4
    assert "needs a terminal" in cli("dedupe", "review").err
    assert cli("dedupe", "review", "--json").code == 2
    done(cli, "people", "edit", "P6", "--name", "Somebody Else")
    ran = cli("dedupe", "apply", "--yes", "--json")
    assert (ran.code, ran.json["skipped"][0]["why"]) == (5, "changed")
    with acting_as(cli, monkeypatch, "auditor"):
        assert cli("dedupe", "scan").code == 3
        assert cli("dedupe", "explain", "P2", "P3").code == 0


def test_explain_adds_up(cli: Cli, scanned: Any) -> None:
    told = done(cli, "dedupe", "explain", "P1", "P6")
    assert sum(one["weight"] for one in told["signals"]) == pytest.approx(told["log_odds"], abs=0.01)
    assert "in all" in cli("dedupe", "explain", "P1", "P4").out


def test_a_review_on_a_terminal(cli: Cli, scanned: Any) -> None:
    refs = [one["ref"] for one in done(cli, "dedupe", "pairs", "--sure")["items"]]
    count = len(refs)
    argv = (*PARINAYA, "dedupe", "review", "--sure")
    answers = {f"1 of {count}, 0 decided": "k", f"2 of {count}, 1 decided": "u", "Taken back.": "msq"}
    seen = on_terminal(argv, columns=80, answers=answers, env=servers())
    assert seen.exit_code == 0, seen.screen
    assert "1 are one person, 0 stay apart" in seen.screen
    assert "\x1b[?1049l" in seen.screen
    decided = done(cli, "dedupe", "pairs", "--decided")["items"]
    assert [(one["ref"], one["decision"]) for one in decided] == [(refs[0], "same")]


# ── the picture ────────────────────────────────────────────────────────────────────────────────────────


def view(**more: object) -> PairView:
    """A pair of two who differ in everything."""
    left = {
        "ref": "P1",
        "full_name": "Shri लक्ष्मी नारायण शर्मा " * 2,
        "phones": ["+919820098200"],
        "city": "Pune",
    }
    right = {
        "ref": "P2",
        "full_name": "Laxmi Sharma",
        "phones": ["+919820098200"],
        "tags": ["x" * 90],
        **more,
    }
    one, two, three = (uuid.uuid4() for _ in range(3))
    pair = Duplicate(
        one, 7, two, three, 1, 2, "", "", None, None, 1.0, (), False, None, "", "", None, 0.0, "", False,
        False,
    )  # fmt: skip
    reasons = tuple(Reason(f"reason number {at} " + "long " * 30, 3.0 - at, f"x:{at}") for at in range(6))
    return PairView(pair, left, right, Explanation(0.9, 2.2, reasons))


@pytest.mark.parametrize(("width", "height"), [(60, 20), (80, 24), (100, 50), (200, 60)])
@pytest.mark.parametrize("colour", [True, False])
def test_a_picture_fits_any_window(width: int, height: int, *, colour: bool) -> None:
    lines = picture(view(), "1 of 300, 0 decided", "", width, height, colour=colour)
    assert len(lines) <= height
    right = max(
        int(part.partition("G")[0]) for line in lines for part in line.split("\x1b[")[1:] if "G" in part
    )
    for line in lines:
        last = line.rpartition("G")[2] if f"\x1b[{right}G" in line else ""
        assert right + cell_len(clean(last)) - 1 <= width
        if "G" not in line.partition("\x1b[")[2]:
            assert cell_len(clean(line)) <= width
    assert "[q]" in lines[-1]
    assert any("D7" in line and "1 of 300" in line for line in lines)


def test_differing_words_are_marked_with_and_without_colour() -> None:
    plain = "\n".join(picture(view(full_name="Laxmi Verma"), "", "", 120, 50, colour=False))
    assert "[Verma]" in plain
    assert "[+919820098200]" not in plain
    assert "\x1b[33mVerma" in "\n".join(picture(view(full_name="Laxmi Verma"), "", "", 120, 50, colour=True))
