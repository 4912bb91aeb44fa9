"""What results look like in a notebook: a few facts and a small table, as HTML that needs nothing else."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, cast

from experiments import outcome_names, summary
from experiments.manifest import banner
from experiments.report import parts
from experiments.report.parts import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.compare import Comparison
    from experiments.run import Outcome
    from experiments.sweep import Sweep
    from market import Case

MOST_ROWS = 12


def of_outcome(outcome: Outcome) -> str:
    """A run: shares of cars, the largest first, with their sampling errors."""
    case = outcome.case
    cars = summary.by_car(outcome.sales, list(case.cars), len(outcome.seeds))
    cars.sort(key=lambda row: row.car != case.focal_car)
    rows = []
    for row in cars[:MOST_ROWS]:
        share = [parts.number(number, 100.0, 2) for number in (row.share.value, row.share.error)]
        flows = [parts.number(row.flows[flow], 1.0, 0) for flow in ("orders", "cancellations", "deliveries")]
        rows.append((case.label("cars", row.car), *share, *flows))
    headings = ("Car", "Share of deliveries, %", "Standard error", "Orders", "Cancelled", "Deliveries")
    seeds = f"seeds {outcome.seeds[0]}-{outcome.seeds[-1]}" if len(outcome.seeds) > 1 else f"seed {outcome.seeds[0]}"
    facts = [f"{case.calendar.weeks} weeks, {case.population.consumers:,} consumers, {seeds}", _known(case)]
    note = f"Tables: {', '.join(outcome.tables)} (.tables['sales'] is a pandas DataFrame)."
    return _page(case, facts, Table("", headings, tuple(rows), (False, *(True,) * 5)), note)


def of_comparison(comparison: Comparison) -> str:
    """A comparison: outcomes that differ by more than luck, the largest first, then others."""
    case, effects = comparison.base, comparison.effects
    clear = (effects["t_low"] > 0.0) | (effects["t_high"] < 0.0)
    ordered = effects.assign(_clear=clear, _size=effects["relative"].abs()).sort_values(
        ["_clear", "_size"], ascending=False, kind="stable"
    )
    rows = []
    for line in ordered.head(MOST_ROWS).to_dict("records"):
        shown = outcome_names.shown(str(line["outcome"]), case, "en")
        numbers = [parts.number(line[key], shown.scale) for key in ("base", "what_if", "difference", "t_low", "t_high")]
        rows.append((shown.label, shown.unit, *numbers))
    headings = ("Outcome", "Unit", "Base", "What-if", "Difference", "95 %: from", "to")
    facts = [f"{len(comparison.seeds)} pairs on the same luck; {int(clear.sum())} of {len(effects)} outcomes differ"]
    if comparison.failed:
        facts.append(f"{len(comparison.failed)} runs failed")
    note = "Tables: .effects, .pairs, .weeks, .causes (pandas DataFrames)."
    return _page(case, [*facts, _known(case)], Table("", headings, tuple(rows), (False, False, *(True,) * 5)), note)


def of_sweep(sweep: Sweep) -> str:
    """A sweep: how far it is, and the ranges of what varies."""
    design, tally = sweep.design, sweep.tally()
    points = design.points()
    rows = [
        (str(name), *(parts.number(end) for end in (column.min(), column.max())), f"{len(column.unique()):,}")
        if (column := points[name]).dtype.kind in "if"
        else (str(name), ", ".join(map(str, column.unique()[:6])), "", f"{len(column.unique()):,}")
        for name in points
    ]
    facts = [
        f"{design.kind}: {design.number_of_points:,} points x {design.replicates} seeds",
        f"{tally.finished:,} of {tally.total:,} runs done, {tally.failed:,} failed",
        _known(sweep.case),
    ]
    table = Table("", ("Factor", "From", "To", "Different values"), tuple(rows[:MOST_ROWS]), (False, True, True, True))
    return _page(sweep.case, facts, table, "Tables: .runs(), .series() (pandas DataFrames).")


def image(figure: Figure) -> Image:
    """A figure to be shown by a notebook."""
    return Image(figure)


@dataclass(frozen=True)
class Image:
    """A figure as a notebook shows it."""

    figure: Figure

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        self.figure.savefig(file, format="png", dpi=110, metadata={"Software": None})
        return file.getvalue()


class SweepInNotebook:
    """What gives a sweep its looks in a notebook."""

    def _repr_html_(self) -> str:
        return of_sweep(cast("Sweep", self))


def _known(case: Case) -> str:
    return f"fingerprint {case.fingerprint}"


def _page(case: Case, facts: Sequence[str], table: Table, note: str) -> str:
    style = 'style="text-align:right"'
    head = "".join(f"<th scope='col'>{escape(heading)}</th>" for heading in table.headings)
    body = "".join(
        "<tr>"
        + "".join(f"<td {style if right else ''}>{escape(c)}</td>" for c, right in zip(row, table.right, strict=True))
        + "</tr>"
        for row in table.rows
    )
    said = banner(case)
    return (
        f"<p><b>{escape(case.told(case.title))}</b><br>{escape('; '.join(facts))}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        f"<p><small>{escape(note)}{'<br>' + escape(said) if said else ''}</small></p>"
    )
