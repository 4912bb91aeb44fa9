"""Every number of a case refuses what lies beyond its limits, and every field what is no such thing, by full name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import annotated_types
import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from market import Case
from market.casefile import CaseError

CASES = ("second-product",)
"""It has all that other bundled cases have, and programmes."""
Found = tuple[str, FieldInfo, Any]


def fields(section: BaseModel, at: str = "") -> Iterator[Found]:
    """Every field of a case that holds a value, by full name: lists by the ids of their items."""
    for name, info in type(section).model_fields.items():
        path, value = f"{at}{info.alias or name}", getattr(section, name)
        if isinstance(value, BaseModel):
            yield from fields(value, f"{path}.")
        elif isinstance(value, dict) and any(isinstance(item, BaseModel) for item in value.values()):
            for key, item in value.items():
                yield from fields(item, f"{path}.{key}.")
        elif isinstance(value, list) and any(isinstance(item, BaseModel) for item in value):
            for item in value:
                yield from fields(item, f"{path}.{item.id}.")
        else:
            yield path, info, value


def kinds(case: Case) -> dict[tuple[str, int], Found]:
    """One field of each kind: the first by its name among all sections of one sort."""
    return {(path.split(".")[-1], id(info)): (path, info, value) for path, info, value in fields(case)}


def beyond(info: FieldInfo) -> Iterator[float]:
    """Numbers just outside the limits of a field."""
    for limit in info.metadata:
        if isinstance(limit, annotated_types.Ge):
            yield float(limit.ge) - 1.0
        if isinstance(limit, annotated_types.Gt):
            yield float(limit.gt)
        if isinstance(limit, annotated_types.Le):
            yield float(limit.le) * 2.0 + 1.0
        if isinstance(limit, annotated_types.Lt):
            yield float(limit.lt)


def refused(case: Case, path: str, value: Any) -> str:
    """What is said about a change that is refused."""
    with pytest.raises(CaseError) as caught:
        case.change({path: value})
    return str(caught.value)


@pytest.mark.parametrize("name", CASES)
def test_every_number_refuses_what_lies_beyond_its_limits(name: str) -> None:
    """And says which field it was; a number without limits would let nonsense pass in silence.

    Locations of distributions have limits where they are used, between sections.
    """
    case, tried = Case.load(name), 0
    for path, info, value in kinds(case).values():
        if isinstance(value, bool) or not isinstance(value, int | float) or path.endswith((".median", ".mean")):
            continue
        outside = list(beyond(info))
        assert outside, f"{path} has no limits"
        for bad in outside:
            assert path in refused(case, path, int(bad) if isinstance(value, int) else bad), (path, bad)
            tried += 1
    assert tried > 300


NO_NUMBERS = ("much", float("nan"), float("inf"))


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["in turn", "every"])
@pytest.mark.parametrize("name", CASES)
def test_every_number_refuses_text_and_what_is_no_number(name: str, every: bool) -> None:
    """Text is no number, and neither are NaN and infinity: one of them for each field in turn, by night all three."""
    case = Case.load(name)
    numbers = [path for path, _, value in kinds(case).values() if isinstance(value, float)]
    for place, path in enumerate(numbers):
        for bad in NO_NUMBERS if every else NO_NUMBERS[place % 3 :][:1]:
            assert path in refused(case, path, bad), (path, bad)
    assert len(numbers) > 150


def test_every_field_has_a_meaning_a_unit_and_a_source() -> None:
    """In the schema and in every bundled case: where a number comes from is part of the number."""
    for name in CASES:
        case = Case.load(name)
        for path, info, _ in fields(case):
            if path.startswith("sources") or path.split(".")[-1] in (
                "id",
                "kind",
                "en",
                "zh",
                "median",
                "sigma",
                "mean",
                "sd",
            ):
                continue
            assert info.description, path
            extra = info.json_schema_extra
            assert isinstance(extra, dict), path
            assert "unit" in extra and extra.get("source"), path
