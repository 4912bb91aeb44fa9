"""The report of a comparison: what changes, when, and which cause made how much of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments import outcome_names
from experiments.compare.folder import CASE_FILE, OTHER_CASE_FILE, WHAT_IF_FILE
from experiments.figures import compare as figures_compare
from experiments.report import parts
from experiments.report.parts import Column, Section, Table, phrase

if TYPE_CHECKING:
    import pandas as pd

    from experiments.report.folder import Folder
    from experiments.report.parts import Picture
    from market import Case

TEXTS = {
    "changes": ("What was changed", "改了什么"),
    "name": ("Full name", "全名"),
    "base": ("Base", "基准"),
    "what_if": ("What-if", "假设"),
    "effects": ("What changes", "变化有多大"),
    "about": (
        "{pairs} pairs: each seed was run in both worlds, with the same people and the same luck, so that only the "
        "change "
        "makes a difference. Intervals: 95 %, Student's t of the paired differences. {clear} of {count} outcomes "
        "have an interval without 0; by luck alone about {luck} would.",
        "{pairs} 对：每个种子在两个世界各运行一次，人群与随机数相同，因此差异只来自所作的改动。区间：配对差值的 95 "
        "% t 区间。"
        "{count} 个结果中有 {clear} 个的区间不含 0；仅凭偶然约有 {luck} 个如此。",
    ),
    "outcome": ("Outcome", "结果"),
    "unit": ("Unit", "单位"),
    "difference": ("Difference", "差值"),
    "low": ("95 %: from", "95 %：从"),
    "high": ("to", "到"),
    "relative": ("% of base", "占基准 %"),
    "pairs": ("Pairs", "对数"),
    "effects_alt": (
        "Effects in percent of the base with intervals. {rows}.",
        "各结果变化占基准的百分比及区间。{rows}。",
    ),
    "time": ("When it changes", "何时变化"),
    "time_alt": (
        "{label} by week in both worlds and their difference, with its interval. In the last week: base {base}, "
        "what-if "
        "{what_if}, {unit}.",
        "两个世界每周的{label}及其差值与区间。最后一周：基准 {base}，假设 {what_if}，{unit}。",
    ),
    "causes": ("What caused it", "原因分解"),
    "causes_about": (
        "Causes are switched off one at a time and in every combination. A Shapley value is the mean of what a "
        "cause adds "
        "over all orders in which the causes may come; the parts add up to the whole.",
        "原因逐个关闭，并以各种组合关闭。沙普利值为各原因在所有先后次序中所增部分的平均，各部分之和等于总效应。",
    ),
    "cause": ("Cause", "原因"),
    "alone": ("Alone", "单独作用"),
    "last": ("On top of the others", "在其他原因之上"),
    "shapley": ("Shapley value", "沙普利值"),
    "part": ("% of the whole", "占总效应 %"),
    "causes_alt": (
        "Steps from the world without the causes to the base. {rows}.",
        "从无这些原因的世界到基准的逐步分解。{rows}。",
    ),
    "date": ("Week from", "周起始"),
}
SERIES = ("share", "order_share", "orders", "cancellations")
"""Weekly series that are drawn, where there are any."""
MOST_CHANGES, MOST_SHOWN = 60, 16
MOST_CHANGE = 5.0
"""Larger changes, as a part of the base, say that the base is next to nothing; they are in the table."""


def sections(folder: Folder, lang: str) -> list[Section]:
    """What a folder of `whosecar compare --out` has to say."""
    found = [_effects(folder, lang)]
    changed = _changes(folder, lang)
    if changed is not None:
        found.insert(0, changed)
    if folder.has("causes") and len(folder.table("causes")):
        found.append(causes_section(folder, lang))
    if folder.has("weeks") and len(folder.table("weeks")):
        found.append(_time(folder, lang))
    return found


def _changes(folder: Folder, lang: str) -> Section | None:
    """Fields in which the two cases differ, where both are in the folder."""
    from experiments.report.inputs import spelled, worded
    from market import Case

    file = folder.path / OTHER_CASE_FILE
    if not file.is_file():
        return None
    other = Case.load(file)
    say, before, after = phrase(TEXTS, lang), folder.case.fields(), other.fields()
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    values = ((name, _value(folder.case, name), _value(other, name)) for name in names)
    rows = [(spelled(folder.case, name), worded(a), worded(b)) for name, a, b in values if a != b and {} not in (a, b)]
    headings = (say("name"), say("base"), say("what_if"))
    return Section(say("changes"), (), (Table(say("changes"), headings, tuple(rows[:MOST_CHANGES]), (False,) * 3),))


def _value(case: Case, name: str) -> Any:
    """What a case has at a full name, also where it follows from the mode of a car; None for nothing."""
    from market import CaseError

    try:
        found = case.get(name)
    except CaseError:
        return None
    return {} if isinstance(found, dict) else found


def _effects(folder: Folder, lang: str) -> Section:
    say, case = phrase(TEXTS, lang), folder.case
    table = folder.table("effects")
    rows, told = [], []
    for line in table.to_dict("records"):
        shown = outcome_names.shown(str(line["outcome"]), case, lang)
        numbers = [parts.number(line[key], shown.scale) for key in ("base", "what_if", "difference", "t_low", "t_high")]
        part = parts.number(line["relative"] if line["base"] > 0.0 else math.nan, 100.0, 1)
        rows.append((shown.label, shown.unit, *numbers, part, parts.number(line["pairs"])))
        told.append(f"{shown.label}: {part} %")
    headings = ("outcome", "unit", "base", "what_if", "difference", "low", "high", "relative", "pairs")
    right = (False, False, *(True,) * 7)
    numbers_of = Table(say("effects"), tuple(say(key) for key in headings), tuple(rows), right)
    drawn = parts.drawable(lang)
    size = table["base"].abs().where(table["base"] != 0.0)
    forest = table.assign(
        label=[outcome_names.shown(str(name), case, drawn).label for name in table["outcome"]],
        low=table["t_low"] / size, high=table["t_high"] / size,
    )  # fmt: skip
    pairs = int(table["pairs"].max()) if len(table) else 0
    some = forest.set_index("outcome").loc[_first(table)].reset_index()
    figure = figures_compare.effects(some, pairs, source=folder.source(drawn), lang=drawn)
    clear = int(((table["t_low"] > 0.0) | (table["t_high"] < 0.0)).sum())
    about = say("about", pairs=pairs, clear=clear, count=len(table), luck=round(0.05 * len(table)))
    seen = [words for words, name in zip(told, table["outcome"], strict=True) if name in set(_first(table))]
    alt = say("effects_alt", rows="; ".join(seen[:8]))
    return Section(say("effects"), (about,), (parts.picture(figure, alt), numbers_of))


def _first(table: pd.DataFrame) -> list[str]:
    """Outcomes that a figure shows: those that differ clearly, then the others, each by the size of its change."""
    known = table[np.isfinite(table["relative"]) & (table["relative"].abs() <= MOST_CHANGE)]
    clear = (known["t_low"] > 0.0) | (known["t_high"] < 0.0)
    ordered = known.assign(_clear=clear, _size=known["relative"].abs()).sort_values(
        ["_clear", "_size"], ascending=False, kind="stable"
    )
    return [str(name) for name in ordered["outcome"].tolist()][:MOST_SHOWN]


def _time(folder: Folder, lang: str) -> Section:
    say, case, weeks = phrase(TEXTS, lang), folder.case, folder.table("weeks")
    drawn = parts.drawable(lang)
    pairs = int(folder.table("effects")["pairs"].max())
    pictures: list[Picture | Table] = []
    for name in SERIES:
        one = weeks[weeks["series"] == name]
        if one.empty:
            continue
        shown, shown_there = (outcome_names.shown(name, case, language, weekly=True) for language in (lang, drawn))
        figure = figures_compare.over_time(
            one, shown_there.label, shown_there.unit, pairs, scale=shown.scale, source=folder.source(drawn), lang=drawn
        )
        last = one.iloc[-1]
        ends = {key: parts.number(last[key], shown.scale) for key in ("base", "what_if")}
        alt = say("time_alt", label=shown.label, unit=shown.unit, **ends)
        columns = {"date": Column(say("date"))}
        columns |= {key: Column(say(key), shown.scale) for key in ("base", "what_if", "difference", "low", "high")}
        dated = one.assign(date=one["date"].astype(str).str.slice(0, 10))
        pictures.append(parts.picture(figure, alt, parts.table(dated, shown.label, columns, lang=lang)))
    return Section(say("time"), (), tuple(pictures))


def causes_section(folder: Folder, lang: str) -> Section:
    """What each cause made of the effect, by Shapley values, for the outcome that was asked for."""
    say, case, causes = phrase(TEXTS, lang), folder.case, folder.table("causes")
    named = str(folder.manifest.get("outcome", "share"))
    name = named if named in set(causes["outcome"]) else str(causes["outcome"].iloc[0])
    one = causes[causes["outcome"] == name]
    shown = outcome_names.shown(name, case, lang)
    drawn = parts.drawable(lang)
    there = outcome_names.shown(name, case, drawn)
    effects = folder.table("effects")
    base = float(effects.loc[effects["outcome"] == name, "base"].iloc[0])
    ends = {"without": base - float(one["whole"].iloc[0]), "with": base}
    steps = one.assign(
        label=one[f"title_{drawn}"], part=one["shapley"], low=one["shapley_low"], high=one["shapley_high"]
    )
    figure = figures_compare.waterfall(
        steps, ends, there.label, there.unit, int(one["seeds"].max()), scale=shown.scale, source=folder.source(drawn),
        lang=drawn,
    )  # fmt: skip
    told = [f"{line[f'title_{lang}']} {parts.number(line['shapley'], shown.scale)}" for line in one.to_dict("records")]
    columns: dict[str, Any] = {"_label": Column(say("cause"))}
    columns |= {key: Column(f"{say(key)}, {shown.unit}", shown.scale) for key in ("alone", "last", "shapley")}
    columns |= {"shapley_low": Column(say("low"), shown.scale), "shapley_high": Column(say("high"), shown.scale)}
    columns["part"] = Column(say("part"), 100.0, 1)
    table = parts.table(one.assign(_label=one[f"title_{lang}"]), shown.label, columns, lang=lang)
    picture = parts.picture(figure, say("causes_alt", rows="; ".join(told)))
    return Section(say("causes"), (say("causes_about"),), (picture, table))


def commands(folder: Folder) -> list[str]:
    """The command that makes the comparison again from its folder."""
    if not (folder.path / WHAT_IF_FILE).is_file():
        return []
    seeds = folder.seeds or (1,)
    return [f"whosecar compare {CASE_FILE} --with {WHAT_IF_FILE} --pairs {len(seeds)} --seed {seeds[0]} --out NEW"]
