"""What the inputs of a case mean, in which unit, how well known and from where: said in English or Chinese.

The English is that of the fields of a case; the Chinese stands beside it in `inputs_zh.toml`. What a user's own case
says of its sources is left in the words that it uses.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal

Kind = Literal["meanings", "units", "sources", "grades"]


@cache
def chinese(kind: Kind) -> Mapping[str, str]:
    """All that is known in Chinese of one kind, by the English."""
    told = tomllib.loads((resources.files("experiments") / "inputs_zh.toml").read_text(encoding="utf-8"))
    known: Mapping[str, str] = told[kind]
    return known


def said(kind: Kind, english: str, lang: str = "en") -> str:
    """What is said of an input in a language; left in English where nobody has put it into Chinese.

    >>> said("meanings", "length of a search: median of the distribution", "zh")
    '搜寻的时长：分布的中位数'
    >>> said("sources", "press, 2025-11-09", "zh")
    'press, 2025-11-09'
    """
    if lang == "en":
        return english
    known = chinese(kind)
    if english in known:
        return known[english]
    whole, _, part = english.rpartition(": ")
    return f"{known[whole]}：{known[part]}" if whole in known and part in known else english
