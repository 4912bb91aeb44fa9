"""The report of a sweep: what varied, what came of it, what moves it, and which runs failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from experiments import outcome_names
from experiments.figures import compare as figures_compare
from experiments.figures import sensitivity as figures_sensitivity
from experiments.report import parts
from experiments.report.parts import Column, Section, Table, phrase
from experiments.summary import MEAN_WEEKS
from experiments.sweep.parts import DONE

if TYPE_CHECKING:
    import pandas as pd

    from experiments.report.folder import Folder
    from experiments.report.parts import Picture
    from experiments.sweep import Sweep

TEXTS = {
    "design": ("What varied", "改变了什么"),
    "about": (
        "Design: {kind}; {points} points, each with {seeds} seeds that all points share: {runs} runs, of which {done} "
        "are done and {failed} failed.",
        "设计：{kind}；{points} 个设计点，每点 {seeds} 个种子（各点相同），共 {runs} 次运行，完成 {done} 次，失败 "
        "{failed} 次。",
    ),
    "factor": ("Factor", "因子"),
    "from": ("From", "从"),
    "to": ("To", "到"),
    "values": ("Different values", "不同取值数"),
    "outcomes": ("What came of it", "结果"),
    "outcomes_about": (
        "Over all finished runs. The spread between points is due to the factors and to luck, that within a point "
        "to luck.",
        "所有完成的运行。设计点之间的差异来自因子与随机数，点内差异只来自随机数。",
    ),
    "outcome": ("Outcome", "结果"),
    "unit": ("Unit", "单位"),
    "mean": ("Mean", "平均"),
    "between": ("Spread between points (sd)", "点间标准差"),
    "within": ("Spread within a point (sd)", "点内标准差"),
    "low": ("5 %", "5 %"),
    "median": ("Median", "中位数"),
    "high": ("95 %", "95 %"),
    "moves": ("What moves it", "什么影响它"),
    "moves_about": (
        "A linear regression on all factors; {explained} % of the variance of the mean of each point is explained. "
        "whosecar explain says more.",
        "对全部因子的线性回归；解释了各点均值方差的 {explained} %。whosecar explain 给出更多分析。",
    ),
    "alone_about": (
        "Each factor goes to the low and the high end of its range while all others stay as they are in the base case. "
        "whosecar explain does it for more outcomes.",
        "每个因子分别移至其范围的低端和高端，其余保持基准。whosecar explain 给出更多结果。",
    ),
    "moves_alt": (
        "Standardised coefficients of {label} with intervals. {rows}.",
        "{label}的标准化系数及区间。{rows}。",
    ),
    "coefficient": ("Coefficient", "系数"),
    "time": ("Over time", "随时间的变化"),
    "mean_of": ("{unit}; {weeks}-week moving mean", "{unit}；{weeks} 周移动平均"),
    "time_alt": (
        "{label} by week: median, and bands of half and of nine tenths of all runs. In the last week the median is "
        "{last} "
        "{unit}.",
        "每周{label}：中位数与涵盖一半、九成运行的色带。最后一周中位数为 {last} {unit}。",
    ),
    "failed": ("Runs that failed", "失败的运行"),
    "failed_about": (
        "whosecar rerun DIR RUN_ID does one again; whosecar sweep FILE --out DIR --retry does all of them.",
        "whosecar rerun DIR RUN_ID 重做一次运行；whosecar sweep FILE --out DIR --retry 重做全部。",
    ),
    "run_id": ("Run", "运行"),
    "seed": ("Seed", "种子"),
    "error": ("Error", "错误"),
    "open": ("To go on with the table", "继续分析此表"),
}
OPENING = (
    "duckdb.sql(\"SELECT * FROM 'DIR/runs/*.parquet' WHERE status = 'done'\")",
    'polars.read_parquet("DIR/runs/*.parquet")',
    'Sweep.open("DIR").runs()  # from experiments.sweep import Sweep; pandas, in the order of the design',
)
"""One line each that opens the runs of a sweep."""
BANDS = {"low": 0.05, "lower": 0.25, "middle": 0.5, "upper": 0.75, "high": 0.95}
FIRST = ("share_end", "share", "hhi")
"""Outcomes of which the first that moves is drawn."""


def sections(folder: Folder, lang: str) -> list[Section]:
    """What a folder of `whosecar sweep --out` has to say."""
    from experiments.sweep import Sweep

    found = Sweep.open(folder.path)
    runs = found.runs()
    done = runs[runs["status"] == DONE]
    told = [_design(found, runs, lang)]
    if len(done):
        told.append(_outcomes(folder, found, done, lang))
        moves = _moves(folder, found, done, lang)
        told += [moves] if moves is not None else []
        if found.design.series:
            told.append(_time(folder, found.series(), lang))
    if len(done) < len(runs):
        told.append(_failed(runs[runs["status"] != DONE], lang))
    return [*told, Section(phrase(TEXTS, lang)("open"), (), (), OPENING)]


def factors(folder: Folder) -> tuple[str, ...]:
    """Full names of what varied, which count as changed inputs."""
    from experiments.designs import Design

    return Design.load(folder.path / "design.toml").names


def commands(folder: Folder) -> list[str]:
    """The command that makes the sweep again from its folder."""
    return ["whosecar sweep design.toml --out NEW"]


def _design(found: Sweep, runs: pd.DataFrame, lang: str) -> Section:
    from experiments.report.inputs import spelled

    say, points = phrase(TEXTS, lang), found.design.points()
    rows = []
    for name in points:
        column = points[name]
        ordered = column.dropna()
        numeric = ordered.dtype.kind in "if"
        ends = (ordered.min(), ordered.max()) if numeric and len(ordered) else ("", "")
        words = ", ".join(str(one) for one in ordered.drop_duplicates().head(6)) if not numeric else ""
        first, last = (parts.number(end) if numeric else "" for end in ends)
        rows.append((spelled(found.case, str(name)), first or words, last, f"{ordered.nunique():,}"))
    headings = tuple(say(key) for key in ("factor", "from", "to", "values"))
    good = int((runs["status"] == DONE).sum())
    size = {"points": f"{found.design.number_of_points:,}", "seeds": found.design.replicates}
    size |= {"runs": f"{found.design.number_of_runs:,}", "done": f"{good:,}", "failed": f"{len(runs) - good:,}"}
    table = Table(say("design"), headings, tuple(rows), (False, False, False, True))
    return Section(say("design"), (say("about", kind=found.design.kind, **size),), (table,))


def _outcomes(folder: Folder, found: Sweep, done: pd.DataFrame, lang: str) -> Section:
    say = phrase(TEXTS, lang)
    rows = []
    for name in _measured(found, done):
        shown = outcome_names.shown(name, folder.case, lang)
        values = done[name].to_numpy(float)
        if not np.isfinite(values).any():
            continue
        by_point = done.groupby("point")[name]
        within = float(np.sqrt(by_point.var().mean())) if found.design.replicates > 1 else float("nan")
        between = float(by_point.mean().std()) if len(done["point"].unique()) > 1 else float("nan")
        numbers = [float(np.nanmean(values)), between, within, *np.nanquantile(values, [0.05, 0.5, 0.95]).tolist()]
        rows.append((shown.label, shown.unit, *(parts.number(value, shown.scale) for value in numbers)))
    keys = ("outcome", "unit", "mean", "between", "within", "low", "median", "high")
    table = Table(say("outcomes"), tuple(say(key) for key in keys), tuple(rows), (False, False, *(True,) * 6))
    return Section(say("outcomes"), (say("outcomes_about"),), (table,))


def _moves(folder: Folder, found: Sweep, done: pd.DataFrame, lang: str) -> Section | None:
    """What moves the first outcome that does: each factor alone, or a regression on all where there can be one."""
    from experiments.explain import sensitivity
    from experiments.explain import swings as explain_swings
    from experiments.report import swings
    from experiments.report.inputs import spelled

    say, names = phrase(TEXTS, lang), list(found.design.names)
    name = next((one for one in FIRST if one in done and len(done[one].unique()) > 1), None)
    if name is None or not names:
        return None
    if found.design.kind == explain_swings.METHOD:
        measures = explain_swings.swings(found.design, done, name)
        pictures = [swings.tornado(folder, found.design, measures, name, lang)] if len(measures) else []
        return Section(say("moves"), (say("alone_about"),), tuple(pictures)) if pictures else None
    by_point = done.dropna(subset=[name]).groupby("point")
    mean, points = by_point[name].mean(), by_point[names].first()
    table = sensitivity.regression(points, mean.to_numpy(float))
    kept = table[table["measure"].isin(("coefficient", "rank_coefficient"))]
    if kept.empty:
        return None
    kept = kept.assign(label=[spelled(found.case, one) for one in kept["factor"]], coefficient=kept["value"])
    explained = float(table.loc[table["measure"] == "explained", "value"].iloc[0])
    drawn = parts.drawable(lang)
    label = outcome_names.shown(name, folder.case, lang).label
    figure = figures_sensitivity.regression(
        kept, outcome_names.shown(name, folder.case, drawn).label, len(done), source=folder.source(drawn), lang=drawn
    )
    ordered = kept.sort_values("coefficient", key=abs, ascending=False, kind="stable")
    rows = "; ".join(f"{line['label']} {parts.number(line['value'])}" for line in ordered.head(6).to_dict("records"))
    columns = {"label": Column(say("factor")), "value": Column(say("coefficient"), 1.0, 3)}
    columns |= {"low": Column("2.5 %", 1.0, 3), "high": Column("97.5 %", 1.0, 3)}
    numbers = parts.table(ordered, say("moves"), columns, lang=lang)
    picture = parts.picture(figure, say("moves_alt", label=label, rows=rows), numbers)
    return Section(say("moves"), (say("moves_about", explained=parts.number(explained, 100.0, 0)),), (picture,))


def _time(folder: Folder, series: pd.DataFrame, lang: str) -> Section:
    from datetime import timedelta

    import pandas as pd

    say, case, drawn = phrase(TEXTS, lang), folder.case, parts.drawable(lang)
    pictures: list[Picture | Table] = []
    for name in [one for one in ("share", "order_share") if one in series]:
        smooth = _smooth(series, name)
        weekly = smooth.groupby(series["week"])
        by_week = pd.DataFrame({end: weekly.quantile(part) for end, part in BANDS.items()})
        by_week["date"] = [case.calendar.start + timedelta(weeks=int(week)) for week in by_week.index.tolist()]
        shown, there = (outcome_names.shown(name, case, language, weekly=True) for language in (lang, drawn))
        runs = int(series["run_id"].nunique())
        unit = phrase(TEXTS, drawn)("mean_of", unit=there.unit, weeks=MEAN_WEEKS)
        figure = figures_compare.fan(
            by_week, there.label, unit, runs, scale=shown.scale, source=folder.source(drawn), lang=drawn
        )
        last = parts.number(by_week["middle"].iloc[-1], shown.scale)
        pictures.append(parts.picture(figure, say("time_alt", label=shown.label, unit=shown.unit, last=last)))
    return Section(say("time"), (), tuple(pictures))


def _smooth(series: pd.DataFrame, name: str) -> pd.Series[float]:
    """A weekly share over the last four weeks of each run: of their deliveries, or the mean of the weeks."""
    runs, whole = series["run_id"], "market_deliveries"

    def over(column: pd.Series[float], how: str) -> pd.Series[float]:
        rolling = column.groupby(runs, sort=False).rolling(MEAN_WEEKS, min_periods=1)
        return (rolling.sum() if how == "sum" else rolling.mean()).droplevel(0).reindex(series.index)

    if name == "share" and whole in series:
        total = over(series[whole], "sum")
        return over(series["deliveries"], "sum") / total.where(total > 0.0)
    return over(series[name], "mean")


def _failed(bad: pd.DataFrame, lang: str) -> Section:
    say = phrase(TEXTS, lang)
    columns: dict[str, Any] = {key: Column(say(key)) for key in ("run_id", "seed", "error")}
    table = parts.table(bad, say("failed"), columns, lang=lang)
    return Section(say("failed"), (say("failed_about"),), (table,))


def _measured(found: Sweep, done: pd.DataFrame) -> list[str]:
    """Names of outcomes in their order."""
    return [name for name in found.outcome_names(done.columns) if name in done and done[name].dtype.kind in "if"]
