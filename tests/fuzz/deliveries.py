"""What WhatsApp sends, or says it sends: deliveries and their signatures."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import strategies as st

from parinaya_cli.adapters.whatsapp import envelope, parsing, signature
from parinaya_cli.domain.errors import Failed, UsedWrongly
from tests.fuzz.pieces import Target, words

_KEYS = re.findall(
    r"\w+",
    """
    object entry changes value field id metadata phone_number_id display_phone_number contacts wa_id
    profile name messages statuses errors from from_user_id user_id timestamp type text body button
    payload interactive button_reply list_reply title status recipient_id biz_opaque_callback_data code
    error_data details image caption system user_preferences category event message_template_name
    message_template_language time
    """,
)
_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**21), 10**21),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["919820010001", "1763800000", "sent", "failed", "text", "button", "messages", "stop", "en", "\x00"]
    ),
)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=6),
    max_leaves=20,
)
_VALUES = st.dictionaries(st.sampled_from(_KEYS), _JSON, max_size=8).map(
    lambda told: {"metadata": {"phone_number_id": "106540352242922"}, **told}
)


def _delivery(changes: list[tuple[str, dict[str, Any]]]) -> bytes:
    told = [{"field": name, "value": value} for name, value in changes]
    body = {"object": envelope.OBJECT, "entry": [{"id": "1022", "time": 1763800000, "changes": told}]}
    return json.dumps(body).encode("ascii")


_FIELDS = st.sampled_from(
    [
        "messages",
        "user_preferences",
        "account_update",
        "message_template_status_update",
        "account_alerts",
        "x",
    ]
)
_DELIVERIES = st.one_of(
    st.binary(max_size=200),
    _JSON.map(lambda told: json.dumps(told).encode("ascii")),
    st.lists(st.tuples(_FIELDS, _VALUES), min_size=1, max_size=4).map(_delivery),
)


def check_delivery(body: bytes) -> None:
    """Every item becomes an update with a key that Postgres takes; the receiver and the worker agree."""
    kind = parsing.look(body).kind
    try:
        updates = parsing.parse(body)
    except UsedWrongly:
        assert kind == "other"
        return
    except Failed:
        assert kind == "beyond"
        return
    assert kind == "object"
    assert len(updates) == len(envelope.items(body)) >= 1
    assert updates == parsing.parse(body) or "nan" in repr(updates)
    for one in updates:
        assert "\x00" not in one.key
        one.key.encode("utf-8")


def check_signature(told: tuple[str, bytes, str]) -> None:
    """Only the right header opens the door, and it always does."""
    secret, body, header = told
    right = signature.sign(secret, body)
    assert signature.check([secret], body, header) == (bool(secret) and header == right)
    assert signature.check(["other", secret], body, right) == bool(secret)
    assert not signature.check([secret], body + b"x", right)


TARGETS: dict[str, Target] = {
    "signature": Target(
        st.tuples(st.text(max_size=8), st.binary(max_size=40), words("sha256=", "ab" * 32)), check_signature
    ),
    "webhook": Target(_DELIVERIES, check_delivery),
}
