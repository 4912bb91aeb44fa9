"""The history of a visitor: the case that its market is made of, and what can be carried away of it.

A market is a pure function of its case, consumers, seed, assumptions and acts; the case with all of them is what is
simulated and what is exported, so that an export replays exactly.
"""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import pandas as pd

from dashboards import acts, controls
from market import Case, CaseError

if TYPE_CHECKING:
    from dashboards import address

Key = TypeVar("Key")
Value = TypeVar("Value")


@lru_cache(maxsize=16)
def bundled(name: str) -> Case:
    """A bundled case, read once."""
    return Case.load(name)


class Allowed(NamedTuple):
    """What a case allows of the assumptions and acts that were asked for, and which of the two were cut."""

    set: str
    acts: str
    refused: tuple[str, ...]


@lru_cache(maxsize=256)
def allowed(name: str, assumed: str, acted: str) -> Allowed:
    """Assumptions and acts that a bundled case allows, alone and together, as they stand in an address."""
    values, whole = controls.fitting(bundled(name), assumed)
    changed = controls.apply(bundled(name), values)
    found = acts.fitting(changed, acted)
    refused = tuple(key for key, used in (("set", whole), ("acts", found.all_used)) if not used)
    try:
        acts.apply(changed, found.acts)
    except CaseError:
        return Allowed(controls.write(values), "", (*refused, "acts"))
    return Allowed(controls.write(values), acts.write(found.acts), refused)


@lru_cache(maxsize=64)
def case_of(market: address.Market, shown: str = "") -> Case:
    """The case of a market with its assumptions and acts, with real or fictional names; empty: as the case has them."""
    case = controls.apply(bundled(market.case), controls.parse(market.set).values)
    values: dict[str, object] = {"population.consumers": market.consumers}
    if shown:
        values["display.names"] = shown
    return acts.apply(case, acts.parse(market.acts).acts).change(values)


def ghost_of(market: address.Market) -> address.Market | None:
    """The same market, the same people, the same luck, without the acts; none where nobody acted."""
    return replace(market, acts="") if market.acts else None


class Shelf(Generic[Key, Value]):
    """The last things put there, up to a number; the queue's thread puts, visitors' threads take."""

    def __init__(self, kept: int) -> None:
        """An empty shelf with so many places."""
        self._kept, self._lock = kept, threading.Lock()
        self._items: OrderedDict[Key, Value] = OrderedDict()

    def put(self, key: Key, value: Value) -> None:
        """Keep a thing; the oldest goes when there is no place left."""
        with self._lock:
            self._items[key] = value
            self._items.move_to_end(key)
            while len(self._items) > self._kept:
                self._items.popitem(last=False)

    def get(self, key: Key) -> Value | None:
        """A thing, or none."""
        with self._lock:
            return self._items.get(key)


SALES: Shelf[address.Market, bytes] = Shelf(32)
"""Tables of sales of the markets that were simulated last, as Parquet."""


def keep(market: address.Market, sales: pd.DataFrame) -> None:
    """Keep the sales of a simulated market for whoever wants to carry them away."""
    buffer = io.BytesIO()
    sales.to_parquet(buffer, index=False)
    SALES.put(market, buffer.getvalue())


def toml(market: address.Market, shown: str = "") -> bytes:
    """The case as a file: `whosecar run FILE --seed N` makes the same market."""
    return f"# seed {market.seed}\n{case_of(market, shown).to_toml()}".encode()


def parquet(market: address.Market) -> bytes | None:
    """The sales of a market as Parquet; none where they are no longer kept."""
    return SALES.get(market)


def csv(market: address.Market) -> bytes | None:
    """The sales of a market as CSV, with the mark by which spreadsheets know Chinese; none where they are gone."""
    kept = SALES.get(market)
    return None if kept is None else pd.read_parquet(io.BytesIO(kept)).to_csv(index=False).encode("utf-8-sig")
