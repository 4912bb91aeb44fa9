"""What a visitor does to a market: acts at the play-head, other assumptions, and files to carry away."""

# ruff: noqa: N802 - components are named like classes, as Solara does
from __future__ import annotations

import base64
import json
from dataclasses import replace
from functools import lru_cache
from typing import Any

import solara

from dashboards import acts, address, controls, history, pairs, texts, widgets

FILES = {
    "toml": ("{name}.toml", "application/toml"),
    "csv": ("{name}-sales.csv", "text/csv"),
    "parquet": ("{name}-sales.parquet", "application/vnd.apache.parquet"),
}
"""What can be carried away: name and kind of the file."""


@lru_cache(maxsize=64)
def possible(market: address.Market, shown: str, language: texts.Language) -> str:
    """What can be done to a market and what has been done, as JSON."""
    before = history.case_of(history.ghost_of(market) or market, shown)
    return json.dumps(acts.offered(before, acts.parse(market.acts).acts, language), ensure_ascii=False)


def paired(market: address.Market) -> pairs.Asked | None:
    """The market beside the one without the acts, on its own luck and others; none where nobody acted."""
    without = history.ghost_of(market)
    if without is None:
        return None
    return pairs.Asked.of_markets(without, market)


@lru_cache(maxsize=64)
def assumptions(market: address.Market, shown: str, language: texts.Language) -> str:
    """What is assumed and what the case assumes, as JSON."""
    case = history.case_of(address.Market(market.case, market.consumers, market.seed), shown)
    listed = controls.offered(case, controls.parse(market.set).values, language)
    return json.dumps(listed, ensure_ascii=False)


def pack(market: address.Market, shown: str, asked: Any) -> str:
    """A file for the browser as JSON; empty where there is none, or no such kind."""
    kind = asked.get("kind") if isinstance(asked, dict) else None
    if not isinstance(kind, str) or kind not in FILES:
        return ""
    content = {"csv": history.csv, "parquet": history.parquet}[kind](market) if kind != "toml" else None
    content = history.toml(market, shown) if kind == "toml" else content
    if content is None:
        return ""
    name, mime = FILES[kind]
    named = name.format(name=f"{market.case}-{market.seed}")
    return json.dumps({"name": named, "mime": mime, "content": base64.b64encode(content).decode("ascii")})


@solara.component
def Acts(words: str, legend: str, view: str, market: address.Market, shown: str, choose: widgets.Choose) -> None:
    """Act now, what came of it, over paired seeds too, and what was done."""
    offered = possible(market, shown, json.loads(view)["lang"])
    pairing = solara.use_memo(lambda: pairs.Pairing(pairs.BENCH), [])
    solara.use_effect(lambda: pairing.close, [])
    asked = solara.use_memo(lambda: paired(market), [market])
    solara.use_effect(lambda: pairing.want(asked), [asked])
    news = pairing.news.value
    current = asked is not None and news.asked == asked
    widgets.Acts(
        words=words,
        legend=legend,
        view=view,
        acts=offered,
        paired=news.text if current else "",
        trying=-1.0 if news.failed or asked is None else round(news.part, 2) if current else 0.0,
        event_choose=choose,
    )


@solara.component
def Controls(words: str, view: str, market: address.Market, shown: str, choose: widgets.Choose) -> None:
    """The dozen assumptions that matter."""
    listed = assumptions(replace(market, acts=""), shown, json.loads(view)["lang"])
    widgets.Controls(words=words, view=view, controls=listed, event_choose=choose)


@solara.component
def Carry(words: str, view: str, market: address.Market, shown: str) -> None:
    """Files, pictures and a link; a file is made when it is asked for and forgotten when the browser has it."""
    parcel, send = solara.use_state("")
    widgets.Carry(
        words=words,
        view=view,
        parcel=parcel,
        event_pack=lambda asked: send(pack(market, shown, asked)),
        event_taken=lambda _: send(""),
    )
