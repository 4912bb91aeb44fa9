"""The recipe of docs/CLUSTER.md for a SLURM site, as it is printed there, with an `sbatch` that runs jobs right here."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from small_sweeps import BASE, DESIGN, same

from experiments import workers
from experiments.sweep import Sweep, sweep

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[1] / "docs" / "CLUSTER.md"
OF_A_SITE = {
    "cores=16": "cores=2", "processes=16": "processes=2", "32GB": "4GB", "maximum_jobs=20": "maximum_jobs=1",
    "source /shared/venv/bin/activate": "true",
}  # fmt: skip
"""What the reader puts in for the site: here two cores and no environment to activate."""
SBATCH = """#!/bin/sh
for file; do :; done
cp "$file" {folder}/job.sh
setsid bash {folder}/job.sh > {folder}/job.out 2>&1 &
echo $! > {folder}/job.pid
echo 7
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """The address that the recipe prints, once it runs beside a stand-in for SLURM."""
    pytest.importorskip("dask_jobqueue")
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert found is not None
    recipe = found[1]
    for printed, here in OF_A_SITE.items():
        assert printed in recipe
        recipe = recipe.replace(printed, here)
    (tmp_path / "on_slurm.py").write_text(recipe, encoding="utf-8")
    (tmp_path / "sbatch").write_text(SBATCH.format(folder=tmp_path))
    (tmp_path / "scancel").write_text("#!/bin/sh\n")
    for command in ("sbatch", "scancel"):
        (tmp_path / command).chmod(0o755)
    path = os.pathsep.join((str(tmp_path), os.environ["PATH"]))
    here = os.pathsep.join(str(Path(__file__).parents[n]) for n in (0, 1))
    environment = {**os.environ, "PATH": path, "PYTHONPATH": here}
    with subprocess.Popen(
        [sys.executable, "on_slurm.py"], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.send_signal(signal.SIGTERM)
            job = tmp_path / "job.pid"
            with suppress(FileNotFoundError, ProcessLookupError):
                os.killpg(int(job.read_text()), signal.SIGKILL)


def test_the_recipe_brings_workers_that_give_the_same_table(site: str, tmp_path: Path) -> None:
    assert site.startswith("tcp://")
    pool = workers.dask(site)
    assert pool.room() >= 64, "what waits makes an adaptive cluster grow"
    until = time.monotonic() + 60.0
    while pool.workers() < 2 and time.monotonic() < until:
        time.sleep(0.5)
    assert pool.workers() == 2, (tmp_path / "job.out").read_text()
    one = sweep(DESIGN, tmp_path / "slurm", pool)
    assert same(one, sweep(DESIGN, tmp_path / "here", workers.here()))
    assert (
        len(one.runs()) == DESIGN.number_of_runs and BASE.fingerprint == Sweep.open(tmp_path / "slurm").case.fingerprint
    )
