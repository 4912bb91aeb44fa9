"""Modes: the ways in which platforms meet cars, as data. No rule of the market asks which mode a car has.

A mode says for each function, and for the face, which slot holds how much: the maker of the car and its partners (a
platform, an energy company, a dealer group). A car fills the slots with organisations; a partner that it does not have
leaves its part to the maker. Rows that a case states by itself come before those of the mode.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

ModeName = Literal[
    "full-stack", "equity-stake", "co-creation", "supply-chain-customisation", "virtual-maker", "dealer-baseline"
]
"""Own brand and full stack (Xiaomi); equity stake (Alibaba + XPeng); co-creation (Huawei); customisation with a supply
chain and sales (JD + GAC + CATL); virtual maker (makers as executors); dealers and no platform."""

Slot = Literal["maker", "platform", "energy", "dealer"]
MODES: tuple[ModeName, ...] = get_args(ModeName)
SLOTS: tuple[Slot, ...] = get_args(Slot)
PARTNERS: tuple[Slot, ...] = SLOTS[1:]

Division = Mapping[Slot, float]
"""Shares by slot, summing to 1."""

FACE = "face"
"""Key of the face among the rows of a mode; no function has this name."""

_MAKER: Division = {"maker": 1.0}
_PLATFORM: Division = {"platform": 1.0}

_ROWS: dict[ModeName, dict[str, Division]] = {
    "full-stack": {},
    "equity-stake": {
        "definition": {"maker": 0.9, "platform": 0.1},
        "battery": {"energy": 1.0},
        "data": {"maker": 0.8, "platform": 0.2},
    },
    "co-creation": {
        "definition": {"platform": 0.7, "maker": 0.3},
        "standard": {"platform": 0.6, "maker": 0.4},
        "pace": {"platform": 0.5, "maker": 0.5},
        "production": {"maker": 0.9, "platform": 0.1},
        "battery": {"energy": 1.0},
        "marketing": {"platform": 0.7, "maker": 0.3},
        "sales": {"platform": 0.8, "maker": 0.2},
        "finance": {"maker": 1.0},
        "delivery": {"maker": 0.6, "platform": 0.4},
        "service": {"maker": 0.6, "platform": 0.4},
        "data": {"platform": 0.7, "maker": 0.3},
        FACE: {"platform": 0.5, "maker": 0.5},
    },
    "supply-chain-customisation": {
        "definition": {"platform": 0.3, "maker": 0.7},
        "standard": {"energy": 0.8, "maker": 0.2},
        "pace": {"maker": 0.7, "platform": 0.3},
        "production": {"maker": 1.0},
        "battery": {"energy": 1.0},
        "marketing": {"platform": 0.7, "maker": 0.3},
        "sales": _PLATFORM,
        "finance": _PLATFORM,
        "delivery": {"maker": 0.8, "platform": 0.2},
        "service": {"maker": 0.6, "platform": 0.2, "energy": 0.2},
        "data": {"platform": 0.6, "maker": 0.2, "energy": 0.2},
        FACE: {"platform": 0.6, "maker": 0.3, "energy": 0.1},
    },
    "virtual-maker": {
        "definition": _PLATFORM,
        "standard": _PLATFORM,
        "pace": {"platform": 0.8, "maker": 0.2},
        "production": {"maker": 1.0},
        "battery": {"energy": 1.0},
        "marketing": _PLATFORM,
        "sales": _PLATFORM,
        "finance": _PLATFORM,
        "delivery": {"platform": 0.6, "maker": 0.4},
        "service": _PLATFORM,
        "data": _PLATFORM,
        FACE: _PLATFORM,
    },
    "dealer-baseline": {
        "standard": {"energy": 0.8, "maker": 0.2},
        "battery": {"energy": 1.0},
        "sales": {"dealer": 1.0},
        "finance": {"maker": 0.5, "dealer": 0.5},
        "delivery": {"dealer": 0.8, "maker": 0.2},
        "service": {"dealer": 0.7, "maker": 0.3},
        "data": {"maker": 0.6, "dealer": 0.4},
    },
}
"""Judgements (grade D) on press reports of who does what; a row that is not listed is the maker's."""

ROWS: Mapping[ModeName, Mapping[str, Division]] = MappingProxyType(_ROWS)


def division(mode: ModeName | None, row: str) -> Division:
    """Who holds a row of a mode, by slot: a function or `FACE`. No mode, or a row that it does not list: the maker.

    >>> dict(division("supply-chain-customisation", "definition"))
    {'platform': 0.3, 'maker': 0.7}
    >>> dict(division(None, "definition"))
    {'maker': 1.0}
    """
    return _MAKER if mode is None else ROWS[mode].get(row, _MAKER)


def filled(shares: Division, maker: str, partners: Mapping[str, str]) -> dict[str, float]:
    """A division by slot as one by organisation; the part of a partner that the car does not have is the maker's.

    >>> filled({"platform": 0.3, "maker": 0.7}, "gac", {"platform": "jd"})
    {'jd': 0.3, 'gac': 0.7}
    >>> filled({"dealer": 1.0}, "gac", {"platform": "jd"})
    {'gac': 1.0}
    """
    row: dict[str, float] = {}
    for slot, share in shares.items():
        holder = maker if slot == "maker" else partners.get(slot, maker)
        row[holder] = row.get(holder, 0.0) + share
    return row if len(row) > 1 else dict.fromkeys(row, 1.0)
