"""Memory of markets that nobody needs any more, given back.

Markets refer to themselves. Python finds such circles by the number of objects, not by their size, and what is freed in
small pieces stays with the process: without help, hundreds of megabytes would wait.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable

from market import Market

_MMAP_THRESHOLD = -3
"""M_MMAP_THRESHOLD of malloc.h."""

SMALL_PAGES = ("NUMPY_MADVISE_HUGEPAGE", "0")
"""For the environment before numpy is imported: of a large array, what is not written to takes no memory."""

SMALLEST_OF_ITS_OWN = 128 * 1024
"""Bytes from which on an array has memory of its own, which goes back to the system with it."""


def settle() -> None:
    """Let large arrays keep memory of their own: the C library would stop doing so once some have been freed."""
    tune = _of_c("mallopt")
    if tune is not None:
        tune(_MMAP_THRESHOLD, SMALLEST_OF_ITS_OWN)


def discard(market: Market) -> None:
    """Let a market go for good: nothing of it can be read any more."""
    market.close()
    market.__dict__.clear()


def give_back() -> None:
    """Find what only refers to itself, and hand free memory back to the system."""
    gc.collect()
    trim = _of_c("malloc_trim")
    if trim is not None:
        trim(0)


def _of_c(name: str) -> Callable[..., int] | None:
    """A function of the C library; only that of GNU has them."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
