"""Promises of the command `whosecar calibrate`: bad input is refused, a fit is a whole folder, truth is found again."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fitting import FIRST, LAST, NEW, OLD, base, cars, files, models, sales
from typer.testing import CliRunner

from experiments.calibrate import calibrate, calibration, folder, settling
from experiments.calibrate.build import car_id, market_of
from experiments.calibrate.levels import fit_levels
from experiments.calibrate.moments import moments, observed, scene
from experiments.calibrate.parameters import ALWAYS, changes
from experiments.calibrate.simulations import draws, fitted_case, setting
from experiments.cli import app
from experiments.report import document
from experiments.sales import Cars, Sales
from experiments.sales.simulated import sales_of
from market import Case, Market


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--until", "2024-13"], '--until: given "2024-13"; write a month as 2025-01'),
        (["--until", "2026-01"], "--until: given 2026-01; allowed: a month from 2024-01 to 2024-12"),
        (["--until", "2024-05"], "--until: given 2024-05, 5 months after the sales begin"),
        (["--until", LAST, "--simulations", "3"], "--simulations: given "),
        (["--until", LAST, "--consumers", "ten"], "--consumers: given "),
        (["--until", LAST, "--months", "2"], "--months: given "),
        (["--until", LAST, "--totals", "nowhere.csv"], "--totals: "),
    ],
)
def test_bad_input_is_refused_before_anything_is_done(tmp_path: Path, more: list[str], said: str) -> None:
    """Status 2, a line a fault, nothing written."""
    case, sold, about = files(tmp_path)
    out = tmp_path / "out"
    given = ["calibrate", str(case), "--sales", str(sold), "--cars", str(about), "--out", str(out), *more]
    result = CliRunner().invoke(app, given)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not out.exists()
    assert len(list(tmp_path.iterdir())) == 3


def test_a_fit_is_a_case_with_sources_and_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fitted case says of each value how it was found, and the folder holds it as it is."""
    monkeypatch.setattr(calibration, "PREDICTIONS", 2)
    monkeypatch.setattr(settling, "CORRECTIONS", 1)
    rng = np.random.default_rng(1)
    of = market_of(base(), sales(), cars(), FIRST, LAST)
    names = moments(observed(of, sales(), scene(of, sales()).keys), scene(of, sales()))
    drawn = pd.DataFrame(draws(ALWAYS, 60)).add_prefix("parameter:")
    made = drawn.assign(**{f"moment:{name}": rng.normal(size=60) for name in names})
    found = calibrate(base(), sales(), cars(), LAST, consumers=1_000, sizes=(200, 150), made=made)
    out = tmp_path / "out"
    out.mkdir()
    folder.write(found, out, ["calibrate"], "base.toml", ["sales.csv"], datetime.now(UTC))
    case = Case.load(out / "case.toml")
    assert case.fingerprint == found.case.fingerprint
    assert case.population.consumers == 1_000
    grades = {name: case.provenance(name).grade for name in ("media.forgetting_per_week", "cars.a.appeal")}
    assert set(grades.values()) == {"fitted"}
    made_car = f"cars.{car_id(models()[1])}"
    assert case.provenance(f"{made_car}.price_cny").grade == "B"
    assert "90 % interval" in case.provenance("drift.permanent_sd_per_month").source
    assert found.constants["target"].notna().sum() == OLD + NEW
    assert len(found.recovery) == 20 * len(ALWAYS)


@pytest.mark.slow
def test_a_file_that_a_market_wrote_gives_its_parameters_back(tmp_path: Path) -> None:
    """Simulate with 300,000 consumers (a car of 2 % then rests on some 400 a month), write the sales, forget, calibrate by the command: the fit holds most of the truth.

    Nine tenths of eight intervals are expected to hold; fewer than five by chance once in two hundred times.
    """
    true = {
        "media": 1.0, "word_of_mouth": 0.1, "forgetting": 0.05, "price": 1.2, "ageing": 0.05, "ramp": 12.0,
        "walk": 0.15, "noise": 0.08,
    }  # fmt: skip
    of = setting(base(), market_of(base(), sales(), cars(), FIRST, LAST), sales(), 1_000, 800)
    case = of.bare.change(changes(of.bare, true, list(of.found)))
    levels = fit_levels(case, of.found, of.parts, true["ageing"], of.guess, consumers=800)
    large = fitted_case(of, true, levels).change({"population.consumers": 300_000})
    case_file, sold, about = files(tmp_path, sales_of(Market(large, rng=11).run()))
    out = tmp_path / "out"
    given = ["calibrate", str(case_file), "--sales", str(sold), "--cars", str(about), "--until", "2024-11"]
    result = CliRunner().invoke(
        app, [*given, "--simulations", "100", "--consumers", "4000", "--workers", "1", "--out", str(out)]
    )
    assert result.exit_code == 0, result.stderr
    found = pd.read_csv(out / "parameters.csv")
    low, high = (dict(zip(found["parameter"], found[end].astype(float), strict=True)) for end in ("low", "high"))
    assert sum(low[key] <= value <= high[key] for key, value in true.items()) >= 5
    fitted = Case.load(out / "case.toml")
    assert fitted.provenance("media.forgetting_per_week").grade == "fitted"
    assert fitted.provenance("cars.a.appeal").grade == "fitted"
    assert "90 % interval" in fitted.provenance("drift.permanent_sd_per_month").source
    for lang, said in (("en", "Simulate, forget, recover"), ("zh", "模拟、遗忘、再找回")):
        page = document.page(document.read(out, lang))
        assert said in page
        assert page.count("data:image/svg+xml") == 4
    assert (out / "report.html").is_file()
    Market(fitted.change({"population.consumers": 500}), rng=1).run(4)


@pytest.mark.slow
@pytest.mark.skipif("WHOSECAR_SALES" not in os.environ, reason="needs real sales: WHOSECAR_SALES=FILE")
def test_real_sales_are_fitted_and_recovered() -> None:
    """A small table on the user's sales: the fit ends, constants meet their targets, intervals hold the truth."""
    real = Sales.read(os.environ["WHOSECAR_SALES"])
    about = Cars.read(str(resources.files("experiments") / "library" / "china-bev-cars.csv"))
    found = calibrate(
        Case.load("jd-gac-catl"), real, about, "2024-12", consumers=5_000, count=150, sizes=(2_000, 1_000)
    )
    share = found.coverage.iloc[-1]
    assert abs(share["share"] - 0.9) < 4.0 * np.sqrt(0.09 / share["data_sets"]) * 2.0
