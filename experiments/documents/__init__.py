"""Documents whose tables and command output are made, not typed.

    python -m experiments.documents [--write] [FILE ...]

finds the blocks `<!-- made by: RECIPE --> ... <!-- end -->` of the documents, makes each again, and says which have
drifted (`--write` writes them). A recipe is `table NAME ...` (`experiments.documents.tables`) or a command line that
begins with `whosecar`.
"""

from __future__ import annotations

from experiments.documents.blocks import Block, blocks, remade
from experiments.documents.recipes import Bench, drifted

__all__ = ["Bench", "Block", "blocks", "drifted", "remade"]
