"""What a page never sends is refused, said once, and changes nothing for anybody else."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from drawing import need

from dashboards.messages import Verdict, verdict


def message(kind: str = "comm_msg", **parts: Any) -> dict[str, Any]:
    """A message as a page sends it."""
    return {
        "header": {"msg_id": "a", "msg_type": kind, "session": "b", "username": "", "date": "", "version": "5.3"},
        "parent_header": {},
        "metadata": {},
        "content": {"comm_id": "c", "data": {}},
        "channel": "shell",
        "buffers": [],
    } | parts


def said(**data: Any) -> dict[str, Any]:
    """A message to a piece of the page."""
    return message(content={"comm_id": "c", "data": data})


GENUINE = [
    message("kernel_info_request", content={}),
    message("comm_info_request", content={"target_name": "jupyter.widget"}),
    message("comm_open", content={"comm_id": "c", "target_name": "solara.control", "data": {}}),
    message(
        "comm_open",
        metadata={"version": "1.0.0"},
        content={"comm_id": "c", "target_name": "jupyter.widget.control", "data": {}},
    ),
    message("comm_close"),
    said(
        method="run", args={"path": "/market?case=jd-gac-catl", "appName": None, "themes": {"light": {}}, "dark": True}
    ),
    said(method="app-status"),
    said(method="request_states"),
    said(method="update", state={"location": "/market?by=car"}),
    said(method="update", state={"dark_effective": True}),
    said(method="custom", content={"event": "choose", "data": {"by": "car"}}),
]
"""All kinds of messages that browsers were seen to send to these pages."""

WILD: list[Any] = [
    None,
    0,
    -1.5,
    "x",
    "x" * 5_000,
    [],
    ["choose"],
    {},
    {"method": 5},
    True,
    {"__class__": "x"},
    {"state": {"location": 5}},
]


def test_what_a_page_sends_is_let_through() -> None:
    """No genuine message is taken for a hostile one."""
    assert [verdict(json.dumps(one)) for one in GENUINE] == [Verdict.FIT] * len(GENUINE)


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\x00\x00\x01",
        None,
        "not json",
        "[" * 100_000,
        "5",
        "{}",
        message("execute_request", content={"code": "1"}),
        message("shutdown_request", content={}),
        message("comm_open", content={"comm_id": "c", "target_name": "jupyter.widget", "data": {}}),
        message("comm_open", content={"comm_id": "c", "target_name": "jupyter.widget.control", "data": {}}),
        message(channel="iopub"),
        message(content={"comm_id": ["c"], "data": {}}),
        said(method="custom", content={"create_widget": ["os", "system"], "id": "x", "props": {}}),
        said(method="custom", content=5),
        said(method="update", state={"location": 5}),
        said(method="update", state={"location": "x" * 5_000}),
        said(method="run", args={"path": "/", "appName": "os"}),
        said(method="run", args={"path": 5}),
        said(method="evict"),
        said(),
    ],
)
def test_what_no_page_sends_ends_the_websocket(sent: Any) -> None:
    """Bytes, other kinds of messages, other applications, values of other kinds."""
    assert verdict(json.dumps(sent) if isinstance(sent, dict) else sent) is Verdict.UNFIT


def test_a_browser_can_set_nothing_that_the_server_says() -> None:
    """Words, templates and markets in a browser are the server's to change."""
    assert verdict(json.dumps(said(method="update", state={"template": "x"}))) is Verdict.IDLE
    assert verdict(json.dumps(said(method="update", state={"location": "/", "market": "{}"}))) is Verdict.IDLE


def test_ten_thousand_broken_messages_raise_nothing() -> None:
    """Genuine messages with something replaced anywhere: always a verdict."""
    chance = random.Random(3)
    for _ in range(10_000):
        one = json.loads(json.dumps(chance.choice(GENUINE)))
        place = one
        while isinstance(place, dict) and place:
            key = chance.choice(list(place))
            if chance.random() < 0.4 or not isinstance(place[key], dict):
                place[key] = chance.choice(WILD)
                break
            place = place[key]
        assert isinstance(verdict(json.dumps(one)), Verdict)


def test_a_refusal_is_said_once_and_nothing_is_read_after_it(caplog: pytest.LogCaptureFixture) -> None:
    """The application hears that the visitor has gone; idle messages are passed over."""
    need("starlette")
    from dashboards.guard import checked

    idle = json.dumps(said(method="update", state={"template": "x"}))
    sent = [json.dumps(GENUINE[0]), idle, json.dumps(GENUINE[1]), "not json", "not json"]
    waiting: Iterator[str] = iter(sent)
    told: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.receive", "text": next(waiting)}

    async def send(one: Any) -> None:
        told.append(one)

    async def read() -> list[Any]:
        reads = checked(receive, send)
        return [await reads() for _ in range(3)]

    first, second, third = asyncio.run(read())
    assert (first["text"], second["text"], third["type"]) == (sent[0], sent[2], "websocket.disconnect")
    assert told == [{"type": "websocket.close", "code": 1008}]
    assert len(caplog.records) == 1
    assert next(waiting) == "not json"
