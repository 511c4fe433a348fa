"""Signing in to Google: the installed-app flow (PKCE, a redirect to this machine), and the file of its tokens.

Source: Google, "OAuth 2.0 for Mobile & Desktop Apps", loopback IP address flow.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parinaya_cli.adapters.google import errors
from parinaya_cli.domain.errors import Failed, ParinayaError, Unreachable, UsedWrongly

if TYPE_CHECKING:
    from google.oauth2.credentials import Credentials

SCOPES = ("https://www.googleapis.com/auth/contacts.readonly",)
_BIGGEST = 64 * 1024
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_SUCCESS = "Signed in. You can close this window and go back to parinaya."


@dataclass(frozen=True)
class Places:
    """Where the OAuth client and the tokens are kept. The tokens' file need not exist."""

    client_secrets: Path | None
    token_file: Path

    @property
    def signed_in(self) -> bool:
        """Is there a sign-in? Whether Google still accepts it is another question."""
        return self.token_file.is_file()


@dataclass(frozen=True)
class Asking:
    """How the person is asked. ``say`` tells a line; ``port``: of the redirect, 0 takes a free one; ``seconds``:
    how long parinaya waits for the answer.
    """

    say: Callable[[str], None]
    browser: bool = True
    port: int = 0
    seconds: int = 300


# ── signing in ─────────────────────────────────────────────────────────────────────────────────────────


def sign_in(places: Places, asking: Asking) -> None:
    """Let the person allow that parinaya reads the contacts, and keep the tokens.

    Raises:
        UsedWrongly: there is no client for it, its file is none of Google's, or the port is taken.
        Failed: the person declined, or did not answer in time.
        Unreachable: Google can't be reached.
    """
    config = _client(places.client_secrets)
    credentials = _ask(config, asking)
    if not credentials.refresh_token:
        raise Failed("Google gave no lasting permission.", errors.SIGN_IN)
    save(places, credentials)


def _ask(config: Mapping[str, Any], asking: Asking) -> Credentials:
    import requests
    from google_auth_oauthlib.flow import InstalledAppFlow, WSGITimeoutError
    from oauthlib.oauth2 import OAuth2Error

    errors.silence()

    class Flow(InstalledAppFlow):  # type: ignore[misc]
        """Tells the address by ``say``; the library would print it among the results."""

        def authorization_url(self, **more: Any) -> tuple[str, str]:
            url, state = super().authorization_url(**more)
            asking.say(f"Open this address in a browser and allow parinaya to read your contacts:\n{url}")
            return url, state

    try:
        flow = Flow.from_client_config(config, SCOPES)
        found: Credentials = flow.run_local_server(
            host="127.0.0.1",
            port=asking.port,
            open_browser=asking.browser and _has_browser(),
            authorization_prompt_message=None,
            success_message=_SUCCESS,
            timeout_seconds=asking.seconds,
            prompt="consent",
        )
    except WSGITimeoutError:
        raise Failed(
            f"Nobody answered within {asking.seconds} seconds.",
            "Run the same command again; on a machine without a browser use --no-browser and --port, and forward "
            "that port: ssh -L PORT:127.0.0.1:PORT.",
        ) from None
    except (OAuth2Error, Warning) as error:
        raise _declined(error) from None
    except requests.RequestException:
        raise Unreachable("Google can't be reached.", "Check the connection, then sign in again.") from None
    except OSError as error:
        raise UsedWrongly(
            f"Port {asking.port} can't be used for the answer: {error.strerror}.",
            "Name another one with --port, or leave it out.",
        ) from None
    return found


def _has_browser() -> bool:
    import webbrowser

    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def _declined(error: Exception) -> ParinayaError:
    """What the answer of the browser means; its text is not quoted, as it may hold the code."""
    what = str(getattr(error, "error", ""))
    if what == "access_denied":
        return Failed("The permission was not given.", errors.SIGN_IN, code="declined")
    if isinstance(error, Warning):  # the library's word for: other scopes were granted than asked for
        hint = f"{errors.SIGN_IN}, and tick the box for contacts."
        return Failed("Google was not allowed to show the contacts to parinaya.", hint, code="scope_missing")
    if what in ("invalid_client", "unauthorized_client"):
        hint = "Download the JSON of the client anew and set GOOGLE_CLIENT_SECRETS to it."
        return Failed("Google does not know this OAuth client.", hint, code="client_refused")
    return Failed("The browser came back with an answer that does not fit.", errors.SIGN_IN)


def _client(path: Path | None) -> Mapping[str, Any]:
    if path is None:
        raise errors.no_client()
    told = _read_json(path, "GOOGLE_CLIENT_SECRETS")
    if "web" in told and "installed" not in told:
        raise UsedWrongly(
            f"{path} is a client for web servers.", "Create an OAuth client ID of the type “Desktop app”."
        )
    client = told.get("installed")
    needed = ("client_id", "client_secret", "auth_uri", "token_uri")
    if not isinstance(client, Mapping) or not all(isinstance(client.get(key), str) for key in needed):
        raise UsedWrongly(
            f"{path} is no file of an OAuth client.",
            "Download the JSON of the “Desktop app” client from the Google Cloud console again.",
        )
    return told


# ── the file of the tokens ─────────────────────────────────────────────────────────────────────────────


def load(places: Places) -> Credentials:
    """The credentials of the last sign-in.

    Raises:
        UsedWrongly: nobody is signed in, or the file is damaged or open to others.
    """
    from google.oauth2.credentials import Credentials

    errors.silence()
    if not places.signed_in:
        if places.client_secrets is None:
            raise errors.no_client()
        raise UsedWrongly(
            "Nobody is signed in to Google.", "Sign in once: parinaya google sign-in", code="not_signed_in"
        )
    if os.name == "posix" and stat.S_IMODE(places.token_file.stat().st_mode) & 0o077:
        raise UsedWrongly(
            f"{places.token_file} holds the sign-in to Google and others can read it.",
            f"Close it: chmod 600 {places.token_file}. If somebody may have read it: parinaya google sign-out",
            code="file_not_private",
        )
    told = _read_json(places.token_file, "The sign-in")
    needed = {name: told.get(name) for name in ("refresh_token", "token_uri", "client_id", "client_secret")}
    if not all(isinstance(value, str) and value for value in needed.values()):
        raise UsedWrongly(f"{places.token_file} is damaged.", errors.SIGN_IN)
    # The library's own reader of this file knows Google's address only, not that of a stand-in.
    found: Credentials = Credentials(
        told.get("token"), scopes=list(SCOPES), expiry=_expiry(told.get("expiry")), **needed
    )  # type: ignore[no-untyped-call]
    return found


def _expiry(told: object) -> datetime:
    """When the access token runs out, as the library counts: UTC without zone. Where nobody knows: long ago."""
    try:
        moment = datetime.fromisoformat(told) if isinstance(told, str) else _LONG_AGO
    except ValueError:
        moment = _LONG_AGO
    return (moment.astimezone(UTC) if moment.tzinfo else moment).replace(tzinfo=None)


def save(places: Places, credentials: Credentials) -> None:
    """Keep the credentials; the file appears whole or not at all, for its owner alone.

    Raises:
        UsedWrongly: it can't be written there.
    """
    folder = places.token_file.parent
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=folder, prefix=".google-")  # made with mode 0600
    except OSError as error:
        raise _unwritable(places.token_file, error) from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(credentials.to_json())  # type: ignore[no-untyped-call]
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, places.token_file)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(name)
        if isinstance(error, OSError):
            raise _unwritable(places.token_file, error) from None
        raise


def _unwritable(path: Path, error: OSError) -> UsedWrongly:
    return UsedWrongly(
        f"{path} can't be written: {error.strerror}.",
        "Set GOOGLE_TOKEN_FILE to a place that you may write to.",
    )


def sign_out(places: Places) -> bool:
    """Take the permission back at Google and forget the tokens here; whether Google took it back.

    The file is removed in any case. Without a sign-in there is nothing to do.

    Raises:
        UsedWrongly: the file can't be removed.
    """
    if not places.signed_in:
        return True
    told: Mapping[str, Any] = {}
    with contextlib.suppress(UsedWrongly):
        told = _read_json(places.token_file, "The sign-in")
    try:
        places.token_file.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(places.token_file, error) from None
    return _revoke(told)


def _revoke(told: Mapping[str, Any]) -> bool:
    """Google's address for it lies beside the one for tokens."""
    import requests

    token, address = told.get("refresh_token"), told.get("token_uri")
    if not isinstance(token, str) or not isinstance(address, str):
        return False
    errors.silence()
    try:
        answer = requests.post(
            f"{address.rpartition('/')[0]}/revoke", data={"token": token}, timeout=15, allow_redirects=False
        )
    except requests.RequestException:
        return False
    # 400: it was taken back before, or has expired.
    return answer.status_code in (200, 400)


def _read_json(path: Path, what: str) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            told = json.loads(file.read(_BIGGEST))
    except OSError as error:
        raise UsedWrongly(
            f"{what} can't be read: {path}: {error.strerror}.", "Check its name and whose file it is."
        ) from None
    except ValueError:
        raise UsedWrongly(f"{path} is no JSON file.", "Check which file it is.") from None
    if not isinstance(told, dict):
        raise UsedWrongly(f"{path} is not what Google's files look like.", "Check which file it is.")
    return told
