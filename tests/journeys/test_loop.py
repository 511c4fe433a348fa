"""The whole loop with real processes: lists in, invitations out, guests answer, the table is the script's truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parinaya_cli.adapters import embedded
from tests.house.example_lists import all_rows, events, guests, load, raw_table, rejected_rows
from tests.journeys import truth
from tests.journeys.canaries import see_that_nothing_is_told
from tests.journeys.stage import Process, Stage, figures, invitations, is_settled, until
from tests.servers import plain_servers

pytestmark = [pytest.mark.processes, pytest.mark.timeout(400)]

PATIENCE = 180.0
ACCOUNT = {
    "WHATSAPP_PHONE_NUMBER_ID": "106540352242922",
    "WHATSAPP_BUSINESS_ACCOUNT_ID": "102290129340398",
    "WHATSAPP_ACCESS_TOKEN": "an-access-token",
    "WHATSAPP_APP_SECRET": "an-app-secret",
    "WHATSAPP_VERIFY_TOKEN": "a-verify-token",
    "WHATSAPP_MESSAGES_PER_SECOND": "200",
}


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """Settings of an account, and folders with a space in their path."""
    folder = tmp_path / "the family's  folder"
    (folder / "config").mkdir(parents=True)
    return {
        **ACCOUNT,
        "PARINAYA_HOME": str(folder / "home"),
        "PARINAYA_CONFIG_DIR": str(folder / "config"),
    }


@pytest.fixture
def on_embedded_servers(home: dict[str, str], tmp_path: Path) -> Iterator[Stage]:
    place = Path(home["PARINAYA_HOME"])
    try:
        with Stage(home, tmp_path) as stage:
            made = stage.json("init")
            assert (made["owner"], made["token"]) == (None, None)
            with embedded.Embedded(place) as servers:
                stage.database_url = servers.start().admin_url
                yield stage
    finally:
        embedded.remove(place)


@pytest.fixture
def on_plain_servers(home: dict[str, str], tmp_path: Path) -> Iterator[Stage]:
    with plain_servers(tmp_path) as addresses:
        env = {**home, "DATABASE_URL": addresses.database_url, "REDIS_URL": addresses.redis_url}
        with Stage(env, tmp_path) as stage:
            made = stage.json("init")
            stage.env["PARINAYA_TOKEN"] = "nobody's"
            assert stage.run("weddings", "list").code == 3, "without a token nobody reads"
            stage.env["PARINAYA_TOKEN"] = made["token"]
            yield stage


def test_the_loop_on_embedded_servers(on_embedded_servers: Stage) -> None:
    """With those who are close, of all kinds; the demo plays everybody on embedded servers."""
    close = [guest for guest in guests() if "haldi" in guest["expect"]]
    see_that_nothing_is_told(on_embedded_servers, play(on_embedded_servers, close, "--tag", "close"))


def test_the_loop_on_servers_of_an_administrator(on_plain_servers: Stage) -> None:
    """Two machines with homes of their own send one batch over TCP, at the one rate of their number."""
    play(on_plain_servers, guests(), machines=2)
    [(messages, seconds)] = on_plain_servers.rows(
        "SELECT count(*), extract(epoch FROM max(a.started_at) - min(a.started_at))::float8 FROM dispatch_attempts a "
        "JOIN invite_dispatch d ON d.id = a.dispatch_id WHERE d.kind = 'template'"
    )
    assert messages / 200 * 0.8 < seconds, "together no faster than one alone may be"


def play(stage: Stage, to: truth.Guests, *selected: str, machines: int = 1) -> list[Process]:
    """``to``: the guests that ``selected`` names to ``invite send``. ``machines``: how many homes have a worker.

    Returns the workers and the receiver, which have ended.
    """
    prepare(stage)
    kept = stage.folder / "journal"
    receiver = stage.start("webhook", "serve", "--port", "0")
    stand_in = stage.start(
        *("sandbox", "serve", "--port", "0", "--webhook", receiver.address, "--guests", "guests.yaml"),
        *("--rate", "1000", "--delay", "0.02-0.3", "--journal", kept),
    )
    stage.env["WHATSAPP_BASE_URL"] = stand_in.address
    homes = [stage.env["PARINAYA_HOME"], *(str(stage.folder / f"machine {n}") for n in range(1, machines))]
    workers = [stage.start("worker", PARINAYA_HOME=home) for home in homes]
    assert stage.json("templates", "sync")["new"] == len(load("templates.json")["data"])
    invite = ("invite", "send", "--template", "shaadi_invite", *selected, "--yes")
    sent = stage.json(*invite, "--wait", fine=(0, 5))
    assert sent["selected"] == sent["queued"] + sum(sent["skipped"].values()) == len(to)
    assert sent["queued"] == truth.messaged(to).total()
    until(
        lambda: is_settled(stand_in.address, stage.open_work),
        PATIENCE,
        "the guests have played",
        pause=0.3,
    )
    see_the_end(stage, to, kept, sent["batch"])
    see_that_nobody_gets_it_twice(to, kept, stage.json(*invite))
    assert figures(stand_in.address)["guests"]["impossible"] == []
    end(*workers, stand_in, receiver)
    return [*workers, receiver]


def prepare(stage: Stage) -> None:
    """From an empty house to guest lists."""
    wedding = load("wedding.yaml")
    stage.json("weddings", "add", wedding["title"], "--slug", wedding["slug"], "--couple", wedding["couple"])
    assert len(stage.json("events", "import", "events.yaml")["added"]) == len(events())
    for side in ("bride", "groom"):
        found = stage.json("people", "import", f"{side}_family.csv", "--side", side, fine=(0, 5))
        rejected = [row for row in rejected_rows() if row.side == side]
        assert (found["rows"], found["rejected"]) == (len(raw_table(side)), len(rejected))
    built = stage.json("units", "build")
    assert built["created"] == len(guests())
    assert built["left_alone"] == 0
    invited = [stage.json("invite", "add", *options(rule))["added"] for rule in load("guest_lists.yaml")]
    assert sum(invited) == sum(len(guest["expect"]) for guest in guests())
    assert len(all_rows()) == sum(len(raw_table(side)) for side in ("bride", "groom"))


def options(rule: dict[str, Any]) -> list[str]:
    """One rule of ``guest_lists.yaml`` as options of ``invite add``."""
    words = [word for event in rule["events"] for word in ("--event", event)]
    words += ["--all"] if rule.get("all") else []
    return words + [word for key in ("side", "tag") if key in rule for word in (f"--{key}", rule[key])]


def see_the_end(stage: Stage, to: truth.Guests, kept: Path, batch: str) -> None:
    status = stage.json("rsvp", "status")
    assert truth.told_table(status["items"]) == truth.table(to)
    waiting = stage.json("inbox", "list")["items"]
    from_whom = Counter(item["from"] for item in waiting)
    assert truth.inbox(to) <= from_whom <= truth.inbox(to) + truth.good_wishes(to)
    messages = stage.json("invite", "status", batch)
    assert Counter(messages["counts"]) == truth.states(to)
    assert messages["state"] == "done"
    assert stage.json("webhook", "list", "--limit", "1")["counts"] == {
        **dict.fromkeys(("pending", "failed", "dead"), 0),
        "done": stage.rows("SELECT count(*) FROM webhook_events")[0][0],
    }
    assert Counter(line["to"] for line in invitations(kept)) == truth.messaged(to)
    checked = stage.json("audit", "verify")
    assert (checked["ok"], checked["first_bad"]) == (True, None)
    assert checked["entries"] > len(to)
    found = stage.json("reconcile")["checks"]
    assert {one["name"]: (one["drift"], one["left"]) for one in found} == {
        name: (0, [])
        for name in (
            "projections",
            "queue",
            "unknown",
            "batches",
            "webhooks",
            "exports",
            "audit",
            "retention",
            "templates",
            "totals",
        )
    }


def see_that_nobody_gets_it_twice(to: truth.Guests, kept: Path, again: dict[str, Any]) -> None:
    """No household gets the same text again, and ``again``, a second batch, has nobody to write to."""
    texts = Counter((line["to"], line["text"]) for line in invitations(kept))
    assert set(texts.values()) == {1}
    assert again["queued"] == 0
    skipped = Counter(again["skipped"])
    assert skipped.total() == len(to)
    states = truth.states(to)
    assert skipped["already_sent"] + skipped["opted_out"] == states["read"] + states["delivered"]
    assert skipped["not_on_whatsapp"] == states["failed"]


def end(*processes: Process) -> None:
    """Each ends well on SIGTERM, and has nothing to complain about."""
    for process in processes:
        assert process.terminate() == 0, process.said
        assert [line for line in process.said.splitlines() if not line.startswith("ready: ")] == []
