from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder with a blank in its path that every user may reach: as root, Postgres runs as `nobody`.

    pytest's own folders are closed to others, again at each start of a test run on the machine.
    """
    folder = Path(tempfile.mkdtemp(prefix="a folder "))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
