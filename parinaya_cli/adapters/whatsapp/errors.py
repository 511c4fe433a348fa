"""Meta's error codes as families, and the answers of the Graph API as outcomes.

The codes are those of Meta's list (developers.facebook.com, WhatsApp, support/error-codes). Meta asks to
branch on ``code`` and never on titles or on the HTTP status: titles are translated, and rate errors come as
400. A code that is not in the table passes through as ``ErrorFamily.OTHER``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from parinaya_cli.domain.messages import Accepted, ErrorFamily, NoAnswer, ProviderError, Refused, SendOutcome

NO_REASON = -1
"""Our own code: the provider said that a message failed and gave no code."""

UNSENDABLE = -2
"""Our own code: parinaya did not send the message, because no request can be made of it."""

HTTP_TOO_MANY = 429
"""Our own code for an HTTP 429 without an error of Meta's: something before the API refused."""

LARGEST_CODE = 2**31 - 1
"""A larger number is no error code of Meta's."""

LONGEST_RETRY_AFTER = 86_400.0
"""A Retry-After beyond a day is taken as a day, in seconds."""

_RENEW = "Put a valid system user token into WHATSAPP_ACCESS_TOKEN, then resume the batch."
_RIGHTS = "Give the system user the WhatsApp account and its permissions in Meta's Business settings."
_REGISTER = "Register the phone number again in WhatsApp Manager."
_LATER = "WhatsApp has trouble of its own; the message is tried again by itself."
_SUPPORT = "Look at Business Support Home in Meta Business Suite and settle what it shows, then resume."
_MAPPING = "Compare the template's parameters with `parinaya templates show` and map them again."
_VALUES = "Correct the values of this guest, then send again."
_OTHER_ROUTE = "Use another template: this one can't be sent over the Cloud API."
_FLOW = "Look at the Flow of this template in WhatsApp Manager."

_F = ErrorFamily
_CODES: dict[int, tuple[ErrorFamily, str]] = {
    # our own
    NO_REASON: (_F.OTHER, "WhatsApp gave no reason; reach this guest another way."),
    UNSENDABLE: (_F.PARAMETERS, _VALUES),
    HTTP_TOO_MANY: (_F.NUMBER_THROTTLE, "Nothing to do: parinaya sends more slowly for a while."),
    # says it failed, for now
    1: (_F.SAYS_FAILED, _LATER),
    2: (_F.SAYS_FAILED, _LATER),
    131000: (_F.SAYS_FAILED, _LATER),
    131016: (_F.SAYS_FAILED, _LATER),
    133004: (_F.SAYS_FAILED, _LATER),
    # too fast
    4: (_F.NUMBER_THROTTLE, "The app's hourly quota of calls is used up; it refills within the hour."),
    80007: (
        _F.NUMBER_THROTTLE,
        "The account's hourly quota of calls is used up; it refills within the hour.",
    ),
    130429: (_F.NUMBER_THROTTLE, "Nothing to do: parinaya sends more slowly for a while."),
    131056: (_F.PAIR_THROTTLE, "Nothing to do: this guest's next message waits a little."),
    131057: (_F.MAINTENANCE, "The number is in maintenance for some minutes; sending goes on by itself."),
    2494100: (_F.MAINTENANCE, "The number is in maintenance for some minutes; sending goes on by itself."),
    # this person
    131049: (
        _F.WITHHELD,
        "WhatsApp holds marketing messages back from this guest; call them, or try in a day.",
    ),
    130472: (_F.WITHHELD, "WhatsApp keeps this guest free of marketing messages; ask them to write first."),
    131026: (_F.RECIPIENT, "The guest may not be on WhatsApp; check the number or call them."),
    131021: (_F.RECIPIENT, "The guest's number is the sending number itself; correct the number."),
    131030: (_F.RECIPIENT, "Meta's test number sends to listed people only; add the guest to its list."),
    131062: (_F.RECIPIENT, "This message needs a phone number; ask the guest for it."),
    130403: (_F.RECIPIENT, "You have blocked this guest; unblock them in WhatsApp Manager."),
    130497: (_F.RECIPIENT, "The account may not write to this country; reach the guest another way."),
    137000: (_F.RECIPIENT, "The guest has changed phones; confirm that it is still them."),
    131050: (_F.OPTED_OUT, "The guest stopped marketing messages; reach them another way."),
    131047: (_F.WINDOW, "More than a day has passed since the guest wrote; send a template instead."),
    # this template
    132001: (_F.TEMPLATE, "The template is missing in this language or not approved; run `templates sync`."),
    132007: (_F.TEMPLATE, "The template breaks a policy of WhatsApp; change its text in WhatsApp Manager."),
    132015: (_F.TEMPLATE, "WhatsApp has paused the template for poor feedback; wait, or use another one."),
    132016: (_F.TEMPLATE, "WhatsApp has disabled the template for good; use another one."),
    134101: (_F.TEMPLATE, "WhatsApp is still preparing the template; try again in ten minutes."),
    134102: (_F.TEMPLATE, _OTHER_ROUTE),
    134100: (_F.TEMPLATE, _OTHER_ROUTE),
    131055: (_F.TEMPLATE, _OTHER_ROUTE),
    131061: (_F.TEMPLATE, _OTHER_ROUTE),
    131063: (_F.TEMPLATE, "Allow marketing messages on the Cloud API in WhatsApp Manager."),
    131053: (_F.TEMPLATE, "WhatsApp could not fetch the header's picture or file; upload it again."),
    132068: (_F.TEMPLATE, _FLOW),
    132069: (_F.TEMPLATE, _FLOW),
    # this guest's values
    100: (_F.PARAMETERS, _VALUES),
    131008: (_F.PARAMETERS, _VALUES),
    131009: (_F.PARAMETERS, _VALUES),
    131051: (_F.PARAMETERS, "WhatsApp does not take this kind of message; use another template."),
    132000: (_F.PARAMETERS, _MAPPING),
    132005: (_F.PARAMETERS, "The text became too long; shorten this guest's values."),
    132008: (_F.PARAMETERS, _MAPPING),
    132012: (_F.PARAMETERS, _MAPPING),
    132018: (_F.PARAMETERS, _VALUES),
    135000: (_F.PARAMETERS, _MAPPING),
    # the account
    0: (_F.ACCOUNT, _RENEW),
    190: (_F.ACCOUNT, _RENEW),
    3: (_F.ACCOUNT, _RIGHTS),
    10: (_F.ACCOUNT, _RIGHTS),
    131005: (_F.ACCOUNT, _RIGHTS),
    33: (_F.ACCOUNT, "The sending number is gone or its id is wrong; check WHATSAPP_PHONE_NUMBER_ID."),
    368: (_F.ACCOUNT, _SUPPORT),
    131031: (_F.ACCOUNT, _SUPPORT),
    131048: (_F.ACCOUNT, "Too many guests blocked or reported the number; find out why before going on."),
    131064: (
        _F.ACCOUNT,
        "Templates were put in the wrong category; correct them and wait for the limit to lift.",
    ),
    131042: (_F.ACCOUNT, "Add or repair the payment method of the WhatsApp account, then resume the batch."),
    134011: (_F.ACCOUNT, "Accept the payment terms in WhatsApp Manager, then resume the batch."),
    131037: (_F.ACCOUNT, "Get the display name of the number approved in WhatsApp Manager."),
    131045: (_F.ACCOUNT, _REGISTER),
    133005: (_F.ACCOUNT, _REGISTER),
    133006: (_F.ACCOUNT, _REGISTER),
    133008: (_F.ACCOUNT, _REGISTER),
    133009: (_F.ACCOUNT, _REGISTER),
    133010: (_F.ACCOUNT, _REGISTER),
    133015: (_F.ACCOUNT, _REGISTER),
    133016: (_F.ACCOUNT, _REGISTER),
    # other
    131052: (_F.OTHER, "WhatsApp could not fetch what the guest sent; ask them to send it another way."),
    131059: (_F.OTHER, "The list of templates changed while it was read; run `templates sync` again."),
    2388019: (_F.OTHER, "The account has as many templates as Meta allows; delete some in WhatsApp Manager."),
}

KNOWN_CODES: frozenset[int] = frozenset(_CODES)
"""The codes that the table names; 200 to 299 are known besides (missing permissions)."""

_UNKNOWN = "parinaya does not know this error; look it up in Meta's list of WhatsApp error codes."


def _known(code: int) -> tuple[ErrorFamily, str] | None:
    if 200 <= code <= 299:
        return (ErrorFamily.ACCOUNT, _RIGHTS)
    return _CODES.get(code)


def family_of(code: int) -> ErrorFamily:
    """The family of a code of Meta's; ``OTHER`` when the code is not known."""
    known = _known(code)
    return known[0] if known else ErrorFamily.OTHER


def what_to_do(code: int) -> str:
    """One plain sentence for operators: what to do about an error with this code."""
    known = _known(code)
    return known[1] if known else _UNKNOWN


def own_error(code: int, title: str, details: str = "") -> ProviderError:
    """An error under one of our own codes (``NO_REASON``, ``UNSENDABLE``, ``HTTP_TOO_MANY``)."""
    return ProviderError(code, family_of(code), title, details)


# ── the answer to a request ────────────────────────────────────────────────────────────────────────────


def response_outcome(status: int, headers: Mapping[str, str], body: bytes) -> SendOutcome:
    """What the answer to a send says about the message.

    ``headers`` are looked up by their lower-case names. A known code is a refusal whatever the HTTP status;
    an unknown code is one only with a 4xx: a server in trouble may have taken the message before it said so.
    Everything that is neither an acceptance with a message id nor such a refusal is ``NoAnswer``.
    """
    data = json_object(body) or {}
    error = graph_error(data)
    if error is not None and (_known(error.code) or (400 <= status < 500 and status != 408)):
        if status == HTTP_TOO_MANY and error.family is ErrorFamily.OTHER:
            error = ProviderError(
                error.code, ErrorFamily.NUMBER_THROTTLE, error.title, error.details, error.trace_id
            )
        return Refused(error, retry_after(headers))
    if status == HTTP_TOO_MANY:
        return Refused(own_error(HTTP_TOO_MANY, "Too many requests"), retry_after(headers))
    if error is None and 200 <= status < 300:
        return _acceptance(data) or NoAnswer(f"HTTP {status} without a message id.")
    code = f" and the unknown error code {error.code}" if error else " and no error of Meta's"
    return NoAnswer(f"HTTP {status}{code}.")


def graph_error(data: Mapping[str, object]) -> ProviderError | None:
    """The error object of an answer of the Graph API, or None when there is none in its proper form.

    The form: ``error.{message, type, code, error_data.details, fbtrace_id}`` (Meta, Graph API,
    guides/error-handling). Without an integer code and a message it is no error of Meta's.
    """
    error = data.get("error")
    if not isinstance(error, dict):
        return None
    code, message = error.get("code"), error.get("message")
    if not isinstance(code, int) or isinstance(code, bool) or not isinstance(message, str):
        return None
    if abs(code) > LARGEST_CODE:
        return None
    extra = error.get("error_data")
    details = extra.get("details") if isinstance(extra, dict) else extra
    trace = error.get("fbtrace_id")
    return ProviderError(
        code=code,
        family=family_of(code),
        title=printable(message),
        details=printable(details) if isinstance(details, str) else "",
        trace_id=printable(trace) if isinstance(trace, str) else "",
    )


def json_object(body: bytes) -> dict[str, object] | None:
    """An answer's body as a JSON object, or None when it is none."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by the Retry-After header (RFC 9110, 10.2.3), at most a day; None when it names none.

    The form with a date is read against the answer's own Date header, so that no clock of ours matters.
    """
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", value):
        return min(float(value), LONGEST_RETRY_AFTER)
    try:
        until, now = parsedate_to_datetime(value), parsedate_to_datetime(headers.get("date", ""))
        seconds = (until - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER) if math.isfinite(seconds) else None


def _acceptance(data: Mapping[str, object]) -> Accepted | None:
    message = _first(data.get("messages"))
    message_id = message.get("id")
    if not isinstance(message_id, str) or not message_id or len(message_id) > 512:
        return None
    wa_id = _first(data.get("contacts")).get("wa_id")
    state = message.get("message_status")
    return Accepted(
        message_id=printable(message_id),
        wa_id=printable(wa_id) if isinstance(wa_id, str) and wa_id else None,
        held=state in ("held_for_quality_assessment", "paused"),
    )


def _first(items: object) -> Mapping[str, object]:
    if isinstance(items, list) and items and isinstance(items[0], dict):
        return items[0]
    return {}


def printable(text: str) -> str:
    """Text that Postgres takes, of bounded length: no NUL, no half of a surrogate pair."""
    return re.sub("[\x00\ud800-\udfff]", "\ufffd", text[:1000])
