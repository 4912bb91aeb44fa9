"""What a new car takes from its base car and brings to its brand is measured on two runs."""

from __future__ import annotations

import numpy as np
from small_cases import small_case

from market.industry.family import family_effect


def test_a_family_gains_what_the_new_car_does_not_take() -> None:
    cars = dict(small_case().cars)
    cars["b"] = cars["b"].model_copy(update={"base_car": "a", "brand": "ann", "maker": "ann"})
    cars["c"] = cars["c"].model_copy(update={"brand": "ann"})
    without, with_car = np.full((10, 3), [10.0, 0.0, 5.0]), np.full((10, 3), [6.0, 8.0, 6.0])
    effect = family_effect(cars, "b", with_car, without, stock=([3.0, 0, 0], [9.0, 0, 0]))
    assert effect == (80.0, 40.0, 10.0, 40.0, 0.5, 6.0)
    assert np.isnan(family_effect(cars, "b", without, without).cannibalised)
