"""Explanation: indices with known answers, planted boxes, luck, holes, and the command on a real sweep."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from small_cases import small_case
from typer.testing import CliRunner

from experiments import explain, workers
from experiments.cli import app
from experiments.designs import Design, samplers
from experiments.designs.factors import Factor
from experiments.explain import Explanation, means, prim, questions, sensitivity
from experiments.sweep import sweep
from market import CaseError

Numbers = NDArray[np.float64]
BASE = small_case(calendar__weeks=4, population__consumers=300)
ISHIGAMI = {"first": (0.313905, 0.442411, 0.0), "total": (0.557589, 0.442411, 0.243684)}
SOBOL_G = (0.716192, 0.179048, 0.023676, 0.007162, 0.0001, 0.0001, 0.0001, 0.0001)


def ishigami(x: Numbers) -> Numbers:
    return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def sobol_g(x: Numbers) -> Numbers:
    a = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0])
    return np.prod((np.abs(4.0 * x - 2.0) + a) / (1.0 + a), axis=1)


def design(kind: samplers.Kind, names: str, runs: int, low: float = 0.0, width: float = 1.0, **more: Any) -> Design:
    """A design over values that no case has: nothing is run with it."""
    factors = tuple(Factor(name, "uniform", (low, width)) for name in names)
    return Design(BASE, kind, factors, runs, **more)


def table(of: Design, rule: Callable[[Numbers], Numbers], noise: float = 0.0, seed_effect: float = 0.0) -> pd.DataFrame:
    """The table of a sweep whose outcome `y` is a rule of the factors, with luck of its own and of the seed."""
    points = of.points()
    rng = np.random.default_rng(0)
    y = rule(points.to_numpy(np.float64))
    parts = [
        points.assign(
            point=np.arange(len(points)), seed=seed, y=y + seed_effect * seed + noise * rng.normal(size=len(y))
        )
        for seed in of.seeds
    ]
    return pd.concat(parts, ignore_index=True)


def found(of: Design, runs: pd.DataFrame, *bad: str) -> Explanation:
    return explain.explain(of, runs, ("y",), bad)


def measured(of: Explanation, measure: str) -> pd.DataFrame:
    held = of.sensitivity[of.sensitivity["measure"] == measure]
    return held.set_index("factor")


# ----------------------------------------------------------------------------------------------------------- indices


def test_ishigami_through_the_same_path_lies_within_its_intervals() -> None:
    inside, cells = 0, 0
    for seed in range(3):
        of = design("sobol", "abc", 1_024, -math.pi, 2.0 * math.pi, sampling_seed=seed)
        whole = found(of, table(of, ishigami))
        for measure, known in ISHIGAMI.items():
            held = measured(whole, measure)
            truth = np.array(known)
            assert np.abs(held["value"] - truth).max() < 0.08
            inside += int(((held["low"] <= truth) & (truth <= held["high"])).sum())
            cells += 3
    assert inside >= 0.9 * cells  # quasi-random points err less than the resampled interval allows


def test_sobol_g_through_the_same_path_lies_within_its_intervals() -> None:
    of = design("sobol", "abcdefgh", 1_024)
    held = measured(found(of, table(of, sobol_g)), "first")
    truth = np.array(SOBOL_G)
    assert ((held["low"] - 1e-3 <= truth) & (truth <= held["high"] + 1e-3)).all()
    assert np.abs(held["value"] - truth).max() < 0.03
    assert (held["high"] - held["low"]).max() < 0.2


def test_a_convergence_table_ends_with_the_whole_sample_and_its_intervals_shrink() -> None:
    of = design("sobol", "abc", 512, -math.pi, 2.0 * math.pi)
    whole = found(of, table(of, ishigami))
    totals = whole.convergence[whole.convergence["measure"] == "total"]
    width = (totals["high"] - totals["low"]).groupby(totals["size"]).mean()
    assert width.index.tolist() == [64, 128, 256, 512]
    assert width.iloc[-1] < 0.6 * width.iloc[0]
    last = totals[totals["size"] == 512].set_index("factor")["value"]
    assert (last == measured(whole, "total")["value"]).all()
    assert whole.quality["settled"].tolist() == [bool(whole.quality["change"].iloc[0] <= explain.SETTLED)]


def test_elementary_effects_of_a_plane_are_its_slopes_without_spread() -> None:
    of = design("morris", "abc", 10, 5.0, 2.0)
    whole = found(of, table(of, lambda x: 3.0 * x[:, 0] - x[:, 1] + 7.0))
    assert measured(whole, "mu")["value"].tolist() == pytest.approx([6.0, -2.0, 0.0])
    assert measured(whole, "mu_star")["value"].tolist() == pytest.approx([6.0, 2.0, 0.0])
    assert measured(whole, "sigma")["value"].tolist() == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)


def test_elementary_effects_are_those_of_salib_and_right_between_levels_too() -> None:
    """y = 3 a + 8 b over all of b's range, whatever its levels; between words every change is a whole one."""
    from SALib.analyze import morris

    cube = samplers.sample("morris", 12, 3, seed=1)
    values = 3.0 * cube[:, 0] + 5.0 * cube[:, 1] * cube[:, 2]
    ours = sensitivity.morris(pd.DataFrame(cube, columns=list("abc")), values).set_index(["measure", "factor"])["value"]
    theirs = morris.analyze(samplers.problem(3), cube, values, num_levels=samplers.MORRIS_LEVELS)
    for measure in ("mu_star", "mu", "sigma"):
        assert ours[measure].to_numpy() == pytest.approx(np.asarray(theirs[measure]), abs=1e-9)
    for levels in ((0.0, 8.0), (0.0, 4.0, 8.0), (0.0, 2.0, 4.0, 6.0, 8.0)):
        of_levels = Factor("b", levels=levels)
        points = pd.DataFrame({"a": cube[:, 0], "b": of_levels.places(cube[:, 1]), "c": cube[:, 2]})
        rise = 3.0 * cube[:, 0] + of_levels.at(cube[:, 1]).astype(float)
        found = sensitivity.morris(points, rise).set_index(["measure", "factor"])["value"]
        assert found["mu_star"].tolist() == pytest.approx([3.0, 8.0, 0.0])
        assert found["sigma"].tolist() == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)
    words = Factor("b", levels=("shop", "site", "both"))
    points = pd.DataFrame({"a": cube[:, 0], "b": words.places(cube[:, 1]), "c": cube[:, 2]})
    found = sensitivity.morris(points, (points["b"] == '"shop"') * 4.0).set_index(["measure", "factor"])["value"]
    moves = np.diff((points["b"] == '"shop"').to_numpy(float).reshape(-1, 4), axis=1)
    assert found["mu_star"]["b"] == pytest.approx(4.0 * np.abs(moves).sum() / 12)


def test_regression_passes_over_empty_cells_among_words() -> None:
    words = pd.Series(["x", None, "y", np.nan, "x"] * 12, dtype=object)
    points = pd.DataFrame({"a": np.random.default_rng(1).random(60), "b": words})
    table = sensitivity.regression(points, 2.0 * points["a"].to_numpy() + (words == "y").to_numpy(float))
    assert set(table["factor"]) == {"a", "b", ""} and table["value"].iloc[-1] == pytest.approx(1.0)


def test_regression_finds_slopes_and_what_only_one_factor_explains() -> None:
    of = design("latin-hypercube", "abc", 400)
    whole = found(of, table(of, lambda x: 3.0 * x[:, 0] - x[:, 1], noise=0.1))
    sizes = measured(whole, "coefficient")["value"]
    deviation = math.sqrt(9.0 / 12.0 + 1.0 / 12.0 + 0.01)
    assert sizes.tolist() == pytest.approx([3 / 12**0.5 / deviation, -1 / 12**0.5 / deviation, 0.0], abs=0.03)
    parts = [9.0 / 12.0 / deviation**2, 1.0 / 12.0 / deviation**2, 0.0]
    assert measured(whole, "unique")["value"].tolist() == pytest.approx(parts, abs=0.04)  # columns correlate a little
    explained = whole.sensitivity.set_index("measure").loc["explained", "value"]
    assert explained == pytest.approx(1.0 - 0.01 / deviation**2, abs=0.01)


def test_regression_goes_over_to_ranks_where_these_explain_more() -> None:
    of = design("latin-hypercube", "ab", 300)
    whole = found(of, table(of, lambda x: np.exp(12.0 * x[:, 0])))
    assert set(whole.sensitivity["measure"]) == {"rank_coefficient", "unique", "explained"}
    assert measured(whole, "rank_coefficient")["value"].tolist() == pytest.approx([1.0, 0.0], abs=0.02)


def test_regression_takes_words_and_leaves_out_what_does_not_vary() -> None:
    rng = np.random.default_rng(1)
    points = pd.DataFrame({"w": rng.choice(["x", "y", "z"], 500), "n": rng.random(500), "one": 1.0})
    held = sensitivity.regression(points, (points["w"] == "y").to_numpy(float) + 0.5 * points["n"].to_numpy(float))
    unique = held[held["measure"] == "unique"].set_index("factor")["value"]
    assert list(unique.index) == ["w", "n"] and unique["w"] > 0.85 and unique["n"] == pytest.approx(0.085, abs=0.03)
    assert held[held["measure"] == "coefficient"]["factor"].tolist() == ["n"]


def test_no_box_is_smaller_than_it_may_be() -> None:
    """Few points and words, where slices are large."""
    sizes = []
    for seed in range(25):
        rng = np.random.default_rng(seed)
        points = pd.DataFrame({"x": rng.random(40), "w": rng.choice(list("abcdef"), 40)})
        wanted = (points["w"] == "a").to_numpy() | (points["x"] > 0.9).to_numpy()
        sizes += [box.points for box in prim.boxes(points, wanted)]
    assert len(sizes) > 5 and min(sizes) >= prim.LEAST_POINTS


def test_an_outcome_that_does_not_move_has_no_indices_and_no_boxes() -> None:
    of = design("sobol", "ab", 32)
    whole = found(of, table(of, lambda x: np.full(len(x), 3.0)))
    assert whole.sensitivity["value"].isna().all() and whole.boxes.empty
    assert explain.ranking(whole.sensitivity)["verdict"].tolist() == ["open", "open"]


def test_a_regression_on_too_few_points_says_nothing() -> None:
    of = design("latin-hypercube", "abc", 11)
    assert found(of, table(of, lambda x: x[:, 0])).sensitivity.empty


# ------------------------------------------------------------------------------------------------------ luck, holes


def test_luck_is_the_part_of_the_variance_that_seeds_do_not_share() -> None:
    of = design("latin-hypercube", "ab", 400, replicates=4)
    runs = table(of, lambda x: x[:, 0], noise=0.5, seed_effect=10.0)
    held = means.by_point(runs, "y", 400, 4)
    truth = 0.25 / 4 / (1.0 / 12.0 + 0.25 / 4)
    assert held.luck == pytest.approx(truth, abs=0.05)  # 1200 degrees of freedom against 400 points
    quiet = means.by_point(table(of, lambda x: x[:, 0], seed_effect=10.0), "y", 400, 4)
    assert quiet.luck < 1e-12
    single = design("latin-hypercube", "ab", 40)
    assert math.isnan(means.by_point(table(single, lambda x: x[:, 0]), "y", 40, 1).luck)


def test_luck_keeps_a_factor_from_being_called_deciding() -> None:
    sure = pd.DataFrame({"factor": ["a"], "measure": ["total"], "value": [0.4], "low": [0.3], "high": [0.5]})
    assert explain.ranking(sure, luck=0.0)["verdict"].tolist() == ["decides"]
    assert explain.ranking(sure, luck=0.25)["verdict"].tolist() == ["open"]
    assert explain.ranking(sure.assign(low=0.0, high=0.04), luck=0.9)["verdict"].tolist() == ["hardly"]


def test_a_failed_run_takes_its_whole_block_out_and_nothing_else() -> None:
    of = design("sobol", "abc", 64, -math.pi, 2.0 * math.pi, replicates=2)
    runs = table(of, ishigami, noise=0.1)
    broken = runs.drop(index=runs.index[(runs["point"] == 7) & (runs["seed"] == 2)])
    held = means.by_point(broken, "y", 320, 2, block=5)
    assert (held.missing, held.left_out) == (1, 5) and not set(range(5, 10)) & set(held.kept)
    kept = runs.groupby("point")["y"].mean().to_numpy()[held.kept]
    assert held.mean == pytest.approx(kept)
    whole = found(of, broken)
    cube = pd.DataFrame(of.cube[held.kept], columns=list("abc"))
    assert (
        measured(whole, "total")["value"]
        == sensitivity.sobol(cube, kept).query("measure == 'total'")["value"].to_numpy()
    ).all()
    assert whole.quality[["missing", "left_out"]].to_numpy().tolist() == [[1, 5]]


def test_too_many_holes_are_refused_with_a_way_out() -> None:
    of = design("sobol", "ab", 16)
    runs = table(of, lambda x: x[:, 0])
    runs.loc[runs["point"] % 8 == 0, "y"] = np.nan
    with pytest.raises(
        CaseError,
        match="8 runs have no such number .8 of them failed., which leaves holes in 8 of 16 blocks of 4 points.*--retry",
    ):
        found(of, runs)


# ------------------------------------------------------------------------------------------------------------- boxes


def planted(points: int, seed: int, noise: float = 0.0) -> tuple[pd.DataFrame, NDArray[np.bool_], NDArray[np.bool_]]:
    """Six factors, the planted box, and the box with some points of it and outside turned round."""
    rng = np.random.default_rng(seed)
    x = rng.random((points, 6))
    inside = (x[:, 0] < 0.4) & (x[:, 1] > 0.6) & (x[:, 2] > 0.2)
    return pd.DataFrame(x, columns=list("abcdef")), inside, inside ^ (rng.random(points) < noise)


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_box_is_found(seed: int) -> None:
    points, _, wanted = planted(4_000, seed)
    (box,) = prim.boxes(points, wanted)
    assert box.coverage >= 0.9 and box.density >= 0.9
    assert set(box.limits.ranges) == {"a", "b", "c"}
    (a_low, a), (b, b_high), (c, c_high) = (box.limits.ranges[name] for name in "abc")
    assert (a, b, c) == pytest.approx((0.4, 0.6, 0.2), abs=0.03)
    assert (a_low, b_high, c_high) == (-math.inf, math.inf, math.inf)
    assert max(box.doubts.values()) < 1e-6


def test_a_planted_box_is_found_through_noise_and_few_points() -> None:
    shared = []
    for seed in range(3):
        points, inside, wanted = planted(512, seed, noise=0.1)
        held = prim.boxes(points, wanted)[0].limits.holds(points)
        shared.append((held & inside).sum() / (held | inside).sum())
    assert np.mean(shared) > 0.85


def test_boxes_take_words_and_come_one_after_the_other() -> None:
    rng = np.random.default_rng(5)
    points = pd.DataFrame({"a": rng.random(2_000), "w": rng.choice(["x", "y", "z"], 2_000)})
    low = (points["a"] < 0.2) & (points["w"] != "x")
    high = (points["a"] > 0.9) & (points["w"] == "x")
    first, second = prim.boxes(points, (low | high).to_numpy())
    assert first.limits.words == {"w": frozenset({"y", "z"})} and first.limits.ranges["a"][1] == pytest.approx(
        0.2, abs=0.01
    )
    assert second.limits.words == {"w": frozenset({"x"})} and second.limits.ranges["a"][0] == pytest.approx(
        0.9, abs=0.01
    )
    assert first.coverage + second.coverage == pytest.approx(1.0, abs=0.01)


def test_nothing_is_found_where_there_is_nothing() -> None:
    seen = 0
    for seed in range(5):
        rng = np.random.default_rng(seed)
        points = pd.DataFrame(rng.random((200, 5)), columns=list("abcde"))
        seen += bool(prim.boxes(points, rng.random(200) < 0.25))
    assert seen <= 1  # 1 in 20 is expected


def test_boxes_of_an_explanation_answer_the_question() -> None:
    of = design("latin-hypercube", "ab", 600, 10.0, 5.0)
    whole = found(of, table(of, lambda x: np.where((x[:, 0] > 13.0) & (x[:, 1] < 12.0), 1.0, 5.0)), "y<2")
    rows = whole.boxes.set_index("factor")
    assert set(rows["bad"]) == {"y < 2"} and rows["density"].min() == 1.0 and rows["coverage"].min() == 1.0
    assert rows.loc["a", "low"] == pytest.approx(13.0, abs=0.05) and rows.loc["a", "high"] == rows.loc["a", "most"]
    assert rows.loc["b", "high"] == pytest.approx(12.0, abs=0.05) and rows.loc["b", "low"] == rows.loc["b", "least"]
    y = table(of, lambda x: np.where((x[:, 0] > 13.0) & (x[:, 1] < 12.0), 1.0, 5.0))["y"]
    assert rows["base"].iloc[0] == (y < 2.0).mean() and rows["points"].iloc[0] == (y < 2.0).sum()


def test_a_question_is_read_or_refused() -> None:
    known = ("share_end", "blamed.jd")
    assert str(questions.parse(" blamed.jd >= 0.5", known)) == "blamed.jd >= 0.5"
    for text, said in (
        ("share_end", "OUTCOME<NUMBER"),
        ("share_end<x", "OUTCOME<NUMBER"),
        ("share_end<nan", "OUTCOME<"),
        ("shar_end<1", "did you mean share_end?"),
    ):
        with pytest.raises(CaseError, match=said):
            questions.parse(text, known)


def test_the_worst_quarter_is_the_low_end_of_a_share_and_the_high_end_of_blame() -> None:
    values = np.arange(100.0)
    assert questions.worst_quarter("share_end", values).bad(values).nonzero()[0].tolist() == list(range(25))
    assert questions.worst_quarter("blamed.jd", values).bad(values).nonzero()[0].tolist() == list(range(75, 100))


# ----------------------------------------------------------------------------------------------------------- command


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real sweep: prices of a car in a small market."""
    out = tmp_path_factory.mktemp("sweep") / "out"
    price = Factor("cars.a.price_cny", "uniform", (70_000.0, 20_000.0))
    other = Factor("cars.c.exposure.contacts_per_week", "uniform", (0.05, 0.1))
    sweep(Design(BASE, "sobol", (price, other), 4, replicates=2), out, workers.here())
    return out


def run(*words: str) -> Any:
    return CliRunner().invoke(app, ["explain", *words], prog_name="whosecar")


def test_the_command_writes_tables_and_a_page(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "explained"
    result = run(str(folder), "--outcome", "share", "--bad", "orders<1000", "--out", str(out))
    assert result.exit_code == 0, result.output
    assert sorted(file.name for file in out.iterdir()) == [
        "boxes.parquet", "case.toml", "convergence.parquet", "design.toml", "manifest.json", "quality.parquet",
        "sensitivity.parquet", "verdict.txt",
    ]  # fmt: skip
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["outcomes"] == ["share", "orders"] and manifest["bad"]["orders"] == "orders < 1,000"
    table = pd.read_parquet(out / "sensitivity.parquet")
    assert list(table) == ["outcome", *sensitivity.COLUMNS] and len(table) == 2 * 2 * 2
    page = (out / "verdict.txt").read_text()
    assert "sobol design: 16 points x 2 seeds, 2 factors" in page and "Bad: orders < 1,000" in page
    assert "cars.a.price_cny" in result.output and "Written to" in result.output


def test_the_command_speaks_chinese_and_says_what_is_wrong(folder: Path, tmp_path: Path) -> None:
    assert "哪些假设起决定作用" in run(str(folder), "--outcome", "share", "--lang", "zh").output
    bad = run(str(folder), "--outcome", "shares", "--bad", "orders", "--out", str(tmp_path / "x"))
    assert bad.exit_code == 2 and not (tmp_path / "x").exists()
    assert bad.stderr.splitlines() == [
        '--bad: given "orders"; allowed: OUTCOME<NUMBER or OUTCOME>NUMBER; share_end<0.02',
        '--outcome: no outcome "shares"; did you mean share or share_end or stories?',
    ]
    assert run(str(tmp_path)).exit_code == 2
