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


def unrefused(case: Case, bad: dict[str, Any]) -> list[str]:
    """Full names of values that no fault is found with when all are set at once, or that are blamed as a whole."""
    with pytest.raises(CaseError) as caught:
        case.change(bad)
    blamed = {fault.path for fault in caught.value.faults}
    return sorted(path for path in bad if path not in blamed)


@pytest.mark.parametrize("name", CASES)
def test_every_number_refuses_what_lies_beyond_its_limits(name: str) -> None:
    """And says which field it was; a number without limits on both sides would let nonsense pass in silence.

    Locations of distributions have limits where they are used, between sections.
    """
    case = Case.load(name)
    rounds: list[dict[str, Any]] = [{}, {}]
    for path, info, value in kinds(case).values():
        if isinstance(value, bool) or not isinstance(value, int | float) or path.endswith((".median", ".mean")):
            continue
        outside = list(beyond(info))
        assert len(outside) == 2 or path.endswith(".sd"), f"{path} has no limits on both sides"
        for one, bad in zip(rounds, outside, strict=False):
            one[path] = int(bad) if isinstance(value, int) else bad
    assert [unrefused(case, one) for one in rounds] == [[], []]
    assert sum(map(len, rounds)) > 300


@pytest.mark.parametrize("bad", ["much", float("nan"), float("inf")])
@pytest.mark.parametrize("name", CASES)
def test_every_number_refuses_text_and_what_is_no_number(name: str, bad: Any) -> None:
    """Text is no number, and neither are NaN and infinity."""
    case = Case.load(name)
    numbers = [path for path, _, value in kinds(case).values() if isinstance(value, float)]
    assert unrefused(case, dict.fromkeys(numbers, bad)) == []
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
