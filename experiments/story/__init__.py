"""Stories: lives of consumers in sentences."""

from typing import TYPE_CHECKING

from experiments.on_demand import on_demand

if TYPE_CHECKING:
    from experiments.story.lives import Lives
    from experiments.story.telling import TEXTS, ending, say, sentences, tell

__all__ = ["TEXTS", "Lives", "ending", "say", "sentences", "tell"]

__getattr__ = on_demand(__name__, {"lives": ("Lives",), "telling": ("TEXTS", "ending", "say", "sentences", "tell")})
