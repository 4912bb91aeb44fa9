"""What a comparison says to a person: what was changed, what that did, and which cause did how much of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from experiments import console, intervals
from experiments.outcome_names import about
from market.casefile.faults import show as written

if TYPE_CHECKING:
    from rich.table import Table

    from experiments.compare.comparison import Comparison
    from market import Case

TEXTS = {
    "pairs": (
        "{pairs} pairs of runs on the same luck, seeds {first}-{last}; {consumers} consumers, "
        "{weeks} weeks from {start}.",
        "{pairs} 对相同随机数的运行，种子 {first}-{last}；{consumers} 位消费者，自 {start} 起 {weeks} 周。",
    ),
    "change": ("{name}: {before} -> {after}", "{name}：{before} -> {after}"),
    "nothing": ("nothing is different: both worlds are the same", "没有任何差别：两个世界相同"),
    "more": ("and {count} more", "另外 {count} 项"),
    "stopped": (
        "stopped; this is what the {count} pairs say that were finished",
        "已停止；以上结果来自已完成的 {count} 对",
    ),
    "removed": ("taken away", "移除"),
    "unset": ("not set", "未设定"),
    "outcome": ("Outcome", "结果"),
    "outcome_of": ("Outcome\n{name}", "结果\n{name}"),
    "unit": ("Unit", "单位"),
    "base": ("Base", "基准"),
    "what_if": ("What-if", "假设"),
    "difference": ("Difference", "差值"),
    "interval": ("95 %\ninterval", "95 %\n区间"),
    "relative": ("% of\nbase", "占基准\n%"),
    "percent": ("%", "%"),
    "million": ("million CNY", "百万元"),
    "hint": (
        "Difference: what-if less base. An interval without 0 is more than luck; by luck alone one in twenty would be "
        "so. All {count} outcomes: --out.",
        "差值：假设减基准。区间不含 0 即非偶然；仅凭偶然，二十个中也会有一个如此。全部 {count} 个结果：--out。",
    ),
    "causes": ("What the causes did to: {label}", "各原因的影响：{label}"),
    "cause": ("Cause", "原因"),
    "alone": ("Alone", "单独"),
    "last": ("Last", "最后"),
    "shapley": ("Shapley\nvalue", "沙普利\n值"),
    "part": ("% of\nwhole", "占总效应\n%"),
    "whole": ("all of them", "合计"),
    "causes_hint": (
        "{unit}; base less the world without the cause, over {seeds} seeds. Alone: switched off alone; last: after all "
        "others; Shapley value: mean over all orders, with its 95 % interval; the parts sum to the whole.",
        "{unit}；基准减去无此原因的世界，{seeds} 个种子。单独：只关闭它；最后：在其他原因之后关闭；"
        "沙普利值：各种次序的平均及 95 % 区间；各部分之和等于总效应。",
    ),
    "sampled": (
        "More than {exact} causes: orders of switching off are sampled, which the intervals account for.",
        "原因多于 {exact} 个：关闭次序经抽样，区间已计入抽样误差。",
    ),
    "precise": (
        "Precision {precision} of {label} was reached with {pairs} pairs.",
        "{label}的精度 {precision} 用 {pairs} 对达到。",
    ),
    "not_precise": (
        "Precision {precision} of {label} was not reached with {pairs} pairs: allow more (--pairs).",
        "{label}的精度 {precision} 用 {pairs} 对未达到：请增加对数（--pairs）。",
    ),
    "failed": (
        "seed {seed} failed ({world}) and is left out: {error}",
        "种子 {seed} 失败（{world}），已剔除：{error}",
    ),
}
MOST_CHANGES = 12
SHOWN = (
    "share", "share_end", "order_share", "orders", "cancellations", "cancelled_share", "deliveries", "backlog_end",
    "lost", "deferred", "informed", "misattribution", "interface_here", "interface_share",
)  # fmt: skip
WITH_ITS_CAR = ("interface_here",)
"""Outcomes of the focal car that would be mistaken for those of the market without its name."""
SHOWN_BY_ORGANISATION = ("profit", "blamed", "trust")


def say(key: str, lang: str, **words: Any) -> str:
    """A text in a language, with its braces filled in."""
    return TEXTS[key][lang == "zh"].format(**words)


def show(comparison: Comparison, lang: str, out: str | None = None) -> None:
    """Print a comparison, and where it was written."""
    from experiments.compare.attribution import MOST_EXACT, exact
    from experiments.manifest import banner

    base, seeds = comparison.base, comparison.seeds
    shown = console.console()
    title = comparison.changes.title or base.title
    shown.print(Text(base.told(title, lang), style="bold"))
    size = {"consumers": f"{base.population.consumers:,}", "weeks": base.calendar.weeks, "start": base.calendar.start}
    shown.print(say("pairs", lang, pairs=len(seeds), first=seeds[0], last=seeds[-1], **size))
    for line in changes(comparison, lang):
        shown.print(f"  {line}", soft_wrap=True)
    console.print_table(shown, _effects(comparison, lang))
    shown.print(say("hint", lang, count=len(comparison.effects)), style="dim")
    if len(comparison.causes):
        label, unit, _ = described(comparison.outcome, base, lang)
        shown.print()
        shown.print(Text(say("causes", lang, label=label), style="bold"))
        console.print_table(shown, _causes(comparison, lang))
        known = int(comparison.causes["seeds"].max())
        shown.print(say("causes_hint", lang, unit=unit, seeds=known), style="dim")
        if not exact(len(comparison.changes.parts)):
            shown.print(say("sampled", lang, exact=MOST_EXACT), style="dim")
    if comparison.precision is not None:
        words = {"label": described(comparison.outcome, base, lang)[0], "precision": comparison.precision}
        key = "precise" if comparison.precise else "not_precise"
        shown.print(say(key, lang, pairs=len(seeds), **words), soft_wrap=True)
    if said := banner(base, lang):
        shown.print(said, style="italic")
    if out is not None:
        shown.print(console.say("written", lang, out=out), soft_wrap=True)


def failures(comparison: Comparison, lang: str) -> list[str]:
    """A line for each run that failed."""
    names = [cause.name for cause in comparison.changes.parts] or ["what-if"]
    lines = []
    for seed, world, error in comparison.failed:
        off = "+".join(name for place, name in enumerate(names) if world >> place & 1)
        lines.append(say("failed", lang, seed=seed, world=off or "base", error=error))
    return lines


def described(name: str, case: Case, lang: str) -> tuple[str, str, float]:
    """Label of an outcome, the unit in which it is printed, and what to multiply it with."""
    label, unit = about(name, case, lang)
    english = about(name, case).unit
    if english.startswith("share"):
        return label, unit.replace("share", "%", 1) if lang == "en" else say("percent", lang), 100.0
    if english == "CNY":
        return label, say("million", lang), 1e-6
    return label, unit, 1.0


def changes(comparison: Comparison, lang: str) -> list[str]:
    """What is different in the what-if world, a line each."""
    asked, base, other = comparison.changes, comparison.base, comparison.what_if
    names = [name for each in (asked.changes, *(cause.changes for cause in asked.causes)) for name in each]
    if not names:
        before, after = base.fields(), other.fields()
        names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    lines = []
    for name in names:
        old, new = _value(base, name, "unset", lang), _value(other, name, "removed", lang)
        if old != new:
            lines.append(say("change", lang, name=name, before=old, after=new))
    if len(lines) > MOST_CHANGES:
        lines[MOST_CHANGES:] = [say("more", lang, count=len(lines) - MOST_CHANGES)]
    return lines or [say("nothing", lang)]


def _value(case: Case, name: str, nothing: str, lang: str) -> str:
    from market import CaseError
    from market.casefile import tree

    try:
        value = tree.plain(case.get(name))
    except CaseError:
        return say(nothing, lang)
    if isinstance(value, Mapping) and value and not any(isinstance(inner, Mapping | list) for inner in value.values()):
        return ", ".join(f"{key} {written(inner)}" for key, inner in value.items())
    if isinstance(value, list) and value and all(isinstance(one, str | int | float) for one in value):
        return ", ".join(map(written, value))
    return say("unset", lang) if value is None else written(value)


def _effects(comparison: Comparison, lang: str) -> Table:
    case, focal = comparison.base, comparison.base.focal_car
    headings = ("unit", "base", "what_if", "difference", "interval", "relative")
    called = "" if focal is None else case.label("cars", focal, lang)
    first = say("outcome_of", lang, name=called) if called else say("outcome", lang)
    made = console.table(first, *(say(key, lang) for key in headings))
    made.columns[1].justify = "left"
    rows = {str(row["outcome"]): row for row in comparison.effects.to_dict("records")}
    of_parties = [name for name in rows if name.partition(".")[0] in SHOWN_BY_ORGANISATION and "." in name]
    of_parties.sort(key=lambda name: SHOWN_BY_ORGANISATION.index(name.partition(".")[0]))
    for name in dict.fromkeys((comparison.outcome, *SHOWN, *of_parties)):
        row = rows[name]
        if row["pairs"] == 0 or (name != comparison.outcome and row["base"] == row["what_if"] == 0.0):
            continue
        label, unit, scale = described(name, case, lang)
        if name not in WITH_ITS_CAR:
            label = label.removesuffix(f": {called}").removesuffix(f"：{called}")
        numbers = [scale * float(row[key]) for key in ("base", "what_if", "difference", "t_low", "t_high")]
        moved = any(abs(number) > 1e-9 * abs(numbers[0]) for number in numbers[2:])  # less is rounding
        digits = _digits(numbers[2:] if moved else numbers)
        low, high = (float(row[key]) for key in ("t_low", "t_high"))
        cells = [_number(number, digits) for number in numbers[:3]]
        style = "bold" if intervals.clear((low, high)) else ""
        limits = "-" if math.isnan(low) else f"{_number(numbers[3], digits)} .. {_number(numbers[4], digits)}"
        part = _number(100.0 * float(row["relative"]), 1) if numbers[0] > 0.0 else "-"  # of less than nothing no part
        made.add_row(label, unit, *cells[:2], Text(cells[2], style=style), limits, part)
    return made


def _causes(comparison: Comparison, lang: str) -> Table:
    made = console.table(*(say(key, lang) for key in ("cause", "alone", "last", "shapley", "interval", "part")))
    of = comparison.causes[comparison.causes["outcome"] == comparison.outcome]
    scale = described(comparison.outcome, comparison.base, lang)[2]
    whole = scale * float(of["whole"].iloc[0])
    digits = _digits([whole, *(scale * of["shapley"])])
    for row in of.to_dict("records"):
        alone, last, share, low, high = (
            _number(scale * float(row[key]), digits)
            for key in ("alone", "last", "shapley", "shapley_low", "shapley_high")
        )
        clear = intervals.clear((float(row["shapley_low"]), float(row["shapley_high"])))
        limits = "-" if math.isnan(float(row["shapley_low"])) else f"{low} .. {high}"
        part = _number(100.0 * float(row["part"]), 1)
        made.add_row(str(row[f"title_{lang}"]), alone, last, Text(share, style="bold" if clear else ""), limits, part)
    made.add_row(say("whole", lang), "", "", _number(whole, digits), "", "100.0" if whole else "-", style="bold")
    return made


def _digits(numbers: list[float]) -> int:
    """Digits after the point that show the largest number with three."""
    largest = max((abs(number) for number in numbers if math.isfinite(number)), default=0.0)
    return 0 if largest == 0.0 else min(max(2 - math.floor(math.log10(largest)), 0), 6)


def _number(value: float, digits: int) -> str:
    if math.isnan(value):
        return "-"
    text = f"{value:,.{digits}f}"
    return text.lstrip("-") if float(text.replace(",", "")) == 0.0 else text
