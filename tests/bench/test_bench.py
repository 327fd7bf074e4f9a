"""Every group of figures runs at its smallest size. What they come to is no test's business."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import MODULES
from bench.figure import Figure, at_least, at_most, save, table


@pytest.mark.slow
@pytest.mark.skipif("BENCH_TESTS" not in os.environ, reason="takes minutes; set BENCH_TESTS=1")
@pytest.mark.parametrize("module", MODULES)
def test_group_measures_at_its_smallest_size(module: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--tiny", "--out", str(tmp_path / "latest.json"), module],
        env={**os.environ, "PYTHONWARNINGS": "default"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


def test_figure_is_held_to_its_goal() -> None:
    assert at_most("a", 2, 1.5, method="").met is False
    assert at_least("a", 2, 1.5, method="").met is True


def test_file_names_value_goal_and_met(tmp_path: Path) -> None:
    path = tmp_path / "latest.json"
    save([Figure("a", 1, "<= 2", True, "how")], {"size": "tiny"}, path)
    told = json.loads(path.read_text())["figures"][0]
    assert {"name": "a", "value": 1, "goal": "<= 2", "met": True}.items() <= told.items()


def test_table_tells_what_was_missed() -> None:
    assert "MISSED" in table([at_most("a", 2, 1, method="how")])
