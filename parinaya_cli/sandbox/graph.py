"""The part of the Graph API that parinaya uses, at ``/{version}/…``: messages, templates, media, account.

Addresses and shapes: developers.facebook.com, documentation/business-messaging/whatsapp (messages,
templates/template-management, business-phone-numbers, webhooks/override), and Meta's OpenAPI file v23.0.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from parinaya_cli.domain.errors import Failed
from parinaya_cli.sandbox import faults
from parinaya_cli.sandbox.actors import Cast
from parinaya_cli.sandbox.checks import MarkRead, Send, read_request
from parinaya_cli.sandbox.deliveries import Deliveries
from parinaya_cli.sandbox.errors import GraphError, no_such_object
from parinaya_cli.sandbox.faults import Fault
from parinaya_cli.sandbox.figures import EXPIRED, Figures, token_facts
from parinaya_cli.sandbox.media import read_upload
from parinaya_cli.sandbox.numbers import user_id, wa_id
from parinaya_cli.sandbox.objects import account, app_entry, business_number, pick
from parinaya_cli.sandbox.state import Message, World
from parinaya_cli.sandbox.template_checks import Filling
from parinaya_cli.sandbox.template_creation import create_template

TRANSPORT = "parinaya.transport"
"""Key in the request's scope under which the server hands in the connection, for faults that cut it."""


class Graph:
    """The handlers, with the world they work on."""

    def __init__(self, world: World, deliveries: Deliveries, cast: Cast, closing: asyncio.Event) -> None:
        self.world = world
        self.closing = closing
        self.deliveries = deliveries
        self.cast = cast
        self.figures = Figures(world)

    def routes(self) -> list[Route]:
        """All addresses of the Graph API part."""
        return [
            Route("/{version}/{object_id}/messages", self.post_message, methods=["POST"]),
            Route("/{version}/{object_id}/message_templates", self.list_templates, methods=["GET"]),
            Route("/{version}/{object_id}/message_templates", self.post_template, methods=["POST"]),
            Route("/{version}/{object_id}/media", self.post_media, methods=["POST"]),
            Route(
                "/{version}/{object_id}/subscribed_apps",
                self.subscribed_apps,
                methods=["GET", "POST", "DELETE"],
            ),
            Route("/{version}/{object_id}/phone_numbers", self.list_numbers, methods=["GET"]),
            Route("/whatsapp_business/attachments/", self.download, methods=["GET"]),
            Route("/{version}/debug_token", self.debug_token, methods=["GET"]),
            Route("/{version}/{object_id}", self.get_object, methods=["GET"]),
            Route("/{version}/{object_id}", self.delete_object, methods=["DELETE"]),
        ]

    # ── messages ───────────────────────────────────────────────────────────────────────────────────────

    async def post_message(self, request: Request) -> Response:
        """Take a message, or say no as Meta does; or mark a message as read."""
        try:
            self._enter(request, self.world.options.phone_number_id)
            payload = await _json_object(request)
            wanted = read_request(payload, self.world.catalog, _version(request))
            if isinstance(wanted, MarkRead):
                return self._mark_read(wanted)
            return await self._send(request, wanted)
        except GraphError as error:
            self.world.refused[error.code] += 1
            raise

    def _mark_read(self, wanted: MarkRead) -> Response:
        if wanted.message_id not in self.world.inbound:
            raise GraphError(131009, "Param message_id is not the id of a message that was received.")
        return JSONResponse({"success": True})

    async def _send(self, request: Request, send: Send) -> Response:
        phone = self.world.resolve(send)
        fault = self.world.faults.next(phone)
        if fault is not None and not fault.accepts:
            return await self._refuse(request, fault)
        self.world.take_rates(phone)
        message = self.world.accept(send, phone)
        fails = int(fault.value) if fault is not None and fault.kind == faults.FAILS else None
        self.cast.arrive(message, fails)
        if fault is not None and fails is None:
            if fault.kind == faults.CUT_AFTER:
                return await _cut(request)
            if fault.kind == faults.HTTP_502_ACCEPTED:
                return PlainTextResponse("Bad Gateway", status_code=502)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.closing.wait(), fault.value)
                return await _cut(request)
        return JSONResponse(_accepted(send, message))

    async def _refuse(self, request: Request, fault: Fault) -> Response:
        if fault.kind == faults.ERROR:
            raise GraphError(int(fault.value), "This error was asked for with a fault.")
        if fault.kind == faults.CUT_BEFORE:
            return await _cut(request)
        if fault.kind == faults.HTTP_429:
            return PlainTextResponse("Too Many Requests", status_code=429, headers={"Retry-After": "1"})
        return PlainTextResponse("Internal Server Error", status_code=500)

    # ── templates ──────────────────────────────────────────────────────────────────────────────────────

    async def list_templates(self, request: Request) -> Response:
        """One page of the account's templates."""
        self._enter(request, self.world.options.waba_id)
        address = str(request.url.replace(query=""))
        query = dict(request.query_params)
        return JSONResponse(self.world.catalog.listing(query, address=address, version=_version(request)))

    async def post_template(self, request: Request) -> Response:
        """Create a template; in rehearsal it is approved at once."""
        self._enter(request, self.world.options.waba_id)
        template = create_template(await _json_object(request), self.world.catalog)
        return JSONResponse(
            {"id": template.raw["id"], "status": template.status, "category": template.category}
        )

    # ── media ──────────────────────────────────────────────────────────────────────────────────────────

    async def post_media(self, request: Request) -> Response:
        """Keep an uploaded file under an id."""
        self._enter(request, self.world.options.phone_number_id)
        mime_type, data = read_upload(await request.body(), request.headers.get("content-type", ""))
        return JSONResponse({"id": self.world.media.add(mime_type, data).id})

    async def download(self, request: Request) -> Response:
        """The bytes of a medium, at the address that ``GET /{MEDIA_ID}`` told; 404 after five minutes."""
        self._authorize(request)
        query = request.query_params
        medium = self.world.media.by_url(query.get("mid", ""), query.get("hash", ""))
        if medium is None:
            return PlainTextResponse("Not Found", status_code=404)
        return Response(medium.data, media_type=medium.mime_type)

    # ── single objects ─────────────────────────────────────────────────────────────────────────────────

    async def get_object(self, request: Request) -> Response:
        """The business number, the account, a medium or a template, by its id."""
        object_id = request.path_params["object_id"]
        self._enter(request, object_id)
        options = self.world.options
        fields = request.query_params.get("fields", "")
        if object_id == options.phone_number_id:
            return JSONResponse(pick(business_number(options), fields, "WhatsAppBusinessPhoneNumber"))
        if object_id == options.waba_id:
            told, others = self.figures.read(fields)
            kept = pick(account(options), others, "WhatsAppBusinessAccount") if others or not told else {}
            return JSONResponse({**told, **kept, "id": options.waba_id})
        if object_id in self.world.media.media:
            if (
                request.query_params.get("phone_number_id", options.phone_number_id)
                != options.phone_number_id
            ):
                raise no_such_object(object_id, "get")
            base = str(request.base_url).rstrip("/")
            return JSONResponse(self.world.media.describe(self.world.media.media[object_id], base))
        template = next((t for t in self.world.catalog.templates if t.raw["id"] == object_id), None)
        if template is None:
            raise no_such_object(object_id, "get")
        return JSONResponse(dict(template.raw))

    async def delete_object(self, request: Request) -> Response:
        """Delete a medium."""
        object_id = request.path_params["object_id"]
        self._enter(request, object_id)
        if self.world.media.media.pop(object_id, None) is None:
            raise no_such_object(object_id, "delete")
        return JSONResponse({"success": True})

    async def debug_token(self, request: Request) -> Response:
        """What there is to know of an access token; one that is not ours is not valid."""
        self._authorize(request)
        _version(request)
        token = request.query_params.get("input_token", "")
        if not token:
            raise GraphError(100, message="(#100) You must provide an input token")
        return JSONResponse({"data": token_facts(self.world, token)})

    async def list_numbers(self, request: Request) -> Response:
        """The account's numbers: one."""
        self._enter(request, self.world.options.waba_id)
        fields = request.query_params.get("fields", "")
        number = pick(business_number(self.world.options), fields, "WhatsAppBusinessPhoneNumber")
        return JSONResponse(
            {"data": [number], "paging": {"cursors": {"before": "MAZDZD", "after": "MAZDZD"}}}
        )

    async def subscribed_apps(self, request: Request) -> Response:
        """See, make or end the app's subscription to the account; with an address of its own if given."""
        self._enter(request, self.world.options.waba_id)
        options = self.world.options
        if request.method == "GET":
            data = [app_entry(options)] if self.deliveries.subscribed else []
            return JSONResponse({"data": data})
        if request.method == "DELETE":
            self.deliveries.subscribed = False
            return JSONResponse({"success": True})
        wanted = {
            **dict(request.query_params),
            **(await _json_object(request) if await request.body() else {}),
        }
        address = wanted.get("override_callback_uri")
        if address is not None:
            await self._redirect(str(address), str(wanted.get("verify_token", "")))
        self.deliveries.subscribed = True
        return JSONResponse({"success": True})

    async def _redirect(self, address: str, verify_token: str) -> None:
        if len(address) > 200 or not re.match(r"https?://[^\s/]+", address):
            raise GraphError(100, "Param override_callback_uri is not a valid URI.")
        if not await self.deliveries.greet(address, verify_token):
            raise GraphError(2200, f"Callback verification failed: {self.deliveries.last_failure}.")
        self.deliveries.redirect(address)

    # ── who may ────────────────────────────────────────────────────────────────────────────────────────

    def _enter(self, request: Request, object_id: str) -> None:
        """The token is right, the version is one, and the address names the object that it needs."""
        self._authorize(request)
        _version(request)
        if request.path_params["object_id"] != object_id:
            raise no_such_object(request.path_params["object_id"], request.method)

    def _authorize(self, request: Request) -> None:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() not in ("bearer", "oauth"):
            token = request.query_params.get("access_token", "")
        token = token.strip()
        if not token:
            raise GraphError(190, message="An access token is required to request this resource.")
        wanted = self.world.options.access_token
        if wanted is not None and token != wanted:
            raise GraphError(190, message="Invalid OAuth access token - Cannot parse access token")
        expires = self.world.token_expires
        if expires is not None and expires <= time.time():
            raise GraphError(190, message=EXPIRED)


def _version(request: Request) -> float:
    found = re.fullmatch(r"v(\d+\.\d)", request.path_params["version"])
    if found is None:
        raise GraphError(2500, message=f"Unknown path components: {request.url.path}")
    return float(found[1])


async def _json_object(request: Request) -> dict[str, Any]:
    try:
        payload = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise GraphError(100, "The body is no JSON.") from None
    if not isinstance(payload, dict):
        raise GraphError(100, "The body is no JSON object.")
    return payload


def _accepted(send: Send, message: Message) -> dict[str, Any]:
    """The answer to an accepted message; templates say so in ``message_status``."""
    contact = {"input": send.given}
    if send.phone is None:
        contact["user_id"] = user_id(message.phone)
    else:
        contact["wa_id"] = wa_id(message.phone)
    entry = {"id": message.wamid}
    if isinstance(message.content, Filling):
        entry["message_status"] = "accepted"
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [entry]}


async def _cut(request: Request) -> Response:
    """Close the connection; the response that is returned never leaves."""
    transport = request.scope.get(TRANSPORT)
    if transport is None:
        raise Failed(
            "This server can't cut connections.", "Start the stand-in with sandbox.server.run or running."
        )
    transport.close()
    while not await request.is_disconnected():
        await asyncio.sleep(0.005)
    return Response()
