"""The tornado of a design of one factor at a time: how far an outcome moves when each assumption moves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments import outcome_names
from experiments.explain.questions import limit
from experiments.explain.swings import ENDS
from experiments.figures import sensitivity as figures_sensitivity
from experiments.report import parts
from experiments.report.inputs import spelled
from experiments.report.parts import Column, phrase

if TYPE_CHECKING:
    from experiments.designs import Design
    from experiments.report.folder import Folder
    from experiments.report.parts import Picture

TEXTS = {
    "alt": (
        "{label}: {base} {unit} in the base case. {rows}.",
        "{label}：基准为 {base} {unit}。{rows}。",
    ),
    "row": (
        "{factor}: {low} at {low_value}, {high} at {high_value}",
        "{factor}：取 {low_value} 时 {low}，取 {high_value} 时 {high}",
    ),
    "caption": ("{label}, {unit}: change from the base case", "{label}（{unit}）：相对基准的变化"),
    "factor": ("Factor", "因子"),
    "low_value": ("Low value", "低值"),
    "high_value": ("High value", "高值"),
    "at_low": ("Change at the low value", "取低值时的变化"),
    "at_high": ("Change at the high value", "取高值时的变化"),
    "from": ("95 %: from", "95 %：从"),
    "to": ("to", "到"),
}  # fmt: skip


def tornado(folder: Folder, design: Design, measures: pd.DataFrame, name: str, lang: str) -> Picture:
    """The figure of one outcome with its numbers; `measures` is the table of `experiments.explain.swings`."""
    say, case, drawn = phrase(TEXTS, lang), folder.case, parts.drawable(lang)
    here, there = (outcome_names.shown(name, case, language) for language in (lang, drawn))
    base = float(measures.loc[measures["measure"] == "base", "value"].iloc[0])
    lines = _lines(design, measures, base)
    lines.insert(0, "label", [spelled(case, str(one)) for one in lines["factor"]])
    lines = lines.sort_values("swing", ascending=False, kind="stable")
    figure = figures_sensitivity.tornado(
        lines, base, there.label, there.unit, scale=there.scale, source=folder.source(drawn), lang=drawn
    )
    rows = "; ".join(
        say(
            "row",
            factor=line["label"],
            low_value=line["low_value"],
            high_value=line["high_value"],
            **{end: parts.number(line[end], here.scale) for end in ("low", "high")},
        )
        for line in lines.head(6).to_dict("records")
    )
    columns = {"label": Column(say("factor"))}
    for end, value in zip(ENDS, ("low_value", "high_value"), strict=True):
        columns |= {value: Column(say(value)), end: Column(say(end), here.scale)}
        columns |= {f"{end}_low": Column(say("from"), here.scale), f"{end}_high": Column(say("to"), here.scale)}
    numbers = parts.table(lines, say("caption", label=here.label, unit=here.unit), columns, lang=lang)
    words = say("alt", label=here.label, base=parts.number(base, here.scale), unit=here.unit, rows=rows)
    return parts.picture(figure, words, numbers)


def _lines(design: Design, measures: pd.DataFrame, base: float) -> pd.DataFrame:
    """A row for each factor: the outcome at both ends, its changes with their intervals, and the values there."""
    from experiments.designs.design import shown

    held = {(str(row["factor"]), str(row["measure"])): row for row in measures.to_dict("records")}
    rows: list[dict[str, Any]] = []
    for place, factor in enumerate(design.names):
        values = (shown(design.changes(point)[factor]) for point in (1 + 2 * place, 2 + 2 * place))
        row: dict[str, Any] = {"factor": factor, "swing": held[factor, "swing"]["value"]}
        row |= dict(zip(("low_value", "high_value"), map(_word, values), strict=True))
        for end, kind in zip(("low", "high"), ENDS, strict=True):
            change = held[factor, kind]
            row |= {kind: change["value"], f"{kind}_low": change["low"], f"{kind}_high": change["high"]}
            row |= {end: base + change["value"]}
            row |= {f"{end}_least": base + change["low"], f"{end}_most": base + change["high"]}
        rows.append(row)
    return pd.DataFrame(rows)


def _word(value: Any) -> str:
    return limit(float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
