"""The catalogue: cars and offers as arrays, which every wing reads.

A car is what is built and named; an offer is how it can be had: car x channel x package x energy plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from market import chance
from market.cars import FUNCTIONS, Car, Channel, Package, Plan

REFERENCE_RANGE_KM = 450.0
ALWAYS, NEVER = -(10**7), 10**7
"""Days of a run that lie before and after everything, and near enough for sums in floating point."""


def annuity(rate: float, periods: float) -> float:
    """Present value of 1 paid at the end of each period.

    >>> round(annuity(0.004, 60), 3)
    53.249
    """
    return periods if rate == 0.0 else (1.0 - (1.0 + rate) ** -periods) / rate


def battery_cost(plan: Plan, months: float, rate: float) -> float:
    """Present value in CNY of having the battery under a plan for some months, beside the price at the handover.

    Rent to the end and no battery to sell then, or rent until the battery is bought out: whichever costs least. `rate`
    is per month. Kilometres above a cap come on top, consumer by consumer.

    >>> terms = {"name": {"en": "rent", "zh": "租"}, "discount_cny": 40_000, "rent_cny_per_month": 400}
    >>> round(battery_cost(Plan(**terms, residual_share=0.25), months=60, rate=0.0))
    34000
    >>> round(battery_cost(Plan(**terms, residual_share=0.25, buy_out_cny=30_000), months=60, rate=0.0))
    30000
    """
    rent = plan.rent_cny_per_month
    to_the_end = rent * annuity(rate, months) + plan.discount_cny * plan.residual_share * (1.0 + rate) ** -months
    if plan.buy_out_cny is None:
        return to_the_end
    bought_out = [rent * annuity(rate, m) + plan.buy_out_cny * (1.0 + rate) ** -m for m in range(int(months) + 1)]
    return min(to_the_end, *bought_out)


@dataclass(frozen=True)
class Offer:
    """One way to have one car: four ids."""

    car: str
    channel: str
    package: str
    plan: str

    @property
    def key(self) -> str:
        """One unambiguous word for chance: the four ids, separated by what no id contains."""
        return "\x1f".join((self.car, self.channel, self.package, self.plan))


def offers_of(cars: Mapping[str, Car], plans: Mapping[str, Plan]) -> list[Offer]:
    """Every offer of a case, sorted, so that the order of a file changes nothing."""
    return sorted(
        (
            Offer(key, channel, package, plan)
            for key, car in cars.items()
            for channel in (*car.channels, *car.channels_in_reserve)
            for package in car.packages
            for plan, terms in plans.items()
            if terms.cars is None or key in terms.cars
        ),
        key=lambda offer: offer.key,
    )


def role_tensor(cars: Mapping[str, Car], functions: Sequence[str], organisations: Sequence[str]) -> NDArray[np.float64]:
    """Shares by car, function and organisation: (cars, functions, organisations), each row summing to 1."""
    roles = np.zeros((len(cars), len(functions), len(organisations)))
    column = {key: i for i, key in enumerate(organisations)}
    for c, car in enumerate(cars.values()):
        for f, function in enumerate(functions):
            for organisation, share in car.holders(function).items():
                roles[c, f, column[organisation]] = share
    return roles


def face_matrix(cars: Mapping[str, Car], organisations: Sequence[str]) -> NDArray[np.float64]:
    """Whose car the public thinks it is: (cars, organisations), each row summing to 1."""
    face = np.zeros((len(cars), len(organisations)))
    column = {key: i for i, key in enumerate(organisations)}
    for c, car in enumerate(cars.values()):
        for organisation, share in car.public_face().items():
            face[c, column[organisation]] = share
    return face


def _days(dates: Sequence[date | None], start: date, none: int) -> NDArray[np.int64]:
    return np.array([none if on is None else (on - start).days for on in dates], np.int64)


class Catalogue:
    """The cars and offers of a case as arrays; prices, designs, roles, sale and disclosure change here during a run.

    `car_of`, `channel_of`, `plan_of` and `package_of` say for each offer which car (and so on) it is of, `nest_of`
    which nest of taste: a car and those built on it are one. All orders are alphabetical, so listing things in another
    order changes nothing.
    """

    def __init__(
        self,
        cars: Mapping[str, Car],
        channels: Mapping[str, Channel],
        packages: Mapping[str, Package],
        plans: Mapping[str, Plan],
        organisations: Sequence[str],
        start: date,
        functions: Sequence[str] = FUNCTIONS,
    ) -> None:
        """Lay out the arrays; `start` turns launch dates into days of the run."""
        self.cars = dict(sorted(cars.items()))
        self.channels, self.packages = dict(sorted(channels.items())), dict(sorted(packages.items()))
        self.plans = dict(sorted(plans.items()))
        self.functions, self.organisations = tuple(functions), tuple(sorted(organisations))
        self.offers = offers_of(self.cars, self.plans)
        self.car_index = {key: i for i, key in enumerate(self.cars)}
        self.plan_index = {key: i for i, key in enumerate(self.plans)}
        channel_index = {key: i for i, key in enumerate(self.channels)}
        package_index = {key: i for i, key in enumerate(self.packages)}
        self.car_of = np.array([self.car_index[o.car] for o in self.offers], np.intp)
        self.channel_of = np.array([channel_index[o.channel] for o in self.offers], np.intp)
        self.package_of = np.array([package_index[o.package] for o in self.offers], np.intp)
        self.plan_of = np.array([self.plan_index[o.plan] for o in self.offers], np.intp)
        self.offer_keys = chance.words([o.key for o in self.offers])
        self.car_keys = chance.words(list(self.cars))
        bases = [car.base_car or key for key, car in self.cars.items()]
        nests = sorted(set(bases))
        self.nest_keys = chance.words(nests)
        self.nest_of_car = np.array([nests.index(base) for base in bases], np.intp)
        self.nest_of = self.nest_of_car[self.car_of]
        self.roles = role_tensor(self.cars, self.functions, self.organisations)
        self.face = face_matrix(self.cars, self.organisations)
        brands = sorted({car.brand for car in self.cars.values()})
        self.brands = tuple(brands)
        self.brand_of_car = np.array([brands.index(car.brand) for car in self.cars.values()], np.int16)

        listed = list(self.cars.values())
        self.price_cny = np.array([car.price_cny for car in listed], float)
        self.range_km = np.array([car.range_km for car in listed], float)
        self.fast_charge = np.array([car.fast_charge for car in listed], float)
        self.intelligence = np.array([car.intelligence for car in listed], float)
        self.quality = np.array([car.quality for car in listed], np.float32)
        self.promotion_cny = np.zeros(len(listed))
        self.launch_day = _days([c.launch for c in listed], start, none=ALWAYS)
        self.launch_day[[not c.on_sale for c in listed]] = NEVER
        self.opens_day = np.minimum(_days([c.reservations_from for c in listed], start, none=NEVER), self.launch_day)
        self.closes_day = _days([c.withdrawn for c in listed], start, none=NEVER)
        self.closed = np.array([o.channel in self.cars[o.car].channels_in_reserve for o in self.offers], bool)
        """(offers,) not offered by their channel: not yet, or no longer"""
        self.disclosed = {
            key: not set(plan.undisclosed) & {"cap_km_per_month", "overage_cny_per_km"}
            for key, plan in self.plans.items()
        }

    def open_offers(self, day: int) -> NDArray[np.bool_]:
        """Which offers can be reserved or ordered on a day of the run: (offers,)."""
        on_sale = (self.opens_day <= day) & (day < self.closes_day)
        return on_sale[self.car_of] & ~self.closed

    def close_channels(self, car: str, platform: str) -> None:
        """A platform leaves a car: channels in reserve open, and its own no longer sell it unless nobody else does."""
        own = self.car_of == self.car_index[car]
        reserve = self.cars[car].channels_in_reserve
        self.closed[own & np.array([key in reserve for key in self.channels])[self.channel_of]] = False
        its = np.array([channel.platform == platform for channel in self.channels.values()])[self.channel_of]
        if (own & ~its & ~self.closed).any():
            self.closed |= own & its

    def launched(self, day: int) -> NDArray[np.bool_]:
        """Which cars can be ordered, driven and delivered on a day of the run: (cars,)."""
        return self.launch_day <= day

    @property
    def definition(self) -> NDArray[np.float64]:
        """Who defines each car at this moment: (cars, organisations), each row summing to 1."""
        rows: NDArray[np.float64] = self.roles[:, self.functions.index("definition")]
        return rows
