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

SMALL_PAGES = ("NUMPY_MADVISE_HUGEPAGE", "0")
"""For the environment before numpy is imported: of a large array, what is not written to takes no memory."""


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
