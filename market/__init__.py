"""Whose Car: an agent-based laboratory of the Chinese new-energy car market.

from market import Case, Market
market = Market(Case.load("jd-gac-catl"), rng=1).run()
market.ledger.sales()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from market.case import Case
    from market.casefile import CaseError, Fault, parse_setting
    from market.market import Market

__all__ = ["Case", "CaseError", "Fault", "Market", "parse_setting"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import on first use: a page of help needs no numerical library."""
    if name == "Market":
        from market.market import Market

        return Market
    if name == "Case":
        from market.case import Case

        return Case
    if name in __all__:
        from market import casefile

        return getattr(casefile, name)
    raise AttributeError(f"module 'market' has no attribute {name!r}")
