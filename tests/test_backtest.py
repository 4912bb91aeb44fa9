"""The backtest: nothing after an origin is known there, what was planted is found, and scores are what they are called."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_cases import small_case

from experiments.backtest import Backtest, Plan, backtest, benchmarks, console, scores
from experiments.backtest.contestants import on_sale, rest_of
from experiments.backtest.dynamics import learn, levels, waves
from experiments.backtest.forecast import Origin
from experiments.backtest.panel import Panel, by_brand
from experiments.backtest.rolling import bundled_cars, pieces
from experiments.backtest.season import Season, errors, holiday
from experiments.backtest.structure import Draw, Shares, Stage, contract
from experiments.sales import Cars, Sales
from experiments.sales.attributes import Attributes
from experiments.sales.sales import Model
from experiments.sales.tables import month_after
from market import CaseError, Market

FIRST = "2021-01"
MODELS = tuple(Model(brand, f"{brand} {n}") for brand in ("Ash", "Birch", "Cedar") for n in (1, 2, 3))


def months(count: int) -> list[str]:
    """Months in a row."""
    return [month_after(FIRST, n) for n in range(count)]


def sales_of(share: np.ndarray, total: np.ndarray, models: tuple[Model, ...] = MODELS) -> Sales:
    """A sales file in which models have log shares (months, models), NaN where they are not listed."""
    rows = [
        (month, *model, float(np.exp(share[t, k]) * total[t]))
        for t, month in enumerate(months(len(share)))
        for k, model in enumerate(models)
        if not np.isnan(share[t, k])
    ]
    table = pd.DataFrame(rows, columns=["month", "brand", "model", "units"])
    return Sales(table, pd.Series(total, index=months(len(share)), name="units"))


def walks(count: int = 34, sd: float = 0.1, seed: int = 1, late: int = 2) -> Sales:
    """Shares that wander in a market with a season; the last `late` models are first listed one after the other."""
    rng = np.random.default_rng(seed)
    share = np.log(np.linspace(0.03, 0.12, len(MODELS))) + np.cumsum(rng.normal(0, sd, (count, len(MODELS))), axis=0)
    for n in range(late):
        share[: count // 2 + 3 * n, -1 - n] = np.nan
    total = 100_000.0 * np.exp(0.3 * np.sin(2 * np.pi * np.arange(count) / 12))
    return sales_of(share, total)


def cars_of(models: tuple[Model, ...] = MODELS) -> Cars:
    """A row for each model: prices from 60 to 100 thousand CNY."""
    prices = np.linspace(60_000.0, 100_000.0, len(models))
    rows = (Attributes(*model, "maker", FIRST, p, p, 450.0) for model, p in zip(models, prices, strict=True))
    return Cars({Model(row.brand, row.model): row for row in rows})


BASE = small_case()


# ------------------------------------------------------------------------------------------------- what is learned


def test_a_season_is_found_and_forecasts_it() -> None:
    """Volumes that repeat every year, holiday and all, are forecast to a hundredth after three years."""
    rng = np.random.default_rng(3)
    month = np.tile(rng.normal(0, 0.3, 12), 5)
    names = months(60)
    total = 1e5 * np.exp(month - 0.5 * np.array([holiday(name) for name in names]))
    season = Season.of(names[:48], total[:48])
    ahead = [season.ratio(names[47], names[47 + h]) for h in (1, 2, 3)]
    assert ahead == pytest.approx(np.log(total[48:51] / total[47]), abs=0.03)
    assert np.abs(errors(names, total, 3, 12)).max() < 0.06


def test_a_wave_within_the_quarter_is_found_and_shrunk() -> None:
    """A maker that delivers at the end of each quarter: four whole quarters count by half, more by more."""
    wave = np.array([-0.6, 0.0, 0.6])
    share = np.full((24, 2), -3.0)
    share[:, 0] += np.tile(wave, 8)
    found = waves(Panel.of(sales_of(share, np.full(24, 1e5), MODELS[:2])))
    assert found[0] == pytest.approx(wave * 8 / 12)
    assert found[1] == pytest.approx(np.zeros(3))


def test_steady_shares_keep_their_level_and_do_not_move() -> None:
    """Without any change there is no growth, no spread, and the level is the share."""
    share = np.tile(np.linspace(-4.0, -2.0, 9), (30, 1))
    panel = Panel.of(sales_of(share, np.full(30, 1e5)))
    learned = learn(panel, 3)
    assert learned.level == pytest.approx(share[-1])
    assert learned.growth == pytest.approx(np.zeros(9), abs=1e-9)
    assert (learned.permanent, learned.transitory) == pytest.approx((0.0, 0.0), abs=1e-6)


def test_the_spread_of_a_random_walk_is_found() -> None:
    """Lasting changes of .2 a month, learned from 40 models: within a fifth, far from passing noise alone."""
    rng = np.random.default_rng(5)
    models = tuple(Model("Ash", str(n)) for n in range(40))
    share = -4.0 + np.cumsum(rng.normal(0, 0.2, (40, 40)), axis=0)
    learned = learn(Panel.of(sales_of(share, np.full(40, 1e6), models)), 3)
    assert learned.permanent == pytest.approx(0.2, rel=0.2)
    noise = -4.0 + rng.normal(0, 0.2, (40, 40))
    passing = learn(Panel.of(sales_of(noise, np.full(40, 1e6), models)), 3)
    assert passing.permanent < 0.07 < 0.2 < passing.transitory < 0.3


def test_the_level_forgets_and_skips_what_is_not_listed() -> None:
    """Weights .6, .24, .096 ... of the months listed, summing to 1."""
    share = np.array([[-3.0], [np.nan], [-2.0]])
    panel = Panel.of(sales_of(np.hstack([share, np.full((3, 1), -4.0)]), np.full(3, 1e5), MODELS[:2]))
    level = levels(panel, np.zeros((2, 3)))
    assert level[:, 0] == pytest.approx([-3.0, -3.0, (-2.0 - 3.0 * 0.16) / 1.16])


# ------------------------------------------------------------------------------------------------- the market


def test_the_fitted_market_delivers_the_shares_it_was_fitted_to() -> None:
    """Rest of the market included; each share within four standard errors of its consumers."""
    panel = Panel.of(walks())
    cars, learned = cars_of(), learn(panel, 2)
    listed, unknown = on_sale(panel, learned, cars)
    stage = Stage(BASE, (*listed, *rest_of(BASE, listed, cars)), panel.months[-1], 2, 4_000)
    wanted = np.array([car.share for car in stage.cars])
    assert unknown == ()
    assert wanted.sum() == pytest.approx(1.0)
    constants = stage.fit()
    market = Market(stage.case(consumers=4_000), rng=1)
    shares = Shares(market)
    assert contract(shares, {c.key: c.share for c in stage.cars}).keys() == constants.keys()
    appeal = np.array([constants[key] for key in shares.index])
    by_key = dict(zip(shares.index, shares(appeal), strict=True))
    assert [by_key[c.key] / 0.95 for c in stage.cars] == pytest.approx(wanted, rel=0.002)
    sold = stage.run(Draw(1, constants, {}, 0.0, 0.0))
    behind = 4_000 * 4.3 / (stage.weeks + 26)
    error = np.sqrt(wanted * (1.0 - wanted) / behind)
    assert (np.abs(sold - wanted) < 4.0 * error).all()


def test_a_newcomer_gets_the_share_that_its_constant_gives() -> None:
    """The curve from one look is what the choice probabilities say at each constant."""
    panel = Panel.of(walks())
    cars = cars_of()
    listed, _ = on_sale(panel, learn(panel, 1), cars)
    market = Market(Stage(BASE, tuple(listed), panel.months[-1], 1, 500).case(), rng=1)
    shares = Shares(market)
    appeal, key = np.linspace(3.0, 5.0, len(shares.index)), listed[0].key
    curve = shares.of_newcomer(key, appeal, np.array([2.0, 4.0, 6.0]))
    for constant, share in zip((2.0, 4.0, 6.0), curve, strict=True):
        appeal[shares.index[key]] = constant
        now = shares(appeal)
        assert share == pytest.approx(now[shares.index[key]] / now.sum(), rel=1e-9)


def test_nothing_after_the_origin_changes_its_forecast() -> None:
    """Two files that part ways after the origin: the same constants, and the same draws to the last bit."""
    one, other = walks(), walks()
    later = other.table["month"] > month_after(FIRST, 29)
    changed = Sales(
        other.table.assign(units=other.table["units"].where(~later, 3.0 * other.table["units"])), other.total
    )
    drawn = []
    for sales in (one, changed):
        origin = Origin.fit(Panel.of(sales).until(29), BASE, cars_of(), 2, 600)
        drawn.append((origin.constants, *origin.draw(1), *origin.draw(2)))
    assert drawn[0][0] == drawn[1][0]
    for first, second in zip(drawn[0][1:], drawn[1][1:], strict=True):
        np.testing.assert_array_equal(first, second)


# ------------------------------------------------------------------------------------------------- benchmarks, scores


def test_each_benchmark_says_what_its_name_says() -> None:
    """On a series that grows by ten a month and a season that doubles the next month."""
    units = 100.0 + 10.0 * np.arange(24.0)[:, None]
    ratio = np.log([2.0, 1.0])
    said = {name: rule(units, ratio)[:, 0].tolist() for name, rule in benchmarks.SIMPLE.items()}
    assert said["last value"] == [330.0, 330.0]
    assert said["last value x season"] == pytest.approx([660.0, 330.0])
    assert said["seasonal naive"] == [220.0, 230.0]
    assert said["drift"] == [340.0, 350.0]
    smooth = benchmarks.smoothing(np.full((24, 1), 50.0), ratio, np.zeros(24))[:, 0]
    assert smooth == pytest.approx([100.0, 50.0], rel=0.01)
    panel = Panel.of(walks(sd=0.0))
    pulled = benchmarks.attraction(panel, cars_of(), np.zeros(2))
    joint = np.exp(panel.share[-1]).sum() * panel.total[-1]
    assert pulled.sum(axis=1) == pytest.approx([joint, joint])


def test_scores_of_forecasts_that_are_known_exactly() -> None:
    """Errors of half the usual change in a year are a MASE of .5; draws that straddle what came cover it."""
    past = np.arange(0.0, 240.0, 10.0)[:, None]
    actual, point = np.array([[260.0]]), np.array([[200.0]])
    draws = np.linspace(150.0, 270.0, 41)[:, None, None]
    others = {"seasonal naive": np.array([[140.0]])}
    cells = pd.DataFrame(scores.cells("model", "2025-01", ["2025-02"], ["a"], past, actual, point, draws, others))
    assert cells["scale"].item() == 120.0
    found = scores.table(cells, (scores.STRUCTURE, "seasonal naive")).set_index("method")
    own = found.loc[[scores.STRUCTURE]].iloc[0]
    assert (own["mase"], own["to_seasonal_naive"]) == (0.5, 0.5)
    assert found.loc["seasonal naive", "mase"] == 1.0
    by, low, high = scores.difference(cells, "model", "seasonal naive")
    assert by == -0.5 and np.isnan([low, high]).all()
    twice = pd.concat([cells, cells.assign(origin="2025-02", actual=215.0)])
    by, low, high = scores.difference(twice, "model", "seasonal naive")
    assert (by, low, high) == pytest.approx((-0.5, -0.5, -0.5))
    assert (own["covers_50"], own["covers_90"]) == (0.0, 1.0)
    assert scores.crps(np.array([200.0]), 260.0) == 60.0
    rng = np.random.default_rng(2)
    normal = scores.crps(rng.standard_normal(20_000), 0.0)
    assert normal == pytest.approx((np.sqrt(2.0) - 1.0) / np.sqrt(np.pi), abs=0.01)


def test_brands_are_sums_of_the_models_that_are_listed() -> None:
    """A brand of which no model is listed is not listed."""
    names, units = by_brand(np.array([[1.0, 2.0, np.nan], [np.nan, np.nan, 4.0]]), ("b", "b", "a"))
    assert names == ("a", "b")
    np.testing.assert_array_equal(units, [[np.nan, 3.0], [4.0, np.nan]])


# ------------------------------------------------------------------------------------------------- the whole


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Two origins of a small market; one model has no row in the cars file."""
    return Plan(BASE, walks(), cars_of(MODELS[:-1]), month_after(FIRST, 30), 2, 2, 500, 4)


@pytest.fixture(scope="module")
def found(plan: Plan) -> Backtest:
    """What becomes of it; every piece of work was announced beforehand."""
    steps: list[int] = []
    made = backtest(plan, on_done=lambda: steps.append(1))
    assert len(steps) == pieces(plan) == 2 * (1 + 4) + 1
    return made


def test_a_whole_backtest_scores_every_cell_and_names_what_it_does_not_know(found: Backtest) -> None:
    """Two origins, two months ahead, nine models and three brands; what no row describes is no launch."""
    assert len(found.cells) == 2 * 2 * (9 + 3)
    assert found.unknown == (MODELS[-1],)
    assert set(found.scores["method"]) == {scores.STRUCTURE, *benchmarks.NAMES}
    assert (found.cells["low_90"] <= found.cells["high_90"]).all()
    own = found.cells[found.cells["level"] == "model"]
    ratio = own[scores.STRUCTURE].to_numpy(float) / own["actual"].to_numpy(float)
    assert np.median(np.abs(np.log(ratio))) < 0.5


def test_the_folder_holds_every_table_and_the_page_says_the_scores_in_both_languages(
    found: Backtest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is printed are the scores that stand in the tables, and what is not known is named."""
    console.write(found, tmp_path, "small", ["backtest", "small"])
    assert sorted(file.stem for file in tmp_path.glob("*.csv")) == sorted(console.TABLES)
    assert len(pd.read_csv(tmp_path / "cells.csv")) == len(found.cells)
    about = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    assert (about["origins"], about["models_without_attributes"]) == (list(found.plan.months), ["Cedar Cedar 3"])
    row = found.scores[(found.scores["level"] == "brand") & (found.scores["method"] == scores.STRUCTURE)]
    for lang, words in (("en", "simulated market"), ("zh", "模拟市场")):
        console.show(found, lang, "folder")
        said = capsys.readouterr().out
        assert words in said
        assert f"{row['mase'].item():.2f}" in said
        assert "Cedar 3" in said


@pytest.mark.parametrize(
    ("first", "origins", "path"),
    [
        ("2030-01", 2, "--train-until"),
        (month_after(FIRST, 3), 2, "--train-until"),
        (month_after(FIRST, 30), 5, "--origins"),
    ],
)
def test_months_that_the_file_does_not_hold_are_refused(plan: Plan, first: str, origins: int, path: str) -> None:
    """A month beyond the file, too few before the first origin, an origin after which nothing is known."""
    with pytest.raises(CaseError) as refused:
        backtest(plan._replace(first=first, origins=origins))
    assert [fault.path for fault in refused.value.faults] == [path]


def test_the_bundled_cars_file_describes_its_models() -> None:
    """Every row has what is asked of it, with a source and a grade; none claims more than grade C for its whole."""
    cars = Cars.read(bundled_cars())
    assert len(cars) == 86
    for model in cars:
        assert cars[model].source
        assert cars[model].grade == "D"
    assert Path(bundled_cars()).name == "china-bev-cars.csv"
