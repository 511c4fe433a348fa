"""``parinaya doctor``: one line for each check, with the mend, also where the settings themselves are wrong."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Cli


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
