"""Sweeps: each run of a design once, in a folder that goes on where it was and says what it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_sweeps import BASE, DESIGN, HERE, PRICES, leftovers, recorded, same, table

from experiments import workers
from experiments.designs import Design
from experiments.outcomes import involved
from experiments.sweep import Sweep, Tally, batch, parts, sweep
from experiments.sweep import running as sweeping
from experiments.sweep.parties import parties
from market import Case, CaseError, Market


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, int]]:
    """Runs that take no time, and which they were."""
    return recorded(monkeypatch)


# ---------------------------------------------------------------------------------------------------- what it keeps


def test_one_process_and_two_give_the_same_table_and_the_market_its_numbers(tmp_path: Path) -> None:
    one = sweep(DESIGN, tmp_path / "one", HERE)
    two = sweep(DESIGN, tmp_path / "two", workers.local(2))
    assert same(one, two) and not leftovers(tmp_path / "one") and not leftovers(tmp_path / "two")
    runs = two.runs()
    assert runs["point"].tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2] and runs["seed"].tolist() == [1, 2, 3] * 3
    assert runs["cars.a.price_cny"].tolist() == [price for price in PRICES for _ in range(3)]
    assert set(runs["status"]) == {"done"} and runs["run_id"].is_unique and (runs["seconds"] > 0).all()
    market = Market(DESIGN.case_at(2), rng=3).run()
    ordered, delivered = (market.ledger.by_car(flow) for flow in ("orders", "deliveries"))
    row = runs.iloc[-1]
    outside = market.ledger.outside.sum()
    assert row["outside_share"] == pytest.approx(outside / (outside + ordered.sum()), rel=1e-12)
    assert row["deliveries"] == pytest.approx(delivered.sum(), rel=1e-12) and delivered.sum() > 0


def test_points_that_change_the_same_are_run_once_and_shown_twice(tmp_path: Path, quick: list[Any]) -> None:
    points = [{"cars.a.price_cny": price} for price in (80_000.0, 81_000.0, 80_000.0)]
    found = sweep(Design.of_list(BASE, points, range(1, 3)), tmp_path / "s", HERE)
    assert len(quick) == 4
    runs = found.runs()
    assert len(runs) == 6 and runs["point"].tolist() == [0, 0, 1, 1, 2, 2]
    assert runs["run_id"].tolist()[:2] == runs["run_id"].tolist()[4:]
    assert runs["orders"].tolist() == [80_001.0, 80_002.0, 81_001.0, 81_002.0, 80_001.0, 80_002.0]


def test_every_row_keeps_the_same_organisations(tmp_path: Path) -> None:
    """Dealers have no part in the focal car but where a point hands it to them; what they earn counts everywhere."""
    base = Case.load("jd-gac-catl").change({"population.consumers": 500, "calendar.weeks": 2})
    points = [{}, {"cars.ut_super.mode": "dealer-baseline"}, {"cars.ut_super.roles.service.dealers": 0.5}]
    found = sweep(Design.of_list(base, points), tmp_path / "out", pool=HERE).runs()
    assert (found["status"] == "done").all()
    assert found["profit.dealers"].notna().all() and (found["profit.dealers"] != 0.0).all()
    assert parties(Design.of_list(base, points[:1])) == involved(base) == ("catl", "gac", "jd")


def test_a_run_is_known_by_case_changes_seed_and_code() -> None:
    known = batch.run_id(DESIGN, 0, 1, "1")
    assert len(known) == 16 and int(known, 16) >= 0
    other = Design.of_list(BASE.change({"cars.b.price_cny": 91_000.0}), DESIGN.listed, range(1, 4))
    ids = [
        batch.run_id(*those)
        for those in ((DESIGN, 1, 1, "1"), (DESIGN, 0, 2, "1"), (DESIGN, 0, 1, "2"), (other, 0, 1, "1"))
    ]
    assert len({known, *ids}) == 5
    longer = Design.of_list(BASE, [*DESIGN.listed[::-1]], range(1, 9))
    assert batch.run_id(longer, 2, 1, "1") == known


def test_weeks_are_kept_where_they_are_asked_for(tmp_path: Path, quick: list[Any]) -> None:
    design = Design.of_list(BASE, DESIGN.listed, range(1, 3), series=True)
    found = sweep(design, tmp_path / "s", HERE)
    weeks = found.series()
    assert weeks.columns.tolist() == ["point", "run_id", "seed", "week", "share"]
    assert weeks["point"].tolist() == [0] * 6 + [1] * 6 + [2] * 6 and weeks["week"].tolist() == [0, 1, 2] * 6
    assert weeks["share"].tolist() == [1.0, 2.0, 3.0, 2.0, 3.0, 4.0] * 3
    assert sweep(DESIGN, tmp_path / "none", HERE).series().empty


def test_many_runs_make_few_parts(tmp_path: Path, quick: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "MOST_PARTS", 4)
    found = sweep(Design.of_list(BASE, DESIGN.listed, range(1, 11)), tmp_path / "s", HERE)
    assert len(parts.files(tmp_path / "s")) == 4 and len(found.runs()) == 30
    assert found.runs()["orders"].tolist() == [price + seed for price in PRICES for seed in range(1, 11)]


def test_the_folder_says_what_it_is(tmp_path: Path, quick: list[Any]) -> None:
    found = sweep(DESIGN, tmp_path / "s", HERE, command=["sweep", "my.toml"])
    manifest = json.loads((tmp_path / "s" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["kind"] == "sweep" and manifest["fingerprint"] == BASE.fingerprint
    assert (manifest["runs"], manifest["done"], manifest["failed"]) == (9, 9, 0)
    assert manifest["command"] == "whosecar sweep my.toml" and manifest["code"] == batch.code_version()
    assert manifest["outcomes"]["orders"]["unit"] == "households"
    opened = Sweep.open(tmp_path / "s")
    assert opened.design.fingerprint == DESIGN.fingerprint and opened.case == BASE and same(opened, found)
    assert opened.tally() == Tally(9, 9, 0, 9)
    with pytest.raises(CaseError, match="holds no sweep"):
        Sweep.open(tmp_path)


# -------------------------------------------------------------------------------------------------------- going on


def test_what_is_done_is_not_done_again(tmp_path: Path, quick: list[Any]) -> None:
    whole = sweep(DESIGN, tmp_path / "whole", HERE)
    told: list[Tally] = []
    folder = tmp_path / "s"
    sweep(DESIGN, folder, HERE)
    for part in parts.files(folder)[1:4]:
        part.unlink()
    (folder / "runs" / ".half.parquet.tmp").write_bytes(b"half")
    quick.clear()
    again = sweep(DESIGN, folder, HERE, told.append)
    assert quick == [(79_000.0, 2), (79_000.0, 3), (80_000.0, 1)]
    assert [tally.finished for tally in told] == [6, 7, 8, 9] and told[0].before == 6
    assert same(again, whole) and not leftovers(folder)


def test_a_folder_is_still_read_when_a_later_version_knows_more_of_a_case(
    tmp_path: Path, quick: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new field of a case changes the fingerprint of an old one; its runs are those that they were."""
    made = sweep(DESIGN, tmp_path / "s", HERE)
    before = table(made)
    monkeypatch.setattr(Case, "fingerprint", property(lambda case: "another"))
    pd.testing.assert_frame_equal(table(Sweep.open(tmp_path / "s")), before)
    assert Sweep.open(tmp_path / "s").tally().finished == len(before)


def test_a_sweep_stopped_by_its_driver_keeps_what_is_finished(tmp_path: Path, quick: list[Any]) -> None:
    def stop(tally: Tally) -> None:
        if tally.finished == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(DESIGN, tmp_path / "s", HERE, stop)
    assert not leftovers(tmp_path / "s") and len(Sweep.open(tmp_path / "s").runs()) == 4
    again = sweep(DESIGN, tmp_path / "s", HERE)
    assert len(quick) == 9 and same(again, sweep(DESIGN, tmp_path / "whole", HERE))


def test_only_its_own_design_and_code_go_on_in_a_folder(
    tmp_path: Path, quick: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep(DESIGN, tmp_path / "s", HERE)
    before = sorted(tmp_path.rglob("*"))
    other = Design.of_list(BASE, DESIGN.listed, range(1, 5))
    with pytest.raises(CaseError, match="holds the runs of another design"):
        sweep(other, tmp_path / "s", HERE)
    monkeypatch.setattr(batch, "code_version", lambda: "0.0.1+other")
    with pytest.raises(CaseError, match="begun with another version of whosecar"):
        sweep(DESIGN, tmp_path / "s", HERE)
    assert sorted(tmp_path.rglob("*")) == before
