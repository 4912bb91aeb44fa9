"""The benchmark: what was measured beside its target, each in a process of its own."""

from __future__ import annotations

import itertools

import pytest
from commands import whosecar

from experiments.benchmark import market as benchmark

pytestmark = pytest.mark.usefixtures("here")


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """A benchmark small enough for a test, in this process."""
    plan = benchmark.Plan(large=(2_000, 8), small=(500, 4), reference=(200, 2), huge=(4_000, 8), starts=1)
    monkeypatch.setattr(benchmark, "PLANS", {"quick": plan})
    monkeypatch.setattr(benchmark, "peak_memory", itertools.count(1e6, 1e6).__next__)
    monkeypatch.setattr(benchmark, "alone", lambda measure, size: benchmark.MEASURES[measure](*size))


def test_the_benchmark_states_what_was_measured_beside_its_target(tiny: None) -> None:
    """Each line of the speed table, with unit, target and verdict, and a figure that compares machines."""
    said = whosecar("benchmark", "--quick").stdout
    for words in (
        "ns per consumer-week",
        "microseconds",
        "bytes per consumer",
        "plain Mesa agents",
        "--help",
        "GB",
        "kernel",
    ):
        assert words in said
    verdicts = [line for line in said.splitlines() if "<=" in line or ">=" in line]
    assert len(verdicts) == 8
    assert all(("met" in line) != ("missed" in line) for line in verdicts)


def test_a_measurement_has_a_process_and_a_core_of_its_own() -> None:
    """What is measured does not share its memory or its threads with whoever asks."""
    assert benchmark.alone("kernel", (1_000, 2))["seconds"] > 0.0


def test_a_target_is_met_on_the_right_side() -> None:
    """Times must not exceed their target, the gain over plain agents must not fall short of it."""
    assert benchmark.Row("time", 1.0, "s", 2.0).met is True
    assert benchmark.Row("time", 3.0, "s", 2.0).met is False
    assert benchmark.Row("gain", 3.0, "times", 2.0, at_least=True).met is True
    assert benchmark.Row("no target", 3.0, "s").met is None
