"""Rows of roles under a change: what setting a mode, or a single share, means for the rows that a car states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from market.cars import Car
from market.modes import MODES, PARTNERS


def rows_to_state(cars: Mapping[str, Car], values: Mapping[str, Any]) -> dict[str, Any]:
    """What a change by full names implies for the rows of cars, to be stated before it is made.

    Another mode takes stated rows and the face away, so that one switch moves a car. A single share of a row that the
    mode gives states the whole row first, so that the others of the row can be rescaled.

    >>> text = {"en": "a", "zh": "a"}
    >>> made = {"capacity_per_week": 1.0}
    >>> car = Car(name=text, fictional=text, brand="ann", maker="ann", price_cny=1.0, range_km=1.0, production=made,
    ...           exposure={"contacts_per_week": 1.0}, channels=["shop"], partners={"dealer": "dan"})
    >>> rows_to_state({"a": car}, {"cars.a.mode": "dealer-baseline", "cars.a.roles.finance.dan": 0.9})
    {'cars.a.roles': {'finance': {'ann': 0.5, 'dan': 0.5}}, 'cars.a.face': {}}
    """
    stated: dict[str, Any] = {}
    for key, before in cars.items():
        at = f"cars.{key}"
        asked = [tuple(name.removeprefix(f"{at}.").split(".")) for name in values if name.startswith(f"{at}.")]
        mode = values.get(f"{at}.mode", before.mode)
        moved = mode != before.mode and mode in (None, *MODES)
        car = _as_it_will_be(before, values, at, moved)
        functions = [parts[1] for parts in asked if len(parts) == 3 and parts[0] == "roles"]
        rows = {function: dict(car.holders(function)) for function in functions if function not in car.roles}
        face = dict(car.public_face()) if not car.face and any(len(p) == 2 and p[0] == "face" for p in asked) else {}
        if moved:
            stated |= {f"{at}.roles": rows, f"{at}.face": face}
        else:
            stated |= {f"{at}.roles.{function}": row for function, row in rows.items()}
            stated |= {f"{at}.face": face} if face else {}
    return stated


def row_in_force(cars: Mapping[str, Car], functions: Sequence[str], path: Sequence[str]) -> dict[str, float] | None:
    """The row of roles, or the face, that a full name lies in or is, where the mode of its car gives it; else None."""
    if len(path) < 3 or path[0] != "cars" or path[1] not in cars:
        return None
    car = cars[path[1]]
    if path[2] == "face" and not car.face:
        return dict(car.public_face())
    if path[2] == "roles" and len(path) > 3 and path[3] in functions and path[3] not in car.roles:
        return dict(car.holders(path[3]))
    return None


def _as_it_will_be(car: Car, values: Mapping[str, Any], at: str, moved: bool) -> Car:
    """The car with the mode and partners of the change, and without stated rows if it moves to another mode."""
    given = {slot: values.get(f"{at}.partners.{slot}") for slot in PARTNERS}
    partners = car.partners | {slot: partner for slot, partner in given.items() if isinstance(partner, str)}
    bare: dict[str, Any] = {"roles": {}, "face": {}, "mode": values[f"{at}.mode"]} if moved else {}
    return car.model_copy(update={**bare, "partners": partners})
