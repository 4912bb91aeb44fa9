"""Promises of `whosecar validate`: the market as it is against what was reported, misses included."""

from __future__ import annotations

import math
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from experiments import uncertainty
from experiments.cli import app
from experiments.validate import Task, evidence, reported, stylised
from experiments.validate import console as validation_console
from experiments.validate import validation as validate
from experiments.validate.evidence import Moments, Watched
from experiments.validate.reported import CRISIS, FACTS, FIGURES, SAFETY, Figure, Spread, verdict
from experiments.validate.tables import ablation_table, evidence_table, placebo_table, spread_of
from market import Case, Market

CONSUMERS = 1_500
EVERY_KEY = {figure.key for figure in FIGURES} | {f"quiet_{figure.key}" for figure in FIGURES if figure.quiet}


def small(name: str) -> Case:
    """A bundled case with few consumers."""
    return Case.load(name).change({"population.consumers": CONSUMERS})


def events(case: Case) -> list[str]:
    """Ids of the events that are looked at."""
    return [event.id for event in evidence.events_of(case)]


# --------------------------------------------------------------------------------------------- watching a market


def test_a_watched_market_goes_the_same_way_and_its_diary_adds_up_to_its_ledger() -> None:
    """Looking changes nothing, and every household of a flow is in the diary on some day."""
    case = evidence.without_events(small(SAFETY), evidence.START + timedelta(weeks=12), start=evidence.START)
    plain, watched = Market(case, rng=3).run(), Watched(case, 3).run()
    for flow in ("reservations", "orders", "cancellations", "deliveries"):
        by_car = plain.ledger.by_car(flow)
        assert np.array_equal(by_car, watched.ledger.by_car(flow))
        told = [watched.between(flow, 0, 12 * 7, car) for car in watched.catalogue.cars]
        assert told == pytest.approx(by_car.sum(axis=0), rel=1e-9)


def test_events_that_are_scheduled_are_those_of_the_case() -> None:
    """A market that is told of the crisis a week before goes the way of one whose case states it, to the last bit."""
    case = small(CRISIS).change({"calendar.weeks": 50})
    whole = Market(case, rng=2).run()
    happenings = evidence.events_of(case)
    told = Market(case.change({f"happenings.{event.id}": None for event in happenings}), rng=2)
    told.run(case.calendar.day_of(happenings[0].on) // 7)
    for event in happenings:
        told.schedule(event)
    for flow in ("orders", "cancellations", "deliveries"):
        assert np.array_equal(whole.ledger.by_car(flow), told.run().ledger.by_car(flow))


def test_the_events_are_the_focal_cars_failures_and_their_answers_in_order() -> None:
    """Four in November 2025 or more: reports of one day, answers of another; two in 2025 without an answer."""
    crisis, safety = (evidence.events_of(Case.load(name)) for name in (CRISIS, SAFETY))
    assert sorted({str(event.on) for event in crisis}) == ["2025-11-25", "2025-12-01"]
    assert [str(event.on)[:7] for event in safety] == ["2025-03", "2025-05"]
    assert [event.on for event in evidence.moved(crisis, 28)] == [event.on + timedelta(days=28) for event in crisis]


def test_a_crisis_is_told_as_shares_and_days() -> None:
    """Blame sums to 1, shares are shares, and the answer came after six days."""
    found = evidence.crisis(Case.load(CRISIS), 1, consumers=CONSUMERS)
    assert sum(value for key, value in found.items() if key.startswith("blame_")) == pytest.approx(1.0)
    assert found["response_days"] == 6.0
    for key in ("cancelled_share", "quiet_cancelled_share", "silent_cancelled_share", "attention_left"):
        assert 0.0 <= found[key] <= 1.0


def test_a_safety_event_is_told_by_months_and_against_a_world_without_it() -> None:
    """All that was reported has an answer; what can be told without the event is told of both worlds."""
    found = evidence.safety(Case.load(SAFETY), 1, consumers=CONSUMERS)
    keys = {figure.key for figure in FIGURES if figure.of == SAFETY}
    assert keys <= set(found)
    assert {f"quiet_{figure.key}" for figure in FIGURES if figure.of == SAFETY and figure.quiet} <= set(found)
    assert all(found[f"share_{month}"] >= -1.0 for month in range(1, 7))
    assert 0.0 < found["three_days"] <= 1.0


def test_deliveries_fall_after_orders_where_there_is_a_backlog() -> None:
    """Five weeks in an example whose deliveries follow orders five weeks later; never where nothing falls."""
    flat = np.full(20, 10.0)
    fell = {"orders": np.where(np.arange(20) < 6, 10.0, 5.0), "deliveries": np.where(np.arange(20) < 11, 10.0, 5.0)}
    quiet = {"orders": flat, "deliveries": flat}
    assert evidence.lag_weeks(fell, quiet, week=6) == 5.0
    assert math.isnan(evidence.lag_weeks(quiet, quiet, week=6))


# --------------------------------------------------------------------------------------------- what is uncertain


@pytest.mark.parametrize("name", [CRISIS, SAFETY])
def test_only_values_of_grade_c_and_d_are_drawn_and_none_that_is_off(name: str) -> None:
    """What is known well, or was fitted, stays as it is; the default lies within its range."""
    case = Case.load(name)
    for factor in uncertainty.factors(case, events(case)):
        assert ".face." in factor.name or case.provenance(factor.name).grade in ("C", "D")
        assert factor.low <= factor.default <= factor.high
        assert factor.low < factor.high
        assert factor.default != 0.0


@pytest.mark.parametrize("name", [CRISIS, SAFETY])
def test_every_draw_is_a_sound_case_and_spread_evenly(name: str) -> None:
    """A Latin hypercube: of each value exactly one draw in each of as many equal parts; the same seed, the same draws."""
    case = Case.load(name)
    factors = uncertainty.factors(case, events(case))
    drawn = uncertainty.draws(factors, 8, seed=5)
    assert drawn == uncertainty.draws(factors, 8, seed=5)
    assert drawn != uncertainty.draws(factors, 8, seed=6)
    for factor in factors:
        values = np.array([values[factor.name] for values in drawn])
        edges = [factor.at(part) for part in np.linspace(0.0, 1.0, 9)]
        assert np.histogram(values, edges)[0].tolist() == [1] * 8
    for values in drawn:
        changed = case.change(values)
        assert all(changed.get(key) == pytest.approx(value) for key, value in values.items())


def test_without_anything_uncertain_all_draws_are_the_case() -> None:
    """Nothing to draw is no error."""
    assert uncertainty.draws([], 3, seed=1) == [{}, {}, {}]


# --------------------------------------------------------------------------------------------- what is matched


def figure(low: float, high: float, grade: Any = "A", *, built_in: bool = False) -> Figure:
    """A reported figure."""
    return Figure(FACTS, "a", "a", "a", low, high, grade, "a", built_in=built_in)


def test_only_grades_a_and_b_can_be_matched() -> None:
    """A figure of a weak source is set beside the simulation, and nothing is said about it."""
    inside = Spread(0.4, 0.3, 0.6)
    assert [verdict(figure(0.5, 0.5, grade), inside) for grade in "ABCD"] == ["matched"] * 2 + ["not judged"] * 2


def test_a_miss_is_a_miss_even_where_the_case_was_given_it() -> None:
    """What is built in and fits is no evidence; what does not fit is missed all the same."""
    inside, outside = Spread(0.4, 0.3, 0.6), Spread(0.4, 0.35, 0.45)
    assert verdict(figure(0.5, 0.5), outside) == "missed"
    assert verdict(figure(0.5, 0.5, built_in=True), inside) == "built in"
    assert verdict(figure(0.5, 0.5, built_in=True), outside) == "missed"
    assert verdict(figure(0.5, 0.5), Spread(math.nan, math.nan, math.nan)) == "-"


def test_what_fits_without_the_event_too_says_nothing() -> None:
    """A wide interval that covers the figure with and without the event is no success."""
    inside = Spread(0.4, 0.3, 0.6)
    assert verdict(figure(0.5, 0.5), inside, Spread(0.1, -1.0, 1.0)) == "says nothing"
    assert verdict(figure(0.5, 0.5), inside, Spread(0.1, 0.0, 0.2)) == "matched"


def test_ranges_are_matched_by_the_median_and_signs_by_the_side() -> None:
    """A median outside a range is off by its distance to the nearer end."""
    assert verdict(figure(3.0, 7.0), Spread(6.9, 1.0, 20.0)) == "matched"
    assert verdict(figure(3.0, 7.0), Spread(7.1, 6.0, 8.0)) == "missed"
    assert verdict(figure(0.0, math.inf), Spread(-0.1, -1.0, 1.0)) == "missed"
    assert reported.error_of(7.5, 3.0, 7.0) == pytest.approx(0.5)
    assert reported.error_of(2.0, 3.0, 7.0) == -1.0


def test_the_reported_figures_are_those_of_the_press_and_the_registrations() -> None:
    """Cancelled 34 % (C), blame .68 .23 .09 (C), orders -57 % (B), shares of six months (A)."""
    told = {(f.of, f.key): (f.low, f.grade) for f in FIGURES}
    assert told[CRISIS, "cancelled_share"] == (0.34, "C")
    assert [told[CRISIS, f"blame_{key}"] for key in ("jd", "gac", "catl")] == [(0.68, "C"), (0.23, "C"), (0.09, "C")]
    assert told[SAFETY, "orders_change"] == (-0.57, "B")
    assert [told[SAFETY, f"share_{n}"][0] for n in range(1, 7)] == [0.09, 0.02, -0.25, -0.14, -0.38, -0.49]


# --------------------------------------------------------------------------------------------- tables


def made_up(task: Task) -> Moments:
    """Moments as if a market had been run: the same for all, but for the event and for what is switched off."""
    found = {key: 0.1 * task.seed + (0.5 if key.startswith("quiet_") else 0.0) for key in sorted(EVERY_KEY)}
    off = {"no feed": 0.25}.get(task.name, 0.0)
    return found | {"first_day_reservations": 9e3, "orders_before": 4e4, "cancelled_share": 0.2 * task.seed - off}


def results() -> pd.DataFrame:
    """The table of a plan that was carried out in imagination."""
    tasks = validate.plan(CONSUMERS, 8)
    return pd.DataFrame([{"of": t.of, "kind": t.kind, "name": t.name, "seed": t.seed, **made_up(t)} for t in tasks])


def test_every_figure_has_a_row_with_its_signed_error() -> None:
    """Median over the draws less what was reported; without what cannot be told without an event."""
    table = evidence_table(results(), {}).set_index(["of", "moment"])
    assert len(table) == len(FIGURES)
    row = table.loc[(SAFETY, "orders_change")]
    assert row["median"] == pytest.approx(0.45)
    assert row["error"] == pytest.approx(0.45 + 0.57)
    assert row["without"] == pytest.approx(0.95)
    assert [row[key] for key in ("effect", "effect_low", "effect_high")] == pytest.approx([-0.5] * 3)
    assert math.isnan(table.loc[(CRISIS, "blame_jd"), "without"])


def test_real_sales_take_the_place_of_published_points() -> None:
    """The error is then that to the user's own data."""
    table = evidence_table(results(), {"kept_a_year": 0.4}).set_index("moment")
    assert table.loc["kept_a_year", "in_sales_file"] == 0.4
    assert table.loc["kept_a_year", "error"] == pytest.approx(0.15 - 0.4)


def test_placebos_and_ablations_are_paired() -> None:
    """What is the same for every seed has no error, however much seeds differ."""
    table = results()
    found = ablation_table(table).set_index(["of", "ablation", "moment"])
    assert found.loc[(CRISIS, "no feed", "cancelled_share"), "change"] == pytest.approx(-0.25)
    assert found.loc[(CRISIS, "no feed", "cancelled_share"), "error"] == pytest.approx(0.0, abs=1e-12)
    assert found.loc[(CRISIS, "no network", "cancelled_share"), "change"] == 0.0
    cases = {of: Case.load(of) for of in (CRISIS, SAFETY)}
    days = placebo_table(table, cases, validate.PLACEBO_DAYS)
    assert days["own_day"].sum() == 2
    assert days.loc[days["of"] == SAFETY, "effect"].tolist() == pytest.approx([-0.5] * 3)


def test_an_interval_leaves_out_what_could_not_be_told() -> None:
    """Missing moments neither count nor spoil the others."""
    assert spread_of([1.0, math.nan, 3.0]).median == 2.0
    assert math.isnan(spread_of([math.nan]).median)


@pytest.mark.parametrize("name", [CRISIS, SAFETY])
def test_every_ablation_is_a_sound_case_that_differs(name: str) -> None:
    """One mechanism off is still a case; only a shared face can be taken away."""
    case = Case.load(name)
    off = validate.ablations(case)
    assert ("no face" in off) == (len(case.cars[str(case.focal_car)].public_face()) > 1)
    assert all(case.change(changes).fingerprint != case.fingerprint for changes in off.values())


# --------------------------------------------------------------------------------------------- stylised facts


def test_shares_of_a_sales_file_are_of_the_whole_market() -> None:
    """What is not listed by model counts in the whole; a model that is not listed is missing, not zero."""
    rows = [
        ("2025-01", "other", "", 50),
        ("2025-01", "A", "x", 50),
        ("2025-02", "other", "", 90),
        ("2025-02", "B", "y", 10),
    ]
    share = stylised.shares_of_sales(pd.DataFrame(rows, columns=["month", "brand", "model", "units"]))
    assert share.loc["2025-01", "A x"] == 0.5
    assert share.loc["2025-02", "B y"] == 0.1
    assert share["A x"].isna().tolist() == [False, True]


def test_facts_of_made_up_histories_are_as_made() -> None:
    """The volatility of a random walk comes back, and unchanging ranks persist."""
    steps = np.random.default_rng(1).normal(0.0, 0.25, (400, 12))
    walk = pd.DataFrame(np.exp(np.cumsum(steps, axis=0)), index=[f"{m}" for m in range(400)])
    assert stylised.volatility(walk) == pytest.approx(0.25, rel=0.06)
    fixed = pd.DataFrame(np.tile(np.arange(1.0, 9.0), (30, 1)))
    assert stylised.persistence(fixed, 12) == 1.0
    assert math.isnan(stylised.persistence(fixed, 40))


def test_small_brands_are_chosen_again_less_often() -> None:
    """Double jeopardy is a rank correlation, asked of a market without changing it."""
    market = Market(small(CRISIS), rng=1).run(2)
    assert -1.0 <= stylised.double_jeopardy(market) <= 1.0
    again = Market(small(CRISIS), rng=1).run(2)
    assert np.array_equal(market.run(2).ledger.by_car("orders"), again.run(2).ledger.by_car("orders"))


# --------------------------------------------------------------------------------------------- the command


def whosecar(*words: str, code: int = 0) -> Result:
    """A command and how it must end."""
    result = CliRunner().invoke(app, [*words])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def _imagined(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is run: moments are made up."""
    monkeypatch.setattr(validate, "carry_out", made_up)


@pytest.mark.usefixtures("_imagined")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_report_prints_misses_fingerprints_and_banner(lang: str) -> None:
    """Whatever came of it, in both languages, within the width of a page."""
    said = whosecar("validate", "--runs", "8", "--workers", "1", "--lang", lang).output
    assert validation_console.say("missed", lang) in said
    assert Case.load(CRISIS).fingerprint in said
    assert Case.load(SAFETY).fingerprint in said
    assert validation_console.BANNER[lang][:40] in said.replace("\n", " ")
    for told in FIGURES:
        assert (told.zh if lang == "zh" else told.en)[:20] in said


@pytest.mark.usefixtures("_imagined")
def test_the_tables_are_written_with_all_that_was_drawn(tmp_path: Path) -> None:
    """Every run is a row: its seed, its moments and the values drawn for it."""
    whosecar("validate", "--runs", "4", "--workers", "1", "--out", str(tmp_path / "found"), "--quiet")
    names = sorted(file.name for file in (tmp_path / "found").iterdir())
    assert names == [
        "ablations.csv", "evidence.csv", "manifest.json", "parameters.csv", "placebo.csv", "runs.csv",
    ]  # fmt: skip
    runs = pd.read_csv(tmp_path / "found" / "runs.csv")
    drawn = runs[(runs["of"] == CRISIS) & (runs["kind"] == "draw")]
    assert len(drawn) == 4
    assert drawn["value:trust.loss_weight"].between(1.5, 2.5).all()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--runs", "1"], '--runs: given "1"'),
        (["--consumers", "few"], "--consumers: given"),
        (["--workers", "0"], '--workers: given "0"'),
        (["--lang", "fr"], "--lang: given"),
        (["--sales", "nowhere.csv"], "--sales:"),
    ],
)
def test_bad_input_is_refused_before_anything_runs(words: list[str], said: str) -> None:
    """Status 2 and a line that says what is allowed."""
    result = CliRunner().invoke(app, ["validate", *words])
    assert result.exit_code == 2
    assert said in result.output


def test_a_sales_file_needs_its_columns(tmp_path: Path) -> None:
    """The missing ones are named."""
    (tmp_path / "sales.csv").write_text("month,brand,units\n2025-01,A,3\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["validate", "--sales", str(tmp_path / "sales.csv")])
    assert result.exit_code == 2
    assert "no column model" in result.output


@pytest.mark.slow
def test_the_number_of_processes_changes_nothing() -> None:
    """Moments come in the order of the tasks, the same to the last bit."""
    tasks = [Task(SAFETY, "placebo", "+0", seed, {}, CONSUMERS) for seed in (1, 2)]
    two, one = (pd.DataFrame(validate.run_all(tasks, workers)) for workers in (2, 1))
    pd.testing.assert_frame_equal(two, one, check_exact=True)
