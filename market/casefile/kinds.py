"""What may stand where in a case, read from the annotations of its sections."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from market.casefile.tree import MISSING, attributes, item

Kind = tuple[Any, tuple[Any, ...]]
"""An annotation and its metadata (limits)."""


@cache
def labelled(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """The fields of a section by their names in files."""
    return {name: model.model_fields[at] for name, at in attributes(model).items()}


def default_of(field: FieldInfo) -> Any:
    """What a field is that nobody sets; not for required ones."""
    make = cast("Callable[[], Any] | None", field.default_factory)
    return field.default if make is None else make()


def alternatives(annotation: Any, metadata: Sequence[Any] = ()) -> list[Kind]:
    """What an annotation allows besides None: one entry for most fields, several for a union."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        return alternatives(inner, (*metadata, *more))
    if origin in (Union, types.UnionType):
        return [kind for part in get_args(annotation) for kind in alternatives(part, metadata)]
    return [] if annotation is type(None) else [(annotation, tuple(metadata))]


def is_model(annotation: Any) -> bool:
    """True for a section."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def is_table(annotation: Any) -> bool:
    """True for a dictionary by id."""
    return (get_origin(annotation) or annotation) in (dict, Mapping)


def is_list(annotation: Any) -> bool:
    """True for a list or tuple of things."""
    return (get_origin(annotation) or annotation) in (list, tuple, set, frozenset, Sequence)


def is_keyed_list(annotation: Any) -> bool:
    """True for a list of sections that have an id."""
    return is_list(annotation) and any(
        is_model(part) and "id" in part.model_fields
        for argument in get_args(annotation)
        for part, _ in alternatives(argument)
    )


def choices(annotation: Any) -> list[str]:
    """The values that a literal or an enumeration allows."""
    if get_origin(annotation) is Literal:
        return [str(choice) for choice in get_args(annotation)]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [str(member.value) for member in annotation]
    return []


def matching(kinds: list[Kind], data: Any) -> list[Kind]:
    """Of several alternatives those whose tag (a literal field such as `kind`) agrees with the data."""

    def agrees(annotation: Any) -> bool:
        return is_model(annotation) and any(
            str(item(data, name)) in choices(info.annotation)
            for name, info in labelled(annotation).items()
            if get_origin(info.annotation) is Literal and item(data, name) is not MISSING
        )

    tagged = [kind for kind in kinds if agrees(kind[0])] if len(kinds) > 1 else []
    return tagged or kinds


def inside(annotation: Any, key: str, data: Any = None) -> tuple[Any, FieldInfo | None] | None:
    """The annotation of what `key` names inside `annotation`, with its field; None if there is no such name."""
    for kind, _ in matching(alternatives(annotation), data):
        if is_model(kind):
            info = labelled(kind).get(key)
            if info is not None:
                return Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation, info
        elif is_table(kind):
            return (get_args(kind) or (str, Any))[1], None
        elif is_list(kind):
            arguments = get_args(kind) or (Any,)
            position = int(key) if key.isdecimal() and len(arguments) > 1 and arguments[-1] is not Ellipsis else 0
            return arguments[min(position, len(arguments) - 1)], None
    return None


def rows_of(model: type[BaseModel], path: tuple[str, ...] = (), above: tuple[Any, ...] = ()) -> Iterator[str]:
    """Patterns of the rows marked `sums_to_one` anywhere below a section."""

    def below(annotation: Any, path: tuple[str, ...], marked: bool) -> Iterator[str]:
        for kind, _ in alternatives(annotation):
            if is_model(kind) and kind not in above:
                yield from rows_of(kind, path, (*above, model))
            elif is_table(kind):
                value = get_args(kind)[1]
                scalar = not any(is_table(k) or is_model(k) or is_list(k) for k, _ in alternatives(value))
                if scalar and marked:
                    yield ".".join((*path, "*"))
                elif not scalar:
                    yield from below(value, (*path, "*"), marked)
            elif is_keyed_list(kind):
                yield from below(get_args(kind)[0], (*path, "*"), marked)

    for name, info in labelled(model).items():
        extra = info.json_schema_extra
        yield from below(info.annotation, (*path, name), isinstance(extra, dict) and bool(extra.get("sums_to_one")))


def is_field(annotation: Any, name: str) -> bool:
    """True if a name is a field of a section, rather than an id that someone chose."""
    return any(is_model(kind) and name in labelled(kind) for kind, _ in alternatives(annotation))


def only_list(annotation: Any) -> bool:
    """True for a list of items with ids."""
    return all(is_keyed_list(kind) for kind, _ in alternatives(annotation))


def may_begin(annotation: Any, inner: Any) -> bool:
    """True if a table that is not there yet may be begun by setting something in it: an unset field, or a row."""
    sections = any(is_model(kind) for kind, _ in alternatives(annotation))
    return sections or any(is_table(kind) for kind, _ in alternatives(inner))


def fits(annotation: Any, pattern: Sequence[str]) -> bool:
    """True if a name with wildcards can name something below an annotation."""
    for at, part in enumerate(pattern):
        sections = [kind for kind, _ in alternatives(annotation) if is_model(kind)]
        if part == "*" and sections:
            rest = pattern[at + 1 :]
            return any(fits(info.annotation, rest) for kind in sections for info in labelled(kind).values())
        found = inside(annotation, part)
        if found is None:
            return False
        annotation = found[0]
    return True
