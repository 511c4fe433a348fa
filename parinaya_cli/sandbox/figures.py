"""What the stand-in tells of its access token, and how many messages it counted.

Shapes: developers.facebook.com, docs/graph-api/reference/debug_token and …/reference/waba-analytics;
documentation/business-messaging/whatsapp/analytics. Days are those of India, as the account's time zone says.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any

from parinaya_cli.sandbox.errors import GraphError
from parinaya_cli.sandbox.faults import NO_PERMISSION
from parinaya_cli.sandbox.state import World

EXPIRED = "Error validating access token: Session has expired."

_SCOPES = ["business_management", "whatsapp_business_management", "whatsapp_business_messaging"]
_ZONE = timezone(timedelta(hours=5, minutes=30))
_ANALYTICS = re.compile(r"(?:^|,)\s*analytics((?:\.[a-z_]+\([^()]*\))*)\s*(?:,|$)")
_FILTER = re.compile(r"\.([a-z_]+)\(([^()]*)\)")


def token_facts(world: World, token: str) -> dict[str, Any]:
    """The ``data`` of ``GET /debug_token``; one that never expires does so at 0."""
    wanted = world.options.access_token
    if wanted is not None and token != wanted:
        error = {"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"}
        return {"error": error, "is_valid": False, "scopes": []}
    short = world.faults.of_account(NO_PERMISSION) is not None
    return {
        "app_id": world.options.app_id,
        "type": "SYSTEM_USER",
        "application": world.options.verified_name,
        "data_access_expires_at": 0,
        "expires_at": int(world.token_expires or 0),
        "is_valid": True,
        "issued_at": int(world.begun),
        "scopes": _SCOPES[:-1] if short else _SCOPES,
        "user_id": "122100000000000001",
    }


class Figures:
    """The ``analytics`` of the account: messages told to be sent and delivered, by day."""

    def __init__(self, world: World) -> None:
        self._world = world

    def read(self, fields: str) -> tuple[dict[str, Any], str]:
        """The figures, if ``fields`` asks for them, and the other fields that it asks for.

        Raises:
            GraphError: 100 without a time, or for another granularity than days.
        """
        found = _ANALYTICS.search(fields)
        if found is None:
            return {}, fields
        others = ",".join(one for one in (fields[: found.start()], fields[found.end() :]) if one.strip(", "))
        return {"analytics": self._days(dict(_FILTER.findall(found[1])))}, others

    def _days(self, told: dict[str, str]) -> dict[str, Any]:
        start, end = told.get("start", ""), told.get("end", "")
        if not (start.isdigit() and end.isdigit()) or told.get("granularity") != "DAY":
            raise GraphError(100, "Param analytics needs start, end and granularity DAY.")
        number = self._world.options.display_phone_number
        try:
            numbers = json.loads(told.get("phone_numbers", "[]"))
        except ValueError:
            raise GraphError(100, "Param phone_numbers is no list.") from None
        counts: dict[int, Counter[str]] = {}
        for at, status in self._world.told if not numbers or number in map(str, numbers) else ():
            if int(start) <= at < int(end):
                day = datetime.fromtimestamp(at, _ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
                counts.setdefault(int(day.timestamp()), Counter())[status] += 1
        points = [
            {"start": day, "end": day + 86_400, "sent": count["sent"], "delivered": count["delivered"]}
            for day, count in sorted(counts.items())
        ]
        return {"phone_numbers": [number], "granularity": "DAY", "data_points": points}
