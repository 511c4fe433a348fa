"""Templates, media, the number, the account and the subscription, as Meta has and shapes them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.sandbox.options import shipped_templates
from parinaya_cli.sandbox.template_creation import create_template
from parinaya_cli.sandbox.templates import Catalog, load_templates
from tests.sandbox.sandbox_kit import (
    GUEST,
    NUMBER,
    VERIFY,
    WABA,
    StandIn,
    changed,
    free_text,
    invite,
    receiving,
    standing_in,
)

TEMPLATES = f"/v25.0/{WABA}/message_templates"
NEW: dict[str, Any] = {
    "name": "mehendi_invite",
    "language": "en",
    "category": "MARKETING",
    "parameter_format": "named",
    "components": [
        {"type": "HEADER", "format": "TEXT", "text": "Mehendi"},
        {
            "type": "BODY",
            "text": "Dear {{guest_name}}, come to the mehendi on {{day}} with your family.",
            "example": {
                "body_text_named_params": [
                    {"param_name": "guest_name", "example": "Asha"},
                    {"param_name": "day", "example": "Friday"},
                ]
            },
        },
        {"type": "FOOTER", "text": "Reply STOP to opt out"},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Yes"}]},
    ],
}


@pytest.fixture(scope="module")
def desk() -> Iterator[StandIn]:
    with standing_in() as running:
        yield running


def listed(desk: StandIn, **query: str | int) -> dict[str, Any]:
    answer = desk.client.get(TEMPLATES, params=query)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def error_of(desk: StandIn, path: str, **query: str) -> dict[str, Any]:
    answer = desk.client.get(path, params=query)
    assert answer.status_code == 400, answer.text
    error: dict[str, Any] = answer.json()["error"]
    return error


@pytest.mark.parametrize("follow", ["next", "after"])
def test_pages_hold_every_template_once(follow: str) -> None:
    with standing_in() as desk:
        page = listed(desk, limit=2, fields="name,language,status")
        names: list[tuple[str, str]] = []
        while True:
            assert all(set(t) == {"name", "language", "status", "id"} for t in page["data"])
            names += [(t["name"], t["language"]) for t in page["data"]]
            if "next" not in page["paging"]:
                break
            if follow == "next":
                page = desk.client.get(page["paging"]["next"]).json()
            else:
                after = page["paging"]["cursors"]["after"]
                page = listed(desk, limit=2, fields="name,language,status", after=after)
        shipped = json.loads(shipped_templates().read_text("utf-8"))["data"]
        assert names == [(t["name"], t["language"]) for t in shipped]


def test_a_cursor_leads_back(desk: StandIn) -> None:
    first = listed(desk, limit=2)
    second = desk.client.get(first["paging"]["next"]).json()
    assert listed(desk, limit=2, before=second["paging"]["cursors"]["before"])["data"] == first["data"]


def test_filters_and_fields(desk: StandIn) -> None:
    assert [t["name"] for t in listed(desk, status="PAUSED")["data"]] == ["old_invite"]
    assert [t["language"] for t in listed(desk, name="shaadi_invite", language="hi")["data"]] == ["hi"]
    assert [t["name"] for t in listed(desk, category="UTILITY")["data"]] == ["venue_update"]
    whole = listed(desk, name="venue_update", fields="quality_score,components")["data"][0]
    assert set(whole) == {"quality_score", "components", "id"}
    assert "quality_score" not in listed(desk)["data"][0]
    assert listed(desk, name="nothing") == {"data": []}


def test_bad_listings_are_refused(desk: StandIn) -> None:
    assert error_of(desk, TEMPLATES, after="!!")["code"] == 131059
    assert error_of(desk, TEMPLATES.replace("25.0", "23.0"), after="!!")["code"] == 100
    assert error_of(desk, TEMPLATES, limit="none")["code"] == 100
    assert "nonexisting field (colour)" in error_of(desk, TEMPLATES, fields="name,colour")["message"]
    assert error_of(desk, f"/v25.0/{NUMBER}/message_templates")["error_subcode"] == 33


def test_a_created_template_is_approved_and_sends() -> None:
    with standing_in() as desk:
        answer = desk.client.post(TEMPLATES, json=NEW)
        assert answer.status_code == 200, answer.text
        assert answer.json()["status"] == "APPROVED"
        assert answer.json()["category"] == "MARKETING"
        (entry,) = listed(desk, name="mehendi_invite")["data"]
        assert (entry["id"], entry["parameter_format"]) == (answer.json()["id"], "NAMED")
        assert desk.client.get(f"/v25.0/{entry['id']}").json()["name"] == "mehendi_invite"
        body = invite()
        body["template"] = {
            "name": "mehendi_invite",
            "language": {"code": "en"},
            "components": [
                {
                    "type": "body",
                    "parameters": [
                        {"type": "text", "parameter_name": "guest_name", "text": "Asha"},
                        {"type": "text", "parameter_name": "day", "text": "Friday"},
                    ],
                }
            ],
        }
        assert desk.post(body).status_code == 200
        again = desk.client.post(TEMPLATES, json=NEW).json()["error"]
        assert (again["code"], again["error_subcode"]) == (100, 2388024)


BODY = "components.1.text"
BUTTONS = "components.3.buttons"
QUICK = {"type": "QUICK_REPLY", "text": "Yes"}


@pytest.mark.parametrize(
    ("path", "value", "subcode"),
    [
        ("name", "Mehendi Invite", None),
        ("language", "english", None),
        ("category", "PARTY", None),
        ("components", [], None),
        (BODY, "{{guest_name}}, come on {{day}} with your family.", 2388299),
        (BODY, "Dear {{guest_name}}, come with your whole family on {{day}}.", 2388299),
        (BODY, "Dear {{guest_name}}{{day}} come with your whole family.", 2388299),
        (BODY, "On {{guest_name}} or {{day}} come.", 2388293),
        (BODY, "x" * 1025, 2388040),
        (BODY, "Dear {{1}}, come to the mehendi with your family.", 2388072),
        (BODY, "Dear {{Guest Name}}, come to the mehendi with your family.", 2388072),
        ("components.1.example", {}, 2388072),
        ("components.0.text", "x" * 61, 2388040),
        ("components.0.format", "AUDIO", None),
        ("components.2.text", "Until {{day}} only", 2388073),
        (BUTTONS, [], None),
        (BUTTONS, [QUICK] * 11, None),
        (BUTTONS, [{"type": "QUICK_REPLY", "text": "x" * 26}], None),
        (BUTTONS, [QUICK, {"type": "URL", "text": "Open", "url": "https://example.org"}, QUICK], None),
    ],
)
def test_bad_templates_are_refused(desk: StandIn, path: str, value: Any, subcode: int | None) -> None:
    before = listed(desk)
    answer = desk.client.post(TEMPLATES, json=changed(NEW, path, value))
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["code"] == 100
    assert answer.json()["error"].get("error_subcode") == subcode
    assert listed(desk) == before


def test_the_shipped_templates_keep_the_rules_of_creation() -> None:
    for entry in json.loads(shipped_templates().read_text("utf-8"))["data"]:
        catalog = Catalog()
        template = create_template(entry, catalog)
        assert catalog.templates == [template]
        footers = [c["text"] for c in entry["components"] if c["type"] == "FOOTER"]
        assert footers == ["Reply STOP to opt out"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "can't be read"),
        ('{"data": 1}', "no list"),
        ('[{"name": "a", "language": "en", "category": "MARKETING"}]', "template 1 (a): components"),
        ('[{"language": "en"}]', "template 1 (no name): name is missing"),
        ("[1]", "template 1 is no JSON object"),
    ],
)
def test_a_broken_template_file_names_the_entry(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "templates.json"
    path.write_text(content)
    with pytest.raises(UsedWrongly) as caught:
        load_templates(path)
    assert told in caught.value.message
    with pytest.raises(UsedWrongly):
        load_templates(tmp_path / "missing.json")


def test_media_go_up_and_come_down(desk: StandIn) -> None:
    data = bytes(range(256)) * 40 + b"\r\n--not-a-boundary\r\n\n"
    files = {"file": ("card.jpg", data, "image/jpeg")}
    form = {"messaging_product": "whatsapp", "type": "image/jpeg"}
    media_id = desk.client.post(f"/v25.0/{NUMBER}/media", data=form, files=files).json()["id"]
    told = desk.client.get(f"/v25.0/{media_id}", params={"phone_number_id": NUMBER}).json()
    assert told["sha256"] == hashlib.sha256(data).hexdigest()
    assert (told["file_size"], told["mime_type"], told["id"]) == (len(data), "image/jpeg", media_id)
    assert desk.client.get(told["url"]).content == data
    assert desk.client.get(told["url"], headers={"Authorization": ""}).status_code == 401
    assert desk.client.get(told["url"] + "x").status_code == 404
    desk.say(phone=GUEST, text="hi")
    image = {**free_text("x"), "type": "image", "image": {"id": media_id}}
    assert desk.post(image).status_code == 200
    assert desk.client.delete(f"/v25.0/{media_id}").json() == {"success": True}
    assert error_of(desk, f"/v25.0/{media_id}")["error_subcode"] == 33
    assert desk.post(image).json()["error"]["code"] == 100


@pytest.mark.parametrize(
    ("form", "files"),
    [
        ({}, {"file": ("a.jpg", b"x", "image/jpeg")}),
        ({"messaging_product": "whatsapp"}, {"other": ("a.jpg", b"x", "image/jpeg")}),
        ({"messaging_product": "whatsapp"}, {"file": ("a.gif", b"x", "image/gif")}),
        ({"messaging_product": "whatsapp"}, {"file": ("a.jpg", b"", "image/jpeg")}),
    ],
)
def test_bad_uploads_are_refused(
    desk: StandIn, form: dict[str, str], files: dict[str, tuple[str, bytes, str]]
) -> None:
    answer = desk.client.post(f"/v25.0/{NUMBER}/media", data=form, files=files)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)


def test_a_medium_of_the_wrong_kind_fails_later_with_131053() -> None:
    with receiving() as receiver, standing_in(receiver) as desk:
        files = {"file": ("card.png", b"png", "image/png")}
        form = {"messaging_product": "whatsapp"}
        media_id = desk.client.post(f"/v25.0/{NUMBER}/media", data=form, files=files).json()["id"]
        desk.say(phone=GUEST, text="hi")
        body = {**free_text("x"), "type": "document", "document": {"id": media_id, "filename": "card.pdf"}}
        assert desk.post(body).status_code == 200
        desk.idle()
        (failed,) = [s for s in receiver.statuses() if s["status"] == "failed"]
        assert failed["errors"][0]["code"] == 131053


def test_the_number_and_the_account_tell_what_is_asked_for(desk: StandIn) -> None:
    number = desk.client.get(f"/v25.0/{NUMBER}").json()
    assert set(number) == {"id", "display_phone_number", "verified_name", "quality_rating"}
    fields = "status,throughput,health_status,whatsapp_business_manager_messaging_limit"
    number = desk.client.get(f"/v25.0/{NUMBER}", params={"fields": fields}).json()
    assert number["id"] == NUMBER
    assert number["health_status"]["can_send_message"] == "AVAILABLE"
    assert number["throughput"] == {"level": "STANDARD"}
    assert desk.client.get(f"/v25.0/{WABA}", params={"fields": "currency"}).json() == {
        "id": WABA,
        "currency": "INR",
    }
    (only,) = desk.client.get(f"/v25.0/{WABA}/phone_numbers").json()["data"]
    assert only["id"] == NUMBER
    assert error_of(desk, f"/v25.0/{NUMBER}", fields="colour")["code"] == 100
    assert error_of(desk, "/v25.0/123")["error_subcode"] == 33


def test_without_subscription_nothing_is_delivered() -> None:
    apps = f"/v25.0/{WABA}/subscribed_apps"
    with receiving() as receiver, standing_in(receiver) as desk:
        assert len(desk.client.get(apps).json()["data"]) == 1
        assert desk.client.delete(apps).json() == {"success": True}
        assert desk.client.get(apps).json() == {"data": []}
        desk.post(invite())
        assert desk.idle()["webhooks"]["nowhere_to_go"] == 3
        assert desk.client.post(apps).json() == {"success": True}
        desk.say(phone=GUEST, text="hi")
        desk.idle()
        assert [len(receiver.statuses()), len(receiver.messages())] == [0, 1]


def test_an_address_of_its_own_must_answer_the_handshake() -> None:
    apps = f"/v25.0/{WABA}/subscribed_apps"
    with receiving() as receiver, standing_in() as desk:
        wrong = {"override_callback_uri": receiver.address, "verify_token": "wrong"}
        assert desk.client.post(apps, json=wrong).json()["error"]["code"] == 2200
        assert desk.client.post(apps, json={**wrong, "verify_token": VERIFY}).json() == {"success": True}
        desk.say(phone=GUEST, text="hi")
        desk.idle()
        assert len(receiver.messages()) == 1
