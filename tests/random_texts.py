"""Files gone wrong at random: bytes, tokens and values of sound TOML files changed as editors, networks and people do."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

NASTY = (
    "nan", "inf", "-inf", "-1", "0", "1e309", "-0.0", "5e-324", "9" * 400, "0x10", "1_0", "true", "[]", "{}", '""', '"x"',
    "''", '"\\u0000"', '"\\uD800"', '"' + "x" * 5_000 + '"', "2025-02-30", "9999-12-31", "0001-01-01", "00:00:00",
    "2025-01-06T00:00:00Z", "[[1]]", "[1, 'a']", "{ a = {} }", "=", "[[x]]", "[x.y]", "#", "\n", '"""', "车", "base = 3",
    "[" * 500, "remove = ['cars']", "{ mean = 1 }", "id", "[[happenings]]", "[sources]",
)  # fmt: skip
"""What may stand in the place of any token."""

VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 1, 10**30, -(10**30), 1e308, -1e308, float("nan"), float("inf"), 5e-324, "", "x", "a.b", "*", "车",
    "\0", "\ud800", "x" * 3_000, [], {}, [[]], [{}], {"": 1}, {"*": 1}, {"id": 3}, [None], {"a": {"b": {"c": []}}},
)  # fmt: skip
"""What may stand in the place of any value."""

_TOKEN = re.compile(rb'"[^"\n]*"|[A-Za-z_][\w.-]*|[-+]?\d[\w.+:-]*|[][{}=,#]')


def _cut(luck: random.Random, text: bytes) -> tuple[int, int]:
    first = luck.randrange(len(text))
    return first, min(len(text), first + luck.choice((1, 2, 10, 200)))


def other_bytes(luck: random.Random, text: bytes) -> bytes:
    """A part taken away, doubled, moved, made of noise, or all after it lost."""
    a, b = _cut(luck, text)
    elsewhere = luck.randrange(len(text))
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: text[:a] + text[b:],
        lambda: text[:b] + text[a:b] + text[b:],
        lambda: text[:a] + luck.randbytes(b - a) + text[b:],
        lambda: text[:a],
        lambda: text[:elsewhere] + text[a:b] + text[elsewhere:],
        lambda: text[:a] + bytes([text[a] ^ (1 << luck.randrange(8))]) + text[a + 1 :],
    )
    return luck.choice(ways)()


def other_tokens(luck: random.Random, text: bytes) -> bytes:
    """Some words, numbers or brackets replaced: by another of the file, or by what is hard to read."""
    tokens = list(_TOKEN.finditer(text))
    for found in sorted(luck.sample(tokens, min(len(tokens), luck.choice((1, 1, 2, 5)))), key=lambda t: -t.start()):
        new = luck.choice(tokens).group() if luck.random() < 0.4 else luck.choice(NASTY).encode("utf-8", "replace")
        text = text[: found.start()] + new + text[found.end() :]
    return text


def other_lines(luck: random.Random, text: bytes) -> bytes:
    """Two lines that change places, or one that stands twice or not at all."""
    lines = text.split(b"\n")
    a, b = luck.randrange(len(lines)), luck.randrange(len(lines))
    lines[a], lines[b] = luck.choice(((lines[b], lines[a]), (lines[a], lines[a]), (b"", lines[b])))
    return b"\n".join(lines)


def damaged(luck: random.Random, text: bytes) -> bytes:
    """A file changed in one to three places."""
    for _ in range(luck.choice((1, 1, 2, 3))):
        text = luck.choice((other_bytes, other_tokens, other_tokens, other_lines))(luck, text) or b"\n"
    return text


def other_value(luck: random.Random, tables: dict[str, Any]) -> dict[str, Any]:
    """Tables, as a file holds them, with one value or whole table of any depth replaced or renamed."""
    holder: Any = tables
    key: Any = luck.choice(sorted(holder))
    while isinstance(holder[key], dict | list) and holder[key] and luck.random() < 0.85:
        holder = holder[key]
        key = luck.choice(sorted(holder)) if isinstance(holder, dict) else luck.randrange(len(holder))
    way = luck.random()
    if way < 0.7 or not isinstance(holder, dict):
        holder[key] = luck.choice(VALUES)
    elif way < 0.85:
        del holder[key]
    else:
        holder[luck.choice(("ghost", "", "*", "a.b", "车", "id"))] = holder.pop(key)
    return tables
