"""Sales files and cars files of the user: read once, checked, and asked month by month."""

from experiments.sales.attributes import Cars
from experiments.sales.sales import Sales

__all__ = ["Cars", "Sales"]
