"""The Graph API over HTTP: the one place that sends messages to Meta and lists templates."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import re
import ssl
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from parinaya_cli import __version__
from parinaya_cli.adapters.whatsapp import errors, templates
from parinaya_cli.adapters.whatsapp.envelope import identifier, mapping
from parinaya_cli.adapters.whatsapp.lines import KEPT, Line
from parinaya_cli.adapters.whatsapp.payloads import message_payload
from parinaya_cli.domain.errors import Failed, Unreachable, UsedWrongly
from parinaya_cli.domain.messages import NoAnswer, NotSent, OutboundMessage, Refused, SendOutcome
from parinaya_cli.domain.templates import TemplateDefinition

Result = TypeVar("Result")

LARGEST_ANSWER = 1024 * 1024
"""Bytes of an answer that are read; a longer one is no answer."""

TEMPLATES_PER_PAGE = 50
MOST_TEMPLATE_PAGES = 2_000
"""Meta allows 6,000 templates in an account, each in many languages (templates/overview)."""

_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_FAILURES = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError)
_PATH_PART = re.compile(r"[0-9A-Za-z_-]{1,64}")


@dataclass(frozen=True)
class Account:
    """Who we are at Meta. ``base_url``: scheme, host and port. ``version``: such as ``v25.0``."""

    base_url: str
    version: str
    access_token: str = field(repr=False)
    business_account_id: str


@dataclass(frozen=True)
class Timeouts:
    """Seconds. ``whole`` bounds one request from connecting to the last byte of its answer."""

    connect: float = 5.0
    write: float = 10.0
    read: float = 30.0
    whole: float = 45.0


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: httpx.Headers
    body: bytes


class CloudApi:
    """``MessageSender`` and ``TemplateSource`` over Meta's Cloud API.

    The face is synchronous; an event loop in a thread of its own keeps ``in_flight`` connections open, each with a
    pool of its own, since a shared one walks all its connections for each request and falls apart under concurrency.
    It makes no retries and follows no redirects. It is not to be carried over a fork.
    """

    def __init__(self, account: Account, *, in_flight: int = 24, timeouts: Timeouts | None = None) -> None:
        """Nothing is opened yet.

        Raises:
            UsedWrongly: an address, a version, an id or a token that no request can be made with.
        """
        _check(account)
        if in_flight < 1:
            raise UsedWrongly("At least one request must be allowed in flight.")
        self._account = account
        self._timeouts = told = timeouts or Timeouts()
        self._patience = httpx.Timeout(
            told.read, connect=told.connect, write=told.write, pool=told.connect
        ).as_dict()
        self._headers = {
            "Authorization": f"Bearer {account.access_token}",
            "User-Agent": f"parinaya/{__version__}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # a small answer must not unpack into a large one
        }
        self._lock = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None
        self._closing = AsyncExitStack()
        self._idle: list[httpx.AsyncBaseTransport] = []
        self._turns = asyncio.Semaphore(in_flight)
        self._under_way: set[asyncio.Task[None]] = set()
        self._ended: SimpleQueue[tuple[str, SendOutcome]] = SimpleQueue()
        self._tls: ssl.SSLContext | None = None
        self._addresses: dict[str, httpx.URL] = {}

    def send(self, messages: Sequence[OutboundMessage]) -> list[SendOutcome]:
        """Send all at once, as many as ``in_flight`` at a time; one outcome for each message, in order.

        A message that can't be made into a request is ``Refused`` under ``errors.UNSENDABLE``. One whose turn has
        not come within the time for one request is ``NotSent``: the call as a whole ends within twice that time.
        """
        return self._call(self._send_all(messages)) if messages else []

    def submit(self, messages: Sequence[OutboundMessage], within: float) -> None:
        """As ``send``, without waiting; one whose turn has not come within so many seconds is ``NotSent``."""
        self._running().call_soon_threadsafe(self._begin, messages, within)

    def take(self, seconds: float) -> list[tuple[str, SendOutcome]]:
        """Outcomes of submitted messages by their tokens, each once; waits for one at most so many seconds."""
        found: list[tuple[str, SendOutcome]] = []
        with suppress(Empty):
            found.append(self._ended.get(timeout=seconds) if seconds > 0 else self._ended.get_nowait())
            while True:
                found.append(self._ended.get_nowait())
        return found

    def abandon(self) -> None:
        """Cut short every submitted message under way: ``NoAnswer``, or ``NotSent`` where its turn never came."""
        self._running().call_soon_threadsafe(lambda: [task.cancel() for task in self._under_way])

    def list_templates(self) -> list[TemplateDefinition]:
        """Every template of the account, in all languages and statuses.

        Raises:
            Unreachable, Failed: the Graph API can't be reached, refused, or its list can't be read.
        """
        return self._call(self._list_all())

    def close(self) -> None:
        """Close the connections and the loop; closing twice does no harm."""
        with self._lock:
            loop, self._loop = self._loop, None
            thread, self._thread = self._thread, None
        if loop is None or thread is None:
            return
        try:
            asyncio.run_coroutine_threadsafe(self._end(), loop).result()
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    # ── connections ────────────────────────────────────────────────────────────────────────────────────

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = Thread(target=self._loop.run_forever, name="whatsapp", daemon=True)
                self._thread.start()
            return self._loop

    def _call(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._running()).result()

    async def _end(self) -> None:
        tasks = list(self._under_way)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._idle.clear()
        await self._closing.aclose()

    async def _enter(self) -> httpx.AsyncBaseTransport:
        """A line that nobody uses; the one used last, whose connection stands."""
        if not self._idle:
            return await self._closing.enter_async_context(self._new_line())
        return self._idle.pop()

    def _new_line(self) -> httpx.AsyncBaseTransport:
        """A line of one connection. Proxies of the environment hold, except towards this machine.

        httpx without its client and, where no proxy stands between, without its transport: they take ten times as
        long as the messages themselves (``lines.py``).
        """
        base, secure = self._account.base_url, self._account.base_url.startswith("https")
        # Without TLS a context that trusts nobody saves the time to load the authorities.
        made = httpx.create_ssl_context if secure else partial(ssl.SSLContext, ssl.PROTOCOL_TLS_CLIENT)
        self._tls = self._tls or made()
        proxy = _proxy_for(base)
        if proxy is None:
            return Line(httpx.URL(base), self._tls if secure else None, LARGEST_ANSWER)
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEPT)
        return httpx.AsyncHTTPTransport(verify=self._tls, limits=limits, proxy=proxy)

    def _request(self, method: str, path: str, content: bytes = b"", query: str = "") -> httpx.Request:
        """A request to the API. An address is read once, as that costs more than the rest."""
        url = self._addresses.get(path)
        if url is None:
            url = httpx.URL(f"{self._account.base_url.rstrip('/')}/{self._account.version}/{path}")
            self._addresses[path] = url
        return httpx.Request(
            method,
            url.copy_with(query=query.encode()) if query else url,
            headers=self._headers | ({"Content-Type": "application/json"} if content else {}),
            content=content or None,
            extensions={"timeout": self._patience},
        )

    # ── sending ────────────────────────────────────────────────────────────────────────────────────────

    async def _send_all(self, messages: Sequence[OutboundMessage]) -> list[SendOutcome]:
        late = asyncio.get_running_loop().time() + self._timeouts.whole

        async def one(message: OutboundMessage) -> SendOutcome:
            async with self._turns:
                return await self._take_turn(message, late)

        return list(await asyncio.gather(*map(one, messages)))

    def _begin(self, messages: Sequence[OutboundMessage], within: float) -> None:
        late = asyncio.get_running_loop().time() + within
        for message in messages:
            task = asyncio.get_running_loop().create_task(self._deliver(message, late))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _deliver(self, message: OutboundMessage, late: float) -> None:
        outcome: SendOutcome = NotSent("Its turn did not come in time.")
        try:
            async with self._turns:
                outcome = NoAnswer("The request was cut short.")
                outcome = await self._take_turn(message, late)
        except asyncio.CancelledError:
            pass  # the outcome says how far it came
        except Exception as failure:  # noqa: BLE001 - whatever it is: nobody can tell whether it left
            outcome = NoAnswer(_told(failure))
        self._ended.put((message.token, outcome))

    async def _take_turn(self, message: OutboundMessage, late: float) -> SendOutcome:
        if asyncio.get_running_loop().time() >= late:
            return NotSent("Its turn did not come in time.")
        slot = await self._enter()
        try:
            return await self._send_one(slot, message)
        finally:
            self._idle.append(slot)

    async def _send_one(self, slot: httpx.AsyncBaseTransport, message: OutboundMessage) -> SendOutcome:
        try:
            if not _PATH_PART.fullmatch(message.phone_number_id):
                raise UsedWrongly("The sending number's id is none of Meta's.")
            content = json.dumps(message_payload(message), separators=(",", ":")).encode("ascii")
        except UsedWrongly as wrong:
            return Refused(errors.own_error(errors.UNSENDABLE, "parinaya did not send this.", wrong.message))
        request = self._request("POST", f"{message.phone_number_id}/messages", content)
        try:
            answer = await self._exchange(slot, request)
        except _FAILURES as failure:
            return failure_outcome(failure)
        if answer is None:
            return NoAnswer(f"The answer was longer than {LARGEST_ANSWER} bytes.")
        return errors.response_outcome(answer.status, answer.headers, answer.body)

    async def _exchange(self, slot: httpx.AsyncBaseTransport, request: httpx.Request) -> _Answer | None:
        """One request and its whole answer; None when the answer is longer than we read."""
        async with asyncio.timeout(self._timeouts.whole):
            response = await slot.handle_async_request(request)
            body = bytearray()
            try:
                async for chunk in response.aiter_raw():
                    body += chunk
                    if len(body) > LARGEST_ANSWER:
                        return None
            finally:
                await response.aclose()
        return _Answer(response.status_code, response.headers, bytes(body))

    # ── templates ──────────────────────────────────────────────────────────────────────────────────────

    async def _list_all(self) -> list[TemplateDefinition]:
        found: list[TemplateDefinition] = []
        after: str | None = None
        seen: set[str] = set()
        for _ in range(MOST_TEMPLATE_PAGES):
            page = await self._page(after)
            listed = page.get("data")
            if not isinstance(listed, list):
                raise Failed("WhatsApp's list of templates can't be read.", _SYNC_AGAIN)
            found.extend(templates.definition(element) for element in listed)
            after = _next_cursor(page)
            if after is None:
                return found
            if after in seen:
                break
            seen.add(after)
        raise Failed("WhatsApp's list of templates does not end.", _SYNC_AGAIN)

    async def _page(self, after: str | None) -> dict[str, object]:
        query = {"fields": templates.FIELDS, "limit": str(TEMPLATES_PER_PAGE)} | (
            {"after": after} if after else {}
        )
        slot = await self._enter()
        path = f"{self._account.business_account_id}/message_templates"
        request = self._request("GET", path, query=urlencode(query))
        try:
            answer = await self._exchange(slot, request)
        except _FAILURES as failure:
            raise Unreachable(f"WhatsApp can't be reached: {_told(failure)}.", _CHECK) from failure
        finally:
            self._idle.append(slot)
        if answer is None:
            raise Failed("WhatsApp's list of templates is longer than parinaya reads.", _SYNC_AGAIN)
        data = errors.json_object(answer.body)
        error = errors.graph_error(data or {})
        if error is not None:
            why = error.title.replace(self._account.access_token, "••••")  # quoted where it can't be read
            told = f"WhatsApp refused to list templates: {why} (code {error.code})."
            raise Failed(told, errors.what_to_do(error.code))
        if data is None or answer.status != 200:
            raise Unreachable(f"WhatsApp answered with HTTP {answer.status} and no list.", _CHECK)
        return data


_SYNC_AGAIN = "Run `parinaya templates sync` again."
_CHECK = "Check the network and WhatsApp's status page, then try again."


def failure_outcome(failure: Exception) -> SendOutcome:
    """What a failed exchange says about the message.

    Before a connection stood, nothing was sent. After that nobody can tell: httpx raises the same errors
    before and after the other side has read the request.
    """
    if isinstance(failure, _NOT_SENT):
        return NotSent(_told(failure))
    return NoAnswer(_told(failure))


def _told(failure: Exception) -> str:
    detail = str(failure)
    return f"{type(failure).__name__}: {detail}"[:300] if detail else type(failure).__name__


def _next_cursor(page: dict[str, object]) -> str | None:
    """Where the next page begins: a cursor, and never the host of ``paging.next``, which must not get the token."""
    paging = mapping(page.get("paging"))
    following = paging.get("next")
    if not isinstance(following, str) or not following:
        return None
    cursor = identifier(mapping(paging.get("cursors")).get("after"))
    given = parse_qs(urlsplit(following).query).get("after", [])
    if cursor is None and not given:
        raise Failed("WhatsApp's list of templates names a next page without saying where.", _SYNC_AGAIN)
    return cursor or given[0]


def _check(account: Account) -> None:
    try:
        url = httpx.URL(account.base_url)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host or url.query or url.userinfo:
        raise UsedWrongly("The Graph API's address is no http or https address.", "Check WHATSAPP_BASE_URL.")
    if not re.fullmatch(r"v[0-9]{1,3}\.[0-9]", account.version):
        raise UsedWrongly("The Graph version does not look like v25.0.", "Check WHATSAPP_GRAPH_VERSION.")
    if not re.fullmatch(r"[!-~]+", account.access_token):
        raise UsedWrongly("The access token is empty or holds blanks.", "Check WHATSAPP_ACCESS_TOKEN.")
    if not _PATH_PART.fullmatch(account.business_account_id):
        raise UsedWrongly("The business account id is none of Meta's.", "Check WHATSAPP_BUSINESS_ACCOUNT_ID.")


def _is_local(base_url: str) -> bool:
    host = httpx.URL(base_url).host
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _proxy_for(base_url: str) -> str | None:
    """The proxy that the environment names for an address (HTTPS_PROXY, ALL_PROXY, NO_PROXY), if any."""
    url = httpx.URL(base_url)
    if _is_local(base_url) or proxy_bypass(url.host):
        return None
    named = getproxies()
    return named.get(url.scheme) or named.get("all")
