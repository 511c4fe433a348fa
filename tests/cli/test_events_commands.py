"""``parinaya events``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands_kit import SANGEET, acting_as, done, guests, lines, wedding
from tests.conftest import EXAMPLES, Cli

KEYS = {
    "ref", "slug", "title", "starts_at", "ends_at", "venue", "capacity", "visibility", "invited_units", "seats",
}  # fmt: skip


def test_an_event_is_added_shown_and_edited(cli: Cli) -> None:
    done(cli, "weddings", "add", "Ananya & Kabir")
    none = cli("events", "show", "sangeet")
    assert (none.code, "`parinaya events add`" in none.err) == (4, True)
    made = done(cli, *SANGEET, "--ends", "12.02.2099 23:30", "--capacity", "300", "--rsvp-by", "2099-01-20")
    assert set(made) >= KEYS
    assert (made["ref"], made["slug"], made["visibility"]) == ("E1", "sangeet", "public")
    assert made["starts_at"] == "2099-02-12T19:00:00+05:30"
    assert made["ends_at"] == "2099-02-12T23:30:00+05:30"
    after = done(cli, "events", "edit", "E1", "--venue", "The lawns", "--ends", "")
    assert (after["venue"], after["ends_at"], after["capacity"]) == ("The lawns", None, 300)
    assert done(cli, "events", "show", "sangeet") == after
    assert "as it was" in cli("events", "edit", "sangeet", "--venue", "The lawns").out
    [row] = lines(cli("events", "list").out)
    assert row[:4] == ["E1", "sangeet", "2099-02-12T19:00:00+05:30", "The lawns"]


WRONG_WORDS = (
    (["add", "Sangeet", "--starts", "2099-02-12T19:00"], 2),
    (["add", "Pheras", "--starts", "soon"], 2),
    (["add", "Pheras", "--starts", "2099-02-12T19:00", "--ends", "2099-02-12T18:00"], 2),
    (["add", "Pheras", "--starts", "2099-02-12T19:00", "--map-url", "javascript:alert(1)"], 2),
    (["add", "Pheras", "--starts", "2099-02-12T19:00", "--rsvp-by", "2099-01-20 or so"], 2),
    (["edit", "sangeet"], 2),
    (["show", "pheras"], 4),
    (["show", "P1"], 2),
    (["cancel", "pheras", "--yes"], 4),
)


def test_bad_values_and_unknown_events(cli: Cli) -> None:
    wedding(cli)
    for argv, code in WRONG_WORDS:
        ran = cli("events", *argv, "--json")
        assert (ran.code, ran.out) == (code, ""), argv
        assert ran.error["hint"], argv
    assert done(cli, "events", "list")["total"] == 1


def test_counts_of_the_guest_list(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    [event] = done(cli, "events", "list")["items"]
    assert (event["invited_units"], event["seats"]) == (1, 4)


def test_cancelling_asks_first(cli: Cli) -> None:
    wedding(cli)
    ran = cli("events", "cancel", "sangeet", "--json")
    assert (ran.code, ran.error["code"]) == (2, "not_confirmed")
    rehearsed = done(cli, "events", "cancel", "sangeet", "--dry-run")
    assert (rehearsed["cancelled"], rehearsed["dry_run"]) == (False, True)
    assert not done(cli, "events", "show", "sangeet")["cancelled"]
    first = done(cli, "events", "cancel", "sangeet", "--yes", "--reason", "rain")
    again = done(cli, "events", "cancel", "sangeet", "--yes")
    assert first["cancelled"]
    assert again["cancelled_at"] == first["cancelled_at"]
    [entry] = done(cli, "audit", "list", "--action", "event.edit")["items"]
    assert entry["reason"] == "rain"


def test_the_example_is_imported_once(cli: Cli) -> None:
    done(cli, "weddings", "add", "Ananya & Kabir")
    first = done(cli, "events", "import", EXAMPLES / "events.yaml")
    again = done(cli, "events", "import", EXAMPLES / "events.yaml")
    assert len(first["added"]) == 5
    assert (again["added"], again["updated"], again["unchanged"]) == ([], [], first["added"])
    haldi = done(cli, "events", "show", "haldi")
    assert haldi["starts_at"] == "2027-02-11T10:00:00+05:30"


def test_a_table_of_events_is_imported(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    path = tmp_path / "events.csv"
    path.write_text(
        "Title;Slug;Starts;RSVP by;Capacity\n"
        "Sangeet;sangeet;2099-02-12 20:00;;\n"
        "Pheras;;2099-02-13 20:15;2099-01-20;900\n"
    )
    report = done(cli, "events", "import", path)
    assert (report["added"], report["updated"]) == (["pheras"], ["sangeet"])
    pheras = done(cli, "events", "show", "pheras")
    assert (pheras["rsvp_by"], pheras["capacity"]) == ("2099-01-20", 900)


def test_values_of_yaml_are_taken_as_they_are_written(cli: Cli, tmp_path: Path) -> None:
    """A date without quotes, a zero in front, a colon: YAML's own reading of them would change them."""
    wedding(cli)
    path = tmp_path / "events.yml"
    path.write_text(
        "- {title: 0042, slug: '0042', starts: 2099-02-12 19:00:00, rsvp_by: 2099-01-20,\n"
        "   venue: 19:00, capacity: null}\n"
    )
    done(cli, "events", "import", path)
    event = done(cli, "events", "show", "0042")
    assert (event["title"], event["venue"], event["rsvp_by"]) == ("0042", "19:00", "2099-01-20")
    assert (event["starts_at"], event["capacity"]) == ("2099-02-12T19:00:00+05:30", None)


WRONG = {
    "twice.yaml": ("- {title: A, starts: 2099-01-01T10:00}\n- {title: a, starts: 2099-01-01T10:00}", "twice"),
    "key.yaml": ("- {title: A, starts: 2099-01-01T10:00, wenue: B}", "wenue"),
    "key-twice.yaml": ("- title: A\n  title: B\n  starts: 2099-01-01T10:00", "line 2"),
    "time.yaml": ("- {title: New, starts: 2099-01-01T10:00}\n- {title: B, starts: 2099-13-41}", "Event 2"),
    "nested.yaml": ("- {title: [A], starts: 2099-01-01T10:00}", "title"),
    "scalar.yaml": ("just words", "no list"),
    "mapping.yaml": ("sangeet: {title: Sangeet}", "sangeet"),
    "texts.yaml": ("events: [sangeet, pheras]", "no event"),
    "none.yaml": ("events: []", "no events"),
    "empty.yaml": ("", "empty"),
    "broken.yaml": ("events: [", "no YAML"),
    "object.yaml": ("- !!python/object/apply:os.system ['true']", "no event"),
    "deep.yaml": ("[" * 20_000, "nested too deeply"),
    "loop.yaml": ("&a [*a]", "no event"),
    "header.csv": ("title,starts,colour\nA,2099-01-01T10:00,red\n", "colour"),
    "column-twice.csv": ("title,starts,title\nA,2099-01-01T10:00,B\n", "twice"),
    "wide.csv": ("title,starts\nA,2099-01-01T10:00,B,C\n", "cells"),
    "events.txt": ("events: []", "neither"),
}


def test_a_wrong_file_changes_nothing_and_says_why(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    for name, (text, words) in WRONG.items():
        path = tmp_path / name
        path.write_text(text)
        ran = cli("events", "import", path, "--json")
        assert (ran.code, ran.out) == (2, ""), name
        assert words in ran.error["message"], name
    assert done(cli, "events", "list")["total"] == 1


def test_what_is_no_file_of_events(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "binary.yaml").write_bytes(b"\x89PNG\r\n\xff\x00")
    (tmp_path / "nul.yaml").write_bytes(b"- {title: A\x00B}")
    (tmp_path / "large.yaml").write_bytes(b"# \n" * 400_000)
    for name in ("folder.yaml", "folder.csv", "binary.yaml", "nul.yaml", "large.yaml", "not-there.yaml"):
        ran = cli("events", "import", tmp_path / name, "--json")
        assert (ran.code, ran.error["code"]) == (2, "used_wrongly"), name


def test_an_operator_may_not_change_events_and_that_is_audited(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    wedding(cli)
    with acting_as(cli, monkeypatch, "operator"):
        ran = cli("events", "add", "Pheras", "--starts", "2099-02-13T19:00", "--json")
        assert (ran.code, ran.error["code"]) == (3, "not_permitted")
        assert cli("events", "cancel", "sangeet", "--yes").code == 3
        assert done(cli, "events", "list")["total"] == 1
    refused = done(cli, "audit", "list", "--action", "access.refused")
    assert [(one["actor"], one["ref"]) for one in refused["items"]] == [("the operator", "operator")] * 2
