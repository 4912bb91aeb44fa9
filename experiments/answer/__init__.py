"""The question of the article, answered for one case: whose car is it, who is blamed, what cost it, who earned."""

from typing import TYPE_CHECKING

from experiments.on_demand import on_demand

if TYPE_CHECKING:
    from experiments.answer.page import read
    from experiments.answer.steps import Size, carry_out

__all__ = ["Size", "carry_out", "read"]

__getattr__ = on_demand(__name__, {"steps": ("Size", "carry_out"), "page": ("read",)})
