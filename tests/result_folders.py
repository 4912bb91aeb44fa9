"""A small folder of each kind that the commands write, made once, so that reports have something real to read."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from experiments import run as running
from experiments import workers
from experiments.compare import Comparison, compare
from experiments.compare import folder as compare_folder
from experiments.compare.what_if import Cause, WhatIf
from experiments.designs import Design
from experiments.designs.factors import Factor
from experiments.explain import explain
from experiments.explain import folder as explain_folder
from experiments.stress import Stress
from experiments.stress import folder as stress_folder
from experiments.stress import tables as stress_tables
from experiments.stress.design import Plan
from experiments.sweep import Sweep, sweep
from market import Case
from market.fields import Text

SMALL = {
    "population.consumers": 1_500, "population.strata.compact.sampling_rate": 8.0, "calendar.start": "2025-10-27",
    "calendar.weeks": 9, "happenings.purchase_tax.announced": "2025-10-27",
}  # fmt: skip
EARLIER = ("yu7_launch", "announced")
KINDS = ("run", "sweep", "compare", "stress", "explain", "alone")


def case(names: str = "real", **changes: Any) -> Case:
    """The focal case around its crisis, with few consumers."""
    gone = {f"happenings.{key}": None for key in EARLIER}
    return Case.load("jd-gac-catl").change({**gone, **SMALL, "display.names": names, **changes})


def make(kind: str, folder: Path, names: str = "real") -> Path:
    """A folder of a kind."""
    folder.mkdir(parents=True, exist_ok=True)
    makers = {
        "run": _run, "sweep": _sweep, "compare": _compare, "stress": _stress, "explain": _explain, "alone": _alone,
    }  # fmt: skip
    return makers[kind](folder / kind, names)


def _run(place: Path, names: str) -> Path:
    place.mkdir()
    changed = case(names).change({"cars.ut_super.price_cny": 79_900})
    outcome = running.simulate(changed, 1, 2)
    running.write(outcome, place, name="jd-gac-catl", command=["run", "jd-gac-catl", "--replicates", "2"])
    return place


def swept(place: Path, names: str = "real") -> Sweep:
    """A sweep of six prices, and weekly series."""
    points = [{"cars.ut_super.price_cny": 70_000.0 + 6_000.0 * i} for i in range(6)]
    return sweep(
        Design.of_list(case(names), points, range(1, 2), series=True), place, workers.here(), command=["sweep"]
    )


def _sweep(place: Path, names: str) -> Path:
    return swept(place, names).folder


@lru_cache(maxsize=2)
def compared(names: str = "real") -> Comparison:
    """A price cut in two pairs, as the one cause of what changes."""
    cause = Cause("price", Text(en="the price", zh="价格"), {"cars.ut_super.price_cny": 69_900})
    return compare(case(names), WhatIf({}, (cause,)), pairs=2, pool=workers.here())


def _compare(place: Path, names: str) -> Path:
    place.mkdir()
    compare_folder.write(compared(names), place, name="jd-gac-catl", command=["compare", "jd-gac-catl"])
    return place


def _stress(place: Path, names: str) -> Path:
    def option(key: str, **content: Any) -> dict[str, Any]:
        return {"id": key, "title": {"en": f"the {key}", "zh": f"选项{key}"}, **content}

    defect = {
        "id": "defect", "on": "2025-12-01", "kind": "quality_defect", "car": "ut_super", "severity": 1.0,
        "contribution": {"gac": 0.5, "jd": 0.3, "catl": 0.2},
    }  # fmt: skip
    stop = {"id": "stop", "on": "2025-12-01", "kind": "capacity_change", "car": "ut_super", "capacity_per_week": 0.0}
    answer = {"id": "answer", "on": "2025-12-04", "kind": "answer", "to": "defect", "by": ["gac"], "remedy_cny": 900.0}
    gone = (
        "first_deliveries",
        "order_reports",
        "answer_on_cap",
        "answer_on_orders",
        "apology_on_cap",
        "apology_on_orders",
    )
    test = Stress.parse(
        {
            "title": {"en": "A defect", "zh": "质量问题"}, "summary": {"en": "A defect.", "zh": "质量问题。"},
            "case": "jd-gac-catl", "horizons_weeks": [2, 4], "seeds": 1, "draws": 0,
            "remove": [f"happenings.{key}" for key in (*EARLIER, *gone)], "set": {**SMALL, "display.names": names},
            "crises": [option("stop", happenings=[defect, stop])], "answers": [option("answer", happenings=[answer])],
        }
    )  # fmt: skip
    plan = Plan(test)
    found = sweep(plan.design(), place, workers.here(), command=["stress", "test.toml"])
    stress_folder.write(plan.stress, plan.base, stress_tables.findings(plan, found.runs(), found.series(), 50), place)
    return place


def _explain(place: Path, names: str) -> Path:
    before = place.with_name("sweep")
    found = Sweep.open(before) if before.is_dir() else swept(before, names)
    place.mkdir()
    explain_folder.write(explain(found.design, found.runs(), ("share", "orders")), place, ["explain", "sweep"])
    return place


def alone(place: Path, names: str = "real") -> Sweep:
    """A sweep of one factor at a time: a price, and who delivers."""
    factors = (
        Factor("cars.ut_super.price_cny", "uniform", (70_000.0, 20_000.0)),
        Factor("cars.ut_super.roles.delivery", levels=({"gac": 1.0}, {"jd": 1.0})),
    )
    return sweep(Design(case(names), "one-at-a-time", factors, replicates=2), place, workers.here(), command=["sweep"])


def _alone(place: Path, names: str) -> Path:
    found = alone(place.with_name("alone-sweep"), names)
    place.mkdir()
    explain_folder.write(explain(found.design, found.runs(), ("order_share",)), place, ["explain", "alone-sweep"])
    return place
