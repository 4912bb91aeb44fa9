"""The report of a stress test: what a crisis takes from whom, how long it lasts, and what one would regret least."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from experiments.figures import money as figures_money
from experiments.figures import risk as figures_risk
from experiments.report import parts
from experiments.report.parts import Column, Section, Table, phrase
from experiments.stress import NONE, WORLD
from experiments.stress import folder as stress_folder
from experiments.stress.regret import ALL, STRATEGY
from experiments.stress.tables import OVER_ALL, at
from experiments.stress.words import Speaker

if TYPE_CHECKING:
    import pandas as pd

    from experiments.report.folder import Folder
    from experiments.report.parts import Picture

TEXTS = {
    "aloud": ("In a few sentences", "几句话概括"),
    "takes": ("What it takes: {crisis}", "损失多少：{crisis}"),
    "share": ("Share of deliveries lost in {weeks} weeks: {crisis}", "{weeks} 周内损失的交付份额：{crisis}"),
    "profit": ("Profit of all lost in {weeks} weeks: {crisis}", "{weeks} 周内各方利润损失合计：{crisis}"),
    "measure": (
        "{unit}, against the same future without the crisis; bar: 95 % interval of the mean; expected shortfall: "
        "mean of "
        "the worst 5 % of {futures} futures",
        "{unit}，与无危机的同一未来相比；横线：平均的 95 % 区间；预期短缺：{futures} 种未来中最差 5 % 的平均",
    ),
    "points": ("percentage points", "百分点"),
    "mn": ("CNY mn", "百万元"),
    "lost_alt": ("{title}, by strategy. {rows}.", "各策略的{title}。{rows}。"),
    "strategy": ("Strategy", "策略"),
    "after": ("After {weeks} weeks", "{weeks} 周后"),
    "low": ("95 %: from", "95 %：从"),
    "high": ("to", "到"),
    "shortfall": ("Worst 5 %, mean", "最差 5 % 的平均"),
    "lasts": ("How long it lasts: the share of orders", "持续多久：订单份额"),
    "never_fell": ("Never down by 5 %, % of futures", "从未下降 5 %，占未来的 %"),
    "back": ("Weeks until orders that fell are back (median)", "下降的订单恢复所需周数（中位数）"),
    "not_back": ("Not back, % of futures", "未恢复，占未来的 %"),
    "bears": ("Who bears it: {crisis}", "谁来承担：{crisis}"),
    "bears_measure": (
        "Profit lost in {weeks} weeks if nothing is done, CNY mn; below 0: gained; bar: 95 % interval",
        "若不采取措施，{weeks} 周内的利润损失，百万元；小于 0 为获益；横线：95 % 区间",
    ),
    "bears_alt": ("Profit lost by party. {rows}.", "各方的利润损失。{rows}。"),
    "party": ("Party", "一方"),
    "lost": ("Lost", "损失"),
    "part": ("% of what losers lose", "占各损失方合计 %"),
    "blamed": ("Blamed in it, % of all blame", "危机中受指责，占全部指责 %"),
    "to_control": ("Blame over control", "指责与控制之比"),
    "to_contribution": ("Blame over contribution", "指责与责任之比"),
    "regret": ("What one would regret", "后悔值"),
    "regret_about": (
        "Regret: what the best strategy of the same crisis and the same draw earns more in the whole run (Savage "
        "1951); the largest over draws is shown.",
        "后悔值：同一危机、同一抽样下最优策略在整个模拟期内多得的数额（Savage 1951），表中为各抽样中的最大值。",
    ),
    "regret_all": ("profit of all parties", "各方利润合计"),
    "regret_alt": (
        "Heat map of the largest regret of each strategy in each crisis. {rows}.",
        "热图：各策略在各危机中的最大后悔值。{rows}。",
    ),
    "by_party": (
        "Largest regret by party, CNY mn; *: least of all strategies",
        "各方的最大后悔值，百万元；*：各策略中最小",
    ),
    "front": ("What one gain costs in the other", "得与失"),
    "front_alt": (
        "Strategies by share of deliveries and profit of all, mean over crises. {rows}.",
        "各策略的交付份额与各方利润合计（各危机平均）。{rows}。",
    ),
    "share_axis": ("Share of deliveries", "交付份额"),
    "profit_axis": ("Profit of all parties", "各方利润合计"),
    "blame_axis": ("Largest blame over control", "最大的指责与控制之比"),
    "on_front": ("Beaten by no other", "不被其他策略超越"),
    "all_crises": ("no crisis", "无危机"),
}


def sections(folder: Folder, lang: str) -> list[Section]:
    """What a folder of `whosecar stress --out` has to say."""
    stress, found = stress_folder.read(folder.path)
    say, drawn = phrase(TEXTS, lang), parts.drawable(lang)
    speaker, drawer = (Speaker(stress, folder.case, found, language) for language in (lang, drawn))
    told = [Section(say("aloud"), (*speaker.sentences(), *speaker.cautions()))]
    for crisis in speaker.crises:
        told.append(_takes(folder, crisis, speaker, drawer))
        told.append(_bears(folder, crisis, speaker, drawer))
    return [*told, regret_section(folder, speaker, drawer), _front(folder, speaker, drawer)]


def named(folder: Folder, lang: str) -> tuple[str, str]:
    """The test with its case, and what is tested."""
    stress, case = stress_folder.read(folder.path)[0], folder.case
    return f"{case.told(stress.title, lang)} – {case.told(case.title, lang)}", case.told(stress.summary, lang)


def commands(folder: Folder) -> list[str]:
    """The command that makes the test again from its folder."""
    return [f"whosecar stress {stress_folder.STRESS_FILE} --out NEW"]


def _title(speaker: Speaker, crisis: str) -> str:
    return phrase(TEXTS, speaker.lang)("all_crises") if crisis == NONE else speaker.title("crises", crisis)


def _listed(table: pd.DataFrame, name: str, unit: str) -> str:
    rows = zip(table["label"].head(8), table[name].head(8), strict=True)
    return "; ".join(f"{label}: {parts.number(value)} {unit}" for label, value in rows)


def _takes(folder: Folder, crisis: str, speaker: Speaker, drawer: Speaker) -> Section:
    """Share and profit at risk of every strategy in a crisis, and how long it lasts."""
    say, there = phrase(TEXTS, speaker.lang), phrase(TEXTS, drawer.lang)
    risk, longest = speaker.found.risk, speaker.stress.horizons_weeks[-1]
    shown: list[Picture | Table] = []
    for key, measure, scale, unit in (("share", "share", 100.0, "points"), ("profit", "profit.all", 1e-6, "mn")):
        own = at(risk, {"crisis": crisis, "measure": measure})
        if own.empty:
            continue
        last = own[own["horizon_weeks"] == longest]
        numbers = {name: scale * last[column] for name, column in LIMITS.items()}
        lines = last.assign(label=[drawer.strategy(row) for row in last.to_dict("records")], **numbers)
        title = there(key, weeks=longest, crisis=_title(drawer, crisis))
        about = there("measure", unit=there(unit), futures=int(last["futures"].max()))
        figure = figures_risk.losses(
            lines, title, about, there(unit), source=folder.source(drawer.lang), lang=drawer.lang
        )
        worded = lines.assign(label=[speaker.strategy(row) for row in last.to_dict("records")])
        alt = say(
            "lost_alt",
            title=say(key, weeks=longest, crisis=_title(speaker, crisis)),
            rows=_listed(worded, "mean", say(unit)),
        )
        shown.append(parts.picture(figure, alt, _by_horizon(speaker, own, key, scale, unit)))
    back = at(speaker.found.recovery, {"crisis": crisis, "series": "order_share"})
    if len(back):
        back = back.assign(label=[speaker.strategy(row) for row in back.to_dict("records")])
        columns = {"label": Column(say("strategy")), "never_fell": Column(say("never_fell"), 100.0, 0)}
        columns["median"] = Column(say("back"), 1.0, 0)
        columns["not_back"] = Column(say("not_back"), 100.0, 0)
        shown.append(parts.table(back, say("lasts"), columns, lang=speaker.lang))
    return Section(say("takes", crisis=_title(speaker, crisis)), (), tuple(shown))


LIMITS = {"mean": "mean", "low": "mean_low", "high": "mean_high", "shortfall": "shortfall"}


def _by_horizon(speaker: Speaker, own: pd.DataFrame, key: str, scale: float, unit: str) -> Table:
    """What every strategy loses by each horizon."""
    say, keys = phrase(TEXTS, speaker.lang), list(STRATEGY)
    wide = own.pivot_table(index=keys, columns="horizon_weeks", values="mean", sort=False)
    last = own[own["horizon_weeks"] == own["horizon_weeks"].max()].set_index(keys)
    rows = wide.assign(**{name: last[column] for name, column in LIMITS.items() if name != "mean"}).reset_index()
    rows.insert(0, "label", [speaker.strategy(row) for row in rows[keys].to_dict("records")])
    rows.columns = [str(name) for name in rows.columns]
    columns = {"label": Column(say("strategy"))}
    columns |= {str(weeks): Column(say("after", weeks=weeks), scale, 2) for weeks in wide.columns}
    columns |= {name: Column(say(name), scale, 2) for name in ("low", "high", "shortfall")}
    longest = speaker.stress.horizons_weeks[-1]
    title = say(key, weeks=longest, crisis=_title(speaker, str(own["crisis"].iloc[0])))
    return parts.table(rows, f"{title} ({say(unit)})", columns, lang=speaker.lang)


def _bears(folder: Folder, crisis: str, speaker: Speaker, drawer: Speaker) -> Section:
    """Who bears a crisis and who is blamed, if nothing is done."""
    say, there = phrase(TEXTS, speaker.lang), phrase(TEXTS, drawer.lang)
    quiet = dict(zip(WORLD, (crisis, NONE, NONE, NONE), strict=True))
    own = at(speaker.found.bearers, quiet | {"measure": "profit"})
    blame = at(speaker.found.blame, quiet).set_index("measure")["mean"]
    limits = {"all": own["mean"], "all_low": own["mean_low"], "all_high": own["mean_high"]}
    lines = own.assign(label=[drawer.party(str(key)) for key in own["party"]], **limits)
    longest = speaker.stress.horizons_weeks[-1]
    figure = figures_money.earnings(
        lines, there("bears_measure", weeks=longest), there("mn"), panels={"all": there("lost")},
        title=there("bears", crisis=_title(drawer, crisis)), source=folder.source(drawer.lang), lang=drawer.lang,
    )  # fmt: skip
    worded = lines.assign(label=[speaker.party(str(key)) for key in own["party"]], mean=1e-6 * own["mean"])
    for kind in ("blamed", "blame_to_control", "blame_to_contribution"):
        worded[kind] = [float(blame.get(f"{kind}.{key}", float("nan"))) for key in own["party"]]
    columns = {"label": Column(say("party")), "mean": Column(f"{say('lost')}, {say('mn')}", 1.0, 1)}
    columns |= {"part": Column(say("part"), 100.0, 0), "blamed": Column(say("blamed"), 100.0, 1)}
    columns["blame_to_control"] = Column(say("to_control"), 1.0, 2)
    columns["blame_to_contribution"] = Column(say("to_contribution"), 1.0, 2)
    heading = say("bears", crisis=_title(speaker, crisis))
    alt = say("bears_alt", rows=_listed(worded, "mean", say("mn")))
    return Section(heading, (), (parts.picture(figure, alt), parts.table(worded, heading, columns, lang=speaker.lang)))


def regret_section(folder: Folder, speaker: Speaker, drawer: Speaker) -> Section:
    """The largest regret of every strategy, by crisis for all together, and by party."""
    say, there = phrase(TEXTS, speaker.lang), phrase(TEXTS, drawer.lang)
    found = speaker.found
    own = at(found.regret_by_crisis, {"measure": "profit", "party": ALL})
    wide = own.pivot_table(index=list(STRATEGY), columns="crisis", values="max_regret", sort=False)
    records = wide.reset_index()[list(STRATEGY)].to_dict("records")
    map_of = wide.set_axis([drawer.strategy(row) for row in records], axis=0)
    map_of = map_of.rename(columns=lambda crisis: _title(drawer, str(crisis)))
    figure = figures_risk.regret(
        map_of, there("regret_all"), there("mn"), scale=1e-6, source=folder.source(drawer.lang), lang=drawer.lang
    )
    most = wide.max(axis=1).to_numpy(float) * 1e-6
    rows = "; ".join(
        f"{speaker.strategy(row)}: {parts.number(value)} {say('mn')}"
        for row, value in list(zip(records, most, strict=True))[:8]
    )
    profit = found.regret[found.regret["measure"] == "profit"]
    parties = [*(str(party) for party in profit["party"].unique() if party != ALL), ALL]
    lines = []
    for keys, rows_of in profit.groupby(list(STRATEGY), sort=False):
        by_party = rows_of.set_index("party")
        cells = [
            parts.number(by_party.loc[party, "max_regret"], 1e-6, 0) + (" *" if by_party.loc[party, "minimax"] else "")
            for party in parties
        ]
        lines.append((speaker.strategy(dict(zip(STRATEGY, keys, strict=True))), *cells))
    headings = (say("strategy"), *map(speaker.party, parties))
    table = Table(say("by_party"), headings, tuple(lines), (False, *(True,) * len(parties)))
    picture = parts.picture(figure, say("regret_alt", rows=rows))
    return Section(say("regret"), (say("regret_about"),), (picture, table))


def _front(folder: Folder, speaker: Speaker, drawer: Speaker) -> Section:
    """Which strategies no other beats, over all crises."""
    say, there = phrase(TEXTS, speaker.lang), phrase(TEXTS, drawer.lang)
    own = at(speaker.found.pareto, {"crisis": OVER_ALL})
    records: list[Any] = own.to_dict("records")
    lines = own.assign(label=[drawer.strategy(row) for row in records], x=100.0 * own["share"], y=1e-6 * own["profit"])
    figure = figures_risk.pareto(
        lines, (there("share_axis"), "%"), (there("profit_axis"), there("mn")), source=folder.source(drawer.lang),
        lang=drawer.lang,
    )  # fmt: skip
    worded = own.assign(label=[speaker.strategy(row) for row in records], front=own["front"].astype(bool))
    columns = {"label": Column(say("strategy")), "share": Column(f"{say('share_axis')}, %", 100.0, 3)}
    columns |= {"profit": Column(f"{say('profit_axis')}, {say('mn')}", 1e-6, 0)}
    columns |= {"blame": Column(say("blame_axis"), 1.0, 2), "front": Column(say("on_front"))}
    best = "; ".join(str(label) for label in worded.loc[worded["front"], "label"])
    picture = parts.picture(figure, say("front_alt", rows=f"{say('on_front')}: {best}"))
    return Section(say("front"), (), (picture, parts.table(worded, say("front"), columns, lang=speaker.lang)))
