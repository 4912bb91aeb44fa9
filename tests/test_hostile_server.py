"""One visitor who sends anything at all to the whole server, and another who notices nothing of it."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import random
import uuid
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from drawing import need
from test_hostile import WILD, message

from dashboards import address, texts
from market import Case

if TYPE_CHECKING:
    from browsing import Server
    from light_visitor import LightVisitor

CHART = ("legend", "view", "progress")
"""What marks the chart among the pieces of the market's page."""

HOME = "lang=en"
"""The market that both visitors look at."""

WISHES = [*WILD, {"acts": "1.price.9999.10.x"}, {"consumers": 10**9}, {"seed": 1e9}, {"page": "../.."}]
"""What a piece of a page is given; none of it is allowed."""

TEXTS = [
    "jd-gac-catl",
    "1",
    "-1",
    "1e9",
    "9" * 40,
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "\x00",
    "zh",
    "1.price.60.10.ut_super",
    "~" * 50,
    "people.60",
    "上海",
    "%%%",
]
PAGES = ["/", "/market", "/market", "/life", "/results", "/lessons", "/compare"]
"""All pages, the market's twice as often; the first and the lessons have larger markets simulated."""


def wild_address(chance: random.Random, pages: Sequence[str]) -> str:
    """One of the pages with anything behind it."""
    keys = [*address.View.__dataclass_fields__, "folder", "part", "who", "consumer", "lever", "x", "", "__class__"]
    pairs = [f"{quote(chance.choice(keys))}={quote(chance.choice(TEXTS))}" for _ in range(chance.randint(0, 7))]
    return f"{chance.choice(pages)}?{'&'.join(pairs)}{chance.choice(['', '&&', '=', '%'])}"


def zip_of(name: str) -> bytes:
    """A zip file with one entry of this name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "x")
    return buffer.getvalue()


async def enters(server: Server, patience: float = 60.0) -> LightVisitor:
    """Somebody who looks at the market until all of it is there."""
    from light_visitor import LightVisitor

    visitor = LightVisitor(server.address)
    visitor.load(HOME)
    await visitor.enter(HOME)
    await visitor.until(lambda: visitor.played().get("made") == 104, patience)
    return visitor


async def goes(visitor: LightVisitor, location: str) -> None:
    """Go to an address, and wait until the server has done what that asks for."""
    await visitor.answered(await visitor.go(location))


async def is_home(visitor: LightVisitor) -> None:
    """Wait until the page shows the market of `HOME`, however long other threads of the server still draw."""
    usual = address.usual(Case.bundled(), "en")
    await visitor.until(lambda: visitor.find(*CHART) and visitor.view() == asdict(usual) and visitor.played())


async def wander(visitor: LightVisitor, addresses: int, pages: Sequence[str]) -> None:
    """Go to wild addresses; whatever they say, a market is shown that is allowed, and home is as it was."""
    chance = random.Random(11)
    for _ in range(addresses):
        await goes(visitor, wild_address(chance, pages))
        if visitor.find("market", "ghost", "view"):
            view = visitor.view()
            assert view["case"] in Case.bundled()
            assert view["lang"] in texts.LANGUAGES
            assert view["consumers"] in address.CONSUMERS
    await goes(visitor, f"/market?{HOME}")
    await is_home(visitor)


async def wish(visitor: LightVisitor) -> None:
    """Call every event of every piece of the page with what is not allowed; the page stays as it was, and works."""
    before = visitor.view()
    called = [
        await visitor.call_by_id(key, event, value)
        for key, state in list(visitor.widgets.items())
        for event in state.get("events") or ()
        for value in WISHES
    ]
    assert len(called) > 10 * len(WISHES)
    for name in called:
        await visitor.answered(name)
    assert visitor.view() == before
    await groups(visitor, "car")


async def groups(visitor: LightVisitor, by: str) -> None:
    """Choose another grouping, and wait until it is shown."""
    await visitor.call(CHART, "choose", {"by": by})
    await visitor.until(lambda: visitor.view().get("by") == by)


async def bring(visitor: LightVisitor, content: bytes, word: str, pieces: int = 1) -> None:
    """Upload something in pieces, and wait until the page has said why it is not taken."""
    for number in range(pieces):
        piece = {"number": number, "of": pieces, "text": base64.b64encode(content).decode()}
        await visitor.answered(await visitor.call(("places", "fault"), "piece", piece))
    await visitor.until(lambda: (found := visitor.find("places", "fault")) and found[1]["fault"] == word)


async def upload(visitor: LightVisitor) -> None:
    """Upload what is no result."""
    await goes(visitor, f"/results?{HOME}")
    await visitor.until(lambda: visitor.find("places", "fault"))
    await bring(visitor, b"not a zip", "no_zip")
    await bring(visitor, zip_of("../../case.toml"), "unknown")
    await bring(visitor, b"x" * 150_000, "large", pieces=200)


async def until_thrown_out(visitor: LightVisitor, raw: str | bytes) -> None:
    """Send something once the page is there, and wait until the server has ended the websocket."""
    await visitor.until(lambda: visitor.find(*CHART))
    await visitor.send_raw(raw)
    await visitor.until(lambda: visitor.ended)


async def shout(server: Server) -> None:
    """Send what no page sends, each from a page of its own; the websocket ends."""
    from light_visitor import LightVisitor

    code = json.dumps(message("execute_request", content={"code": "1"}))
    for raw in ("not json", b"\x00\x01", code, "x" * 300_000):
        visitor = LightVisitor(server.address)
        visitor.load(HOME)
        await visitor.enter(HOME)
        await until_thrown_out(visitor, raw)
        await visitor.leave()


async def come_from_elsewhere(server: Server) -> None:
    """Open websockets from pages of others."""
    import websockets

    where = server.address.removeprefix("http://")
    for origin in ("http://evil.example", "null", f"https://{where}.evil.example"):
        with pytest.raises(websockets.InvalidStatus):
            await websockets.connect(
                f"ws://{where}/jupyter/api/kernels/{uuid.uuid4()}/channels?session_id=x",
                origin=websockets.Origin(origin),
            )


async def seats_taken(server: Server) -> int:
    """How many seats are taken now."""
    return int(json.loads((await asyncio.to_thread(server.get, "/healthz"))[1])["taken"])


async def until_gone(server: Server, before: int) -> None:
    """Wait until no more seats are taken than before."""
    for _ in range(300):
        if await seats_taken(server) <= before:
            return
        await asyncio.sleep(0.1)
    pytest.fail("a seat is still taken")


async def attack(server: Server, addresses: int, pages: Sequence[str], everything: bool = False) -> None:
    """What a hostile visitor can do, while an honest one looks on."""
    seats = await seats_taken(server)
    honest, hostile = await enters(server), await enters(server)
    before, shown = honest.taken, honest.view()
    await wander(hostile, addresses, pages)
    await wish(hostile)
    if everything:
        await upload(hostile)
        await shout(server)
        await come_from_elsewhere(server)
    assert not honest.ended
    assert honest.taken == before
    assert honest.view() == shown
    await groups(honest, "car")
    for visitor in (honest, hostile):
        await visitor.leave()
    await until_gone(server, seats)


@pytest.mark.slow
def test_whatever_one_visitor_sends_nobody_else_notices(tmp_path: Path) -> None:
    """Wild addresses, wild values into every piece, uploads, junk: each refused websocket is one line of the log."""
    for name in ("solara", "websockets", "playwright.sync_api"):
        need(name)
    from browsing import Server

    server = Server(tmp_path)
    try:
        asyncio.run(attack(server, 1_000, PAGES, everything=True))
        assert server.get("/static/../../../etc/passwd")[0] in (400, 404)
        assert server.get("/static/%2e%2e/%2e%2e/etc/passwd")[0] in (400, 404)
        assert json.loads(server.get("/healthz")[1])["status"] == "ok"
    finally:
        assert server.stop() == 0
    log = server.log.read_text()
    assert log.count("a websocket was ended") == 3, log  # what is too long uvicorn ends, without a word
    assert log.count("websocket refused") == 3, log
    assert len(log.splitlines()) == 6, log
