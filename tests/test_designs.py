"""Designs: the points that a file asks for, the same on every machine, and every fault before anything is run."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from small_cases import small_case
from typer.testing import CliRunner

from experiments.cli import app
from experiments.designs import MOST_RUNS, Design
from experiments.designs.factors import Factor
from experiments.designs.file import designs
from experiments.designs.samplers import sample
from experiments.sweep import dry_run
from market import Case, CaseError

UNIFORM = {"name": "cars.a.price_cny", "distribution": "uniform", "arguments": [60_000.0, 40_000.0]}
WHOLE = {"name": "calendar.weeks", "distribution": "uniform", "arguments": [4.0, 8.0]}
CAPACITY = {"name": "cars.a.production.capacity_per_week", "distribution": "loguniform", "arguments": [10.0, 1_000.0]}
CHANNELS = {"name": "cars.b.channels", "levels": [["shop"], ["web"], ["shop", "web"]]}
MODES = {"name": "cars.a.mode", "levels": ["full-stack", "dealer-baseline"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "small.toml").write_text(small_case(calendar__weeks=4).to_toml(), encoding="utf-8")
    return tmp_path


def written(folder: Path, factors: list[Mapping[str, Any]], **fields: Any) -> Path:
    """A design file over the small case."""
    from market.casefile.toml import literal

    values = {"case": "small.toml", **fields}
    lines = [f"{key} = {literal(value)}" for key, value in values.items()]
    for factor in factors:
        lines += ["[[factors]]", *(f"{key} = {literal(value)}" for key, value in factor.items())]
    file = folder / "design.toml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def loaded(folder: Path, factors: list[Mapping[str, Any]], **fields: Any) -> Design:
    return Design.load(written(folder, factors, **fields))


def faults(folder: Path, factors: list[Mapping[str, Any]], **fields: Any) -> str:
    with pytest.raises(CaseError) as caught:
        loaded(folder, factors, **fields)
    return str(caught.value)


# ------------------------------------------------------------------------------------------------------------ points


def test_a_grid_is_the_product_of_its_levels_the_last_changing_fastest(folder: Path) -> None:
    design = loaded(folder, [{"name": "calendar.weeks", "levels": [4, 5, 6]}, MODES], design="grid", replicates=2)
    assert design.number_of_points == 6 and design.number_of_runs == 12
    assert design.points()["calendar.weeks"].tolist() == [4, 4, 5, 5, 6, 6]
    assert design.points()["cars.a.mode"].tolist() == ["full-stack", "dealer-baseline"] * 3
    assert design.changes(3) == {"calendar.weeks": 5, "cars.a.mode": "dealer-baseline"}
    assert design.case_at(3).calendar.weeks == 5


def test_a_latin_hypercube_meets_every_stratum_of_every_factor_once(folder: Path) -> None:
    design = loaded(folder, [UNIFORM, CAPACITY], design="latin-hypercube", runs=64)
    points = design.points()
    price = (points["cars.a.price_cny"] - 60_000.0) / 40_000.0
    capacity = np.log10(points["cars.a.production.capacity_per_week"] / 10.0) / 2.0
    for part in (price, capacity):
        assert sorted((part * 64).astype(int)) == list(range(64))


def test_a_sobol_design_has_blocks_in_which_one_factor_changes_at_a_time() -> None:
    cube = sample("sobol", 16, 3, seed=1).reshape(16, 5, 3)
    first, last = cube[:, 0], cube[:, 4]
    for factor in range(3):
        mixed = cube[:, 1 + factor]
        others = [k for k in range(3) if k != factor]
        assert (mixed[:, factor] == last[:, factor]).all() and (mixed[:, others] == first[:, others]).all()


def test_a_morris_design_changes_one_factor_a_step() -> None:
    steps = np.diff(sample("morris", 10, 4, seed=1).reshape(10, 5, 4), axis=1)
    assert ((steps != 0).sum(2) == 1).all()
    assert np.allclose(np.abs(steps).sum(2), 2.0 / 3.0)


def test_one_at_a_time_is_the_base_case_and_each_factor_at_both_ends(folder: Path) -> None:
    design = loaded(folder, [UNIFORM, WHOLE, MODES], design="one-at-a-time", replicates=2)
    assert design.number_of_points == 7 and design.number_of_runs == 14
    assert [design.changes(point) for point in range(7)] == [
        {}, {"cars.a.price_cny": 62_000.0}, {"cars.a.price_cny": 98_000.0}, {"calendar.weeks": 4},
        {"calendar.weeks": 12}, {"cars.a.mode": "full-stack"}, {"cars.a.mode": "dealer-baseline"},
    ]  # fmt: skip
    assert design.case_at(0) == design.base
    points, first = design.points(), design.points().iloc[0]
    assert first["cars.a.price_cny"] == design.base.cars["a"].price_cny and first["calendar.weeks"] == 4
    assert points["cars.a.price_cny"].nunique() == 3


def test_draws_follow_the_distribution_that_is_named(folder: Path) -> None:
    normal = {"name": "cars.a.price_cny", "distribution": "norm", "arguments": [80_000.0, 5_000.0]}
    drawn = loaded(folder, [normal], design="latin-hypercube", runs=400).points()["cars.a.price_cny"]
    assert abs(drawn.mean() - 80_000.0) < 100.0  # strata leave a thirtieth of the sampling error of 250
    assert abs(drawn.std() / 5_000.0 - 1.0) < 0.03
    assert abs((drawn < 80_000.0 - 1.6449 * 5_000.0).mean() - 0.05) <= 1 / 400


def test_a_discrete_distribution_never_falls_below_its_least_value() -> None:
    dice = Factor("calendar.weeks", "randint", (1, 7), whole=True)
    assert dice.at(np.array([0.0, 1 / 6 + 1e-9, 0.999999])).tolist() == [1, 2, 6]


def test_a_field_of_whole_numbers_gets_whole_numbers(folder: Path) -> None:
    design = loaded(folder, [WHOLE], design="latin-hypercube", runs=20)
    assert design.points()["calendar.weeks"].dtype == np.int64
    assert {type(design.changes(n)["calendar.weeks"]) for n in range(20)} == {int}
    assert set(design.points()["calendar.weeks"]) == set(range(4, 13))


def test_levels_are_cut_evenly_and_may_be_tables_or_lists(folder: Path) -> None:
    design = loaded(folder, [UNIFORM, CHANNELS], design="latin-hypercube", runs=30)
    counts = design.points()["cars.b.channels"].value_counts()
    assert counts.to_dict() == {'["shop"]': 10, '["web"]': 10, '["shop", "web"]': 10}
    assert all(
        tuple(design.case_at(n).cars["b"].channels) == tuple(design.changes(n)["cars.b.channels"]) for n in (0, 9)
    )


@pytest.mark.parametrize("kind", ["latin-hypercube", "sobol", "morris"])
def test_the_same_file_gives_the_same_points_and_another_sampling_seed_others(folder: Path, kind: str) -> None:
    one, two = (loaded(folder, [UNIFORM, WHOLE], design=kind, runs=8) for _ in range(2))
    other = loaded(folder, [UNIFORM, WHOLE], design=kind, runs=8, sampling_seed=2)
    pd.testing.assert_frame_equal(one.points(), two.points(), check_exact=True)
    assert one.fingerprint == two.fingerprint != other.fingerprint
    assert not one.points().equals(other.points())


def test_every_point_has_the_same_seeds(folder: Path) -> None:
    design = loaded(folder, [MODES], design="grid", replicates=3, first_seed=7)
    assert list(design.seeds) == [7, 8, 9] and design.number_of_runs == 6


def test_what_is_set_holds_at_every_point_also_without_quotes(folder: Path) -> None:
    quoted = written(folder, [MODES], design="grid")
    quoted.write_text(
        quoted.read_text().replace("[[factors]]", '[set]\n"drift.permanent_sd_per_month" = 0.1\n[[factors]]')
    )
    bare = quoted.with_name("bare.toml")
    bare.write_text(quoted.read_text().replace('"drift.permanent_sd_per_month"', "drift.permanent_sd_per_month"))
    assert Design.load(quoted).fingerprint == Design.load(bare).fingerprint
    assert Design.load(bare).case_at(1).drift.permanent_sd_per_month == 0.1


# -------------------------------------------------------------------------------------------------------------- list


def test_a_list_reads_csv_and_parquet_alike_and_an_empty_cell_changes_nothing(folder: Path) -> None:
    (folder / "points.csv").write_text("calendar.weeks,cars.a.mode,cars.a.face\n5,,\n,dealer-baseline,{bob = 1.0}\n")
    pd.DataFrame({"calendar.weeks": [5.0, None], "cars.a.mode": [None, "dealer-baseline"]}).to_parquet(
        folder / "p.parquet"
    )
    of_csv = loaded(folder, [], design="list", list="points.csv")
    of_parquet = loaded(folder, [], design="list", list="p.parquet")
    assert [of_csv.changes(n) for n in (0, 1)] == [
        {"calendar.weeks": 5},
        {"cars.a.mode": "dealer-baseline", "cars.a.face": {"bob": 1.0}},
    ]
    assert of_parquet.changes(0) == {"calendar.weeks": 5.0}
    assert of_csv.points()["calendar.weeks"].tolist() == [5, 4]
    assert of_csv.case_at(0).fingerprint == of_parquet.case_at(0).fingerprint


def test_points_of_a_program_may_add_and_take_away_whole_items() -> None:
    base = small_case(calendar__weeks=4)
    cut = {"kind": "price_change", "on": "2025-01-20", "car": "a", "price_cny": 70_000.0}
    design = Design.of_list(base, [{}, {"happenings.cut": cut}], range(3, 5))
    assert design.case_at(0) is base
    assert [happening.id for happening in design.case_at(1).happenings] == ["cut"]
    assert list(design.seeds) == [3, 4] and design.names == ("happenings.cut",)


def test_points_of_a_program_need_seeds_and_points() -> None:
    base = small_case()
    for points, seeds in (([], range(1, 2)), ([{}], range(0)), ([{}], [1, 3])):
        with pytest.raises(CaseError):
            Design.of_list(base, points, seeds)


# --------------------------------------------------------------------------------------------------- there and back


@pytest.mark.parametrize("kind", ["grid", "list", "one-at-a-time", "latin-hypercube", "sobol", "morris"])
def test_a_design_that_is_written_loads_back_equal(folder: Path, kind: str) -> None:
    (folder / "points.csv").write_text("calendar.weeks,cars.a.face\n5,{bob = 1.0}\n6,\n")
    fields = {"list": {"list": "points.csv"}, "grid": {}, "one-at-a-time": {}}.get(kind, {"runs": 4})
    factors = {"list": [], "grid": [MODES, CHANNELS], "one-at-a-time": [UNIFORM, MODES]}.get(kind, [UNIFORM, CHANNELS])
    design = loaded(folder, factors, design=kind, replicates=2, series=True, time_limit_s=9.5, **fields)
    out = folder / "out"
    out.mkdir()
    design.write_to(out)
    for back in (Design.load(out / "design.toml"), pickle.loads(pickle.dumps(design))):
        assert back.fingerprint == design.fingerprint and back.series and back.seconds == 9.5
        pd.testing.assert_frame_equal(back.points(), design.points(), check_exact=True)
        assert back.changes(1) == design.changes(1)
    assert len(pickle.dumps(design)) < 300_000


def test_the_fingerprint_moves_with_the_runs_and_not_with_the_time_limit(folder: Path) -> None:
    plain: dict[str, Any] = {"design": "latin-hypercube", "runs": 4}
    more = [{"runs": 5}, {"replicates": 2}, {"first_seed": 2}, {"series": True}, {"time_limit_s": 3.0}]
    first, *others = [loaded(folder, [UNIFORM], **(plain | change)).fingerprint for change in ({}, *more)]
    assert len({first, *others[:4]}) == 5 and others[4] == first


def test_designs_of_the_library_load() -> None:
    assert {"who-decides", "whose-face", "each-alone"} <= set(designs())
    assert Design.load("each-alone").number_of_runs == 125
    assert Design.load("whose-face").number_of_runs == 75


# ------------------------------------------------------------------------------------------------------------ faults

LHS: dict[str, Any] = {"design": "latin-hypercube", "runs": 8}
BAD: dict[str, tuple[list[Mapping[str, Any]], dict[str, Any], str]] = {
    "unknown factor": ([{**UNIFORM, "name": "cars.a.prize_cny"}], LHS, "cars.a.prize_cny: no such name; did you mean cars.a.price_cny"),
    "unknown thing": ([{**UNIFORM, "name": "cars.x.price_cny"}], LHS, "cars.x.price_cny: no such name"),
    "empty range": ([{**UNIFORM, "arguments": [5.0, 0.0]}], LHS, "cars.a.price_cny: given the arguments [5.0, 0.0]: an empty range"),
    "range upside down": ([{**UNIFORM, "arguments": [5.0, -1.0]}], LHS, "which this distribution cannot have; uniform takes loc, scale"),
    "no distribution": ([{**UNIFORM, "distribution": "unifrom"}], LHS, 'no distribution "unifrom"; allowed: a name of scipy.stats; did you mean uniform'),
    "no such law": ([{**UNIFORM, "distribution": "multivariate_normal"}], LHS, "allowed: a name of scipy.stats; for example uniform"),
    "too many arguments": ([{**UNIFORM, "arguments": [1.0, 2.0, 3.0]}], LHS, "uniform takes loc, scale; give as many as it takes"),
    "outside the limits": ([{**UNIFORM, "name": "profiles.plain.cancelling", "arguments": [-1.0, 0.5]}], LHS, "profiles.plain.cancelling: given -"),
    "endless": ([{**UNIFORM, "distribution": "norm"}], {"design": "morris", "runs": 4}, "norm has no end, and a morris design draws it"),
    "words drawn": ([{**UNIFORM, "name": "cars.a.mode"}], LHS, "cars.a.mode: given the distribution uniform; not a number; give levels instead"),
    "wrong type": ([{"name": "calendar.weeks", "levels": [4, "many"]}], {"design": "grid"}, 'calendar.weeks: given "many" at point 1'),
    "a level twice": ([{"name": "calendar.weeks", "levels": [4, 4.0]}], {"design": "grid"}, "calendar.weeks: level 4 given twice"),
    "one level": ([{"name": "calendar.weeks", "levels": [4]}], {"design": "grid"}, "calendar.weeks: one level only"),
    "both": ([{**UNIFORM, "levels": [1, 2]}], LHS, "a distribution and levels"),
    "neither": ([{"name": "calendar.weeks"}], LHS, "neither a distribution nor levels"),
    "a factor twice": ([UNIFORM, UNIFORM], LHS, "cars.a.price_cny: a factor 2 times"),
    "a factor in another": ([{"name": "cars.a.face", "levels": [{"ann": 1.0}, {"bob": 1.0}]}, {"name": "cars.a.face.ann", "levels": [0.1, 0.2]}], LHS, "cars.a.face.ann: overlaps with the factor cars.a.face"),
    "only shown": ([{"name": "title.en", "levels": ["a", "b"]}], {"design": "grid"}, "title.en: changes no run"),
    "shares": ([{"name": "cars.a.face.ann", "levels": [0.1, 0.2]}], {"design": "grid"}, "cars.a.face: shares sum to 0.1"),
    "too many runs": ([UNIFORM], {"design": "latin-hypercube", "runs": 10**12}, "runs: 1_000_000_000_000 points"),
    "too many seeds": ([UNIFORM], {**LHS, "replicates": 10**12}, "allowed: at most 10_000_000; take fewer"),
    "too large a grid": ([{"name": f"calendar.season.{month}", "levels": [n / 9 for n in range(1, 200)]} for month in ("january", "february", "march", "april", "may", "june")], {"design": "grid"}, "grid: "),
    "no power of 2": ([UNIFORM], {"design": "sobol", "runs": 100}, "runs: given 100; allowed: a power of 2 in a sobol design; take 64 or 128"),
    "no runs": ([UNIFORM], {"design": "sobol"}, "runs: missing"),
    "a grid with runs": ([MODES], {"design": "grid", "runs": 5}, "runs: given 5; the size of a grid is the product of its levels"),
    "a law in a grid": ([UNIFORM], {"design": "grid"}, "a distribution in a grid; allowed: levels"),
    "three levels alone": ([CHANNELS], {"design": "one-at-a-time"}, "cars.b.channels: 3 levels in a one-at-a-time design; allowed: two, the low and the high one"),
    "one at a time with runs": ([MODES], {"design": "one-at-a-time", "runs": 5}, "runs: given 5; the size of a one-at-a-time design is the base case and two points for each factor"),
    "an end the case refuses": ([{**WHOLE, "arguments": [-40.0, 80.0]}], {"design": "one-at-a-time"}, "calendar.weeks: given -36 at point 1"),
    "no factors": ([], LHS, "factors: none"),
    "unknown key": ([UNIFORM], {**LHS, "replicate": 3}, "replicate: unknown field; did you mean replicates?"),
    "unknown kind": ([UNIFORM], {"design": "sobel", "runs": 8}, 'design: given "sobel"; allowed: one of grid, list, one-at-a-time, latin-hypercube, sobol, morris'),
    "no case": ([UNIFORM], {**LHS, "case": "jd-gca-catl"}, "case: given \"jd-gca-catl\"; no such bundled case or file; did you mean jd-gac-catl?"),
    "seeds past the last": ([UNIFORM], {**LHS, "first_seed": 2**32 - 1, "replicates": 2}, "first_seed: the last seed is 4_294_967_296"),
    "no list": ([], {"design": "list"}, "list: missing"),
    "a list that is not there": ([], {"design": "list", "list": "none.csv"}, "none.csv\": cannot be read: no such file"),
    "a list in a grid": ([MODES], {"design": "grid", "list": "points.csv"}, "list: given in a grid design"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_a_bad_design_is_refused_with_its_field_named(folder: Path, what: str) -> None:
    factors, fields, said = BAD[what]
    assert said in faults(folder, factors, **fields)


LISTS = {
    "calendar.weeks\n5\n5\n": "points 1 and 2 are the same",
    "calendar.weeks,calendar.weeks\n5,6\n": "the column calendar.weeks twice",
    "calendar.week\n5\n": "calendar.week: no such name at point 0",
    "calendar.weeks\n5\n0\n": "calendar.weeks: given 0 at point 1",
    "calendar.weeks,drift.permanent_sd_per_month\n5\n": "line 2 has 1 cells",
    "calendar.weeks\n": "no points",
}


@pytest.mark.parametrize("text", LISTS)
def test_a_bad_list_is_refused(folder: Path, text: str) -> None:
    (folder / "points.csv").write_text(text)
    assert LISTS[text] in faults(folder, [], design="list", list="points.csv")


def test_a_factor_that_is_also_set_is_refused(folder: Path) -> None:
    file = written(folder, [UNIFORM], **LHS)
    file.write_text(file.read_text().replace("[[factors]]", '[set]\n"cars.a.price_cny" = 70_000.0\n[[factors]]'))
    with pytest.raises(CaseError, match="cars.a.price_cny: fixed in \\[set\\] and a factor"):
        Design.load(file)


def test_the_command_refuses_a_bad_design_with_status_2_and_writes_nothing(folder: Path) -> None:
    file = written(folder, [UNIFORM, UNIFORM], design="sobol", runs=100)
    before = sorted(folder.iterdir())
    result = CliRunner().invoke(app, ["sweep", str(file), "--out", str(folder / "out")], prog_name="whosecar")
    assert result.exit_code == 2 and sorted(folder.iterdir()) == before
    assert result.stderr.splitlines() == [
        "runs: given 100; allowed: a power of 2 in a sobol design; take 64 or 128",
        "cars.a.price_cny: a factor 2 times; factors must differ; give it once",
    ]


# ----------------------------------------------------------------------------------------------------------- dry run


def test_a_dry_run_counts_times_and_shows_and_writes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(folder, [UNIFORM, MODES], design="sobol", runs=4, replicates=3)
    monkeypatch.chdir(folder)
    before = sorted(folder.rglob("*"))
    result = CliRunner().invoke(app, ["sweep", str(file), "--dry-run", "--workers", "1"], prog_name="whosecar")
    assert result.exit_code == 0, result.output
    assert sorted(folder.rglob("*")) == before
    assert "16 points x 3 seeds (1-3) = 48 runs" in result.output
    assert "3 runs timed here" in result.output and "cars.a.price_cny" in result.output


def test_the_estimate_counts_runs_that_repeat_others_once(capsys: pytest.CaptureFixture[str]) -> None:
    base = small_case(calendar__weeks=4, population__consumers=500)
    design = Design(base, "grid", (Factor("calendar.weeks", levels=(4, 5)),), 2, replicates=2)
    found = dry_run.estimate(design, workers=1)
    assert (found.points, found.runs) == (2, 4) and not found.failures
    mean = sum(found.seconds_each) / 3
    assert found.seconds == pytest.approx(4 * mean) and 4_000 < found.disk_bytes < 400_000
    twice = Design.of_list(base, [{"calendar.weeks": 4}, {"calendar.weeks": 4}])
    assert dry_run.estimate(twice, workers=1).runs == 1
    dry_run.show(twice, 1, "zh")
    shown = capsys.readouterr().out
    assert "2 个设计点 x 1 个种子（1-1）= 2 次运行" in shown and "其中 1 次互不相同" in shown


def test_ten_million_runs_are_the_most() -> None:
    assert Design.size_faults("grid", MOST_RUNS, 1) == []
    assert "10_000_001 runs" in str(Design.size_faults("grid", MOST_RUNS + 1, 1)[0])


def test_the_design_of_the_issue_has_the_runs_that_it_promises(tmp_path: Path) -> None:
    file = tmp_path / "d.toml"
    file.write_text(
        'case = "jd-gac-catl"\ndesign = "sobol"\nruns = 512\nreplicates = 10\n[set]\n"population.consumers" = 20000\n'
        '[[factors]]\nname = "profiles.jd_like.share"\ndistribution = "uniform"\narguments = [0.2, 0.6]\n'
        '[[factors]]\nname = "cars.ut_super.face.jd"\nlevels = [0.2, 0.4, 0.6, 0.8]\n'
    )
    design = Design.load(file)
    assert design.number_of_runs == 512 * (2 + 2) * 10 and design.base.population.consumers == 20_000
    share = design.points()["profiles.jd_like.share"]
    assert 0.2 <= share.min() < 0.201 and 0.799 < share.max() <= 0.8
    case = design.case_at(0)
    assert sum(case.cars["ut_super"].face.values()) == pytest.approx(1.0)
    assert case.profiles["jd_like"].share == share[0]
    assert isinstance(case, Case)
