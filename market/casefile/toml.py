"""TOML in, with every way a file can be unreadable turned into a fault; TOML out, with a comment beside each value."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date, time
from enum import Enum
from importlib.resources.abc import Traversable
from typing import Any, Final

from pydantic import BaseModel

from market.casefile.faults import CaseError, Fault
from market.casefile.kinds import labelled
from market.casefile.tree import Path, attributes, identity

LARGEST: Final = 5_000_000
"""Bytes; a longer file is no case."""

_WIDTH = 100
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SHORT_NUMBER = re.compile(r"[+-]?(\d+\.|\.\d+|\d+\.(?=[eE]))([eE][+-]?\d+)?")


A_CASE = ("a case", 'base = "..."')


def read(file: Traversable, kind: tuple[str, str] = A_CASE) -> dict[str, Any]:
    """The tables of a TOML file; `kind` is what it is meant to be and the least that has to be written there."""
    name = str(file)
    try:
        if file.is_dir():
            raise CaseError([Fault(name, "a folder", "allowed: a TOML file", "name a file inside it")])
        if not file.is_file():
            raise CaseError([Fault(name, "not an ordinary file", "allowed: a TOML file", "name an existing one")])
        with file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CaseError([Fault(name, f"cannot be read: {reason}", remedy="make the file readable")]) from error
    if len(content) > LARGEST:
        raise CaseError(
            [Fault(name, "too large", f"allowed: at most {LARGEST:_} bytes", f"name a file that holds {kind[0]}")]
        )
    if b"\0" in content:
        raise CaseError(
            [Fault(name, "a binary file", "allowed: TOML text in UTF-8", f"name a file that holds {kind[0]}")]
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        where = f"line {line}, byte {error.start + 1}"
        raise CaseError(
            [Fault(name, f"not UTF-8 at {where}", "allowed: TOML text in UTF-8", "save it with the encoding UTF-8")]
        ) from error
    return loads(text, name, kind)


def loads(text: str, name: str, kind: tuple[str, str] = A_CASE) -> dict[str, Any]:
    """The tables of a TOML text; `name` is what faults call it."""
    try:
        tables = tomllib.loads(text)
    except RecursionError as error:
        raise CaseError([Fault(name, "not TOML: nested too deep", remedy="write it flatter")]) from error
    except ValueError as error:
        reason = str(error)
        raise CaseError(
            [Fault(name, f"not TOML: {reason[:1].lower()}{reason[1:200]}", remedy="mend the text there")]
        ) from error
    if not tables:
        raise CaseError([Fault(name, "empty", f"allowed: {kind[0]}", f"write at least {kind[1]}")])
    return tables


def parse_setting(text: str) -> tuple[str, Any]:
    """`key=value` as a full name and a value read as TOML; what is not TOML is text.

    >>> parse_setting("calendar.weeks=52")
    ('calendar.weeks', 52)
    >>> parse_setting("organisations.jd.kind=platform")
    ('organisations.jd.kind', 'platform')
    """
    name, equals, given = (part.strip() for part in text.partition("="))
    if not equals or not name:
        raise CaseError(
            [
                Fault(
                    f"setting {json.dumps(text, ensure_ascii=False)}",
                    "no name and value",
                    "allowed: full.field.name=value",
                    "write for example calendar.weeks=52",
                )
            ]
        )
    if _SHORT_NUMBER.fullmatch(given):
        return name, float(given)
    try:
        tables = tomllib.loads(f"value = {given}")
    except (ValueError, RecursionError):
        return name, given
    return name, tables["value"] if len(tables) == 1 else given


def key(name: str) -> str:
    """A key as TOML writes it: quoted where it must be."""
    return name if _BARE_KEY.fullmatch(name) else literal(name)


def literal(value: Any) -> str:
    """A value on one line of TOML; thousands are set apart with underscores."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:_}" if abs(value) >= 10_000 else str(value)
    if isinstance(value, float):
        return f"{value:_}" if abs(value) >= 10_000 else repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, BaseModel):
        fields = (
            (name, getattr(value, at)) for at, name in zip(type(value).model_fields, labelled(type(value)), strict=True)
        )
        return literal({name: entry for name, entry in fields if entry is not None})
    if isinstance(value, Mapping):
        inside = ", ".join(f"{key(str(name))} = {literal(entry)}" for name, entry in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    return f"[{', '.join(map(literal, value))}]"


Comment = Callable[[Path], str]
"""The comment beside the value of a full name, or nothing."""


def entries(section: BaseModel | Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What a section or table holds, by the names used in files."""
    if isinstance(section, Mapping):
        return list(section.items())
    return [(name, getattr(section, at)) for name, at in attributes(type(section)).items()]


def is_keyed(value: Any) -> bool:
    """True for a list of items with ids."""
    names = [identity(entry) for entry in value] if isinstance(value, list | tuple) else []
    return bool(names) and None not in names


def write(
    section: BaseModel | Mapping[str, Any], comment: Comment, path: Path = (), header: Path = ()
) -> Iterator[str]:
    """The lines of a table: first its own values, then the tables inside it, each under its header.

    `path` is the full name of the table, which has the ids of list items in it; its header does not.
    """
    tables: list[tuple[str, Any]] = []

    def beside(place: Path) -> str:
        said = comment(place)
        return said if said.isprintable() else "".join(letter if letter.isprintable() else " " for letter in said)

    for name, value in entries(section):
        here = (*path, name)
        if value is None:
            text = beside(here)
            yield f"# {key(name)} is not set" + (f": {text}" if text else "")
        elif is_flat(value):
            yield from _flat(name, value, beside, here)
        elif is_keyed(value) or (isinstance(value, BaseModel | Mapping) and entries(value)):
            tables.append((name, value))
        else:
            yield _line(key(name), literal(value), beside(here))
    for name, value in tables:
        here, above = (*path, name), (*header, name)
        title = ".".join(map(key, above))
        if isinstance(value, BaseModel | Mapping):
            lines = list(write(value, comment, here, above))
            if not (lines and lines[0] == "" and isinstance(value, Mapping)):  # else only tables: they say it
                yield from ("", f"[{title}]")
            yield from lines
        else:
            for entry in value:
                yield from ("", f"[[{title}]]")
                yield from write(entry, comment, (*here, str(identity(entry))), above)


def is_flat(value: Any) -> bool:
    """True for a few values that belong together and share one source: a row of shares, a distribution, a text."""
    if isinstance(value, BaseModel) and any(
        isinstance(info.json_schema_extra, dict) and "grade" in info.json_schema_extra
        for info in type(value).model_fields.values()
    ):
        return False
    return (
        isinstance(value, BaseModel | Mapping)
        and bool(entries(value))
        and all(isinstance(entry, str | int | float | date | time | Enum) for _, entry in entries(value))
    )


def _flat(name: str, value: Any, comment: Comment, path: Path) -> Iterator[str]:
    comments = [comment((*path, inner)) for inner, _ in entries(value)]
    line = literal(value)
    if len(set(comments)) == 1 and len(line) <= _WIDTH:
        yield _line(key(name), line, comments[0])
    else:
        for (inner, entry), text in zip(entries(value), comments, strict=True):
            yield _line(f"{key(name)}.{key(inner)}", literal(entry), text)


def _line(name: str, value: str, comment: str) -> str:
    return f"{name} = {value}" + (f"  # {comment}" if comment else "")
