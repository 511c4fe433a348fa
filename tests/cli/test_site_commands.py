"""``parinaya site``, ``gifts``, ``checkin`` and the parents' links."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.cli.commands_kit import acting_as, done, guests, lines, servers
from tests.conftest import ROOT, Cli


def test_a_link_is_the_same_until_it_is_renewed(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guests(cli, tmp_path)
    monkeypatch.setenv("PARINAYA_SITE_URL", "https://ananya.example.in/")
    first = done(cli, "site", "link", "U1")
    assert set(first) == {"unit", "label", "url", "expires_at"}
    assert re.fullmatch(r"https://ananya\.example\.in/i/[\w-]{43}", first["url"])
    assert first["expires_at"] == "2099-02-19T19:00:00+05:30"
    assert cli("site", "link", "U1", "--quiet").out.strip() == first["url"]
    renewed = done(cli, "site", "link", "U1", "--renew", "--reason", "it was posted in a group")
    assert renewed["url"] != first["url"]
    assert done(cli, "site", "link", "U1") == renewed
    assert cli("site", "link", "U9").code == 4
    with acting_as(cli, monkeypatch, "desk"):
        assert cli("site", "link", "U1").code == 3
    made = done(cli, "audit", "list", "--action", "link")["items"]
    assert [one["action"] for one in made] == ["link.make", "link.revoke", "link.make"]
    assert first["url"][-43:] not in str(made)


def test_parents_links_are_shown_once_listed_and_ended(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guests(cli, tmp_path)
    made = done(cli, "dashboard", "link", "--name", "Sunita aunty", "--side", "bride", "--days", "30")
    assert set(made) >= {"name", "side", "phones", "expires_at", "url"}
    assert cli("dashboard", "link", "--name", " Sunita  aunty").code == 2
    assert cli("dashboard", "link", "--name", "Ravi", "--days", "0").code == 2
    [listed] = done(cli, "dashboard", "links")["items"]
    assert "url" not in listed
    assert made["url"].endswith(listed["ends_with"])
    with acting_as(cli, monkeypatch, "operator"):
        assert cli("dashboard", "link", "--name", "me").code == 3
    assert done(cli, "dashboard", "revoke", "Sunita aunty")["name"] == "Sunita aunty"
    assert done(cli, "dashboard", "links")["items"] == []
    assert cli("dashboard", "revoke", "Sunita aunty").code == 4
    assert done(cli, "dashboard", "link", "--name", "Sunita aunty")["url"] != made["url"]


def test_the_parents_page_is_written_to_a_file(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    page = tmp_path / "page.html"
    done(cli, "rsvp", "set", "U1", "--event", "sangeet", "yes", "--heads", "3")
    done(cli, "dashboard", "show", "--html", page)
    told = page.read_text("utf-8")
    assert "order 3 plates" in told
    assert "<style>" in told
    assert "98200" not in told
    assert page.stat().st_mode & 0o777 == 0o600
    assert cli("dashboard", "show", "--html", tmp_path / "no" / "page.html").code == 1


# ── the page as files ──────────────────────────────────────────────────────────────────────────────────


def test_the_public_page_is_written_whole(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    done(cli, "events", "add", "Haldi", "--starts", "2099-02-11T10:00", "--visibility", "invite-only")
    to = tmp_path / "site"
    built = done(cli, "site", "build", "--to", to)
    assert set(built) == {"to", "files", "bytes", "events"}
    assert built["events"] == 1
    there = {str(one.relative_to(to)) for one in to.rglob("*") if one.is_file()}
    assert there == {*built["files"], ".parinaya-site"}
    page = (to / "index.html").read_text("utf-8")
    for address in re.findall(r'(?:href|src)="([^"#][^"]*)"', page):
        assert (to / address).is_file(), address
    assert "aldi" not in "".join(one.read_text("utf-8") for one in to.rglob("*") if one.is_file())
    done(cli, "events", "edit", "sangeet", "--visibility", "invite-only")
    done(cli, "site", "build", "--to", to)
    assert "angeet" not in "".join(one.read_text("utf-8") for one in to.rglob("*") if one.is_file())
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.txt").write_text("mine")
    assert cli("site", "build", "--to", other).code == 2
    assert cli("site", "build", "--to", other / "mine.txt").code == 2
    assert [one.name for one in other.iterdir()] == ["mine.txt"]


@pytest.mark.processes
def test_the_website_is_served_until_it_is_stopped(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    url = done(cli, "site", "link", "U1")["url"]
    argv = [sys.executable, "-m", "parinaya_cli", "site", "serve", "--port", "0"]
    environment = {**os.environ, **servers()}
    with subprocess.Popen(argv, env=environment, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stderr is not None
            root = process.stderr.readline().removeprefix("ready: ").strip()
            assert httpx.get(root + url.partition("8080")[2], timeout=60).status_code == 200
            assert httpx.get(f"{root}/w/ananya-kabir", timeout=60).status_code == 200
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


# ── gifts ──────────────────────────────────────────────────────────────────────────────────────────────


def test_gifts_are_written_down_and_thanked(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    bowl = done(cli, "gifts", "add", "--unit", "U1", "--what", "Silver  bowl")
    money = done(cli, "gifts", "add", "--unit", "U1", "--what", "Envelope", "--amount", "₹1,51,000.50")
    done(cli, "gifts", "add", "--unit", "U4", "--what", "Envelope", "--amount", "5100")
    assert (bowl["ref"], bowl["what"], bowl["amount"], bowl["thanked"]) == ("G1", "Silver bowl", None, False)
    assert money["amount"] == 151000.5
    thanked = done(cli, "gifts", "thank", "G1")
    assert thanked["thanked"]
    assert done(cli, "gifts", "thank", "G1") == thanked
    listed = done(cli, "gifts", "list")
    assert [one["ref"] for one in listed["items"]] == ["G1", "G2", "G3"]
    assert listed["sums"] == [
        {"side": "bride", "gifts": 2, "amount": 151000.5, "thanked": 1},
        {"side": "groom", "gifts": 1, "amount": 5100, "thanked": 0},
    ]
    assert [one["ref"] for one in done(cli, "gifts", "list", "--to-thank", "--side", "bride")["items"]] == [
        "G2"
    ]
    assert lines(cli("gifts", "list").out)[0][:5] == ["G1", "U1", "Sharma", "bride", "Silver bowl"]
    for argv, code in (
        (["add", "--unit", "U9", "--what", "x"], 4),
        (["add", "--unit", "U1", "--what", " "], 2),
        (["add", "--unit", "U1", "--what", "x", "--amount", "much"], 2),
        (["thank", "G9"], 4),
        (["thank", "U1"], 2),
    ):
        assert cli("gifts", *argv).code == code, argv


def test_a_family_sees_the_gifts_of_its_own_side(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guests(cli, tmp_path)
    done(cli, "gifts", "add", "--unit", "U1", "--what", "Bowl", "--amount", "500")
    done(cli, "gifts", "add", "--unit", "U4", "--what", "Lamp", "--amount", "700")
    with acting_as(cli, monkeypatch, "family", "--side", "groom"):
        told = done(cli, "gifts", "list")
        assert [one["what"] for one in told["items"]] == ["Lamp"]
        assert [one["side"] for one in told["sums"]] == ["groom"]
        assert cli("gifts", "thank", "G1").code == 4
        assert cli("gifts", "mode", "none").code == 3
    for role in ("desk", "auditor"):
        with acting_as(cli, monkeypatch, role):
            assert cli("gifts", "list").code == 3


def test_the_gifts_mode_is_checked(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    told = done(cli, "gifts", "mode", "shagun", "--upi-id", "ananya@okbank")
    assert told == {"mode": "shagun", "text": "", "url": "", "urls": [], "upi_id": "ananya@okbank"}
    assert cli("gifts", "mode", "registry").code == 2
    assert cli("gifts", "mode", "registry", "--url", "javascript:alert(1)").code == 2
    assert done(cli, "gifts", "mode", "none")["mode"] == "none"


# ── the door ───────────────────────────────────────────────────────────────────────────────────────────


def test_arrivals_are_counted_against_what_was_promised(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    at = ("--event", "sangeet")
    done(cli, "rsvp", "set", "U1", *at, "yes", "--heads", "3")
    came = done(cli, "checkin", "U1", *at)
    assert (came["unit"], came["event"], came["expected"], came["arrived"], came["over"]) == (
        "U1",
        "sangeet",
        3,
        3,
        0,
    )
    assert done(cli, "checkin", "U1", *at) == came, "a second time changes nothing"
    more = done(cli, "checkin", "U1", *at, "--more", "2")
    assert (more["arrived"], more["over"]) == (5, 2)
    assert "2 too many" in cli("checkin", "U1", *at, "--heads", "5").out
    assert done(cli, "checkin", "U1", *at, "--heads", "2")["arrived"] == 2
    board = done(cli, "checkin", *at)
    assert (board["expected"], board["arrived"], board["over"], board["total"]) == (3, 2, 0, 1)
    for argv, code in (
        (["U4", *at], 4),
        (["U9", *at], 4),
        (["U1", "--event", "pheras"], 4),
        (["U1", *at, "--heads", "501"], 2),
        (["U1", *at, "--heads", "1", "--more", "1"], 2),
        ([*at, "--heads", "1"], 2),
    ):
        assert cli("checkin", *argv).code == code, argv
    assert done(cli, "checkin", *at)["arrived"] == 2
    [entry, *_] = done(cli, "audit", "list", "--action", "checkin", "--limit", "1")["items"]
    assert (entry["ref"], entry["after"]["arrived"]) == ("U1", 2)


def test_the_desk_checks_in_and_an_auditor_does_not(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guests(cli, tmp_path)
    with acting_as(cli, monkeypatch, "desk"):
        assert done(cli, "checkin", "U1", "--event", "sangeet")["arrived"] == 4
    with acting_as(cli, monkeypatch, "auditor"):
        assert cli("checkin", "U1", "--event", "sangeet").code == 3
    with acting_as(cli, monkeypatch, "family", "--side", "groom"):
        assert cli("checkin", "U1", "--event", "sangeet").code == 4
