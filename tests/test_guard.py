"""The guard before the dashboard: nothing but pages, no browser from elsewhere, so many seats."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import MutableMapping
from typing import Any

import pytest
from drawing import need

need("starlette")
from dashboards import app, guard, texts  # noqa: E402 - the extra comes first


async def _inside(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"inside"})


def connect(
    door: guard.Guard, path: str, method: str = "GET", kind: str = "http", **headers: str
) -> list[MutableMapping[str, Any]]:
    """Everything that the guard sends for one request or websocket."""
    sent: list[MutableMapping[str, Any]] = []
    given = {"host": "localhost:1", **headers}
    scope = {
        "type": kind,
        "path": path,
        "method": method,
        "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in given.items()],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect" if kind == "websocket" else "http.request"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(door(scope, receive, send))
    return sent


def door(seats: int = 5, alive: list[str] | None = None) -> guard.Guard:
    """A guard before an application that lets everybody in."""
    return guard.Guard(_inside, guard.Seats(seats, alive=lambda: alive or []), guard.full_page(seats))


@pytest.mark.parametrize(
    "path",
    [
        "/resourcez",
        "/readyz",
        "/_solara/api/evict/1",
        "/jupyter/api/kernels/1",
        "/static/../x",
        "/else",
        "//",
        "/_solara/cdn/x",
    ],
)
def test_what_visitors_need_not_reach_is_closed(path: str) -> None:
    """Only the page, its files and its websocket are open."""
    assert connect(door(), path)[0]["status"] == 404


def test_every_answer_keeps_the_browser_at_home() -> None:
    """Pages, files and refusals all carry the policy that lets a browser load from this server alone."""
    for path in ("/", "/static/assets/custom.css", "/healthz", "/resourcez"):
        headers = dict(connect(door(), path)[0]["headers"])
        policy = headers[b"content-security-policy"].decode()
        assert "default-src 'none'" in policy
        assert set(re.findall(r"\w+://[^\s;]+", policy)) == {"ws://localhost:1", "wss://localhost:1"}
        assert headers[b"x-content-type-options"] == b"nosniff"


@pytest.mark.parametrize(
    "origin", ["http://elsewhere", "http://localhost:2", "null", "", "https://localhost:1.evil", "file://localhost:1"]
)
def test_a_websocket_from_elsewhere_is_refused(origin: str) -> None:
    """Another site's page cannot play with a visitor's market; nor can one that does not say whose it is."""
    headers = {"origin": origin} if origin else {}
    assert (
        connect(door(), "/jupyter/api/kernels/abc/channels", kind="websocket", **headers)[0]["type"]
        == "websocket.close"
    )
    assert connect(door(), "/_solara/api/close/abc", "POST", **headers)[0]["status"] == 403


def test_a_websocket_from_home_is_let_in() -> None:
    """The page's own websocket passes, and only under the path that it uses."""
    assert (
        connect(door(), "/jupyter/api/kernels/abc/channels", kind="websocket", origin="http://localhost:1")[0]["type"]
        == "websocket.accept"
    )
    assert (
        connect(door(), "/jupyter/api/kernels/abc/else", kind="websocket", origin="http://localhost:1")[0]["type"]
        == "websocket.close"
    )


@pytest.mark.parametrize("host", ["", "a b", "x/y", "evil\r\n", "<script>", "h" * 300])
def test_a_host_that_is_no_host_gets_nothing(host: str) -> None:
    """What stands in headers and policies is checked before it is repeated."""
    assert connect(door(), "/", host=host)[0]["status"] == 400


def test_when_all_seats_are_taken_the_next_visitor_is_told_so_in_both_languages() -> None:
    """Polite, at once, with no script and no seat used; a seat that falls free is given away."""
    alive = ["k1", "k2"]
    full = door(2, alive)
    answer = connect(full, "/")
    assert answer[0]["status"] == 503
    page = answer[1]["body"].decode()
    assert texts.say("full_title", "en") in page
    assert texts.say("full_title", "zh") in page
    assert "<script" not in page
    assert (
        connect(full, "/jupyter/api/kernels/k3/channels", kind="websocket", origin="http://localhost:1")[0]["type"]
        == "websocket.close"
    )
    assert (
        connect(full, "/jupyter/api/kernels/k1/channels", kind="websocket", origin="http://localhost:1")[0]["type"]
        == "websocket.accept"
    )
    alive.pop()
    assert connect(full, "/")[0]["status"] == 200


def test_a_seat_is_kept_for_who_has_loaded_the_page_and_not_for_ever() -> None:
    """Between page and websocket nobody takes the seat; who never comes loses it."""
    now = [0.0]
    seats = guard.Seats(1, clock=lambda: now[0])
    ticket = seats.expect(None)
    assert ticket is not None
    assert seats.expect(None) is None
    assert not seats.sit("other", None)
    assert seats.expect(ticket) == ticket
    now[0] += guard.SECONDS_TO_SIT_DOWN + 1
    assert seats.expect(None) is not None


def test_browsers_can_call_what_a_widget_declares_and_nothing_else() -> None:
    """No import, no object, no attribute by name: only the events of the widget."""
    called: list[Any] = []

    class Widget:
        events = ("choose",)

        def vue_choose(self, data: Any) -> None:
            called.append(data)

        def vue_secret(self, data: Any) -> None:
            called.append("secret")

    for content in (
        {"create_widget": ["os", "system"], "props": {}, "id": "1"},
        {"update_ref": {}, "id": "1", "prop": "x"},
        {"event": "secret"},
        {"event": ["choose"]},
        {},
    ):
        app.only_declared_events(Widget(), None, content, None)
    assert called == []
    app.only_declared_events(Widget(), None, {"event": "choose", "data": 1}, None)
    assert called == [1]


def test_the_server_does_put_that_door_in() -> None:
    """What ipyvue would let a browser do is closed in the process that serves."""
    check = (
        "from dashboards.app import application, only_declared_events; application(1); "
        "from ipyvue.VueTemplateWidget import Events; assert Events._handle_event is only_declared_events"
    )
    subprocess.run([sys.executable, "-c", check], check=True, timeout=60)


@pytest.mark.slow
def test_the_server_imports_mesa_before_solara() -> None:
    """The other way round starting takes three times as long: on its import Mesa looks through all there are."""
    check = (
        "import sys, uvicorn; from dashboards import server; uvicorn.Server.run = lambda *_, **__: None; "
        "server.main(['--port', '0']); loaded = list(sys.modules); "
        "assert loaded.index('mesa') < loaded.index('solara')"
    )
    subprocess.run([sys.executable, "-c", check], check=True, timeout=60)


def test_nonsense_on_a_websocket_ends_that_websocket_with_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the application raises over a browser's message stays inside, and the seat is free again."""

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise ExceptionGroup("outer", [ValueError("not a message")])

    seats = guard.Seats(1)
    connect(
        guard.Guard(broken, seats, ""), "/jupyter/api/kernels/k/channels", kind="websocket", origin="http://localhost:1"
    )
    assert caplog.messages == ["a websocket was ended: ValueError: not a message"]
    assert seats.taken() == 0
