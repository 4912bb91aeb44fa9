"""One colour for each brand, car, maker and channel, the same in every chart of the page.

The first seven hues are those of Okabe and Ito (2008), which people with the common kinds of colour blindness can
tell apart.
A car wears the colour of its brand in a shade of its own; a maker wears the colour of the brand that bears its name.
Neutral grey is kept for figures that rest on too few consumers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

HUES: tuple[tuple[str, str, str], ...] = (
    ("vermillion", "#D55E00", "#F0814A"),
    ("blue", "#0072B2", "#3D93DB"),
    ("orange", "#E69F00", "#EBAA1F"),
    ("bluish green", "#009E73", "#1FB88C"),
    ("reddish purple", "#CC79A7", "#D68BB5"),
    ("sky blue", "#56B4E9", "#86CCF4"),
    ("yellow", "#D9C92B", "#EBDD4F"),
    ("indigo", "#332288", "#9488E8"),
    ("wine", "#882255", "#C4588F"),
    ("olive", "#7B7B1E", "#B3B34A"),
)
"""Name, on a light ground, on a dark ground. Blue is lighter on dark and yellow darker on light than in the original,
to stand out from the ground. A market has more than seven brands: the last three are of Tol (2021), chosen for their
lightness between the first seven."""

REST = ("#5B6675", "#A3B0BF")
"""What is not one identity but many: the rest of the market."""

WHITE, BLACK = (255, 255, 255), (0, 0, 0)


@dataclass(frozen=True)
class Ink:
    """A colour on a light and on a dark ground, and whether its line is dashed (a second round of the hues)."""

    light: str
    dark: str
    dashed: bool = False

    def shade(self, step: int, apart: float = 0.3) -> Ink:
        """A neighbour of this colour: step 0 is itself, 1 lighter, 2 darker, 3 lighter still, and so on."""
        ground = WHITE if step % 2 else BLACK
        amount = min(apart * ((step + 1) // 2), 0.6)
        return Ink(mix(self.light, ground, amount), mix(self.dark, ground, amount), self.dashed)


def mix(colour: str, ground: tuple[int, int, int], amount: float) -> str:
    """A colour moved towards another by an amount between 0 and 1.

    >>> mix("#000000", (255, 255, 255), 0.5)
    '#808080'
    """
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(p + (g - p) * amount):02x}" for p, g in zip(parts, ground, strict=True))


def inks(ids: Iterable[str], rest: frozenset[str] = frozenset()) -> dict[str, Ink]:
    """Colours for a list of identities, in the order given; used up, the hues come again, paler and dashed."""
    out: dict[str, Ink] = {}
    for key in dict.fromkeys(ids):
        if key in rest:
            out[key] = Ink(*REST)
            continue
        turn, place = divmod(sum(k not in rest for k in out), len(HUES))
        ink = Ink(HUES[place][1], HUES[place][2]).shade(2 * turn - 1 if turn else 0)
        out[key] = Ink(ink.light, ink.dark, dashed=turn % 2 == 1)
    return out


def shades(parents: Mapping[str, str], base: Mapping[str, Ink]) -> dict[str, Ink]:
    """Colours for children (cars) from those of their parents (brands): the first wears its parent's own."""
    seen: dict[str, int] = {}
    out: dict[str, Ink] = {}
    for child, parent in parents.items():
        step = seen.get(parent, 0)
        seen[parent] = step + 1
        out[child] = base[parent].shade(step, apart=0.16 if base[parent] == Ink(*REST) else 0.3)
    return out


PLATFORM = Ink("#1B2430", "#F2F5F8")
"""What a platform that helps to define cars wears: black on light, white on dark."""
