"""A market put away in few bytes: a sixth of what a copy of it takes.

To put it away and to take it out again takes as long as two or three copies.
What nobody can change, the case and who knows whom, is not put away but shared by all that goes on from there.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from market import Market
from market.fields import Section
from market.people.network import Network

LARGE = 16 * 1024
"""Bytes from which on an array is packed by itself; smaller ones are packed together."""

_CODEC = pa.Codec("lz4")
"""Of those that Arrow has the one that takes the least time for both ways together."""

_POOL = pa.system_memory_pool()
"""That of the C library gives back at once what is left over; Arrow's own would keep it."""


class Packed:
    """A market as it was at one moment; any number of markets can go on from there, each with the same luck."""

    def __init__(self, market: Market) -> None:
        """Put a market away; it can run on itself, and nothing that it does then is seen here."""
        told = io.BytesIO()
        packer = _Packer(told)
        packer.dump(market)
        self.week = market.week
        self._shared = packer.shared
        pressed = [*packer.large, _pressed(told.getbuffer())]
        self._sizes = [(size, len(one)) for size, one in pressed]
        self._bytes = b"".join(one for _, one in pressed)  # in one piece, which goes back to the system with it

    def market(self) -> Market:
        """A market that goes on from here."""
        released, low = [], 0
        for size, length in self._sizes:
            released.append(_CODEC.decompress(memoryview(self._bytes)[low : low + length], size, memory_pool=_POOL))
            low += length
        *large, rest = released
        # Arrays can be written to where their bytes can.
        market: Market = _Unpacker(io.BytesIO(rest), [bytearray(one) for one in large], self._shared).load()
        return market

    @property
    def bytes(self) -> int:
        """What it takes by itself."""
        return len(self._bytes)

    @property
    def shared_bytes(self) -> Mapping[int, int]:
        """What it shares with markets that go on from here, and they with each other: bytes by identity."""
        arrays = [one for one in self._shared if isinstance(one, np.ndarray)]
        networks = [one for one in self._shared if isinstance(one, Network)]
        return {id(one): one.nbytes for one in arrays} | {id(one): one.memory for one in networks}


_Pressed = tuple[int, bytes]
"""How many bytes there were, and what is left of them."""


def _pressed(raw: memoryview) -> _Pressed:
    return raw.nbytes, _CODEC.compress(raw, asbytes=True)


def _unchanging(one: object) -> bool:
    """Whether nobody can change it: parts of a case, networks, and arrays of their own that are read-only."""
    if type(one) is np.ndarray:
        return not one.flags.writeable and one.base is None and one.nbytes >= LARGE
    return isinstance(one, Section | Network)


class _Packer(pickle.Pickler):
    """Writes a market; what can be shared and what is large is kept aside."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=5, buffer_callback=self._take)
        self.shared: list[object] = []
        self.large: list[_Pressed] = []

    def reducer_override(self, obj: object) -> Any:
        """What is shared is written as its place; asked once for each object that is not of Python's plainest."""
        if not _unchanging(obj):
            return NotImplemented
        self.shared.append(obj)
        return _shared_at, (len(self.shared) - 1,)

    def _take(self, buffer: pickle.PickleBuffer) -> bool:
        """Keep large arrays aside; true: it goes with the rest."""
        raw = buffer.raw()
        if raw.nbytes < LARGE:
            return True
        self.large.append(_pressed(raw))
        return False


def _shared_at(place: int) -> object:
    """Stands in what is written for the list of what is shared, which only an `_Unpacker` has."""
    raise LookupError(f"place {place}: read this with an _Unpacker")


class _Unpacker(pickle.Unpickler):
    """Reads what a `_Packer` wrote."""

    def __init__(self, file: io.BytesIO, large: list[bytearray], shared: list[object]) -> None:
        super().__init__(file, buffers=large)
        self._shared = shared

    def find_class(self, module_name: str, global_name: str) -> Any:
        """Functions and classes by name, as ever, and what is shared."""
        if (module_name, global_name) == (__name__, _shared_at.__name__):
            return self._shared.__getitem__
        return super().find_class(module_name, global_name)
