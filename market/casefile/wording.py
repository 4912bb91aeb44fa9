"""Pydantic's errors in our words: what was given, what the field allows, what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from market.casefile.faults import Fault, listed, nearest, number, show
from market.casefile.kinds import (
    alternatives,
    choices,
    inside,
    is_list,
    is_model,
    is_table,
    labelled,
    matching,
)
from market.casefile.tree import MISSING, item, item_name


def limits(metadata: Sequence[Any]) -> dict[str, Any]:
    """ge, gt, le, lt, min_length, max_length and pattern, wherever in the metadata they stand."""
    found: dict[str, Any] = {}
    for part in metadata:
        if isinstance(part, FieldInfo):
            found |= limits(part.metadata)
        for name in ("ge", "gt", "le", "lt", "min_length", "max_length", "pattern"):
            if getattr(part, name, None) is not None:
                found[name] = getattr(part, name)
    return found


def _within(bounds: Mapping[str, Any]) -> str:
    low = (
        f"at least {number(bounds['ge'])}"
        if "ge" in bounds
        else f"above {number(bounds['gt'])}"
        if "gt" in bounds
        else ""
    )
    high = (
        f"at most {number(bounds['le'])}"
        if "le" in bounds
        else f"below {number(bounds['lt'])}"
        if "lt" in bounds
        else ""
    )
    if "ge" in bounds and "le" in bounds:
        return f" from {number(bounds['ge'])} to {number(bounds['le'])}"
    return f" {low} and {high}" if low and high else f" {low}{high}".rstrip()


def _long(bounds: Mapping[str, Any], unit: str, joined: str = " of ") -> str:
    low, high = bounds.get("min_length"), bounds.get("max_length")
    if low is not None and high is not None:
        return f"{joined}{low:_} to {high:_} {unit}"
    unit = unit.removesuffix("s") if (low or high) == 1 else unit
    return f"{joined}at least {low:_} {unit}" if low is not None else f"{joined}at most {high:_} {unit}" if high else ""


def _several(annotation: Any) -> str:
    """What a table or list holds, in few words."""
    kinds = alternatives(annotation)
    if all(is_model(kind) for kind, _ in kinds):
        return "tables"
    if all(kind is str and "pattern" in limits(found) for kind, found in kinds):
        return "ids"
    said = describe(annotation)
    return f"tables{said.removeprefix('a table')}" if said.startswith("a table") else f"values, each {said}"


def describe(annotation: Any, metadata: Sequence[Any] = ()) -> str:
    """In words, what an annotation allows: 'a number from 0 to 1'."""
    return " or ".join(
        dict.fromkeys(_describe(kind, limits(found)) for kind, found in alternatives(annotation, metadata))
    )


def _describe(kind: Any, bounds: Mapping[str, Any]) -> str:
    if choices(kind):
        return f"one of {listed(choices(kind), 40)}" if len(choices(kind)) > 1 else choices(kind)[0]
    if kind is bool:
        return "true or false"
    if kind in (int, float):
        return ("a whole number" if kind is int else "a number") + _within(bounds)
    if kind in (date, datetime):
        return "a date such as 2025-01-06"
    if kind is str:
        if bounds.get("pattern") == r"^[a-z][a-z0-9_]*$":
            return "lower-case letters, digits and underscores, a letter first" + _long(bounds, "characters", ", ")
        pattern = f" that matches {bounds['pattern']}" if "pattern" in bounds else ""
        return "text in quotes" + pattern + _long(bounds, "characters")
    if is_table(kind):
        return f"a table of {_several((get_args(kind) or (str, Any))[1])}" + _long(bounds, "items", ", ")
    if is_list(kind):
        arguments = [part for part in get_args(kind) if part is not Ellipsis]
        if get_origin(kind) is tuple and len(arguments) > 1:
            return f"a list of {len(arguments)} items ({', '.join(map(describe, arguments))})"
        return "a list" + (f" of {_several(arguments[0])}" if arguments else "") + _long(bounds, "items", ", ")
    if is_model(kind):
        return f"a table with {listed(labelled(kind), 8)}"
    return str(getattr(kind, "__name__", kind))


def translate(model: type[BaseModel], tree: Any, error: ValidationError) -> list[Fault]:
    """Every error of pydantic as a fault, with ids instead of positions; alternatives of a union become one fault."""
    faults: dict[tuple[str, str], Fault] = {}
    for detail in error.errors(include_url=False, include_input=False):
        fault = _fault(model, tree, detail["loc"], detail["type"], detail["msg"], detail.get("ctx", {}))
        faults.setdefault((fault.path, fault.given), fault)
    return list(faults.values())


def _fault(model: type[BaseModel], tree: Any, loc: tuple[int | str, ...], error: str, text: str, context: Any) -> Fault:
    annotation: Any = model
    outer: Any = model
    info: FieldInfo | None = None
    data, path, chosen = tree, "", False
    for part in loc:
        kinds = alternatives(annotation)
        if part == "[key]":
            keys = [get_args(kind)[0] for kind, _ in alternatives(outer) if is_table(kind)]
            return Fault(path, f"given the id {show(loc[-2])}", f"allowed: {describe(keys[0])}", "rename it")
        if len(kinds) > 1 and not chosen and isinstance(part, str):  # the name of the alternative that pydantic tried
            chosen = True
            continue
        found = inside(annotation, str(part), data)
        path += item_name(data, part) if isinstance(part, int) else f".{part}" if path else str(part)
        siblings = [name for kind, _ in matching(kinds, data) if is_model(kind) for name in labelled(kind)]
        outer, data, chosen = annotation, item(data, part), False
        annotation, field = found or (Any, None)
        info = field or info

    path, last = path or "case", str(loc[-1]) if loc else ""
    if error == "missing":
        return Fault(path, "missing", f"allowed: {_allowed(annotation, info)}", "add it")
    if error == "extra_forbidden":
        return Fault(path, "unknown field", remedy=nearest(last, siblings) or "remove it")
    if error in ("value_error", "assertion_error"):
        return Fault(path, str(context.get("error", text)))
    if error in ("union_tag_invalid", "union_tag_not_found"):
        tag = str(context.get("discriminator", "")).strip("'")
        sections = [labelled(kind) for kind, _ in alternatives(annotation) if is_model(kind)]
        tags = [choice for fields in sections if tag in fields for choice in choices(fields[tag].annotation)]
        given = item(data, tag)
        if given is MISSING:
            return Fault(f"{path}.{tag}", "missing", f"allowed: one of {listed(tags, 40)}", "add it")
        return Fault(
            f"{path}.{tag}", f"given {show(given)}", f"allowed: one of {listed(tags, 40)}", _similar(given, tags)
        )
    given = "nan or infinite" if error == "finite_number" else show(None if data is MISSING else data)
    allowed = _allowed(annotation, info) if annotation is not Any else text[:1].lower() + text[1:]
    return Fault(path, f"given {given}", f"allowed: {allowed}", _remedy(error, data, annotation))


def _similar(given: Any, known: Sequence[str]) -> str:
    guess = nearest(str(given), known)
    return guess if guess.startswith("did you mean") else "choose one of these"


def _allowed(annotation: Any, info: FieldInfo | None) -> str:
    extra = info.json_schema_extra if info is not None else None
    unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
    scalar = all(kind in (int, float) for kind, _ in alternatives(annotation))
    return describe(annotation) + (f" ({unit})" if unit and scalar else "")


_REMEDIES = {
    "finite_number": "give a finite number",
    "greater_than": "choose one within these limits",
    "greater_than_equal": "choose one within these limits",
    "less_than": "choose one within these limits",
    "less_than_equal": "choose one within these limits",
    "too_short": "add to it",
    "string_too_short": "add to it",
    "too_long": "shorten it",
    "string_too_long": "shorten it",
    "string_type": "put it in quotes",
    "string_pattern_mismatch": "write it so",
    "bool_type": "write true or false, without quotes",
}


def _remedy(error: str, data: Any, annotation: Any) -> str:
    kinds = [kind for kind, _ in alternatives(annotation)]
    known = [choice for kind in kinds for choice in choices(kind)]
    if error in _REMEDIES:
        return _REMEDIES[error]
    if known:
        return _similar(data, known)
    if isinstance(data, bool):
        return "give a value of this kind, not true or false"
    if isinstance(data, str) and date in kinds:
        return "write an existing day as year-month-day, without quotes"
    if isinstance(data, str) and (int in kinds or float in kinds):
        return "write a number, without quotes"
    if isinstance(data, float) and int in kinds:
        return "round it"
    return "give a value of this kind"
