"""A small guard around the application: who may come in, what they may reach, and what their browser may load.

It answers `/healthz`, lets only known paths through, refuses websockets and posts from other origins, keeps the number
of visitors within the seats, and adds the headers that keep a browser from talking to anybody else.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from http.cookies import CookieError, SimpleCookie
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards import texts
from dashboards.messages import Verdict, verdict

logger = logging.getLogger(__name__)

PAGES = frozenset({"/", "/market", "/lessons", "/compare", "/results", "/life"})
OPEN = ("/static/", "/jupyter/nbextensions/")
KERNEL = re.compile(r"^/jupyter/api/kernels/([A-Za-z0-9-]{1,64})/channels$")
CLOSE = re.compile(r"^/_solara/api/close/[A-Za-z0-9-]{1,64}$")
HOST = re.compile(r"^[A-Za-z0-9.\-]{1,253}(:\d{1,5})?$|^\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?$")

SEAT_COOKIE = "whosecar-seat"
SECONDS_TO_SIT_DOWN = 30.0
"""How long a seat is kept for somebody who has loaded the page and not yet opened its websocket."""

SECONDS_BETWEEN_ADDRESSES = 0.1
"""A page that is sent to another address faster than it can be drawn breaks: its drawing gives up after 100 tries."""

SECONDS_UNTIL_REST = 12.0
"""So long after the last visitor has gone the server lets go of the threads that served visitors."""

UNTRUSTED = frozenset({b"script-name", b"x-script-name", b"x-forwarded-host", b"x-forwarded-prefix"})
"""Headers by which one visitor could change the addresses in everybody's page; they are dropped."""


def security_headers(host: str) -> list[tuple[bytes, bytes]]:
    """Headers for every answer. The page's own scripts stand in it and compile templates, so these two are allowed."""
    policy = (
        "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws://{host} wss://{host}; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    )
    return [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    ]


class Seats:
    """How many visitors may be in at once: those connected, those whose market still lives, those on their way in."""

    def __init__(
        self, seats: int, alive: Callable[[], Iterable[str]] = tuple, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`alive` lists the kernels that the application keeps, connected or not."""
        self.seats, self._alive, self._clock = seats, alive, clock
        self._connected: Counter[str] = Counter()
        self._expected: dict[str, float] = {}
        self._lock = threading.Lock()

    def taken(self) -> int:
        """Seats that are not free now."""
        with self._lock:
            return self._taken()

    def _taken(self) -> int:
        now = self._clock()
        self._expected = {ticket: until for ticket, until in self._expected.items() if until > now}
        return len(set(self._connected) | set(self._alive())) + len(self._expected)

    def expect(self, ticket: str | None) -> str | None:
        """Keep a seat for somebody who loads the page; the ticket to sit down with, or none when all are taken."""
        with self._lock:
            free = self._taken() < self.seats
            if ticket not in self._expected:
                if not free:
                    return None
                ticket = secrets.token_urlsafe(16)
            assert ticket is not None
            self._expected[ticket] = self._clock() + SECONDS_TO_SIT_DOWN
            return ticket

    def sit(self, kernel: str, ticket: str | None) -> bool:
        """Seat a websocket: whoever holds a ticket or comes back to its own kernel, or anybody while seats are free."""
        with self._lock:
            taken = self._taken()
            invited = self._expected.pop(ticket, None) is not None if ticket else False
            if not (invited or kernel in self._connected or kernel in set(self._alive()) or taken < self.seats):
                return False
            self._connected[kernel] += 1
            return True

    def leave(self, kernel: str) -> None:
        """One websocket of a kernel has closed."""
        with self._lock:
            self._connected[kernel] -= 1
            if self._connected[kernel] <= 0:
                del self._connected[kernel]

    @property
    def deserted(self) -> bool:
        """Whether no websocket is open."""
        return not self._connected


class Guard:
    """The ASGI application that stands in front of Solara's."""

    def __init__(self, application: ASGIApp, seats: Seats, full_page: str) -> None:
        """`full_page` is what a visitor sees when no seat is free."""
        self._application, self._seats, self._full_page = application, seats, full_page
        self._resting: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through, answer or refuse one connection."""
        if scope["type"] == "lifespan":
            await self._application(scope, receive, send)
            return
        headers = dict(scope["headers"])
        scope["headers"] = [(name, text) for name, text in scope["headers"] if name not in UNTRUSTED]
        host = headers.get(b"host", b"").decode("latin-1")
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send, headers, host)
        else:
            await self._http(scope, receive, send, headers, host)

    async def _http(self, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, bytes], host: str) -> None:
        answer: ASGIApp
        if not HOST.match(host):
            answer, host = PlainTextResponse("bad host", 400), "invalid"
        else:
            answer = self._answer(scope["path"], scope["method"], headers, host)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *security_headers(host)]}
            await send(message)

        await answer(scope, receive, guarded)

    def _answer(self, path: str, method: str, headers: dict[bytes, bytes], host: str) -> ASGIApp:
        if method == "POST":
            allowed = CLOSE.match(path) and same_origin(headers, host)
            return self._application if allowed else PlainTextResponse("not allowed", 403)
        if method not in ("GET", "HEAD"):
            return PlainTextResponse("not allowed", 405)
        if path == "/healthz":
            content = {"status": "ok", "seats": self._seats.seats, "taken": self._seats.taken()}
            return Response(json.dumps(content), media_type="application/json")
        if path in PAGES:
            return self._page(headers)
        if path.startswith(OPEN) and ".." not in PurePosixPath(path).parts:
            return self._application
        return PlainTextResponse("not found", 404)

    def _page(self, headers: dict[bytes, bytes]) -> ASGIApp:
        ticket = self._seats.expect(_ticket(headers))
        if ticket is None:
            return HTMLResponse(self._full_page, 503, {"retry-after": "15", "cache-control": "no-store"})
        cookie = f"{SEAT_COOKIE}={ticket}; Path=/; HttpOnly; SameSite=Lax".encode()

        async def seated(scope: Scope, receive: Receive, send: Send) -> None:
            async def with_ticket(message: Message) -> None:
                if message["type"] == "http.response.start":
                    more = [(b"set-cookie", cookie), (b"cache-control", b"no-store")]
                    message = {**message, "headers": [*message.get("headers", ()), *more]}
                await send(message)

            await self._application(scope, receive, with_ticket)

        return seated

    async def _websocket(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, bytes], host: str
    ) -> None:
        found = KERNEL.match(scope["path"])
        if not found or not HOST.match(host) or not same_origin(headers, host):
            logger.warning("websocket refused: path or origin")
            await _refuse(receive, send, 1008)
            return
        kernel = found.group(1)
        if not self._seats.sit(kernel, _ticket(headers)):
            await _refuse(receive, send, 1013)
            return
        try:
            await self._application(scope, checked(receive, send), send)
        except Exception as fault:
            # Solara raises on whatever a browser sends that is no message of its own; that is the browser's fault.
            logger.warning("a websocket was ended: %s", _innermost(fault))
            logger.debug("how it ended", exc_info=fault)
        finally:
            self._seats.leave(kernel)
            if self._seats.deserted:
                if self._resting is not None:
                    self._resting.cancel()
                self._resting = asyncio.get_running_loop().create_task(self._rest())

    async def _rest(self) -> None:
        """Let threads go when nobody is there: their pool ends those that were idle for ten seconds, when next used."""
        await asyncio.sleep(SECONDS_UNTIL_REST)
        if self._seats.deserted:
            await run_in_threadpool(int)


def checked(receive: Receive, send: Send) -> Receive:
    """Receive what a page sends; at the first message that is none of a page's the websocket ends, said once.

    An address that comes too soon after another one waits.
    """
    next_address = 0.0

    async def fit() -> Message:
        nonlocal next_address
        while True:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            text = message.get("text")
            found = verdict(message.get("bytes") if text is None else text)
            if found is Verdict.FIT:
                if text is not None and '"location"' in text:
                    await asyncio.sleep(max(0.0, next_address - time.monotonic()))
                    next_address = time.monotonic() + SECONDS_BETWEEN_ADDRESSES
                return message
            if found is Verdict.UNFIT:
                logger.warning("a websocket was ended: it sent what no page sends")
                await send({"type": "websocket.close", "code": 1008})
                return {"type": "websocket.disconnect", "code": 1008}

    return fit


def same_origin(headers: dict[bytes, bytes], host: str) -> bool:
    """Whether a browser sent this from one of our own pages; a request that does not say so is refused."""
    origin = headers.get(b"origin", b"").decode("latin-1")
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()


def full_page(seats: int) -> str:
    """What a visitor sees when no seat is free: both languages, no script, tries again by itself."""
    blocks = "".join(
        f'<section lang="{texts.HTML_LANGUAGE[language]}"><h1>{texts.say("full_title", language)}</h1>'
        f"<p>{texts.say('full_text', language, seats=seats)}</p></section>"
        for language in texts.LANGUAGES
    )
    style = (
        ":root{color-scheme:light dark}"
        "body{font:18px/1.6 system-ui,'Noto Sans SC','PingFang SC','Microsoft YaHei',sans-serif;"
        "max-width:34rem;margin:14vh auto;padding:0 1.25rem}"
        "h1{font-size:1.5rem;margin:2rem 0 .25rem}p{margin:0}"
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="15">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{texts.say('full_title', 'en')} · {texts.say('full_title', 'zh')}</title><style>{style}</style></head>"
        f"<body><main>{blocks}</main></body></html>"
    )


def _ticket(headers: dict[bytes, bytes]) -> str | None:
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(headers.get(b"cookie", b"").decode("latin-1"))
    except CookieError:
        return None
    return jar[SEAT_COOKIE].value if SEAT_COOKIE in jar else None


def _innermost(fault: BaseException) -> str:
    while isinstance(fault, BaseExceptionGroup):
        fault = fault.exceptions[0]
    return f"{type(fault).__name__}: {fault}"[:200]


async def _refuse(receive: Receive, send: Send, code: int) -> None:
    first: dict[str, Any] = dict(await receive())
    if first.get("type") == "websocket.connect":
        await send({"type": "websocket.close", "code": code})
