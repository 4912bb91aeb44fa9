"""What any case can do, whatever its sections are: TOML in and out, full names, sources, faults, fingerprint.

>>> fault = Fault("cars.ut_super.roles.sales", "shares sum to 0.9", "they must sum to 1")
>>> print(CaseError([fault]))
cars.ut_super.roles.sales: shares sum to 0.9; they must sum to 1
"""

from market.casefile.document import Document
from market.casefile.faults import CaseError, Fault
from market.casefile.sources import Provenance, Source
from market.casefile.toml import parse_setting

__all__ = ["CaseError", "Document", "Fault", "Provenance", "Source", "parse_setting"]
