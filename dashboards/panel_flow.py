"""Channel flow: which kind of consumer takes over which brand, and through which channel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from dashboards import names, series
from market import Case


def flow(case: Case, sales: pd.DataFrame, weeks: int) -> dict[str, Any]:
    """Deliveries by week along each path from a profile over a channel to a brand, and what error they have.

    `paths` holds three places each, in `profiles`, `channels` and `brands`; `cars` are households by week, `each` the
    households that one effective consumer of the path stands for: squared weights per weight over the whole run.
    Channels of platforms come first, those of a platform that defines cars are `own`; focal brands come first, then
    by size.
    """
    taken = sales[sales["deliveries"] > 0.0]
    keys = [taken[name].astype(str) for name in ("profile", "channel", "brand")]
    path = keys[0] + " " + keys[1] + " " + keys[2]
    sold = series.sold(taken.assign(path=path), "path", range(weeks))
    platform_cars, first = names.platform_cars(case), case.focal_car
    focal = {case.cars[key].brand for key in (platform_cars if first in platform_cars or not first else [first])}
    definers = {key for car in platform_cars for key in case.cars[car].holders("definition")}
    size = {str(key): float(cars) for key, cars in taken.groupby(keys[2])["deliveries"].sum().items()}
    profiles, channels = (sorted(set(key)) for key in keys[:2])
    channels.sort(key=lambda key: (case.channels[key].platform is None, key))
    brands = sorted(size, key=lambda key: (names.stands_for_many(key), key not in focal, -size[key], key))
    ends = [key.split(" ") for key in sold.ids]
    places = [[profiles.index(a), channels.index(b), brands.index(c)] for a, b, c in ends]
    order = sorted(range(len(places)), key=lambda i: (places[i][2], places[i][0], places[i][1]))
    return {
        "profiles": profiles,
        "channels": channels,
        "brands": brands,
        "own": [key for key in channels if case.channels[key].platform in definers],
        "focal": [brand for brand in brands if brand in focal],
        "paths": [places[i] for i in order],
        "cars": [np.rint(sold.households[:, i]).astype(int).tolist() for i in order],
        "each": np.rint((sold.squares.sum(axis=0) / sold.households.sum(axis=0))[order]).astype(int).tolist(),
    }
