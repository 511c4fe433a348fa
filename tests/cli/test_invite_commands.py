"""``parinaya invite send`` and what belongs to it: the rehearsal, the estimate, media, links, how a batch stands."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.cli.commands_kit import done, guests
from tests.conftest import Cli
from tests.sandbox.sandbox_kit import StandIn, standing_in
from tests.servers import as_admin

CARD = b"\xff\xd8\xff\xe0 a picture of the couple"
BODY = "Namaste {{guest_name}}, you are invited to {{events}} on {{event_date}}."
SITE = "https://wedding.example"


def listed(name: str, language: str = "en", *, header: str = "", url: str = "") -> dict[str, Any]:
    buttons: list[dict[str, Any]] = [{"type": "QUICK_REPLY", "text": "Yes, we will come"}]
    if url:
        buttons.append({"type": "URL", "text": "Your page", "url": url, "example": [url]})
    components: list[dict[str, Any]] = [
        {"type": "BODY", "text": BODY},
        {"type": "FOOTER", "text": "Reply STOP to opt out"},
        {"type": "BUTTONS", "buttons": buttons},
    ]
    if header:
        components.insert(0, {"type": "HEADER", "format": header})
    return {"name": name, "language": language, "category": "MARKETING", "parameter_format": "NAMED",
            "components": components}  # fmt: skip


TEMPLATES = [
    listed("plain"),
    listed("plain", "hi"),
    listed("card", header="IMAGE"),
    listed("card", "hi", header="IMAGE"),
    listed("film", header="VIDEO"),
    listed("page", url=f"{SITE}/i/{{{{1}}}}"),
    listed("elsewhere", url="https://another.example/i/{{1}}"),
]


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    path = tmp_path_factory.mktemp("stand-in") / "templates.json"
    path.write_text(json.dumps({"data": TEMPLATES}), "utf-8")
    with standing_in(templates=path) as running:
        yield running


@pytest.fixture
def desk(cli: Cli, stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """A wedding with guests; the stand-in's templates are known."""
    monkeypatch.setenv("WHATSAPP_BASE_URL", stand_in.address)
    monkeypatch.setenv("PARINAYA_SITE_URL", SITE)
    guests(cli, tmp_path)
    done(cli, "templates", "sync")
    return stand_in


def rows(sql: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(as_admin(os.environ["DATABASE_URL"]), autocommit=True) as conn:
        cursor = conn.execute(sql.encode(), values)
        return cursor.fetchall() if cursor.description else []


def rehearsed(cli: Cli, template: str, *more: str) -> dict[str, dict[str, Any]]:
    """The lines of a rehearsal, by household."""
    plan = done(cli, "invite", "send", "--template", template, "--dry-run", *more)
    return {one["unit"]: one for one in plan["items"]}


def test_a_rehearsal_shows_each_household_and_what_it_costs(cli: Cli, desk: StandIn) -> None:
    before = rows("SELECT count(*) FROM invite_dispatch"), rows("SELECT count(*) FROM audit_logs")
    plan = done(cli, "invite", "send", "--template", "plain", "--dry-run")
    assert (plan["batch"], plan["queued"], plan["selected"]) == (None, 1, plan["total"])
    assert plan["queued"] + sum(plan["skipped"].values()) == plan["selected"]
    [sent] = [one for one in plan["items"] if one["decision"] == "send"]
    assert (sent["to"], sent["reason"], sent["language"]) == ("+919820012345", None, "en")
    assert sent["body"].startswith(
        "Namaste Shri Ramesh Sharma, you are invited to Sangeet on 12 February 2099."
    )
    assert {one["reason"] for one in plan["items"] if one["decision"] == "skip"} == {"not_invited"}
    told = plan["estimate"]
    assert (told["messages"], told["currency"], told["amount"]) == (1, "INR", 0.8631)
    assert told["costs"] == [{"category": "marketing", "country": "IN", "messages": 1, "amount": 0.8631}]
    assert (told["days"], told["us_numbers"], told["without_opt_in"]) == (1, 0, 1)
    assert "GST" in told["tax"]
    assert (
        rows("SELECT count(*) FROM invite_dispatch"),
        rows("SELECT count(*) FROM audit_logs"),
    ) == before
    text = cli("invite", "send", "--template", "plain", "--dry-run").out
    assert "about ₹0.86 (18 % GST is not included; prices of 01 October 2026)" in text
    assert f"Fingerprint {plan['fingerprint']}. Nothing was written, nothing was sent." in text


def test_a_plan_that_changed_is_refused_with_what_changed(cli: Cli, desk: StandIn) -> None:
    seen = done(cli, "invite", "send", "--template", "plain", "--dry-run")["fingerprint"]
    done(cli, "events", "edit", "sangeet", "--title", "Sangeet night")
    ran = cli("invite", "send", "--template", "plain", "--expect", seen, "--yes", "--json")
    assert (ran.code, ran.error["code"]) == (1, "plan_changed")
    assert "what they would read changed" in ran.error["message"]
    assert rows("SELECT count(*) FROM batches") == [(0,)]


def test_prices_of_ones_own(cli: Cli, desk: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "prices.toml"
    path.write_text('as_of = 2027-01-01\ncurrency = "INR"\ntax = "no tax"\n[prices.marketing]\nIN = 0.5\n')
    monkeypatch.setenv("PARINAYA_PRICES", str(path))
    told = done(cli, "invite", "send", "--template", "plain", "--dry-run")["estimate"]
    assert (told["amount"], told["prices_as_of"], told["tax"]) == (0.5, "2027-01-01", "no tax")
    path.write_text("nothing of the kind")
    ran = cli("invite", "send", "--template", "plain", "--dry-run", "--json")
    assert ran.code == 2
    assert "PARINAYA_PRICES" in ran.error["hint"]


def test_a_number_whose_country_is_a_guess_is_not_written_to_unseen(cli: Cli, desk: StandIn) -> None:
    rows("UPDATE contact_points SET state = 'guessed_region' WHERE value = '+919820012345'")
    [one] = [one for one in rehearsed(cli, "plain").values() if one["reason"] == "invalid_phone"]
    assert "--include-guessed" in one["detail"]
    assert "--include-guessed" in cli("invite", "send", "--template", "plain", "--dry-run").out
    made = done(cli, "invite", "send", "--template", "plain", "--include-guessed", "--yes")
    assert made["queued"] == 1
    assert rows("SELECT include_guessed, selected FROM batches") == [(True, made["selected"])]


def test_a_picture_is_uploaded_once_and_again_before_its_id_runs_out(
    cli: Cli, desk: StandIn, tmp_path: Path
) -> None:
    [one] = [one for one in rehearsed(cli, "card").values() if one["reason"] == "template_params_missing"]
    assert "--header-image FILE" in one["detail"]
    path = tmp_path / "card.jpg"
    path.write_bytes(CARD)
    done(cli, "templates", "map", "card", "--header-image", path)
    first = kept(desk)
    plan = done(cli, "invite", "send", "--template", "card", "--dry-run")
    made = done(cli, "invite", "send", "--template", "card", "--yes", "--expect", plan["fingerprint"])
    assert made["queued"] == 1
    assert waiting() == [first]
    rows("UPDATE media_uploads SET uploaded_at = now() - interval '26 days'")
    assert done(cli, "templates", "sync")["uploaded"] == 1
    second = kept(desk)
    assert second != first
    assert waiting() == [second], "what waits leaves with the living id"
    assert done(cli, "templates", "sync")["uploaded"] == 0
    again = done(cli, "invite", "send", "--template", "card", "--repeat", "--dry-run")
    assert again["fingerprint"] == plan["fingerprint"], "the picture is the same"


def kept(desk: StandIn) -> str:
    """The id of the upload; its bytes lie at the stand-in."""
    [(media_id,)] = rows("SELECT media_id FROM media_uploads")
    told = desk.client.get(f"/v25.0/{media_id}").json()
    assert told["sha256"] == hashlib.sha256(CARD).hexdigest()
    return str(media_id)


def waiting() -> list[str]:
    return [
        one
        for (one,) in rows("SELECT content -> 'header' ->> 'id' FROM invite_dispatch WHERE state = 'queued'")
    ]


def test_a_picture_in_one_language(cli: Cli, desk: StandIn, tmp_path: Path) -> None:
    path = tmp_path / "card-hi.jpg"
    path.write_bytes(CARD)
    [hindi] = done(cli, "templates", "map", "card", "--language", "hi", "--header-image", path)["items"]
    assert hindi["header_medium"] == "card-hi.jpg"
    told = {one["language"]: one["header_medium"] for one in done(cli, "templates", "show", "card")["items"]}
    assert told == {"en": None, "hi": "card-hi.jpg"}


def test_a_header_that_can_not_be_is_refused_whole(cli: Cli, desk: StandIn, tmp_path: Path) -> None:
    picture, text = tmp_path / "card.jpg", tmp_path / "card.txt"
    picture.write_bytes(CARD)
    text.write_text("no picture")
    for argv, code in (
        (["film", "--header-video", picture], 2),
        (["plain", "--header-image", picture], 2),
        (["card", "--header-image", text], 2),
        (["card", "--header-image", tmp_path / "missing.jpg"], 2),
        (["card", "--header-image", "http://example.com/card.jpg"], 2),
        (["card", "--header-image", picture, "--language", "ta"], 4),
        (["card", "--header-image", picture, "nothing=couple"], 2),
        (["plain", "guest_name=unit_name", "--language", "en"], 2),
    ):
        ran = cli("templates", "map", *argv)
        assert ran.code == code, (argv, ran.err)
    assert rows("SELECT count(*) FROM media_files") == [(0,)]
    assert rows("SELECT count(*) FROM templates WHERE mapping <> '{}' OR header_file_id IS NOT NULL") == [
        (0,)
    ]


def test_a_file_that_whatsapp_refuses_changes_nothing(
    cli: Cli, desk: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "card.jpg"
    path.write_bytes(CARD)
    monkeypatch.setenv("WHATSAPP_BASE_URL", "http://127.0.0.1:9")
    assert cli("templates", "map", "card", "--header-image", path).code == 6
    assert rows("SELECT count(*) FROM media_files") == [(0,)]


def test_a_button_leads_to_the_households_own_page(cli: Cli, desk: StandIn) -> None:
    [one] = [one for one in rehearsed(cli, "page").values() if one["decision"] == "send"]
    link = done(cli, "site", "link", one["unit"])["url"]
    assert link.startswith(f"{SITE}/i/")
    assert f"[ Your page: {link} ]" in one["body"]
    done(cli, "invite", "send", "--template", "page", "--yes")
    [(buttons,)] = rows("SELECT content -> 'buttons' FROM invite_dispatch WHERE state = 'queued'")
    assert [each["value"] for each in buttons if each["kind"] == "url"] == [link.removeprefix(f"{SITE}/i/")]
    [other] = [
        one for one in rehearsed(cli, "elsewhere").values() if one["reason"] == "template_params_missing"
    ]
    assert "https://another.example/i/" in other["detail"]


def test_how_a_batch_stands_adds_up_and_says_what_to_do(cli: Cli, desk: StandIn) -> None:
    batch = done(cli, "invite", "send", "--template", "plain", "--yes")["batch"]
    told = done(cli, "invite", "status", batch)
    assert sum(told["counts"].values()) == told["selected"]
    assert told["adds_up"] is True
    assert sum(told["skipped"].values()) == told["counts"]["skipped"]
    for state, reason, code, words in (
        ("failed", "recipient", 131026, "may not be on WhatsApp"),
        ("failed", "no_evidence", None, "Call, or send again"),
        ("unknown", "worker_lost", None, "invite retry --unknown"),
        ("queued", "withheld", None, "tried again then"),
        ("accepted", "held", None, "WhatsApp holds it back"),
    ):
        rows("UPDATE invite_dispatch SET state = %s, reason = %s, error_code = %s WHERE state <> 'skipped'",
             state, reason, code)  # fmt: skip
        [message] = done(cli, "invite", "messages", batch, "--state", state)["items"]
        assert words in message["what_to_do"], state
    skipped = done(cli, "invite", "messages", batch, "--state", "skipped")["items"]
    assert all("invite add" in one["what_to_do"] for one in skipped)
    assert done(cli, "invite", "status", batch)["held"] == 1
    rows("DELETE FROM invite_dispatch WHERE state = 'accepted'")
    assert done(cli, "invite", "status", batch)["adds_up"] is False
    assert "parinaya reconcile" in cli("invite", "status", batch).out
