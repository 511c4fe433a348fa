"""The installed-app flow: the browser comes back to this machine, the tokens are kept, and taken back."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from parinaya_cli.adapters.google import credentials
from parinaya_cli.adapters.google.contacts import GoogleContacts
from parinaya_cli.adapters.google.credentials import Asking, Places
from parinaya_cli.domain.errors import Failed, ParinayaError, Unreachable, UsedWrongly
from tests.fakes.graph_server import Reply, reply_json
from tests.fakes.people_api import REFRESH_TOKEN, PeopleApi


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[PeopleApi]:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the stand-in speaks plain HTTP
    with PeopleApi() as api:
        yield api


def browse(text: str) -> None:
    """Open the address that was told, as a browser does, and follow where it leads."""
    address = text.splitlines()[-1]
    threading.Thread(target=httpx.get, args=(address,), kwargs={"follow_redirects": True}).start()


def sign_in(places: Places, say: Callable[[str], None] = browse, port: int = 0, seconds: int = 30) -> None:
    credentials.sign_in(places, Asking(say, browser=False, port=port, seconds=seconds))


def test_signing_in_reading_and_signing_out(google: PeopleApi, tmp_path: Path) -> None:
    places = Places(google.client_file(tmp_path), tmp_path / "new folder" / "token.json")
    sign_in(places)
    assert places.token_file.stat().st_mode & 0o777 == 0o600
    assert places.token_file.parent.stat().st_mode & 0o777 == 0o700
    assert [one.name for one in places.token_file.parent.iterdir()] == ["token.json"]
    assert GoogleContacts(places, google.url).list_groups()
    assert credentials.sign_out(places)
    assert not places.signed_in
    assert google.refresh_tokens == set()
    assert credentials.sign_out(places)  # nothing to do


def test_the_answer_comes_in_at_the_port_that_was_named(google: PeopleApi, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        places = Places(google.client_file(tmp_path), tmp_path / "token.json")
        with pytest.raises(UsedWrongly, match=f"Port {port}"):
            sign_in(places, port=port)
    told: list[str] = []

    def say(text: str) -> None:
        told.append(text)
        browse(text)

    sign_in(places, say, port)
    assert f"redirect_uri=http%3A%2F%2F127.0.0.1%3A{port}%2F" in told[0]


def test_nobody_answers(google: PeopleApi, tmp_path: Path) -> None:
    places = Places(google.client_file(tmp_path), tmp_path / "token.json")
    with pytest.raises(Failed, match="within 1 seconds") as refusal:
        sign_in(places, lambda _: None, seconds=1)
    assert "ssh -L" in refusal.value.hint
    assert not places.signed_in


def _decline(api: PeopleApi) -> None:
    api.declines = True


def _untick(api: PeopleApi) -> None:
    api.granted = ""


def _other_client(api: PeopleApi) -> None:
    api.faults.append(("/token", reply_json({"error": "invalid_client"}, 401)))


def _cut(api: PeopleApi) -> None:
    api.faults.append(("/token", Reply(then="cut")))


def _no_refresh(api: PeopleApi) -> None:
    answer = {"access_token": "ya29.x", "expires_in": 3599, "scope": api.granted, "token_type": "Bearer"}
    api.faults.append(("/token", reply_json(answer)))


def _nonsense(api: PeopleApi) -> None:
    api.faults.append(("/token", Reply(200, b"<html>")))


@pytest.mark.parametrize(
    ("trouble", "kind", "code"),
    [
        (_decline, Failed, "declined"),
        (_untick, Failed, "scope_missing"),
        (_other_client, Failed, "client_refused"),
        (_cut, Unreachable, "unreachable"),
        (_no_refresh, Failed, "failed"),
        (_nonsense, Failed, "failed"),
    ],
)
def test_what_goes_wrong_with_google(
    google: PeopleApi,
    tmp_path: Path,
    trouble: Callable[[PeopleApi], None],
    kind: type[ParinayaError],
    code: str,
) -> None:
    trouble(google)
    places = Places(google.client_file(tmp_path), tmp_path / "token.json")
    with pytest.raises(kind) as refusal:
        sign_in(places)
    assert refusal.value.code == code
    assert not places.signed_in
    said = f"{refusal.value} {refusal.value.hint} {refusal.value.__cause__}"
    assert "4/code" not in said
    assert "ya29" not in said


def test_a_stranger_who_knocks_at_the_port_gets_nothing(google: PeopleApi, tmp_path: Path) -> None:
    """An answer that was not asked for: the state is another one."""
    places = Places(google.client_file(tmp_path), tmp_path / "token.json")

    def say(text: str) -> None:
        query = httpx.URL(text.splitlines()[-1]).params
        browse(f"{query['redirect_uri']}?state=guessed&code=4/of-a-stranger")

    with pytest.raises(Failed, match="does not fit"):
        sign_in(places, say)
    assert not any(one.path == "/token" for one in google.server.requests)


@pytest.mark.parametrize("content", ["", "[]", '{"installed": {"client_id": "x"}}', '{"web": {}}'])
def test_files_of_clients_that_are_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "client.json"
    path.write_text(content)
    with pytest.raises(UsedWrongly) as refusal:
        sign_in(Places(path, tmp_path / "token.json"))
    assert str(path) in refusal.value.message


def test_no_client_tells_the_way_step_by_step(tmp_path: Path) -> None:
    with pytest.raises(UsedWrongly) as refusal:
        sign_in(Places(None, tmp_path / "token.json"))
    assert refusal.value.code == "no_google_client"
    for step in ("People API", "Desktop app", "config set GOOGLE_CLIENT_SECRETS", "google sign-in"):
        assert step in refusal.value.hint
    with pytest.raises(UsedWrongly, match="can't be read"):
        sign_in(Places(tmp_path / "nowhere.json", tmp_path / "token.json"))


def test_signing_in_again_replaces_the_file_in_one_step(google: PeopleApi, tmp_path: Path) -> None:
    places = Places(google.client_file(tmp_path), google.token_file(tmp_path))
    places.token_file.chmod(0o644)
    sign_in(places)
    assert places.token_file.stat().st_mode & 0o777 == 0o600
    told = json.loads(places.token_file.read_text())
    assert (told["refresh_token"], told["token"]) == (REFRESH_TOKEN, "ya29.access-0")


def test_signing_out_while_google_is_away(google: PeopleApi, tmp_path: Path) -> None:
    places = Places(None, google.token_file(tmp_path))
    google.faults = [("/revoke", Reply(then="cut"))]
    assert not credentials.sign_out(places)
    assert not places.signed_in


def test_a_place_that_can_not_be_written(google: PeopleApi, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    places = Places(google.client_file(tmp_path), tmp_path / "file" / "token.json")
    with pytest.raises(UsedWrongly, match="can't be written"):
        sign_in(places)
