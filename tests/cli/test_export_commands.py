"""``parinaya export``, ``exports`` and ``rsvp import-calls``."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import httpx
import pytest

from tests.adapters.storage_server import KEY_ID, SECRET, storage
from tests.cli.commands_kit import acting_as, done, guests, servers
from tests.conftest import Cli, parinaya

KEYS = {"export", "kind", "rows", "to", "bytes", "sha256", "as_of"}


def test_a_sheet_leaves_and_is_told(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    path = tmp_path / "people.csv"
    told = done(cli, "export", "people", "--format", "csv", "--to", path, "--reason", "for the caterer")
    assert set(told) == KEYS
    assert (told["kind"], told["rows"], told["to"]) == ("people", 6, str(path))
    assert (told["bytes"], told["sha256"]) == (
        path.stat().st_size,
        hashlib.sha256(path.read_bytes()).hexdigest(),
    )
    entry = done(cli, "audit", "list", "--action", "export.make")["items"][0]
    assert (entry["ref"], entry["reason"], entry["after"]["sha256"]) == (
        told["export"],
        "for the caterer",
        told["sha256"],
    )
    named = done(cli, "export", "headcount", "--format", "xlsx")
    assert named["to"].startswith(str(tmp_path / "home" / "exports"))
    assert named["to"].endswith(".xlsx")
    assert Path(named["to"]).read_bytes()[:2] == b"PK"
    lines = done(cli, "export", "rsvp", "--to", tmp_path / "a.json", "--event", "sangeet")
    [line] = [json.loads(one) for one in Path(lines["to"]).read_text("utf-8").splitlines()]
    assert (line["unit"], line["status"], line["seats"]) == ("U1", "pending", 4)
    listed = done(cli, "exports", "list")["items"]
    assert [one["ref"] for one in listed] == [lines["export"], named["export"], told["export"]]
    assert done(cli, "exports", "show", told["export"])["sha256"] == told["sha256"]
    assert cli("exports", "show", "X99").code == 4


def test_a_file_on_stdout_is_the_file(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    ran = cli("export", "units", "--to", "-")
    assert ran.code == 0, ran.err
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert rows[0]["label"] == "Sharma"
    assert "SHA-256" in ran.err
    for other in ("--json", "--background"):
        assert cli("export", "units", "--to", "-", other).code == 2


def test_what_is_refused(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guests(cli, tmp_path)
    for argv, code in (
        (["peple"], 2),
        (["consent", "--event", "sangeet"], 2),
        (["rsvp", "--event", "haldi"], 4),
        (["rsvp", "--to", "s3://bucket"], 2),
        (["rsvp", "--to", tmp_path], 2),
    ):
        assert cli("export", *argv).code == code, argv
    with acting_as(cli, monkeypatch, "desk"):
        assert cli("export", "people").code == 3
    assert cli("exports", "link", "X1").code == 2


@pytest.mark.processes
def test_a_worker_brings_a_file_to_the_storage(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guests(cli, tmp_path)
    with storage(tmp_path) as url:
        for name, value in (
            ("AWS_ACCESS_KEY_ID", KEY_ID),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
            ("AWS_ENDPOINT_URL", url),
        ):
            monkeypatch.setenv(name, value)
        queued = done(
            cli,
            "export",
            "people",
            "--format",
            "csv",
            "--to",
            "s3://sharma-wedding/people.csv",
            "--background",
        )
        assert (set(queued) - {"state"}, queued["rows"]) == (KEYS, None)
        assert done(cli, "exports", "show", queued["export"])["state"] == "queued"
        env = {
            **servers(),
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_ENDPOINT_URL": url,
        }
        worked = parinaya(env, "worker", "--burst", "--queues", "exports.generate")
        assert worked.code == 0, worked.err
        made = done(cli, "exports", "show", queued["export"])
        assert (made["state"], made["rows"], made["error"]) == ("done", 6, None)
        link = done(cli, "exports", "link", queued["export"], "--days", "2")
        content = httpx.get(link["url"], timeout=60).content
    assert hashlib.sha256(content).hexdigest() == made["sha256"]


def test_a_call_sheet_comes_back(cli: Cli, tmp_path: Path) -> None:
    guests(cli, tmp_path)
    done(cli, "invite", "add", "--event", "sangeet", "--all")
    path = tmp_path / "calls.csv"
    done(cli, "export", "call-list", "--to", path)
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"), newline="")))
    for row, said in zip(rows, ("yes", "no", "perhaps not", ""), strict=False):
        row["answer"], row["heads"] = said, "1" if said == "yes" else ""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    done(cli, "rsvp", "set", rows[1]["unit"], "--event", "sangeet", "yes", "--heads", "1")
    ran = cli("rsvp", "import-calls", path, "--json")
    told = ran.json
    assert (ran.code, set(told) >= {"rows", "recorded", "conflicts", "rejected", "rejects_file"}) == (5, True)
    assert (told["rows"], told["recorded"], told["conflicts"], told["rejected"]) == (len(rows), 1, 1, 1)
    assert "perhaps not" in Path(told["rejects_file"]).read_text("utf-8")
    again = cli("rsvp", "import-calls", path)
    assert again.code == 5
    assert f"Conflict in row 3: {rows[1]['unit']}" in again.out
