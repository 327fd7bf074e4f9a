"""The import contracts of pyproject.toml hold: who may import whom."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.architecture.source import ROOT


@pytest.mark.slow
def test_import_contracts_are_kept() -> None:
    if find_spec("importlinter") is None:
        pytest.skip("import-linter is not installed (dependency group lint)")
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert command
    ran = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stdout + ran.stderr
