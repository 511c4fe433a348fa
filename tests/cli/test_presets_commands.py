"""``parinaya people presets`` and ``drop-preset``, and lists that are imported with a preset."""

from __future__ import annotations

from pathlib import Path

from tests.cli.commands_kit import done, wedding
from tests.conftest import Cli


def test_a_preset_is_saved_used_listed_and_dropped(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    assert done(cli, "people", "presets") == {"items": [], "total": 0}
    assert "--save-preset" in cli("people", "presets").err
    path = tmp_path / "aunt.csv"
    path.write_text("Kaun aayega,Kaise bulayen\nAsha Rao,98200 12345\n", "utf-8")
    told = ("--map", "Kaun aayega=full_name", "--map", "Kaise bulayen=phone", "--side", "bride")
    done(cli, "people", "import", path, *told, "--save-preset", "the aunts")
    second = tmp_path / "aunt2.csv"
    second.write_text("Kaise bulayen,Kaun aayega\n98200 12346,Ravi Rao\n", "utf-8")
    report = done(cli, "people", "import", second, "--preset", "The Aunts")
    assert report["created"] == 1
    assert {(one["full_name"], one["side"]) for one in done(cli, "people", "list")["items"]} == {
        ("Asha Rao", "bride"),
        ("Ravi Rao", "bride"),
    }
    [preset] = done(cli, "people", "presets")["items"]
    assert preset["columns"] == {"Kaun aayega": "full_name", "Kaise bulayen": "phone"}
    assert (preset["name"], preset["source"], preset["side"]) == ("the aunts", "aunt.csv", "bride")
    assert "Kaun aayega=full_name" in cli("people", "presets").out
    assert done(cli, "people", "drop-preset", "the aunts") == {"name": "the aunts", "dropped": True}
    assert cli("people", "drop-preset", "the aunts").code == 4
    assert cli("people", "import", second, "--preset", "the aunts").code == 4
