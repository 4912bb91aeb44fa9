"""What the dashboard promises before any browser opens it: words, links, figures, seats, and no way in."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import random
import re
import socket
import string
import subprocess
import sys
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from market import Case, Market


def need(name: str) -> ModuleType:
    """A module of the extra `dashboard`; without it tests are skipped on a laptop and fail in CI."""
    if os.environ.get("CI") == "true":
        return importlib.import_module(name)
    return pytest.importorskip(name, reason="needs pip install '.[dashboard]'")


need("starlette")
from dashboards import address, app, colours, guard, names, series, server, texts

app.settle()  # Solara reads its settings when it is imported
solara = need("solara")
HERE = Path(address.__file__).parent
CASES = ["dealer-baseline", "jd-gac-catl"]
USUAL = address.View(case="jd-gac-catl")


# Words


def templates() -> list[Path]:
    """The Vue templates of all widgets."""
    return sorted(HERE.glob("widgets/*.vue"))


def sources() -> str:
    """Templates, scripts and Python of the dashboard, but for the table of texts."""
    files = [*templates(), *HERE.glob("*.py"), *HERE.glob("pages/*.py"), *HERE.glob("assets/*.js")]
    return "\n".join(path.read_text(encoding="utf-8") for path in files if path.name != "texts.py")


def test_every_text_is_there_in_both_languages_with_the_same_braces() -> None:
    """Neither language lacks a text, and both are filled in with the same things."""
    for key, (english, chinese) in texts.TEXTS.items():
        assert english.strip(), key
        assert chinese.strip(), key
        fields = [
            sorted(name for _, name, _, _ in string.Formatter().parse(text) if name) for text in (english, chinese)
        ]
        assert fields[0] == fields[1], key


def test_every_text_asked_for_exists_and_every_text_is_asked_for() -> None:
    """No missing key, in Python or in a template, and none that nobody uses."""
    code = sources()
    asked = {
        key
        for found in re.findall(r"""\bt\.(\w+)|\bt\[["'](\w+)["']\]|say\(["'](\w+)|\["(\w+)"\]""", code)
        for key in found
        if key
    }
    begun = {part for found in re.findall(r"""["'](\w+_)["'] ?\+|f"(\w+_)\{""", code) for part in found if part}
    options = set(re.findall(r'name: "(\w+)", choices', code))
    said = re.findall(r"""\bt\.(\w+)|\bt\[["'](\w+)["']\]|say\(["'](\w+)""", code)
    assert not {key for found in said for key in found if key and key not in texts.TEXTS}
    assert options <= set(texts.TEXTS)
    starts = tuple(begun | {f"{option}_" for option in options})
    assert not {key for key in texts.TEXTS if key not in asked | options and not key.startswith(starts)}


def test_templates_hold_no_words_of_their_own() -> None:
    """Everything a template shows comes from the table of texts."""
    for path in templates():
        shown = re.search(r"<template>(.*)</template>", path.read_text(encoding="utf-8"), re.S)
        assert shown is not None
        bare = re.sub(r"\{\{.*?\}\}", "", re.sub(r"<[^>]*?(\"[^\"]*\"[^>]*?)*>", "", shown.group(1)), flags=re.S)
        assert not re.search(r"[A-Za-z一-鿿]", bare), f"{path.name}: {bare.split()}"
        assert not re.search(r'\s(aria-label|title|placeholder|alt)="', shown.group(1)), path.name


def test_every_icon_exists_in_the_icon_font() -> None:
    """An icon newer than the font that ships would be blank."""
    bundle = next((app.assets() / "cdn").glob("@widgetti/solara-vuetify-app@10.*/dist/fonts.css")).read_text(
        encoding="utf-8"
    )
    used = set(re.findall(r"\bmdi-[a-z0-9-]+", sources()))
    assert used
    assert not {icon for icon in used if f".{icon}::before" not in bundle}


# Links


def test_a_thousand_wild_addresses_all_give_an_allowed_view() -> None:
    """Whatever an address holds, the page that follows is one that exists."""
    wild = random.Random(7)
    keys = [*asdict(USUAL), "x", "__class__", ""]
    values = [
        "jd-gac-catl",
        "1",
        "-1",
        "1e9",
        "NaN",
        "٣",
        "9" * 40,
        "../../etc/passwd",
        "<script>",
        "%00",
        "real",
        "zh",
        "\ud800",
        "car",
        "lines",
    ]
    for _ in range(1_000):
        pairs = [f"{wild.choice(keys)}={wild.choice(values)}" for _ in range(wild.randint(0, 8))]
        text = wild.choice(["?", ""]) + "&".join(pairs) + wild.choice(["", "&&&", "=", "%", "x" * 3_000])
        view, refused = address.read(text, USUAL, CASES)
        assert view.case in CASES
        assert view.lang in texts.LANGUAGES
        assert view.consumers in address.CONSUMERS
        assert (view.by, view.shape, view.mean) in [
            (b, s, m) for b in address.GROUPS for s in address.SHAPES for m in address.MEANS
        ]
        assert 0 <= view.seed <= address.MAX_SEED
        assert isinstance(refused, tuple)


def test_an_address_leads_back_to_its_view() -> None:
    """A link restores what was shown; the usual view has a short one."""
    view = address.View("dealer-baseline", 20_000, 42, "zh", "fictional", "car", "lines", 13, 60)
    assert address.read(view.query(USUAL), USUAL, CASES) == (view, ())
    assert USUAL.query(USUAL) == "case=jd-gac-catl"


def test_what_cannot_be_used_is_named() -> None:
    """A visitor learns which part of a link was left out."""
    view, refused = address.read("seed=minus&lang=zh&week=999999", USUAL, CASES)
    assert (view.lang, view.seed, view.week) == ("zh", 1, 0)
    assert refused == ("seed", "week")
    assert address.read("x" * 5_000, USUAL, CASES) == (USUAL, ("address",))


@pytest.mark.parametrize(
    "asked",
    [None, 3, "lang=zh", [1], {"seed": 1e9}, {"seed": True}, {"seed": {}}, {1: 2}, {"case": "../x"}, {"mean": 5}],
)
def test_a_widget_can_ask_for_nothing_that_an_address_cannot(asked: Any) -> None:
    """Browsers can send anything in the name of a widget; the same check stands before it."""
    assert USUAL.change(asked, CASES) == USUAL


# Figures


@pytest.fixture(scope="module")
def run() -> Iterator[Market]:
    """A short run of the real case, with first deliveries of the focal car in it."""
    market = Market(Case.load("jd-gac-catl").change({"population.consumers": 4_000, "calendar.weeks": 60}), rng=3)
    market.run()
    yield market
    market.close()


@pytest.fixture(scope="module")
def content(run: Market) -> dict[str, Any]:
    """What the browser is sent of that run."""
    asked = address.Market("jd-gac-catl", 4_000, 3)
    return json.loads(series.played(run.case, asked, run.ledger.sales(), run.ledger.market()))


def test_shares_are_deliveries_among_listed_cars(run: Market, content: dict[str, Any]) -> None:
    """The one-week share of a car is its deliveries over all deliveries of the week, in percent."""
    sales = run.ledger.sales().astype({"car": str})
    table = (
        sales.pivot_table(index="week", columns="car", values="deliveries", aggfunc="sum", observed=True)
        .reindex(range(60))
        .fillna(0.0)
    )
    share = 100 * table.div(table.sum(axis=1), axis=0)
    shown = pd.DataFrame(
        np.array(content["groups"]["car"]["share"]["1"]).T / 100, columns=content["groups"]["car"]["ids"]
    )
    assert np.allclose(shown[share.columns], share.fillna(0.0), atol=0.005 + 1e-9)


@pytest.mark.parametrize("by", address.GROUPS)
def test_shares_sum_to_a_hundred_however_they_are_grouped(content: dict[str, Any], by: str) -> None:
    """Nothing sold is lost between the groups, for any mean; rounding is all that is left."""
    group = content["groups"][by]
    for mean in map(str, address.MEANS):
        totals = np.array(group["share"][mean]).sum(axis=0)
        assert np.abs(totals[13:] - 10_000).max() <= len(group["ids"]) / 2


def test_who_defines_follows_the_roles(run: Market, content: dict[str, Any]) -> None:
    """A platform's part in defining cars is what its roles say of the cars sold, not all or nothing."""
    part = run.case.cars["ut_super"].holders("definition")["jd"]
    cars, definers = content["groups"]["car"], content["groups"]["definer"]
    sold = np.array(cars["share"]["13"][cars["ids"].index("ut_super")])
    assert sold.max() > 0
    assert np.abs(np.array(definers["share"]["13"][definers["ids"].index("jd")]) - part * sold).max() <= 1.0


def test_what_a_mode_sells_is_what_its_cars_sell(run: Market, content: dict[str, Any]) -> None:
    """One car of the case is customised and sold by a platform: its mode has its share; makers alone have the rest."""
    cars, modes = content["groups"]["car"], content["groups"]["mode"]
    own = content["focal"]["ids"]["mode"]
    assert own == run.case.cars["ut_super"].mode == "supply-chain-customisation"
    assert set(modes["ids"]) == {own, "alone", "rest"}
    assert modes["share"]["13"][modes["ids"].index(own)] == cars["share"]["13"][cars["ids"].index("ut_super")]


def test_figures_on_fewer_than_thirty_consumers_are_marked() -> None:
    """With equal weights the effective number is the number of buyers, and 30 is where grey ends."""
    weight = 800.0
    rows = [
        {"week": w, "car": c, "deliveries": n * weight, "consumers_behind": float(n)}
        for w, c, n in [(0, "a", 29), (0, "b", 30), (1, "a", 1)]
    ]
    table = pd.DataFrame(rows).assign(reservations=0.0, orders=0.0, cancellations=0.0)
    sold = series.sold(table, "car", [0, 1])
    assert np.allclose(series.effective(sold.households, sold.squares), [[29, 30], [1, 0]])
    shown = series.group(sold, ())
    place = {key: shown["ids"].index(key) for key in "ab"}
    assert shown["thin"][1][place["a"]] == [[0, 1]]
    assert shown["thin"][4][place["a"]] == [[0, 0]]
    assert shown["thin"][1][place["b"]] == []


def test_a_market_travels_as_less_than_a_hundred_kilobytes(content: dict[str, Any]) -> None:
    """Sent once and played in the browser; names and colours are not part of it."""
    text = json.dumps(content, separators=(",", ":"))
    assert len(text) < 100_000
    assert "Aion" not in text


def test_no_two_brands_share_a_colour_and_a_car_wears_its_brand_s() -> None:
    """Identity is told by colour; the car that a platform helps to define wears its brand's own."""
    case = Case.load("jd-gac-catl")
    inks = names.identities(case)
    for ground in ("light", "dark"):
        worn = [getattr(ink, ground) for ink in inks["brand"].values()]
        assert len(set(worn)) == len(worn)
        listed = [getattr(ink, ground) for key, ink in inks["car"].items() if not names.stands_for_many(key)]
        assert len(set(listed)) == len(listed)
    assert inks["car"]["ut_super"] == inks["brand"]["aion"]
    assert inks["brand"]["rest"] == colours.Ink(*colours.REST)


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("name", Case.bundled())
def test_fictional_names_let_no_real_one_through(name: str, language: texts.Language) -> None:
    """Title, summary, legend and happenings: with fictional names no real company or car is named."""
    case = Case.load(name).change({"display.names": "fictional"})
    told = names.Names(case, language)
    legend = json.loads(names.legend(name, case, language))
    shown = [
        told.title(),
        told.summary(),
        *legend["happenings"].values(),
        *(n for by in legend["names"].values() for n in by.values()),
    ]
    things = [*case.organisations.values(), *case.brands.values(), *case.cars.values()]
    real = {getattr(thing.name, language) for thing in things if thing.name != thing.fictional}
    for text in shown:
        for one in real:
            found = re.search(rf"\b{re.escape(one)}\b", text) if one.isascii() else one in text
            assert not found, f"{one!r} in {text!r}"


# The guard


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


# The command


@pytest.mark.parametrize(
    "arguments",
    [["--port", "x"], ["--port", "70000"], ["--port", "-1"], ["--max-sessions", "0"], ["--lang", "fr"], ["--nonsense"]],
)
def test_bad_arguments_end_with_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The message names the argument; nothing is started."""
    with pytest.raises(SystemExit) as left:
        server.main(arguments)
    assert left.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_an_occupied_port_ends_with_status_2_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """The message says which port and what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert server.main(["--port", str(port)]) == 2
    told = capsys.readouterr().err
    assert str(port) in told
    assert "--port" in told
    assert told.count("\n") == 1


def test_answers_leave_at_once() -> None:
    """Asyncio turns off waiting for more to send only where a socket names its protocol: 40 ms of every click."""
    with server.listen("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize("found", [True, False])
def test_the_page_is_opened_or_its_address_said(
    found: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A computer without a browser goes on serving."""
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or found)
    server._open_browser("http://localhost:1")
    assert opened == ["http://localhost:1"]
    assert ("http://localhost:1" in capsys.readouterr().err) is not found


def test_an_impossible_host_ends_with_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    """A host that cannot be listened on is named."""
    assert server.main(["--host", "203.0.113.7", "--port", "0"]) == 2
    assert "203.0.113.7" in capsys.readouterr().err


def test_without_solara_the_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The remedy is the command to type."""
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "solara" else find(name))
    assert server.main([]) == 2
    assert "pip install '.[dashboard]'" in capsys.readouterr().err


# The page, drawn without a browser


@pytest.fixture
def draw() -> Iterator[Callable[[str], Any]]:
    """The page at an address, as Solara draws it."""
    from dashboards import pages

    drawn: list[Any] = []

    def at(search: str) -> Any:
        page = solara.RoutingProvider(
            children=[pages.market.Frame(children=[pages.market.Page()])], routes=pages.routes, pathname=f"/?{search}"
        )
        _, context = solara.render(page, handle_error=False)
        drawn.append(context)
        return context

    yield at
    for context in drawn:
        context.close()


def everything(widget: Any) -> Iterator[Any]:
    """A widget, all that stands inside it, and their words."""
    yield widget
    for child in [] if isinstance(widget, str) else getattr(widget, "children", ()):
        yield from everything(child)


def notes(context: Any) -> str:
    """All words of a page that stand outside its templates."""
    return " ".join(part for part in everything(context.container) if isinstance(part, str))


def piece(context: Any, *traits: str) -> Any:
    """The one widget that has these traits."""
    found = [
        part
        for part in everything(context.container)
        if not isinstance(part, str) and all(hasattr(part, t) for t in traits)
    ]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_the_banner_stands_wherever_real_names_do(draw: Callable[[str], Any], language: texts.Language) -> None:
    """Real names never without the sentence that says what they are; fictional ones need none."""
    assert texts.say("banner", language) in notes(draw(f"lang={language}&names=real"))
    assert texts.say("banner", language) not in notes(draw(f"lang={language}&names=fictional"))


def test_a_choice_moves_the_address_and_the_page_follows(draw: Callable[[str], Any]) -> None:
    """A click is a new address, so Back undoes it; what is not allowed changes nothing."""
    context = draw("lang=en")
    chart = piece(context, "progress", "view")
    chart.vue_choose({"by": "maker", "seed": "nonsense"})
    assert json.loads(chart.view)["by"] == "maker"
    assert json.loads(chart.view)["seed"] == 1
    masthead = piece(context, "lang", "names")
    masthead.vue_choose({"lang": "zh"})
    assert json.loads(masthead.words)["title"] == texts.say("title", "zh")
    assert json.loads(chart.view)["by"] == "maker"


def test_a_link_that_asks_for_the_impossible_is_answered_politely(draw: Callable[[str], Any]) -> None:
    """The page comes up with the usual values and says which part was left out."""
    context = draw("case=nowhere&seed=1e9&lang=en")
    assert texts.say("link_fault", "en", fields="case, seed") in notes(context)
    assert json.loads(piece(context, "progress", "view").view)["case"] == "jd-gac-catl"


def test_a_panel_that_fails_takes_nothing_else_down() -> None:
    """Visitors see a polite sentence instead of a traceback, and the other panels."""
    from dashboards.pages.market import Panel

    @solara.component
    def Broken() -> None:
        raise ValueError("a secret of the server")

    @solara.component
    def Both() -> None:
        with solara.Div():
            Panel(texts.words("en"), lambda: Broken())
            Panel(texts.words("en"), lambda: solara.Text("still here"))

    _, context = solara.render(Both(), handle_error=False)
    shown = notes(context)
    assert texts.say("panel_fault", "en") in shown
    assert "still here" in shown
    assert "secret" not in shown
    context.close()


@pytest.mark.filterwarnings("ignore")
def test_mesa_s_own_page_shows_the_same_market() -> None:
    """In stock SolaraViz the market draws, steps and resets without an error."""
    need("altair")
    import ipyvuetify
    import ipywidgets

    from dashboards import mesa_view

    _, context = solara.render(solara.AppLayout(children=[mesa_view.Page()]), handle_error=False)
    button = {part.children[0]: part for part in everything(context.container) if isinstance(part, ipyvuetify.Btn)}
    assert not context.find(ipywidgets.Image).widgets
    button["Step"].click()
    assert len(context.find(ipywidgets.Image).widgets) == 1
    button["Reset"].click()
    assert not context.find(ipywidgets.Image).widgets
    context.close()
