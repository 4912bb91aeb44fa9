"""No limit of a field, no row of shares and no list that must hold something can lose its rule unseen.

What is listed here is what the sections of a case say of themselves: a rule taken away there is missed here.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from functools import cache
from typing import Any

import annotated_types
import pytest
from broken_rules import BASE, deal, event
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from market import Case, CaseError

ELSEWHERE = {("LogNormal", "median"), ("Normal", "mean"), ("Normal", "sd")}
"""Numbers of distributions: their limits depend on what they are of, and stand between sections."""

HALF: dict[str, Any] = {"jd": 0.5, "gac": 0.4}
FAILURE: dict[str, Any] = {"car": "ut", "contribution": HALF}

ROWS: dict[str, tuple[dict[str, Any], str]] = {
    "profiles.*.share": ({"profiles.jd_like.share": 0.9, "profiles.douyin_like.share": 0.9}, "profiles.*.share"),
    "population.strata.*.share": (
        {f"population.strata.{key}.share": 0.9 for key in ("mini", "compact", "middle", "premium")},
        "population.strata.*.share",
    ),
    "population.tiers.*": ({"population.tiers": {"tier1": 0.5, "tier2": 0.4}}, "population.tiers"),
    "cars.*.roles.*.*": ({"cars.ut.roles.sales": HALF}, "cars.ut.roles.sales"),
    "cars.*.face.*": ({"cars.ut.face": HALF}, "cars.ut.face"),
    "cars.*.exposure.mix.*": ({"cars.ut.exposure.mix": {"jd": 0.9}}, "cars.ut.exposure.mix"),
    "happenings.*.mix.*": (event("media_burst", car="ut", contacts=1.0, mix={"jd": 0.9}), "happenings.x.mix"),
    "contracts.*.remedy_split.*": (deal(remedy_split=HALF), "contracts.x.remedy_split"),
    "happenings.*.contribution.*": (event("quality_defect", **FAILURE), "happenings.x.contribution"),
    "failures.*.causal.*": (
        {"failures.quality_defect.causal": {"production": 0.5, "battery": 0.4}},
        "failures.quality_defect.causal",
    ),
}
"""Rows of shares, by the pattern of their names: a row that does not sum to 1, and the name that is blamed."""

FAILURES = {
    "DeliveryDelay": "delivery_delay", "QualityDefect": "quality_defect", "ServiceFailure": "service_failure",
    "SwapTrouble": "swap_trouble", "ClaimDispute": "claim_dispute", "UndisclosedTerm": "undisclosed_term",
    "PartnersDisagree": "partners_disagree",
}  # fmt: skip
MUST_HOLD = {
    **{f"Case.{key}": key for key in ("profiles", "functions", "organisations", "cars", "channels", "packages", "plans")},
    **{f"{section}.causal": f"failures.{kind}.causal" for section, kind in FAILURES.items()},
    "Text.en": "title.en", "Text.zh": "title.zh", "Source.source": "sources.title.source",
    "PopulationSection.strata": "population.strata", "PopulationSection.tiers": "population.tiers",
    "Car.channels": "cars.ut.channels", "Car.packages": "cars.ut.packages",
    "Programme.platforms": "programmes.second.platforms", "Programme.cars": "programmes.second.cars",
    "Answer.by": "happenings.answer_on_cap.by",
}  # fmt: skip
"""Texts, lists and tables that must not be empty, by section and field, and where one is."""


@cache
def sound() -> Case:
    """A case with everything in it."""
    return Case.load(BASE)


def within(annotation: Any) -> Iterator[Any]:
    """An annotation and all that it is made of."""
    yield annotation
    for part in typing.get_args(annotation):
        yield from within(part)


@cache
def sections() -> tuple[type[BaseModel], ...]:
    """Every section that a case is composed of."""
    found: dict[type[BaseModel], None] = {Case: None}
    waiting: list[type[BaseModel]] = [Case]
    while waiting:
        for info in waiting.pop().model_fields.values():
            for part in within(info.annotation):
                if isinstance(part, type) and issubclass(part, BaseModel) and part not in found:
                    found[part] = None
                    waiting.append(part)
    return tuple(found)


def is_number(info: FieldInfo) -> bool:
    """Whether a field holds one number, or none."""
    one_of = typing.get_origin(info.annotation) in (types.UnionType, typing.Union)
    parts = set(typing.get_args(info.annotation)) if one_of else {info.annotation}
    return bool(parts & {int, float}) and parts <= {int, float, type(None)}


def test_every_number_has_limits_on_both_sides() -> None:
    """In every section, also those that no bundled case has; how each limit is refused is tested field by field."""
    lower, upper = (annotated_types.Ge, annotated_types.Gt), (annotated_types.Le, annotated_types.Lt)
    numbers = open_to = 0
    for section in sections():
        for name, info in section.model_fields.items():
            if is_number(info):
                numbers += 1
                sides = [any(isinstance(limit, side) for limit in info.metadata) for side in (lower, upper)]
                assert all(sides) or (section.__name__, name) in ELSEWHERE, f"{section.__name__}.{name}"
                open_to += not all(sides)
    assert open_to == len(ELSEWHERE)
    assert numbers > 250


@pytest.mark.parametrize("pattern", ROWS)
def test_a_row_of_shares_that_does_not_sum_to_1_is_refused(pattern: str) -> None:
    """By its full name, with what it sums to."""
    changes, path = ROWS[pattern]
    with pytest.raises(CaseError) as caught:
        sound().change(changes)
    assert any(fault.path == path and "must sum to 1" in str(fault) for fault in caught.value.faults)


def test_every_row_of_shares_is_known_here() -> None:
    """A pattern that a case no longer lists would no longer be summed."""
    assert set(Case.rows) == set(ROWS)


def test_what_must_hold_something_is_refused_when_it_is_empty() -> None:
    """Each by its full name; and those listed here are all that there are."""
    stated = {
        f"{section.__name__}.{name}"
        for section in sections()
        for name, info in section.model_fields.items()
        if any(isinstance(limit, annotated_types.MinLen) and limit.min_length > 0 for limit in info.metadata)
    }
    assert stated == set(MUST_HOLD)
    empty: dict[type, Any] = {str: "", list: [], tuple: [], dict: {}}
    for path in MUST_HOLD.values():
        table = path.startswith("sources.")  # a source is stated as a whole
        changes = {"sources.title": {"grade": "D", "source": ""}} if table else {path: empty[type(sound().get(path))]}
        with pytest.raises(CaseError) as caught:
            sound().change(changes)
        assert path in {fault.path for fault in caught.value.faults}
