"""A small stress test of the focal case for tests: its first weeks only, without its own events."""

from __future__ import annotations

from typing import Any

import pytest

from experiments.stress import Stress
from experiments.stress.design import Plan
from market import CaseError

EARLIER = ("yu7_launch", "announced", "first_deliveries", "order_reports")
ANSWERS = ("answer_on_cap", "answer_on_orders", "apology_on_cap", "apology_on_orders")


def named(word: str) -> dict[str, str]:
    return {"en": word, "zh": word}


def option(key: str, **content: Any) -> dict[str, Any]:
    return {"id": key, "title": named(key), **content}


def failure(severity: float, **more: Any) -> dict[str, Any]:
    return {
        "id": "defect", "on": "2025-12-01", "kind": "quality_defect", "car": "ut_super", "severity": severity,
        "contribution": {"gac": 0.5, "jd": 0.3, "catl": 0.2}, **more,
    }  # fmt: skip


ANSWER = {"id": "answer", "on": "2025-12-04", "kind": "answer", "to": "defect", "by": ["gac"], "remedy_cny": 900.0}
MOVE = {
    "id": "move", "start": "2025-11-17", "car": "ut_super", "function": "service", "from": "gac", "to": "dealers",
    "setup_cny": 7e6,
}  # fmt: skip
UNDATED = {"id": "stop", "kind": "capacity_change", "car": "ut_super", "capacity_per_week": 0.0}
STOP = {**UNDATED, "on": "2025-12-01"}


def tables(**changes: Any) -> dict[str, Any]:
    """A small test of the focal case: its first weeks only, without its own events."""
    return {
        "title": named("small"), "summary": named("small"), "case": "jd-gac-catl", "horizons_weeks": [2, 6],
        "seeds": 1, "draws": 0, "remove": [f"happenings.{key}" for key in (*EARLIER, *ANSWERS)],
        "set": {
            "population.consumers": 3_000, "population.strata.compact.sampling_rate": 8.0,
            "calendar.start": "2025-10-27", "calendar.weeks": 11, "happenings.purchase_tax.announced": "2025-10-27",
        },
        "crises": [option("calm", happenings=[failure(0.0)]), option("stop", happenings=[failure(1.0), STOP])],
    } | changes  # fmt: skip


def faults(**changes: Any) -> list[str]:
    with pytest.raises(CaseError) as caught:
        Plan(Stress.parse(tables(**changes)))
    return [str(fault) for fault in caught.value.faults]
