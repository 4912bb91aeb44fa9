"""Programmes of a case: who proposes, for which planned cars, and after which other programme."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from market.checks.common import fault, known
from market.happenings import Launch

if TYPE_CHECKING:
    from market.case import Case
    from market.casefile import Fault

MOST_DESIGNS = 20_000


def programmes(case: Case) -> Iterator[Fault]:
    """Faults of programmes and of imitation."""
    launched = {happening.car for happening in case.happenings if isinstance(happening, Launch)}
    times = Counter(car for programme in case.programmes.values() for car in programme.cars)
    for key, programme in case.programmes.items():
        at = f"programmes.{key}"
        yield from known(f"{at}.platforms", programme.platforms, case.platforms, "platform")
        yield from known(f"{at}.cars", programme.cars, case.cars, "car")
        yield from known(f"{at}.after", [programme.after], case.programmes, "programme")
        for car in sorted(set(programme.cars) & set(case.cars)):
            if case.cars[car].on_sale:
                yield fault(
                    f"{at}.cars", car, "must be planned: it is on sale already", f"set cars.{car}.on_sale = false"
                )
            if times[car] > 1:
                yield fault(f"{at}.cars", car, "is listed more than once", "give every programme cars of its own")
            if car in launched:
                yield fault(
                    f"{at}.cars", car, "has a launch happening as well", "leave the launch to the programme, or to it"
                )
        if _waits_for_itself(case, key):
            yield fault(f"{at}.after", programme.after, "must not wait for itself", "name an earlier programme or none")
    approaches = {f"programmes.{key}": programme for key, programme in case.programmes.items()}
    for at, approach in {**approaches, "imitation.approach": case.imitation.approach}.items():
        count = 1
        for name in ("range_share", "fast_charge", "intelligence", "quality", "price_share"):
            levels = getattr(approach.options, name)
            count *= len(levels.offsets())
            if name.endswith("_share") and levels.steps > 1 and levels.below >= 1.0:
                yield fault(f"{at}.options.{name}.below", levels.below, "must be below 1", "a share of what is planned")
        if count > MOST_DESIGNS:
            yield fault(f"{at}.options", f"{count} designs", f"at most {MOST_DESIGNS} designs", "give fewer steps")


def _waits_for_itself(case: Case, key: str) -> bool:
    """Whether the chain of programmes before one leads back to itself."""
    seen: set[str] = set()
    at: str | None = key
    while at is not None and at in case.programmes:
        if at in seen:
            return at == key
        seen.add(at)
        at = case.programmes[at].after
    return False
