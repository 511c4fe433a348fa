"""``parinaya doctor``: one line for each check, with the mend, also where the settings themselves are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from parinaya_cli.sandbox.faults import parse_fault
from tests.conftest import Cli
from tests.sandbox.sandbox_kit import standing_in
from tests.web.receiver_kit import receiver_app, receiving


def test_every_check_is_a_line_and_what_is_wrong_names_its_mend(cli: Cli) -> None:
    ran = cli("doctor", "--json")
    found = {one["name"]: one for one in ran.json["checks"]}
    assert (ran.code, ran.json["ok"]) == (1, False)
    wrong = {name for name, one in found.items() if not one["ok"]}
    # Nobody answers as WhatsApp, there is no wedding yet, and the servers of the tests save nothing.
    assert wrong <= {"templates", "weddings", "postgres", "disk"}
    assert "templates" in wrong
    assert {"settings", "clock", "guards", "sums", "audit", "checkpoints"} <= set(found) - wrong
    lines = cli("doctor").out.splitlines()
    assert len(lines) == len(found) + len(wrong)
    assert all(found[name]["hint"] for name in wrong)


def test_settings_that_others_can_read_are_found(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "config" / "config.toml"
    file.write_text('whatsapp_access_token = "a secret"\n')
    file.chmod(0o644)
    ran = cli("doctor", "--json")
    [found] = ran.json["checks"]
    assert (ran.code, found["name"], found["ok"]) == (1, "settings", False)
    assert "others can read it" in found["detail"]
    assert "chmod 600" in found["hint"]


def test_the_providers_word_and_our_own_address_are_asked(
    cli: Cli, env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> dict[str, tuple[bool, str, str]]:
        found = cli("doctor", "--json").json["checks"]
        return {one["name"]: (one["ok"], one["detail"], one["hint"]) for one in found}

    with receiving(receiver_app(env, tmp_path)) as root, standing_in() as stand_in:
        monkeypatch.setenv("WHATSAPP_BASE_URL", stand_in.address)
        monkeypatch.setenv("PARINAYA_WEBHOOK_URL", f"{root}/webhooks/whatsapp")
        found = told()
        assert [found[name][0] for name in ("token", "subscribed", "address", "templates")] == [True] * 4
        assert "does not expire" in found["token"][1]
        assert "knows the verify token" in found["address"][1]
        monkeypatch.setenv("WHATSAPP_VERIFY_TOKEN", "another word")
        assert "refuses our verify token" in told()["address"][1]
    with standing_in(faults=(parse_fault("token-expires:864000"), parse_fault("unsubscribed"))) as stand_in:
        monkeypatch.setenv("WHATSAPP_BASE_URL", stand_in.address)
        found = told()
        assert (found["token"][0], "WHATSAPP_ACCESS_TOKEN" in found["token"][2]) == (True, True)
        assert [found[name][0] for name in ("subscribed", "address")] == [False, False]
        assert "\nsoon  token" in cli("doctor").out
    with standing_in(faults=(parse_fault("token-expires:0"),)) as stand_in:
        monkeypatch.setenv("WHATSAPP_BASE_URL", stand_in.address)
        assert told()["token"][:2] == (
            False,
            "the access token is not valid: Error validating access token: Session has expired.",
        )
