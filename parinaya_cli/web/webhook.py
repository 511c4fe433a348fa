"""The receiver of webhooks.

    POST /webhooks/whatsapp
        size and time        bodies.py                              413, 408
        signature            adapters/whatsapp/signature.py         401, over the raw bytes
        a JSON object?       adapters/whatsapp/parsing.py           400; beyond our parser: kept as dead
        kept                 keeping.py, services/webhooks.keep     503 when the commit fails
        200                  after the commit

Nothing else happens in a request: what a delivery means is a matter for the worker.
Source of the rules: Meta, WhatsApp, webhooks/create-webhook-endpoint.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from parinaya_cli.domain.access import Channel
from parinaya_cli.domain.errors import ParinayaError, Unreachable
from parinaya_cli.services import figures, webhooks
from parinaya_cli.services.webhooks import Incoming
from parinaya_cli.web import clients, errors, server
from parinaya_cli.web.bodies import Crowded, Gone, Limits, TooLarge, TooSlow, answer, headers
from parinaya_cli.web.keeping import Keeper
from parinaya_cli.web.lanes import Lane
from parinaya_cli.web.metrics import CONTENT_TYPE, Counts, Scraper
from parinaya_cli.web.webhook_desk import INLINE, PATH, SIGNATURE, Desk, Keys, Outcome, settled
from parinaya_cli.web.webhook_direct import Answers, Direct
from parinaya_cli.wiring import App

_READY_PATIENCE = 5.0
_CHALLENGE = re.compile(r"[A-Za-z0-9_.~-]{1,256}")


_UNREAD = {TooLarge: Outcome.TOO_LARGE, TooSlow: Outcome.TOO_SLOW, Crowded: Outcome.CROWDED}


class Hook:
    """``PATH`` as an ASGI application."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["method"] == "POST":
            await self._post(scope, receive, send)
            return
        outcome, challenge = Outcome.WRONG_METHOD, ""
        if scope["method"] == "GET":
            challenge = verified(scope["query_string"], self._desk.keys.verify_token)
            outcome = Outcome.VERIFIED if challenge else Outcome.NOT_VERIFIED
        self._desk.counts.request(outcome.word)
        extra = [(b"allow", b"GET, POST")] if outcome is Outcome.WRONG_METHOD else []
        await answer(send, outcome.status, challenge or outcome.text, extra=extra)

    async def _post(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        try:
            body = await self._desk.reader.read(scope, receive)
            try:
                outcome = await self._take(body, headers(scope, SIGNATURE))
            finally:
                self._desk.reader.give_back(body)
        except Gone:
            outcome = Outcome.GONE
        except (TooLarge, TooSlow, Crowded) as error:
            outcome = _UNREAD[type(error)]
        self._desk.counts.request(outcome.word, time.perf_counter() - began)
        if outcome is Outcome.GONE:
            return
        linger = receive if outcome in (Outcome.TOO_LARGE, Outcome.CROWDED) else None
        await answer(send, outcome.status, outcome.text, linger=linger, close=outcome is Outcome.TOO_SLOW)

    async def _take(self, body: bytes, signatures: Sequence[bytes]) -> Outcome:
        if len(body) <= INLINE:
            found = self._desk.judge(body, signatures)
        else:
            found = await asyncio.to_thread(self._desk.judge, body, signatures)
        if isinstance(found, Outcome):
            return self._desk.refuse(found)
        return settled(found, await self._desk.keeper.keep(found))


def verified(query: bytes, verify_token: str) -> str:
    """The challenge to echo when Meta's handshake is right, else ''. Without a token nothing is ever right.

    Source: Meta, WhatsApp, webhooks/create-webhook-endpoint, "Verification requests". Each of the three
    parameters must be there once; a challenge is echoed only when it can't be anything but a plain word.
    """
    try:
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=16)
    except ValueError:
        return ""
    told = dict(pairs)
    names = [name for name, _ in pairs]
    if any(names.count(name) != 1 for name in ("hub.mode", "hub.verify_token", "hub.challenge")):
        return ""
    # Digests, because the comparison itself would tell the length of the token.
    right = hmac.compare_digest(_digest(told["hub.verify_token"]), _digest(verify_token))
    known = bool(verify_token) and told["hub.mode"] == "subscribe"
    challenge = told["hub.challenge"]
    return challenge if right and known and _CHALLENGE.fullmatch(challenge) else ""


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


class Receiver:
    """All addresses of the receiver, and what runs behind them from start to shutdown."""

    def __init__(self, app: App, limits: Limits) -> None:
        told = app.settings
        self._app = app
        self._counts = Counts()
        self._keeper = Keeper(self._store, self._counts.commit, patience=limits.answer)
        self._postgres = Lane("looking")
        self._scraper = Scraper(app, self._counts, self._postgres)
        secrets = [told.whatsapp_app_secret or "", told.whatsapp_app_secret_before or ""]
        keys = Keys(secrets, told.whatsapp_verify_token or "")
        self._desk = Desk(keys, self._keeper, self._counts, limits)
        self._hook = Hook(self._desk)
        self._watchers = clients.Figures(
            clients.networks(told.metrics_from),
            told.metrics_token or "",
            clients.networks(told.proxies or ""),
        )

    def _store(self, bodies: Sequence[Incoming]) -> int:
        with self._app.begin_as_system(Channel.WEBHOOK) as tx:
            return webhooks.keep(tx, bodies)

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """From start to shutdown; requests have been answered when it ends."""
        self._keeper.start()
        yield
        await self._keeper.close()
        self._scraper.close()
        self._postgres.close()

    def protocol(self) -> type[server.Protocol]:
        """HTTP with the short way of the usual delivery."""
        return type("Direct", (Direct,), {"desk": self._desk, "answers": Answers()})

    def built(self) -> ASGIApp:
        """The ASGI application. Deliveries don't pass through what the other addresses need."""
        built = Starlette(
            routes=[
                Route("/healthz", self.healthz),
                Route("/readyz", self.readyz),
                Route("/metrics", self.metrics),
            ],
            exception_handlers={ParinayaError: errors.handle},
            lifespan=self.lifespan,
        )
        built.router.redirect_slashes = False

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            await (self._hook if scope.get("path") == PATH else built)(scope, receive, send)

        return serve

    async def healthz(self, _: Request) -> Response:
        """The process lives."""
        return PlainTextResponse("ok\n")

    async def readyz(self, request: Request) -> Response:
        """Does Postgres answer, with the schema that we need?"""
        if not self._watchers.may(request.scope):
            return _not_for_you()
        try:
            async with asyncio.timeout(_READY_PATIENCE):
                await self._postgres.run(lambda: look(self._app))
        except TimeoutError:
            return _not_ready(Unreachable("Postgres did not answer in time."))
        except Exception as error:  # noqa: BLE001 (whatever it is, deliveries can't be stored)
            return _not_ready(error)
        return JSONResponse({"ready": True})

    async def metrics(self, request: Request) -> Response:
        """Figures for Prometheus."""
        if not self._watchers.may(request.scope):
            return _not_for_you()
        return Response(await self._scraper.text(), media_type=CONTENT_TYPE)


def _not_for_you() -> Response:
    told = "Figures are told to PARINAYA_METRICS_FROM, and to whoever has PARINAYA_METRICS_TOKEN.\n"
    return PlainTextResponse(told, 403)


def _not_ready(error: Exception) -> Response:
    told = errors.document(error)
    return JSONResponse({"ready": False, "reason": told["message"], "hint": told["hint"]}, 503)


def look(app: App) -> None:
    """Return when deliveries can be stored.

    Raises:
        Unreachable: Postgres is away.
        Failed: its schema is not the one that this version needs.
    """
    with app.begin_as_system(Channel.WEBHOOK) as tx:
        figures.require_ready(tx)


def make(app: App, limits: Limits, ready: Callable[[], None], *, life: int | None = None) -> server.Server:
    """The receiver as a server, see ``server.make``."""
    receiver = Receiver(app, limits)
    return server.make(
        receiver.built(),
        limits,
        ready,
        protocol=receiver.protocol(),
        life=life,
        debug=app.settings.debug,
    )
