"""What an explanation says on one page: which assumptions decide, how sure that is, and when it goes wrong."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.text import Text

from experiments.console import console, print_table, table
from experiments.explain import explanation as explain
from experiments.explain import questions, swings
from experiments.outcome_names import shown

if TYPE_CHECKING:
    from rich.console import Console

    from experiments.explain.explanation import Explanation

MOST_FACTORS, LEAST_FACTORS = 8, 2
"""Factors in a table: those that do not hardly matter, within these numbers."""
TEXTS = {
    "title": ("Which assumptions decide", "哪些假设起决定作用"),
    "sample": (
        "{kind} design: {points:,} points x {seeds:,} seeds, {factors} factors; case {case}",
        "{kind} 设计：{points:,} 个设计点 x {seeds:,} 个种子，{factors} 个因子；案例 {case}",
    ),
    "sobol": (
        "Share of the variance between points that a factor causes: alone (first), and with its interactions (total).",
        "因子所引起的设计点间方差份额：单独作用（一阶），以及含交互作用（总效应）。",
    ),
    "morris": (
        "Change of the outcome over the range of a factor: mean size (mu*) and spread (sigma: interaction, curvature).",
        "因子在其范围内变动时结果的变化：绝对值平均（mu*）与离散程度（sigma：交互或非线性）。",
    ),
    "one-at-a-time": (
        "Change of the outcome when a factor goes to the low or the high end of its range and all others stay as they "
        "are in the base case, with the same luck.",
        "仅将一个因子移至其范围的低端或高端、其余保持基准并使用相同随机数时，结果的变化。",
    ),
    "regression": (
        "Linear regression: share of the variance that only this factor explains, and standard deviations of the "
        "outcome for one of the factor.",
        "线性回归：仅由该因子解释的方差份额，以及因子变动一个标准差时结果变动的标准差数。",
    ),
    "intervals": ("Brackets: 95 % intervals.", "方括号：95 % 区间。"),
    "outcome": (
        "{label}, {unit}: mean {mean}, sd {sd} between points",
        "{label}（{unit}）：平均 {mean}，设计点间标准差 {sd}",
    ),
    "factor": ("Factor", "因子"),
    "total": ("total", "总效应"),
    "first": ("first", "一阶"),
    "mu_star": ("mu*", "mu*"),
    "sigma": ("sigma", "sigma"),
    "at_low": ("at its low end", "取低端"),
    "at_high": ("at its high end", "取高端"),
    "base": ("Base case: {value}.", "基准：{value}。"),
    "one_run": (
        "One seed: how sure a change is cannot be told (replicates = 2 or more).",
        "只有一个种子：无法判断变化的可靠程度（replicates 取 2 以上）。",
    ),
    "unique": ("only it explains", "仅由其解释"),
    "coefficient": ("coefficient", "系数"),
    "rank_coefficient": ("of ranks", "秩系数"),
    "verdict": ("Verdict", "结论"),
    "decides": ("decides", "起决定作用"),
    "hardly": ("hardly matters", "几乎无影响"),
    "open": ("open", "未定"),
    "others": ("Hardly matter: {names}.", "几乎无影响：{names}。"),
    "more": ("{count} more are not shown.", "另有 {count} 个未列出。"),
    "still": ("It does not move between points: there is nothing to explain.", "它在设计点间没有变化：无可解释。"),
    "few": ("Too few points for a regression on these factors.", "设计点太少，无法对这些因子做回归。"),
    "explained": ("All factors together explain {part:.0%} linearly.", "全部因子的线性解释度为 {part:.0%}。"),
    "luck": ("Luck: {part:.0%} of the variance between points.", "偶然性：占设计点间方差的 {part:.0%}。"),
    "one_seed": (
        "One seed: what luck does to it cannot be told (replicates = 2 or more).",
        "只有一个种子：无法判断偶然性的作用（replicates 取 2 以上）。",
    ),
    "settled": (
        "Settled: from half of the sample to all of it, no measure moved by more than {change:.0%}.",
        "已收敛：样本由一半增至全部，各指标变动不超过 {change:.0%}。",
    ),
    "unsettled": (
        "Not settled: from half of the sample to all of it, a measure moved by {change:.0%}; take more runs.",
        "未收敛：样本由一半增至全部，有指标变动 {change:.0%}；请增加运行次数。",
    ),
    "small": ("Too few points to see whether more would change it.", "设计点太少，无法判断增加运行是否会改变结论。"),
    "missing": (
        "{missing:,} runs are missing: {left_out:,} points are left out; the rest speaks for where runs succeed.",
        "缺少 {missing:,} 次运行：剔除 {left_out:,} 个设计点；结论只适用于运行成功的范围。",
    ),
    "holes": (
        "{missing:,} runs are missing: each change counts the seeds that have both of its runs.",
        "缺少 {missing:,} 次运行：各变化只计入两次运行俱全的种子。",
    ),
    "bad": (
        "Bad: {question}, {part:.0%} of the different points.",
        "坏结果：{question}，占互异设计点的 {part:.0%}。",
    ),
    "worst": (
        "Bad: {question}, the worst quarter ({part:.0%} of the different points); ask with --bad.",
        "坏结果：{question}，最差的四分之一（占互异设计点的 {part:.0%}）；可用 --bad 指定。",
    ),
    "box": (
        "Box {box}: {limits}. It holds {coverage:.0%} of the bad points; {density:.0%} of its {points:,} are bad.",
        "盒 {box}：{limits}。含坏设计点的 {coverage:.0%}；其 {points:,} 个设计点中 {density:.0%} 为坏结果。",
    ),
    "no_box": ("No box sets them apart more than chance would.", "没有任何盒能以超出偶然的程度将其区分开来。"),
    "and": (" and ", " 且 "),
    "is": ("{name} is {words}", "{name} 为 {words}"),
    "overall": ("By factor", "按因子汇总"),
    "of_outcomes": ("decides, of\n{count} outcomes", "起决定作用\n（共 {count} 项结果）"),
    "largest": ("largest\npart", "最大\n份额"),
    "where": ("of", "结果"),
    "written": ("Written to {out}", "结果已写入 {out}"),
}  # fmt: skip
MEASURES = {
    "sobol": ("total", "first"),
    "morris": ("mu_star", "sigma"),
    "one-at-a-time": swings.ENDS,
    "regression": ("unique", "coefficient", "rank_coefficient"),
}


IN_UNITS = ("morris", swings.METHOD)
"""Methods whose measures are in units of the outcome."""


def say(key: str, lang: str, **words: object) -> str:
    """A text in a language, with its braces filled in."""
    return TEXTS[key][lang == "zh"].format(**words)


def show(found: Explanation, lang: str = "en", written: str | None = None, out: Console | None = None) -> None:
    """Print the page."""
    from experiments.manifest import banner

    out, design, case = out or console(), found.design, found.design.base
    out.print(Text(say("title", lang), style="bold"))
    size = {"points": design.number_of_points, "seeds": design.replicates, "factors": len(design.names)}
    out.print(say("sample", lang, kind=design.kind, case=case.told(case.title, lang), **size), soft_wrap=True)
    out.print(f"{say(found.method, lang)} {say('intervals', lang)}", style="dim")
    rankings = {name: _ranking(found, name) for name in found.outcomes}
    if len(found.outcomes) > 1:
        _overall(out, found, rankings, lang)
    for name in found.outcomes:
        _outcome(out, found, name, rankings[name], lang)
    if said := banner(case, lang):
        out.print()
        out.print(said, style="italic")
    if written is not None:
        out.print(say("written", lang, out=written), soft_wrap=True)


def _ranking(found: Explanation, name: str) -> pd.DataFrame:
    luck = float(_quality(found, name)["luck"])
    return explain.ranking(found.sensitivity[found.sensitivity["outcome"] == name], luck)


def _quality(found: Explanation, name: str) -> dict[str, Any]:
    row = found.quality[found.quality["outcome"] == name].to_dict("records")[0]
    return {str(key): value for key, value in row.items()}


def _overall(out: Console, found: Explanation, rankings: dict[str, pd.DataFrame], lang: str) -> None:
    """By factor, of how many outcomes it decides, and where its part is largest."""
    rows = []
    for factor in found.design.names:
        parts = {name: _of(ranking, factor) for name, ranking in rankings.items()}
        held = {name: part for name, (part, _) in parts.items() if not math.isnan(part)}
        most = max(held, key=lambda name: held[name], default=None)
        decided = sum(verdict == "decides" for _, verdict in parts.values())
        rows.append((decided, held[most] if most else 0.0, factor, "" if most is None else most))
    decided_of = say("of_outcomes", lang, count=len(rankings))
    made = table("\n" + say("overall", lang), decided_of, say("largest", lang), say("where", lang))
    made.columns[3].justify = "left"
    for decided, part, factor, most in sorted(rows, key=lambda row: (-row[0], -row[1]))[:MOST_FACTORS]:
        label = shown(most, found.design.base, lang).label if most else ""
        counted, largest = (str(decided), f"{part:.2f}") if most else ("-", "-")
        made.add_row(Text(factor, style="bold" if decided else ""), counted, largest, label)
    print_table(out, made)


def _of(ranking: pd.DataFrame, factor: str) -> tuple[float, str]:
    rows = ranking[ranking["factor"] == factor]
    return (float(rows["part"].iloc[0]), str(rows["verdict"].iloc[0])) if len(rows) else (math.nan, "")


def _outcome(out: Console, found: Explanation, name: str, ranking: pd.DataFrame, lang: str) -> None:
    """One outcome: its factors, how sure that is, and its boxes."""
    quality = _quality(found, name)
    label, unit, scale = shown(name, found.design.base, lang)
    figures = {key: _number(scale * float(quality[key])) for key in ("mean", "sd")}
    out.print()
    out.print(Text(say("outcome", lang, label=label, unit=unit or "-", **figures), style="bold"), soft_wrap=True)
    measured = found.sensitivity[found.sensitivity["outcome"] == name]
    if not float(quality["sd"]) > 0.0:
        out.print(say("still", lang))
        return
    if measured.empty:
        out.print(say("few", lang))
    kinds = [kind for kind in MEASURES[found.method] if (measured["measure"] == kind).any()]
    made = table(say("factor", lang), *(say(kind, lang) for kind in kinds), say("verdict", lang))
    made.columns[0].overflow, made.columns[0].no_wrap = "fold", False
    made.columns[-1].justify = "left"
    in_units = found.method in IN_UNITS
    measured = measured.assign(
        **{end: measured[end] * (scale if in_units else 1.0) for end in ("value", "low", "high")}
    )
    by = {
        (str(row["factor"]), str(row["measure"])): (float(row["value"]), float(row["low"]), float(row["high"]))
        for row in measured.to_dict("records")
    }
    hardly = ranking["verdict"] == "hardly"
    first = pd.concat([ranking[~hardly], ranking[hardly]])[: max(int((~hardly).sum()), LEAST_FACTORS)]
    for row in first.head(MOST_FACTORS).to_dict("records"):
        cells = [_cell(by.get((str(row["factor"]), kind)), None if in_units else 2) for kind in kinds]
        style = "bold" if row["verdict"] == "decides" else ""
        made.add_row(str(row["factor"]), *cells, say(str(row["verdict"]), lang), style=style)
    if made.row_count:
        print_table(out, made)
    rest = [str(name) for name in ranking.loc[hardly, "factor"] if name not in set(first["factor"])]
    if len(first) > MOST_FACTORS:
        out.print(say("more", lang, count=len(first) - MOST_FACTORS))
    if rest:
        out.print(say("others", lang, names=("、" if lang == "zh" else ", ").join(rest)), soft_wrap=True)
    lines = (
        _base(measured, quality, found.design.replicates, lang)
        if found.method == swings.METHOD
        else [*_sureness(measured, quality, lang), *_boxes(found, name, lang)]
    )
    for line in lines:
        out.print(line, soft_wrap=True)


def _base(measured: pd.DataFrame, quality: dict[str, Any], seeds: int, lang: str) -> Iterator[str]:
    """What the outcome is where nothing moves, and what is missing."""
    for row in measured[measured["measure"] == "base"].to_dict("records"):
        yield say("base", lang, value=_cell((float(row["value"]), float(row["low"]), float(row["high"])), None))
    if seeds == 1:
        yield say("one_run", lang)
    if quality["missing"]:
        yield say("holes", lang, missing=int(quality["missing"]))


def _sureness(measured: pd.DataFrame, quality: dict[str, Any], lang: str) -> Iterator[str]:
    """How much is luck, whether more runs would change it, and what is missing."""
    explained = measured.loc[measured["measure"] == "explained", "value"]
    if len(explained):
        yield say("explained", lang, part=float(explained.iloc[0]))
    luck, change = float(quality["luck"]), float(quality["change"])
    yield say("one_seed", lang) if math.isnan(luck) else say("luck", lang, part=luck)
    if math.isnan(change):
        yield say("small", lang)
    else:
        yield say("settled" if quality["settled"] else "unsettled", lang, change=change)
    if quality["missing"]:
        yield say("missing", lang, missing=int(quality["missing"]), left_out=int(quality["left_out"]))


def _boxes(found: Explanation, name: str, lang: str) -> Iterator[str]:
    question, held = found.questions[name], found.boxes[found.boxes["outcome"] == name]
    part = float(_quality(found, name)["bad"])
    _, unit, scale = shown(name, found.design.base, lang)
    told = f"{question} ({_number(scale * question.threshold)} {unit})" if scale != 1.0 else str(question)
    yield say("bad" if question.asked else "worst", lang, question=told, part=part)
    for box, rows in held.groupby("box"):
        limits = say("and", lang).join(_limit(row, lang) for row in rows.to_dict("records"))
        row = rows.iloc[0]
        yield say(
            "box", lang, box=box, limits=limits, coverage=row["coverage"], density=row["density"], points=row["points"]
        )  # fmt: skip
    if held.empty:
        yield say("no_box", lang)


def _limit(row: dict[Any, Any], lang: str) -> str:
    """A limit of a box in words."""
    if row["words"]:
        return say("is", lang, name=row["factor"], words=row["words"])
    low, high = questions.limit(row["low"]), questions.limit(row["high"])
    if row["low"] <= row["least"]:
        return f"{row['factor']} <= {high}"
    if row["high"] >= row["most"]:
        return f"{row['factor']} >= {low}"
    return f"{low} <= {row['factor']} <= {high}"


def _cell(held: tuple[float, float, float] | None, digits: int | None) -> str:
    """A measure with its interval, in so many digits after the point, else in three."""
    if held is None or math.isnan(held[0]):
        return "-"
    value, low, high = (_number(one) if digits is None else f"{one:.{digits}f}" for one in held)
    return value if math.isnan(held[1]) else f"{value} [{low}, {high}]"


def _number(value: float) -> str:
    """A number with three digits.

    >>> _number(0.01234), _number(-1234567.0), _number(0.0)
    ('0.0123', '-1,230,000', '0')
    """
    if math.isnan(value):
        return "-"
    rounded = float(f"{value:.3g}")
    if abs(rounded) < 1e-4:
        return "0" if abs(rounded) < 1e-12 else f"{rounded:.2g}"
    return f"{rounded:,.0f}" if abs(rounded) >= 100 else f"{rounded:.3g}"
