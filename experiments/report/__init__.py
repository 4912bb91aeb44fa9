"""Reports: one self-contained page from a result folder."""

from typing import TYPE_CHECKING

from experiments.on_demand import on_demand

if TYPE_CHECKING:
    from experiments.report.document import page, read, write

__all__ = ["page", "read", "write"]

__getattr__ = on_demand(__name__, {"document": ("page", "read", "write")})
