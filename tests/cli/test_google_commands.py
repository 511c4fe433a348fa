"""``google`` and ``people import google``: through Google's own library, against a server on loopback."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.commands_kit import acting_as, done, servers, wedding
from tests.cli.frame_terminal import PARINAYA, on_terminal
from tests.conftest import ROOT, Cli
from tests.fakes.graph_server import Reply
from tests.fakes.people_api import PeopleApi, disabled, person


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PeopleApi]:
    """Google Contacts, with an OAuth client that is set and nobody signed in."""
    with PeopleApi(page=2) as api:
        group = api.add_group("w1", "Wedding")
        api.put(
            person(1, "Ramesh Sharma", "98200 12345", groups=(group,)),
            person(2, "Sharma ji", "98200 12346", groups=(group, "contactGroups/starred")),
            person(3, "Anil & Rekha Gupta", "98200 12347"),
        )
        monkeypatch.setenv("GOOGLE_CLIENT_SECRETS", str(api.client_file(tmp_path)))
        monkeypatch.setenv("GOOGLE_TOKEN_FILE", str(tmp_path / "google-token.json"))
        monkeypatch.setenv("GOOGLE_PEOPLE_ENDPOINT", api.url)
        yield api


@pytest.fixture
def signed_in(google: PeopleApi, tmp_path: Path) -> PeopleApi:
    google.token_file(tmp_path)
    return google


def figures(told: Any) -> tuple[int, ...]:
    return tuple(told[name] for name in ("rows", "created", "updated", "unchanged", "rejected"))


def test_the_first_run_reads_all_the_second_what_has_changed(cli: Cli, signed_in: PeopleApi) -> None:
    wedding(cli)
    told = done(cli, "people", "import", "google")
    assert (told["source"], told["changes_only"], told["group"], told["gone"]) == ("google", False, None, [])
    assert figures(told) == (3, 3, 0, 0, 0)
    found = done(cli, "people", "list", "--all")["items"]
    assert {one["full_name"]: one["external_ids"] for one in found}["Sharma ji"] == ["people/c2"]
    assert {one["full_name"]: one["tags"] for one in found}["Sharma ji"] == ["Wedding", "starred"]

    signed_in.put(person(1, "Ramesh Sharma", "98200 55555"), person(4, "Vikram Seth", "98111 22333"))
    signed_in.delete(2)
    told = done(cli, "people", "import", "google")
    assert figures(told) == (2, 1, 1, 0, 0)
    assert told["changes_only"]
    assert [one["full_name"] for one in told["gone"]] == ["Sharma ji"]
    assert done(cli, "people", "list", "--all")["total"] == 5
    assert [one["full_name"] for one in done(cli, "people", "list", "--gone")["items"]] == ["Sharma ji"]
    assert figures(done(cli, "people", "import", "google")) == (0, 0, 0, 0, 0)
    assert ["syncToken" in one for one in signed_in.asked] == [False, False, True, True, True]
    assert done(cli, "audit", "verify")["ok"]


def test_an_expired_token_and_a_rehearsal(cli: Cli, signed_in: PeopleApi) -> None:
    wedding(cli)
    done(cli, "people", "import", "google")
    signed_in.put(person(4, "Vikram Seth", "98111 22333"))
    signed_in.delete(2)
    signed_in.expire()
    for words in (["--dry-run"], []):
        told = done(cli, "people", "import", "google", *words)
        assert figures(told) == (3, 1, 0, 2, 0)
        assert not told["changes_only"]
        assert [one["full_name"] for one in told["gone"]] == ["Sharma ji"]
    assert figures(done(cli, "people", "import", "google")) == (0, 0, 0, 0, 0)


def test_an_import_that_was_taken_back_can_come_again(cli: Cli, signed_in: PeopleApi) -> None:
    wedding(cli)
    told = done(cli, "people", "import", "google")
    done(cli, "people", "undo-import", told["import"], "--yes", "--reason", "the wrong account")
    assert done(cli, "people", "list", "--all")["total"] == 0
    told = done(cli, "people", "import", "google")
    assert (told["changes_only"], figures(told)) == (False, (3, 3, 0, 0, 0))
    assert done(cli, "people", "list", "--all")["total"] == 4


def test_one_group(cli: Cli, signed_in: PeopleApi) -> None:
    wedding(cli)
    told = done(cli, "people", "import", "google", "--group", "wedding", "--side", "bride")
    assert (told["group"], figures(told)) == ("Wedding", (2, 2, 0, 0, 0))
    signed_in.put(person(1, "Ramesh Sharma", "98200 12345"))
    ran = cli("people", "import", "google", "--group", "wedding", "--side", "bride")
    assert ran.code == 0
    assert "Not in the group “Wedding” any more (1); they stay here" in ran.out
    assert "Ramesh Sharma" in ran.out
    missing = cli("people", "import", "google", "--group", "Office")
    assert missing.code == 4
    assert "Wedding" in missing.err


def test_what_google_refuses(cli: Cli, signed_in: PeopleApi) -> None:
    wedding(cli)
    signed_in.faults = [("/v1/", disabled())]
    ran = cli("people", "import", "google", "--json")
    assert (ran.code, ran.error["code"]) == (1, "api_not_enabled")
    assert "https://console.developers.google.com" in ran.error["hint"]
    signed_in.faults = [("/connections", Reply(then="half"))]
    assert cli("people", "import", "google").code == 6
    signed_in.revoke()
    ran = cli("people", "import", "google", "--json")
    assert (ran.code, ran.error["code"]) == (1, "sign_in_again")
    assert done(cli, "people", "list")["total"] == 0


def test_nobody_signed_in_and_nobody_at_a_terminal(
    cli: Cli, google: PeopleApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    wedding(cli)
    ran = cli("people", "import", "google", "--json")
    assert (ran.code, ran.error["code"]) == (2, "not_signed_in")
    assert "parinaya google sign-in" in ran.error["hint"]
    monkeypatch.delenv("GOOGLE_CLIENT_SECRETS")
    ran = cli("people", "import", "google", "--json")
    assert (ran.code, ran.error["code"]) == (2, "no_google_client")
    assert google.server.requests == []


def test_who_may_not_change_people_reads_no_contacts(
    cli: Cli, signed_in: PeopleApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    wedding(cli)
    with acting_as(cli, monkeypatch, "desk"):
        assert cli("people", "import", "google").code == 3
    assert signed_in.server.requests == []


def test_signing_in_from_the_command_line(cli: Cli, google: PeopleApi, tmp_path: Path) -> None:
    wedding(cli)
    assert done(cli, "google", "status")["signed_in"] is False
    env = {**servers(), **_google_env(google, tmp_path)}
    command = [*PARINAYA, "google", "sign-in", "--no-browser", "--json"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    address = next(line for line in process.stderr if line.startswith("http")).strip()
    page = httpx.get(address, follow_redirects=True)
    assert "go back to parinaya" in page.text
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert '"signed_in":true' in out.replace(" ", "")
    assert not re.search(r"ya29|1//|GOCSPX", out + err)

    told = done(cli, "google", "status")
    assert (told["works"], told["problem"]) == (True, None)
    assert {one["name"]: one["members"] for one in told["items"]}["Wedding"] == 2
    assert figures(done(cli, "people", "import", "google")) == (3, 3, 0, 0, 0)

    assert done(cli, "google", "sign-out") == {"signed_in": False, "revoked": True}
    assert google.refresh_tokens == set()
    assert done(cli, "google", "sign-out") == {"signed_in": False, "revoked": False}
    assert cli("people", "import", "google", "--json").error["code"] == "not_signed_in"


def _google_env(api: PeopleApi, folder: Path) -> dict[str, str]:
    return {
        "OAUTHLIB_INSECURE_TRANSPORT": "1",
        "GOOGLE_CLIENT_SECRETS": str(folder / "client_secret.json"),
        "GOOGLE_TOKEN_FILE": str(folder / "google-token.json"),
        "GOOGLE_PEOPLE_ENDPOINT": api.url,
    }


def test_at_a_terminal_the_browser_opens_by_itself(cli: Cli, google: PeopleApi, tmp_path: Path) -> None:
    wedding(cli)
    browser = tmp_path / "browser.py"
    browser.write_text("import sys, httpx; httpx.get(sys.argv[1], follow_redirects=True)\n")
    seen = on_terminal(
        [*PARINAYA, "people", "import", "google"],
        columns=200,
        env={**servers(), **_google_env(google, tmp_path), "BROWSER": f"{sys.executable} {browser} %s &"},
    )
    assert seen.exit_code == 0, seen.screen
    assert "allow parinaya to read your contacts" in seen.screen
    assert "3 created" in seen.screen


def test_a_sign_in_that_works_no_more_is_told(cli: Cli, signed_in: PeopleApi) -> None:
    signed_in.revoke()
    ran = cli("google", "status", "--json")
    assert (ran.code, ran.json["signed_in"], ran.json["works"]) == (1, True, False)
    assert ran.json["problem"] == "sign_in_again"
