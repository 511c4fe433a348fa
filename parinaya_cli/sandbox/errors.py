"""Meta's error codes and the form in which the Graph API tells them.

Codes, titles and HTTP statuses follow Meta's page "Error codes" of the WhatsApp Business Platform
(developers.facebook.com, documentation/business-messaging/whatsapp/support/error-codes). Rate errors are
HTTP 400 there, so they are here.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

HREF = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"


@dataclass(frozen=True)
class Known:
    """What the page says of one code: its title and the HTTP status of an answer that carries it."""

    title: str
    status: int = 400


CODES: dict[int, Known] = {
    0: Known("AuthException", 401),
    1: Known("API Unknown"),
    2: Known("API Service", 503),
    3: Known("API Method", 500),
    4: Known("API Too Many Calls"),
    10: Known("Permission Denied", 403),
    33: Known("Parameter value is not valid"),
    100: Known("Invalid parameter"),
    190: Known("Access token has expired", 401),
    200: Known("API Permission", 403),
    368: Known("Temporarily blocked for policies violations", 403),
    2200: Known("Callback verification failed"),
    2500: Known("An unknown error has occurred"),
    80007: Known("Rate limit issues"),
    130403: Known("Business has blocked this user"),
    130429: Known("Rate limit hit"),
    130472: Known("User's number is part of an experiment"),
    130497: Known("Business account is restricted from messaging users in this country", 403),
    131000: Known("Something went wrong", 500),
    131005: Known("Access denied", 403),
    131008: Known("Required parameter is missing"),
    131009: Known("Parameter value is not valid"),
    131016: Known("Service unavailable", 500),
    131021: Known("Recipient cannot be sender"),
    131026: Known("Message undeliverable"),
    131030: Known("Recipient phone number not in allowed list"),
    131031: Known("Account has been locked", 403),
    131037: Known("Display name approval is required before sending messages"),
    131042: Known("Business eligibility payment issue"),
    131045: Known("Incorrect certificate", 500),
    131047: Known("Re-engagement message"),
    131048: Known("Spam rate limit hit"),
    131049: Known("This message was not delivered to maintain healthy ecosystem engagement"),
    131050: Known("User has stopped receipt of marketing messages from this business"),
    131051: Known("Unsupported message type"),
    131052: Known("Media download error"),
    131053: Known("Media upload error"),
    131055: Known("Only marketing template messages are allowed"),
    131056: Known("(Business Account, Consumer Account) pair rate limit hit"),
    131057: Known("Account in maintenance mode", 500),
    131059: Known("Paging cursor is no longer valid"),
    131064: Known("Account limit reached through misclassified templates"),
    132000: Known("Number of parameters does not match the expected number of params"),
    132001: Known("Template name does not exist in the translation", 404),
    132005: Known("Translated text too long"),
    132007: Known("Template format character policy violated"),
    132008: Known("Template parameter format is invalid"),
    132012: Known("Parameter format does not match format in the created template"),
    132015: Known("Template is paused"),
    132016: Known("Template is disabled"),
    132018: Known("There is an issue with the parameters in your template"),
    132068: Known("Flow is in blocked state"),
    132069: Known("Flow is in throttled state"),
    133004: Known("Server temporarily unavailable", 503),
    133010: Known("Phone number not registered"),
    134101: Known("Template is syncing"),
    135000: Known("Generic user error"),
    137000: Known("Recipient identity key hash mismatch"),
}

TRANSIENT = frozenset({1, 2, 4, 80007, 130429, 131000, 131016, 131056, 131057, 133004})
WITHHELD = frozenset({130472, 130497, 131049, 131050, 132015})
"""Codes of messages that Meta itself holds back: no ``sent`` comes before their ``failed``."""


class GraphError(Exception):
    """An answer of the Graph API that says no.

    ``details`` goes into ``error_data``; ``message`` replaces the usual text; ``subcode`` appears where Meta
    still tells one (objects that do not exist, templates that can't be created).
    """

    def __init__(
        self, code: int, details: str = "", *, message: str = "", subcode: int | None = None, title: str = ""
    ) -> None:
        super().__init__(f"{code}: {details or message}")
        self.code = code
        self.details = details
        self.subcode = subcode
        self.title = title
        known = CODES.get(code, Known("Unknown error"))
        self.status = known.status
        self.message = message or f"(#{code}) {known.title}"

    def body(self) -> dict[str, Any]:
        """The JSON of the answer, with a trace id of its own."""
        kind = "GraphMethodException" if self.subcode == 33 else "OAuthException"
        error: dict[str, Any] = {"message": self.message, "type": kind, "code": self.code}
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        if self.code in TRANSIENT:
            error["is_transient"] = True
        if self.title:
            error["error_user_title"] = self.title
            error["error_user_msg"] = self.details
        elif self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        error["fbtrace_id"] = "A" + secrets.token_urlsafe(16)
        return {"error": error}


def no_such_object(object_id: str, method: str) -> GraphError:
    """The answer for an id that is unknown, or of another kind than the address needs (100, subcode 33)."""
    text = (
        f"Unsupported {method.lower()} request. Object with ID '{object_id}' does not exist, cannot be "
        "loaded due to missing permissions, or does not support this operation. Please read the Graph API "
        "documentation at https://developers.facebook.com/docs/graph-api"
    )
    return GraphError(100, message=text, subcode=33)


def status_error(code: int, details: str = "") -> dict[str, Any]:
    """One entry of ``statuses[].errors[]`` in the webhook that tells of a failed message."""
    title = CODES.get(code, Known("Unknown error")).title
    return {
        "code": code,
        "title": title,
        "message": title,
        "error_data": {"details": details or f"{title}."},
        "href": HREF,
    }
