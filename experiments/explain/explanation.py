"""Explanation: which assumptions decide an outcome, how sure that is, and within which limits things go wrong.

Everything is read from a design and the table of its runs; nothing is run. Tables:

- sensitivity: outcome, factor, method (sobol, morris, one-at-a-time or regression), measure, value, low, high (95 %
  interval). Measures: first, total (shares of variance); mu_star, mu, sigma (units of the outcome); at_low, at_high,
  swing, and base, of no factor (units of the outcome); coefficient or rank_coefficient, unique, and explained, of no
  factor (shares of variance).
- convergence: the same on nested parts of the sample, with size (blocks of the design).
- boxes: outcome, bad (the question), box (from 1), factor, low, high (inside the box), least, most (of the sample),
  words (levels allowed, for a factor of words), coverage, density, points, base (part of all points that is bad),
  doubt (probability that the box would be as dense by chance without this limit).
  Neither for a design of one factor at a time, whose points fill no space.
- quality: outcome, mean, sd (between points), points, left_out, missing (runs), luck (part of the variance between
  points that is luck), bad (part of the points), settled, change (largest change of a measure from half the sample to
  all of it).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.explain import means, prim, questions, sensitivity, swings
from experiments.explain.questions import Question
from market import CaseError, Fault
from market.casefile.faults import nearest, show

if TYPE_CHECKING:
    from experiments.designs import Design

TABLES = ("sensitivity", "convergence", "boxes", "quality")
USUAL = ("share_end", "cancelled_share", "profit_here", "blame_to_control")
"""Outcomes that are explained when none is named; those of organisations for each of them."""
FEW = 12
"""So many outcomes are explained at most when none is named."""
SETTLED = 0.05
"""A measure is settled if all of the sample changes it by no more than this, of the whole or of the largest."""
BOX_COLUMNS = (
    "outcome", "bad", "box", "factor", "low", "high", "least", "most", "words", "coverage", "density", "points", "base",
    "doubt",
)  # fmt: skip


@dataclass(frozen=True)
class Explanation:
    """What was found, as tables (see the module), with the question that each box answers."""

    design: Design
    outcomes: tuple[str, ...]
    questions: Mapping[str, Question]
    sensitivity: pd.DataFrame
    convergence: pd.DataFrame
    boxes: pd.DataFrame
    quality: pd.DataFrame

    @property
    def method(self) -> str:
        """sobol, morris, one-at-a-time or regression."""
        return self.design.kind if self.design.kind in ("sobol", "morris", swings.METHOD) else "regression"


def explain(
    design: Design, runs: pd.DataFrame, outcomes: Sequence[str] = (), bad: Sequence[str] = (),
    on_done: Callable[[], None] = lambda: None,
) -> Explanation:  # fmt: skip
    """Explain outcomes of a sweep, the usual ones if none is named; `bad` are questions such as `share_end<0.02`.

    `runs` has point, seed and one column per outcome, as `Sweep.runs()` gives it. `on_done` is called after each
    outcome. Raises CaseError for an unknown outcome, a question that is none, or a table with too many holes.
    """
    if len(design.names) == 0:
        raise CaseError([Fault("DIR", "a sweep without factors", "nothing varies in it", "explain another sweep")])
    names, asked = _chosen(design, runs, outcomes, bad)
    named = bool(outcomes or bad)
    points = design.points()
    alone, size = design.kind == swings.METHOD, (design.number_of_points, design.replicates, _block(design))
    found: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
    told: list[str] = []
    for name in names:
        try:
            held = means.by_point(runs, name, *size, most_missing=1.0 if alone else means.MOST_MISSING)
        except CaseError:
            if named or (name == names[-1] and not told):
                raise
            continue
        told.append(name)
        at = points.iloc[held.kept].reset_index(drop=True)
        table, growing = _swings(design, runs, name) if alone else _measured(design, held, at)
        once = ~at.astype(str).duplicated().to_numpy()  # of points that repeat others only the first tells more
        question = asked.setdefault(name, questions.worst_quarter(name, held.mean[once]))
        limits = () if alone else _box_rows(at[once].reset_index(drop=True), held.mean[once], question)
        rows = pd.DataFrame(limits, columns=list(BOX_COLUMNS[1:]))
        quality = pd.DataFrame([_quality(held, growing, float(question.bad(held.mean[once]).mean()))])
        for key, one in zip(TABLES, (table, growing, rows, quality), strict=True):
            one.insert(0, "outcome", name)
            found[key].append(one)
        on_done()
    whole = {key: _together(some) for key, some in found.items()}
    return Explanation(design, tuple(told), {name: asked[name] for name in told}, **whole)


def number_of_outcomes(design: Design, runs: pd.DataFrame, outcomes: Sequence[str], bad: Sequence[str]) -> int:
    """How many outcomes `explain` would explain; raises CaseError as it does."""
    return len(_chosen(design, runs, outcomes, bad)[0])


def _together(some: list[pd.DataFrame]) -> pd.DataFrame:
    """Tables under each other; empty ones only give their columns."""
    filled = [table for table in some if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else some[0]


def _chosen(
    design: Design, runs: pd.DataFrame, outcomes: Sequence[str], bad: Sequence[str]
) -> tuple[tuple[str, ...], dict[str, Question]]:
    """Outcomes to be explained and the questions asked, by outcome."""
    first = ("point", "run_id", "seed", "status", "error", "seconds")
    known = [str(name) for name in runs if name not in (*first, *design.names) and runs[name].dtype.kind in "if"]
    faults: list[Fault] = []
    asked: dict[str, Question] = {}
    if bad and design.kind == swings.METHOD:
        given = "given for a design of one factor at a time"
        faults.append(Fault("--bad", given, "allowed: designs that fill a space", "take a latin-hypercube design"))
    for text in bad:
        try:
            question = questions.parse(text, known)
        except CaseError as error:
            faults += error.faults
            continue
        if question.outcome in asked:
            faults.append(Fault("--bad", f"{question.outcome} twice", "allowed: one question each", "leave one out"))
        asked[question.outcome] = question
    for name in outcomes:
        if name not in known:
            faults.append(Fault("--outcome", f"no outcome {show(name)}", remedy=nearest(name, known)))
    if not known or runs.empty:
        faults.append(Fault("DIR", "no finished run", remedy="finish the sweep first"))
    if faults:
        raise CaseError(faults)
    named = tuple(dict.fromkeys((*outcomes, *asked)))
    return named or tuple(_usual(runs, known)), asked


def _usual(runs: pd.DataFrame, known: Sequence[str]) -> list[str]:
    """Usual outcomes that most runs have and that move; else the first that do."""
    enough = [name for name in known if runs[name].notna().mean() >= 1.0 - means.MOST_MISSING]
    moving = [name for name in enough if runs[name].std() > 1e-9 * abs(runs[name].mean())]
    usual = [name for kind in USUAL for name in moving if name.partition(".")[0] == kind]
    return (usual or moving)[:FEW] or list(known)[:1]


def _block(design: Design) -> int:
    return sensitivity.measures_of(design.kind)[1](len(design.factors))


def _measured(design: Design, held: means.Means, at: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measures of all the sample, and of its nested parts with their size."""
    measures, block = sensitivity.measures_of(design.kind)[0], _block(design)
    points, values = at, held.mean
    if design.kind in ("sobol", "morris"):
        parts = design.cube[held.kept]
        columns = (
            parts[:, n] if design.kind == "sobol" else f.places(parts[:, n]) for n, f in enumerate(design.factors)
        )
        points = pd.DataFrame(dict(zip(design.names, columns, strict=True)))
    else:  # in any order, so that a part is like the whole
        order = np.random.default_rng(sensitivity.SEED).permutation(len(values))
        points, values = points.iloc[order].reset_index(drop=True), values[order]
    growing = sensitivity.convergence(measures, points, values, block)
    whole = growing[growing["size"] == growing["size"].max()] if len(growing) else growing
    return whole.drop(columns="size").reset_index(drop=True), growing


def _swings(design: Design, runs: pd.DataFrame, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What each factor does by itself; there are no parts of such a sample."""
    table = swings.swings(design, runs, name)
    return table, table.head(0).assign(size=[])


def _box_rows(at: pd.DataFrame, values: NDArray[np.float64], question: Question) -> Iterator[tuple[Any, ...]]:
    """A row for each limit of each box."""
    wanted = question.bad(values)
    for place, box in enumerate(prim.boxes(at, wanted), start=1):
        held = (box.coverage, box.density, box.points, float(wanted.mean()))
        for name in sorted(box.limits.names, key=lambda one: box.doubts.get(one, 0.0)):
            least = most = low = high = math.nan
            words = ""
            if name in box.limits.ranges:
                column = at[name].to_numpy(np.float64)
                least, most = float(column.min()), float(column.max())
                low, high = (
                    end if math.isfinite(end) else edge
                    for end, edge in zip(box.limits.ranges[name], (least, most), strict=True)
                )
            else:
                words = ", ".join(sorted(map(str, box.limits.words[name])))
            doubt = box.doubts.get(name, math.nan)
            yield str(question), place, name, low, high, least, most, words, *held, doubt


def _quality(held: means.Means, growing: pd.DataFrame, bad: float) -> dict[str, Any]:
    change = _change(growing)
    return {
        "mean": float(held.mean.mean()),
        "sd": float(held.mean.std(ddof=1)) if len(held.mean) > 1 else math.nan,
        "points": len(held.mean),
        "left_out": held.left_out,
        "missing": held.missing,
        "luck": held.luck,
        "bad": bad,
        "settled": bool(change <= SETTLED),
        "change": change,
    }


def _change(growing: pd.DataFrame) -> float:
    """Largest change of the leading measure from half of the sample to all of it; of the largest for mu_star."""
    sizes = sorted(growing["size"].unique()) if len(growing) else []
    if len(sizes) < 2:
        return math.nan
    measure = sensitivity.leading(growing["measure"])
    held = growing[growing["measure"] == measure]
    before, after = (held[held["size"] == size].set_index("factor")["value"] for size in sizes[-2:])
    unit = float(after.max()) if measure in sensitivity.IN_UNITS else 1.0
    change = (after - before).abs().max() / unit if unit > 0.0 else math.nan
    return float(change)


def ranking(table: pd.DataFrame, luck: float = math.nan) -> pd.DataFrame:
    """Factors of one outcome by their leading measure, the largest first, each with what can be said of it.

    `part` is the measure itself, or for mu_star and swing the part of the largest; `verdict` is decides (at least a
    tenth, even at the low end of its interval and without what may be luck), hardly (less than a twentieth even at the
    high end), else open.
    """
    if table.empty:
        return table.assign(part=[], verdict=[])
    measure = sensitivity.leading(table["measure"])
    held = table[(table["measure"] == measure) & (table["factor"] != "")].sort_values(
        "value", ascending=False, kind="stable"
    )
    in_units = measure in sensitivity.IN_UNITS
    unit = float(held["value"].max()) if in_units else 1.0
    unit = unit if unit > 0.0 else math.nan
    noise = 0.0 if math.isnan(luck) or in_units else luck
    verdicts = [_verdict(low / unit - noise, high / unit) for low, high in _ends(held)]
    return held.assign(part=held["value"] / unit, verdict=verdicts).reset_index(drop=True)


DECIDES, HARDLY = 0.1, 0.05


def _ends(table: pd.DataFrame) -> Iterable[tuple[float, float]]:
    return zip(table["low"].to_numpy(float), table["high"].to_numpy(float), strict=True)


def _verdict(low: float, high: float) -> str:
    if low >= DECIDES:
        return "decides"
    return "hardly" if high < HARDLY else "open"
