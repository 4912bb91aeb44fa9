"""The report of a run: shares over time, who is blamed, who earns, and what else the tables of its folder hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from experiments import summary
from experiments.figures import blame as figures_blame
from experiments.figures import money as figures_money
from experiments.outcome_names import involved
from experiments.report import parts
from experiments.report.parts import Column, Section, phrase

if TYPE_CHECKING:
    import pandas as pd

    from experiments.report.folder import Folder
    from experiments.report.parts import Table

TEXTS = {
    "market": ("Who sells", "谁在卖"),
    "share_alt": (
        "Lines: share of deliveries of each car by week. Over the whole run: {cars}.",
        "折线图：各车型每周交付份额。整个运行期：{cars}。",
    ),
    "cars": ("Cars over the whole run, mean of {runs} runs", "整个运行期的各车型，{runs} 次运行的平均"),
    "cars_of_one": ("Cars over the whole run", "整个运行期的各车型"),
    "car": ("Car", "车型"),
    "share": ("Share of deliveries, %", "交付份额，%"),
    "error": ("Standard error, points", "标准误，百分点"),
    "effective": ("Effective consumers", "有效消费者"),
    "deliveries": ("Deliveries, cars", "交付，辆"),
    "orders": ("Orders, households", "订单，户"),
    "cancellations": ("Cancelled, households", "取消，户"),
    "reservations": ("Reservations, households", "预约，户"),
    "thin": (
        "Numbers that rest on fewer than 30 effective consumers say little: run the case with more.",
        "有效消费者不足 30 人的数字说明不了什么：请增加消费者数。",
    ),
    "blame": ("Who is blamed", "谁受指责"),
    "blame_alt": (
        "Marks: share of all blame beside the shares that control and contribution would give. {rows}.",
        "点图：各方受到的指责份额，与按控制、按责任应得的份额。{rows}。",
    ),
    "nobody": ("No story became public; nobody was blamed.", "没有故事成为公共事件，没有人受指责。"),
    "organisation": ("Organisation", "机构"),
    "blamed": ("Blamed, % of blame", "受指责，占指责 %"),
    "control": ("Control, %", "控制，%"),
    "cause": ("Contribution, %", "责任，%"),
    "money": ("Who earns", "谁赚钱"),
    "money_unit": (
        "Received less paid over {weeks} weeks, CNY mn; deposits, and packs and stations "
        "bought to be used and their wear, are not counted; bar: range of {runs} runs",
        "{weeks} 周内收入减支出，百万元；不计定金、为使用而购建的电池与换电站及其折旧；横线：{runs} 次运行的范围",
    ),
    "money_alt": ("Bars: money received less paid by organisation. {rows}.", "条形图：各机构收入减支出。{rows}。"),
    "all": ("all cars", "全部车型"),
    "mn": ("CNY mn", "百万元"),
    "events": ("What happened", "发生了什么"),
    "events_about": ("{count} stories became public in {runs} runs.", "{runs} 次运行中有 {count} 个故事成为公共事件。"),
    "date": ("Day", "日期"),
    "kind": ("Kind", "类型"),
    "act": ("What was done", "动作"),
    "informed": ("Households that know", "知情家庭"),
    "replicate": ("Replicate", "重复"),
}
DEBTS, ASSETS = ("deposit",), ("capital", "stations")
"""Lines of the books that are no income, and lines that cost their payer nothing, who owns something instead."""


def sections(folder: Folder, lang: str) -> list[Section]:
    """What a folder of `whosecar run --out` has to say."""
    found = [_market(folder, lang)]
    if folder.has("organisations"):
        found.append(blame_section(folder, lang))
    if folder.has("finance"):
        found.append(money_section(folder, lang))
    if folder.has("events"):
        found.append(_events(folder, lang))
    return found


def _market(folder: Folder, lang: str) -> Section:
    from experiments import run

    say, case, sales = phrase(TEXTS, lang), folder.case, folder.table("sales")
    runs = len(folder.seeds)
    figure = run.share_figure_of(case, sales, folder.seeds, folder.name, lang)
    cars = summary.by_car(sales, list(case.cars), runs)
    rows = [
        {"car": case.label("cars", row.car, lang), "share": row.share.value, "error": row.share.error}
        | {"effective": row.share.effective}
        | {flow: row.flows[flow] for flow in summary.FLOWS}
        for row in cars
    ]
    columns = {
        "car": Column(say("car")),
        "share": Column(say("share"), 100.0, 2),
        "error": Column(say("error"), 100.0, 2),
    }
    columns |= {flow: Column(say(flow), 1.0, 0) for flow in ("deliveries", "orders", "cancellations", "reservations")}
    columns["effective"] = Column(say("effective"), 1.0, 0)
    told = parts.table(
        _frame(rows), say("cars" if runs > 1 else "cars_of_one", runs=runs), columns, note=say("thin"), lang=lang
    )
    first = [f"{row['car']} {parts.number(row['share'], 100.0, 1)} %" for row in rows[:5]]
    alt = say("share_alt", cars=_listed(first, lang))
    return Section(say("market"), (), (parts.picture(figure, alt), told))


def blame_section(folder: Folder, lang: str) -> Section:
    """Who was blamed, beside what control and contribution would give, over all stories of the runs."""
    say, case = phrase(TEXTS, lang), folder.case
    table = folder.table("organisations")
    amounts = table[table["profile"].astype(str) == "all"]
    sums = amounts.groupby(amounts["organisation"].astype(str))[["blame", "control", "cause"]].sum()
    whole = sums.sum()
    if not whole["blame"] > 0.0:
        return Section(say("blame"), (say("nobody"),))
    shares = (sums / whole.where(whole > 0.0)).fillna(0.0)
    parties = list(involved(case)) if case.focal_car is not None else list(case.organisations)
    shares = shares[shares.index.isin(parties) & (shares > 0.0005).any(axis=1)].sort_values(
        "blame", ascending=False, kind="stable"
    )
    shares.insert(0, "label", [case.label("organisations", key, lang) for key in shares.index])
    columns = {"label": Column(say("organisation"))}
    columns |= {
        key: Column(say(word), 100.0, 1)
        for key, word in zip(("blame", "control", "cause"), ("blamed", "control", "cause"), strict=True)
    }
    drawn = parts.drawable(lang)
    return Section(
        say("blame"),
        (),
        (
            parts.picture(
                figures_blame.blame(_relabelled(shares, case, drawn), source=folder.source(drawn), lang=drawn),
                say("blame_alt", rows=_rows(shares, "blame", 100.0, "%", lang)),
                parts.table(shares, say("blame"), columns, lang=lang),
            ),
        ),
    )


def money_section(folder: Folder, lang: str) -> Section:
    """What each organisation received less what it paid, for the focal car and in all."""
    say, case, runs = phrase(TEXTS, lang), folder.case, len(folder.seeds)
    books = folder.table("finance")
    line, whose = books["line"].astype(str), books["organisation"].astype(str)
    investment = line.isin(ASSETS) & (books["cny"] < 0.0)
    kept = books[~line.isin(DEBTS) & ~investment & whose.isin(case.organisations)]
    of_run = kept["replicate"] if "replicate" in kept else np.zeros(len(kept), int)
    organisation = kept["organisation"].astype(str).rename("organisation")
    panels = {"all": say("all")}
    amounts = {"all": kept["cny"]}
    if case.focal_car is not None:
        panels = {"here": case.label("cars", case.focal_car, lang)} | panels
        amounts["here"] = kept["cny"].where(kept["car"].astype(str) == case.focal_car, 0.0)
    columns: dict[str, Any] = {}
    for panel in panels:
        by_run = amounts[panel].groupby([organisation, of_run]).sum().unstack(fill_value=0)  # noqa: PD010 - runs aside
        columns[panel] = by_run.mean(axis=1)
        columns[f"{panel}_low"] = by_run.min(axis=1) if runs > 1 else by_run.mean(axis=1) * np.nan
        columns[f"{panel}_high"] = by_run.max(axis=1) if runs > 1 else by_run.mean(axis=1) * np.nan
    first = next(iter(panels))
    table = _frame(columns)
    if first == "here":
        table = table[table["here"].abs() > 0.0]
    table = table.sort_values(first, ascending=False, kind="stable")
    table.insert(0, "label", [case.label("organisations", str(key), lang) for key in table.index])
    drawn = parts.drawable(lang)
    heard = phrase(TEXTS, drawn)
    shown = {key: case.label("cars", str(case.focal_car), drawn) if key == "here" else heard("all") for key in panels}
    measure = heard("money_unit", weeks=case.calendar.weeks, runs=runs)
    if runs == 1:
        measure = measure.rsplit("; " if drawn == "en" else "；", 1)[0]
    figure = figures_money.earnings(
        _relabelled(table, case, drawn), measure, heard("mn"), panels=shown, source=folder.source(drawn), lang=drawn
    )
    headings = {"label": Column(say("organisation"))}
    headings |= {key: Column(f"{words}, {say('mn')}", 1e-6, 1) for key, words in panels.items()}
    alt = say("money_alt", rows=_rows(table, first, 1e-6, say("mn"), lang))
    return Section(
        say("money"), (), (parts.picture(figure, alt, parts.table(table, say("money"), headings, lang=lang)),)
    )


def _events(folder: Folder, lang: str) -> Section:
    from experiments.run import ACTS, KINDS, act_label

    kinds = KINDS | {"imitation": ("another maker follows", "其他车企跟进")}

    say, case = phrase(TEXTS, lang), folder.case
    events = folder.table("events")
    acts = events["act"].astype(str)
    told = events[acts.isin(list(ACTS))].copy()
    told["act"] = [
        act_label(a, k, lang) for a, k in zip(told["act"].astype(str), told["kind"].astype(str), strict=True)
    ]
    cars = told["car"].astype(object).fillna("").astype(str)
    told["car"] = [case.label("cars", key, lang) if key in case.cars else key for key in cars]
    told["kind"] = [kinds.get(key, (key.replace("_", " "),) * 2)[lang == "zh"] for key in told["kind"].astype(str)]
    told["organisation"] = [
        _listed([case.label("organisations", key, lang) for key in keys.split("+") if key in case.organisations], lang)
        for keys in told["organisation"].fillna("").astype(str)
    ]
    told["date"] = told["date"].astype(str).str.slice(0, 10)
    columns = {key: Column(say(key)) for key in ("replicate", "date", "car", "kind", "act", "organisation")}
    columns["informed"] = Column(say("informed"), 1.0, 0)
    count = int((acts == "failure").sum())
    table: Table = parts.table(told, say("events"), columns, folded=len(told) > 20, lang=lang)
    return Section(say("events"), (say("events_about", count=count, runs=len(folder.seeds)),), (table,))


def _relabelled(table: pd.DataFrame, case: Any, lang: str) -> pd.DataFrame:
    """The same rows with labels in the language that figures can be in."""
    return table.assign(label=[case.label("organisations", str(key), lang) for key in table.index])


def _rows(table: pd.DataFrame, name: str, scale: float, unit: str, lang: str) -> str:
    values = zip(table["label"].head(6), table[name].head(6), strict=True)
    return _listed([f"{label} {parts.number(value, scale, 1)} {unit}" for label, value in values], lang)


def _listed(words: list[str], lang: str) -> str:
    return ("、" if lang == "zh" else ", ").join(words)


def _frame(rows: Any) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows)
