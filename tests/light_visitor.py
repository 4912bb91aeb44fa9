"""A visitor without a browser: speaks the page's websocket, so that many of them fit into one process.

Solara sends widgets as Jupyter's comm messages (Jupyter widget messaging protocol, version 2). A light visitor loads
the page like a browser, keeps the state of every widget, and calls the events that the widgets declare.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import websockets

PATIENCE = 60.0
"""Seconds after which something that should have come has not."""

Widget = dict[str, Any]


class LightVisitor:
    """One page: its widgets' states as the server has sent them, newest last."""

    def __init__(self, address: str, page: str = "/market") -> None:
        """`address` of the server, such as http://127.0.0.1:8765, and of a page; nothing is sent yet."""
        self.address, self.page = address, page
        self.kernel, self.session = str(uuid.uuid4()), str(uuid.uuid4())
        self.widgets: dict[str, Widget] = {}
        self.cookies = ""
        self.taken = 0
        """bytes that came over the websocket"""
        self.ended = False
        """the server has closed the websocket"""
        self._changed = asyncio.Event()
        self._idle: set[str] = set()

    def load(self, search: str = "") -> str:
        """Load the page over HTTP as a browser would; its text. Raises HTTPError when no seat is free."""
        with urlopen(Request(f"{self.address}{self.page}?{search}"), timeout=PATIENCE) as answer:
            cookies = [text.split(";")[0] for text in answer.headers.get_all("set-cookie") or ()]
            self.cookies = "; ".join(cookies)
            return str(answer.read().decode())

    async def enter(self, search: str = "") -> Self:
        """Open the websocket and let the page be made."""
        where = urlsplit(self.address).netloc
        self._socket = await websockets.connect(
            f"ws://{where}/jupyter/api/kernels/{self.kernel}/channels?session_id={self.session}",
            origin=websockets.Origin(self.address),
            additional_headers={"cookie": self.cookies} if self.cookies else {},
            max_size=None,
            open_timeout=PATIENCE,
        )
        self._listening = asyncio.create_task(self._listen())
        control = uuid.uuid4().hex
        await self._send("comm_open", {"comm_id": control, "target_name": "solara.control", "data": {}})
        run = {"method": "run", "args": {"path": f"{self.page}?{search}", "appName": None}}
        await self._send("comm_msg", {"comm_id": control, "data": run})
        return self

    async def leave(self) -> None:
        """Close the tab: the browser says so, and its websocket ends."""
        post = Request(
            f"{self.address}/_solara/api/close/{self.kernel}?session_id={self.session}",
            method="POST",
            data=b"",
            headers={"origin": self.address},
        )
        await asyncio.to_thread(lambda: urlopen(post, timeout=PATIENCE).close())
        await self._socket.close()
        self._listening.cancel()

    async def _send(self, kind: str, content: dict[str, Any]) -> str:
        name = uuid.uuid4().hex
        header = {
            "msg_id": name,
            "msg_type": kind,
            "username": "",
            "session": self.session,
            "date": datetime.now(UTC).isoformat(),
            "version": "5.3",
        }
        message = {
            "header": header,
            "parent_header": {},
            "metadata": {},
            "content": content,
            "buffers": [],
            "channel": "shell",
        }
        await self._socket.send(json.dumps(message))
        return name

    async def _listen(self) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            async for raw in self._socket:
                self.taken += len(raw)
                self._take(json.loads(raw))
                self._changed.set()
        self.ended = True
        self._changed.set()

    def _take(self, message: dict[str, Any]) -> None:
        content, kind = message["content"], message["header"]["msg_type"]
        match kind:
            case "comm_open":
                self.widgets[content["comm_id"]] = dict(content["data"].get("state", {}))
            case "comm_msg" if content["data"].get("method") == "update":
                self.widgets.setdefault(content["comm_id"], {}).update(content["data"]["state"])
            case "comm_close":
                self.widgets.pop(content["comm_id"], None)
            case "status" if content["execution_state"] == "idle":
                self._idle.add(str(message["parent_header"].get("msg_id")))

    def find(self, *traits: str) -> tuple[str, Widget] | None:
        """The last made widget that has all these traits, and its id."""
        found = [(key, state) for key, state in self.widgets.items() if all(name in state for name in traits)]
        return found[-1] if found else None

    async def until(self, holds: Callable[[], Any], patience: float = PATIENCE) -> float:
        """Wait until something holds of the widgets; the seconds that it took. Raises TimeoutError."""
        began = time.perf_counter()
        while not holds():
            self._changed.clear()
            left = patience - (time.perf_counter() - began)
            await asyncio.wait_for(self._changed.wait(), max(left, 0.001))
        return time.perf_counter() - began

    async def quiet(self, seconds: float = 2.0) -> None:
        """Wait until nothing has come for some time: the server draws in several threads, and may not be done yet."""
        taken = -1
        while taken != self.taken:
            taken = self.taken
            await asyncio.sleep(seconds)

    async def send_raw(self, raw: str | bytes) -> None:
        """Send anything at all."""
        await self._socket.send(raw)

    async def say(self, traits: tuple[str, ...], data: Any) -> str:
        """Send data to the widget that has these traits, whatever the data are; the name of the message."""
        found = self.find(*traits)
        assert found is not None, f"no widget has {traits}"
        return await self._send("comm_msg", {"comm_id": found[0], "data": data})

    async def call(self, traits: tuple[str, ...], event: str, data: Any) -> str:
        """Call an event of the widget that has these traits; the name of the message."""
        return await self.say(traits, {"method": "custom", "content": {"event": event, "data": data}})

    async def call_by_id(self, key: str, event: str, data: Any) -> str:
        """Call an event of one widget; the name of the message."""
        content = {"event": event, "data": data}
        return await self._send("comm_msg", {"comm_id": key, "data": {"method": "custom", "content": content}})

    async def go(self, location: str) -> str:
        """Say that the browser shows another address, as after Back or Forward; the name of the message."""
        return await self.say(("location",), {"method": "update", "state": {"location": location}})

    async def answered(self, name: str, patience: float = PATIENCE) -> float:
        """Wait until the server has done all that a message asked for; the seconds that it took."""
        return await self.until(lambda: name in self._idle, patience)

    def played(self) -> dict[str, Any]:
        """The market that the page plays, as far as it has come; empty before it has."""
        found = self.find("market", "ghost")
        return json.loads(found[1]["market"]) if found and found[1]["market"] else {}

    def view(self) -> dict[str, Any]:
        """What the page shows."""
        found = self.find("market", "ghost")
        return json.loads(found[1]["view"]) if found else {}
