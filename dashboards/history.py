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
    kept = controls.write(values)
    found = acts.fitting(_assumed(name, kept), acted)
    refused = tuple(key for key, used in (("set", whole), ("acts", found.all_used)) if not used)
    try:
        _acted(name, kept, acts.write(found.acts))
    except CaseError:
        return Allowed(kept, "", (*refused, "acts"))
    return Allowed(kept, acts.write(found.acts), refused)


@lru_cache(maxsize=32)
def _assumed(name: str, assumed: str) -> Case:
    """A bundled case with assumptions that it allows."""
    return controls.apply(bundled(name), controls.parse(assumed).values)


@lru_cache(maxsize=64)
def _acted(name: str, assumed: str, acted: str) -> Case:
    """A bundled case with assumptions and acts. Raises CaseError where it cannot take them."""
    return acts.apply(_assumed(name, assumed), acts.parse(acted).acts)


@lru_cache(maxsize=128)
def case_of(market: address.Market, shown: str = "") -> Case:
    """The case of a market with its assumptions and acts, with real or fictional names; empty: as the case has them.

    Both are among the few that an address allows, so the case is not checked again as a whole; that takes as long as
    everything else that a click asks for.
    """
    case = _acted(market.case, market.set, market.acts)
    population = case.population.model_copy(update={"consumers": market.consumers})
    display = case.display.model_copy(update={"names": shown} if shown else None)
    return case.model_copy(update={"population": population, "display": display})


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

    def clear(self) -> None:
        """Take everything away."""
        with self._lock:
            self._items.clear()


SALES: Shelf[address.Market, bytes] = Shelf(32)
"""Tables of sales of the markets that were simulated last, as Parquet."""


def written(sales: pd.DataFrame) -> bytes:
    """A table of sales as Parquet."""
    buffer = io.BytesIO()
    sales.to_parquet(buffer, index=False)
    return buffer.getvalue()


def keep(market: address.Market, sales: bytes) -> None:
    """Keep the sales of a simulated market for whoever wants to carry them away."""
    SALES.put(market, sales)


def exported(market: address.Market, shown: str = "") -> Case:
    """The same case as `case_of`, checked as a whole, with what the visitor set among its sources."""
    values: dict[str, object] = {"population.consumers": market.consumers}
    if shown:
        values["display.names"] = shown
    return _acted(market.case, market.set, market.acts).change(values)


def toml(market: address.Market, shown: str = "") -> bytes:
    """The case as a file: `whosecar run FILE --seed N` makes the same market."""
    return f"# seed {market.seed}\n{exported(market, shown).to_toml()}".encode()


def parquet(market: address.Market) -> bytes | None:
    """The sales of a market as Parquet; none where they are no longer kept."""
    return SALES.get(market)


def csv(market: address.Market) -> bytes | None:
    """The sales of a market as CSV, with the mark by which spreadsheets know Chinese; none where they are gone."""
    kept = SALES.get(market)
    return None if kept is None else pd.read_parquet(io.BytesIO(kept)).to_csv(index=False).encode("utf-8-sig")


def forget() -> None:
    """Forget all that was kept of visitors' markets; it is made again when somebody asks."""
    SALES.clear()
    for kept in (allowed, case_of, _acted, _assumed):
        kept.cache_clear()
