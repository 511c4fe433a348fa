"""The website.

    GET  /w/{slug}                       what anybody may see
    GET  /w/{slug}/events/{event}.ics    a public event for a calendar
    GET  /i/{token}                      one household's own page
    POST /i/{token}/rsvp                 its answers                      → 303 to its page
    GET  /i/{token}/events/{event}.ics   one of its events
    GET  /d/{token}                      the parents' page

A token is checked by its signature before anything is asked of Postgres. Whatever is not there is the same 404.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import parse_qsl

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from parinaya_cli.domain.access import Channel
from parinaya_cli.domain.errors import NotFound, ParinayaError
from parinaya_cli.domain.site_links import LinkKind, read_by_any
from parinaya_cli.services import dashboard, figures, site
from parinaya_cli.services.site import Told
from parinaya_cli.web import clients, errors, site_calendar, site_dashboard, site_pages
from parinaya_cli.web.bodies import Crowded, Gone, Limits, Reader, TooLarge, TooSlow, answer, headers
from parinaya_cli.web.site_guard import Guard
from parinaya_cli.web.site_kept import Kept
from parinaya_cli.wiring import App

THREADS = 8
"""Requests that ask Postgres at once."""

MOST_FIELDS = 500
"""Fields of a form."""

_FORM = b"application/x-www-form-urlencoded"
_SAFE: Mapping[str, str] = {
    "Content-Security-Policy": site_pages.POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_HIDDEN: Mapping[str, str] = {"X-Robots-Tag": "noindex, nofollow, noarchive", "Cache-Control": "no-store"}
_OPEN: Mapping[str, str] = {"Cache-Control": "public, max-age=60"}
_SAID = {"1": "thanks", "0": "unchanged"}

T = TypeVar("T")


def limits() -> Limits:
    """What one process takes: a form has some kilobytes."""
    return Limits(body=64 * 1024, bodies=16 * 1024 * 1024)


class Site:
    """All addresses of the website."""

    def __init__(self, app: App, told: Limits) -> None:
        self._app = app
        self._setup = app.site_setup
        self._reader = Reader(told)
        self._guard = Guard()
        self._proxies = clients.networks(app.settings.proxies or "")
        self._kept = Kept()
        self._threads: CapacityLimiter | None = None

    async def _run(self, work: Callable[[], T]) -> T:
        if self._threads is None:  # belongs to the event loop, which runs by now
            self._threads = CapacityLimiter(THREADS)
        return await to_thread.run_sync(work, limiter=self._threads)

    # ── what anybody may see ───────────────────────────────────────────────────────────────────────────

    async def public(self, request: Request) -> Response:
        """The page of a wedding."""
        slug = request.path_params["slug"]

        def look() -> str:
            with self._app.begin_as_system(Channel.SITE) as tx:
                found = site.public_page(tx, slug)
            return site_pages.public(found)

        return _page(await self._kept.get(f"/w/{slug}", lambda: self._run(look)), hidden=False)

    async def public_calendar(self, request: Request) -> Response:
        """A public event for a calendar."""
        slug, event = request.path_params["slug"], request.path_params["event"]

        def look() -> bytes:
            with self._app.begin_as_system(Channel.SITE) as tx:
                return site_calendar.write(*site.public_event(tx, slug, event))

        return _calendar(await self._run(look), event, hidden=False)

    # ── a household's own page ─────────────────────────────────────────────────────────────────────────

    async def own(self, request: Request) -> Response:
        """The page of a household."""
        token = self._token(request, LinkKind.UNIT)
        banner = _SAID.get(request.query_params.get("said", ""), "")

        def look() -> str:
            with self._app.begin_as_system(Channel.SITE) as tx:
                found = site.visit(tx, self._setup.secrets, token)
            return site_pages.unit(found, token, {}, banner)

        if banner:
            return _page(await self._run(look))
        return _page(await self._kept.get(f"/i/{token}", lambda: self._run(look)))

    async def own_calendar(self, request: Request) -> Response:
        """One of a household's events for a calendar."""
        token, event = self._token(request, LinkKind.UNIT), request.path_params["event"]

        def look() -> bytes:
            with self._app.begin_as_system(Channel.SITE) as tx:
                return site_calendar.write(*site.own_event(tx, self._setup.secrets, token, event))

        return _calendar(await self._run(look), event)

    async def rsvp(self, request: Request) -> Response:
        """The answers of a household's form."""
        if request.method != "POST":
            return _words(405, "Only POST is answered here.\n", Allow="POST")
        token = self._token(request, LinkKind.UNIT)
        kind = headers(request.scope, b"content-type")
        if [one.partition(b";")[0].strip().lower() for one in kind] != [_FORM]:
            return _words(415, "A form is expected here.\n")
        body = await self._reader.read(request.scope, request.receive)
        try:
            pairs = parse_qsl(
                body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS
            )
        except ValueError:
            return _words(400, "The form has too many fields.\n")
        finally:
            self._reader.give_back(body)
        told = await self._run(lambda: self._answer(token, pairs))
        self._kept.forget(f"/i/{token}")
        if not told.is_fine:
            return _page(site_pages.unit(told.visit, token, told.entered), 422)
        said = 1 if told.recorded else 0
        return RedirectResponse(f"/i/{token}?said={said}#told", 303, headers={**_SAFE, **_HIDDEN})

    def _answer(self, token: str, pairs: Sequence[tuple[str, str]]) -> Told:
        with self._app.begin_as_system(Channel.SITE) as tx:
            return site.answer(tx, self._setup.secrets, token, pairs)

    # ── the parents' page ──────────────────────────────────────────────────────────────────────────────

    async def parents(self, request: Request) -> Response:
        """The dashboard that a parents' link opens."""
        token = self._token(request, LinkKind.DASHBOARD)

        def look() -> str:
            with self._app.begin_as_system(Channel.SITE) as tx:
                opened = site.enter_as_parent(tx, self._setup.secrets, token)
                told = dashboard.overview(tx)
                given = site.gifts_for_parent(tx, opened)
            shared = site_dashboard.Shared(opened.side, opened.phones, given)
            return site_dashboard.page(told, shared)

        return _page(await self._kept.get(f"/d/{token}", lambda: self._run(look)))

    # ── the rest ───────────────────────────────────────────────────────────────────────────────────────

    def _token(self, request: Request, kind: LinkKind) -> str:
        token: str = request.path_params["token"]
        if read_by_any(self._setup.secrets, kind, token) is None:
            raise NotFound("There is no such page.")
        return token

    async def style(self, request: Request) -> Response:
        """The style sheet, which may be kept for ever."""
        if request.path_params["name"] != site_pages.style_name():
            raise NotFound("There is no such page.")
        kept = {**_SAFE, "Cache-Control": "public, max-age=31536000, immutable"}
        return Response(site_pages.style(), media_type="text/css", headers=kept)

    async def robots(self, _: Request) -> Response:
        """What search engines are asked to leave alone."""
        return PlainTextResponse("User-agent: *\nDisallow: /i/\nDisallow: /d/\n", headers=_SAFE)

    async def icon(self, _: Request) -> Response:
        """Browsers ask for one; there is none."""
        return Response(None, 204, {**_SAFE, "Cache-Control": "public, max-age=86400"})

    async def healthz(self, _: Request) -> Response:
        """The process lives."""
        return PlainTextResponse("ok\n", headers=_SAFE)

    async def missing(self, request: Request, _: Exception) -> Response:
        """What is not there: one page for all, whatever the reason. Who asks for too much of it has to wait."""
        secret = request.url.path.startswith(("/i/", "/d/"))
        if secret and self._guard.is_too_much(clients.address(request.scope, self._proxies)):
            answered = _page(site_pages.missing(429), 429)
            answered.headers["Retry-After"] = "60"
            return answered
        return _page(site_pages.missing(404), 404)

    async def wrong_method(self, _: Request, __: Exception) -> Response:
        """Pages are read, and nothing else."""
        return _words(405, "Only GET is answered here.\n", Allow="GET, HEAD")

    async def failed(self, request: Request, error: Exception) -> Response:
        """What can't be shown now; what went wrong is not told."""
        if isinstance(error, NotFound):
            return await self.missing(request, error)
        status = errors.status(error)
        return _page(site_pages.missing(status), status)


def _page(html: str, status: int = 200, *, hidden: bool = True) -> Response:
    told = {**_SAFE, **(_HIDDEN if hidden else _OPEN)}
    return Response(html, status, told, "text/html")


def _words(status: int, text: str, **more: str) -> Response:
    return PlainTextResponse(text, status, {**_SAFE, **_HIDDEN, **more})


def _calendar(file: bytes, event: str, *, hidden: bool = True) -> Response:
    told = {**_SAFE, **(_HIDDEN if hidden else _OPEN)}
    told["Content-Disposition"] = f'attachment; filename="{event}.ics"'
    return Response(file, 200, told, "text/calendar")


class _Form:
    """An address that takes a body: one that is too large or too slow is not waited for."""

    def __init__(self, take: Callable[[Request], Awaitable[Response]]) -> None:
        self._take = take

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._take(Request(scope, receive))
        except Gone:
            return
        except TooLarge:
            await answer(send, 413, "The form is over the limit.\n", linger=receive)
        except Crowded:
            await answer(send, 503, "Too much is being received at once. Send it again.\n", linger=receive)
        except TooSlow:
            await answer(send, 408, "The form did not come in time.\n", close=True)
        else:
            await response(scope, receive, send)


def look(app: App) -> None:
    """Return when pages can be shown.

    Raises:
        Unreachable: Postgres is away.
        Failed: its schema is not the one that this version needs.
    """
    with app.begin_as_system(Channel.SITE) as tx:
        figures.require_ready(tx)


def build(app: App, told: Limits | None = None) -> Starlette:
    """The website as an ASGI application.

    Raises:
        UsedWrongly: there is no secret that signs links.
    """
    pages = Site(app, told or limits())
    built = Starlette(
        routes=[
            Route("/w/{slug}", pages.public),
            Route("/w/{slug}/events/{event}.ics", pages.public_calendar),
            Route("/i/{token}", pages.own),
            Route("/i/{token}/rsvp", _Form(pages.rsvp)),
            Route("/i/{token}/events/{event}.ics", pages.own_calendar),
            Route("/d/{token}", pages.parents),
            Route("/static/{name}", pages.style),
            Route("/robots.txt", pages.robots),
            Route("/favicon.ico", pages.icon),
            Route("/healthz", pages.healthz),
        ],
        exception_handlers={
            404: pages.missing,
            405: pages.wrong_method,
            ParinayaError: pages.failed,
            Exception: pages.failed,
        },
    )
    built.router.redirect_slashes = False
    return built
