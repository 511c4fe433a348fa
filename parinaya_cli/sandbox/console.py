"""The stand-in's own addresses, which Meta does not have: figures, and making a guest write now."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.sandbox.actors import Cast, Speech
from parinaya_cli.sandbox.deliveries import Deliveries
from parinaya_cli.sandbox.numbers import normal_phone, user_id
from parinaya_cli.sandbox.state import World

_KEYS = ("phone", "text", "payload", "label", "preference", "hide_phone")


class Console:
    """The handlers under ``/_sandbox/``."""

    def __init__(self, world: World, deliveries: Deliveries, cast: Cast) -> None:
        self.world = world
        self.deliveries = deliveries
        self.cast = cast

    def routes(self) -> list[Route]:
        """All addresses of the console."""
        return [
            Route("/_sandbox/figures", self.figures, methods=["GET"]),
            Route("/_sandbox/say", self.say, methods=["POST"]),
        ]

    async def figures(self, _: Request) -> Response:
        """What has happened so far. ``idle``: no timer runs and no update waits to be confirmed."""
        world = self.world
        return JSONResponse(
            {
                "accepted": world.accepted,
                "refused": {str(code): n for code, n in sorted(world.refused.items())},
                "faults": dict(sorted(world.faults.happened.items())),
                "statuses": dict(sorted(self.cast.statuses.items())),
                "webhooks": self.deliveries.figures(),
                "guests": self.cast.figures(),
                "idle": self.cast.scheduled == 0 and self.deliveries.pending == 0,
            }
        )

    async def say(self, request: Request) -> Response:
        """Make a guest write, tap or switch marketing off or on, now.

        Body: ``phone`` with ``text``; or with ``payload`` and ``label`` (a tap on the last message's
        button); or with ``preference`` (stop, resume). ``hide_phone``: as a guest with a username, without a
        number.
        """
        try:
            return JSONResponse(self._say(json.loads(await request.body())))
        except (UsedWrongly, ValueError, RecursionError) as error:
            return JSONResponse({"error": {"message": str(error)}}, status_code=400)

    def _say(self, wanted: object) -> dict[str, Any]:
        if not isinstance(wanted, dict) or not set(wanted) <= set(_KEYS):
            raise UsedWrongly(f"The body is a JSON object with {', '.join(_KEYS)}.")
        phone = normal_phone(str(wanted.get("phone", "")))
        if phone is None:
            raise UsedWrongly("phone is missing, or has no plus sign and country code.")
        given = [
            name
            for name in ("text", "payload", "preference")
            if isinstance(wanted.get(name), str) and wanted[name]
        ]
        if len(given) != 1:
            raise UsedWrongly("Give one of text, payload (with label), preference.")
        name = self.cast.script.guest(phone).household
        if given == ["preference"]:
            if wanted["preference"] not in ("stop", "resume"):
                raise UsedWrongly("preference is stop or resume.")
            self.cast.prefer(phone, wanted["preference"], name)
            return {"success": True}
        content: tuple[str, Any] = ("text", {"body": wanted.get("text")})
        quoting = None
        if given == ["payload"]:
            content = (
                "button",
                {"payload": wanted["payload"], "text": str(wanted.get("label") or wanted["payload"])},
            )
            quoting = self.world.chat(phone).last_wamid or None
        hide = wanted.get("hide_phone") is True
        wamid = self.cast.speak(Speech(phone, content, name, quoting, hide_phone=hide))
        return {"wamid": wamid, "user_id": user_id(phone)}
