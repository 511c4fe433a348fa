"""What goes wrong with Google, in our words. Nothing of a request is quoted: its address holds tokens.

Source: Google, People API, "Error handling" and the reasons of ``google.rpc.ErrorInfo`` (google.aip.dev/193).
"""

from __future__ import annotations

import http.client
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from parinaya_cli.domain.errors import Failed, ParinayaError, Unreachable, UsedWrongly

if TYPE_CHECKING:
    from googleapiclient.errors import HttpError

SIGN_IN = "Sign in again: parinaya google sign-in"
_AWAY = "Check the connection to the internet, then run the same command again; nothing was changed."
_LIBRARIES = (
    "google",
    "googleapiclient",
    "google_auth_oauthlib",
    "httplib2",
    "oauthlib",
    "requests_oauthlib",
)


class PointExpired(Exception):
    """The token of the last reading is not taken any more: everything is to be read anew."""


def silence() -> None:
    """Keep the libraries from logging addresses and answers: they hold tokens and guests."""
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(logging.CRITICAL)


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the libraries raise into errors of the house.

    Raises:
        UsedWrongly, Failed: Google refused.
        Unreachable: it can't be reached, or broke off.
    """
    import google.auth.exceptions as auth
    import httplib2
    from googleapiclient.errors import Error, HttpError

    try:
        yield
    except HttpError as error:
        raise refusal(error) from None
    except auth.RefreshError as error:
        raise _not_refreshed(error) from None
    except (auth.TransportError, httplib2.ServerNotFoundError, http.client.HTTPException, OSError):
        raise Unreachable("Google can't be reached.", _AWAY) from None
    except (Error, httplib2.HttpLib2Error, auth.GoogleAuthError, ValueError):
        raise Failed(
            "What came back is no answer of Google's.",
            "Is a proxy or a login page of the network in between? See GOOGLE_PEOPLE_ENDPOINT in `parinaya config "
            "show` as well.",
        ) from None


def refusal(error: HttpError) -> ParinayaError:
    """What a refused request means."""
    status, reason, link = int(error.resp.status), *_told(error)
    if status == 401:
        return not_accepted()
    if reason == "SERVICE_DISABLED":
        where = link or "https://console.cloud.google.com/apis/library/people.googleapis.com"
        return Failed(
            "The People API is not enabled in the Google Cloud project of this client.",
            f"Enable it there, wait a minute, then run the same command again: {where}",
            code="api_not_enabled",
        )
    if reason in ("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions"):
        return Failed(
            "Google was not allowed to show the contacts to parinaya.",
            f"{SIGN_IN}, and tick the box for contacts.",
            code="scope_missing",
        )
    if status == 429 or reason in ("RATE_LIMIT_EXCEEDED", "rateLimitExceeded", "userRateLimitExceeded"):
        return Failed(
            "Google wants fewer requests, and still did after some tries.",
            "Wait a few minutes, then run the same command again; nothing was changed.",
            code="rate_limited",
        )
    if status >= 500:
        return Unreachable(
            f"Google has trouble (HTTP {status}).", "Try again in a few minutes; nothing was changed."
        )
    what = f"HTTP {status}, {reason}" if reason else f"HTTP {status}"
    return Failed(f"Google refused to show the contacts ({what}).", f"If it stays so: {SIGN_IN}")


def not_accepted() -> ParinayaError:
    """The sign-in is not valid any more: taken back, expired, or of a client that is gone."""
    return Failed("Google does not accept this sign-in any more.", SIGN_IN, code="sign_in_again")


def has_expired(error: HttpError) -> bool:
    """Whether a request that bore a sync token was refused because of it.

    An expired one is answered by 400 with the reason EXPIRED_SYNC_TOKEN, or by 410. Any other 400 means as well
    that this token does not fit this request.
    """
    return int(error.resp.status) in (400, 410)


def _told(error: HttpError) -> tuple[str, str]:
    """The reason and the link of an answer, empty where there is none."""
    reason = link = ""
    details: Any = error.error_details
    for detail in details if isinstance(details, list) else []:
        if not isinstance(detail, Mapping):
            continue
        reason = reason or _text(detail.get("reason"))
        metadata = detail.get("metadata")
        link = link or _text(metadata.get("activationUrl") if isinstance(metadata, Mapping) else "")
        links = detail.get("links")
        for one in links if isinstance(links, list) else []:
            link = link or _text(one.get("url") if isinstance(one, Mapping) else "")
    return reason, link if link.startswith("https://") else ""


def _text(value: object) -> str:
    return value[:400] if isinstance(value, str) else ""


def _not_refreshed(error: Exception) -> ParinayaError:
    """The access token could not be renewed; ``retryable``: Google said that it is its own trouble."""
    if getattr(error, "retryable", False):
        return Unreachable("Google has trouble with signing in.", "Try again in a few minutes.")
    return not_accepted()


def no_client() -> UsedWrongly:
    """No OAuth client was set."""
    return UsedWrongly(
        "Google does not know parinaya yet: there is no OAuth client.",
        "At https://console.cloud.google.com: (1) make a project, (2) enable the People API, (3) on the OAuth consent "
        "screen name yourself as a test user, (4) under Credentials create an “OAuth client ID” of the type “Desktop "
        "app”, (5) download its JSON, (6) parinaya config set GOOGLE_CLIENT_SECRETS /where/it/is.json, "
        "(7) parinaya google sign-in",
        code="no_google_client",
    )
