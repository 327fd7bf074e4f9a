"""The way in: it prepares the environment once, says what it cannot do, and becomes the command."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import run


@pytest.fixture
def checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A checkout with a lock and no environment yet."""
    (tmp_path / "uv.lock").write_text("version = 1")
    (tmp_path / "pyproject.toml").write_text("[project]")
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "ENVIRONMENT", tmp_path / ".venv")
    monkeypatch.setattr(run, "STAMP", tmp_path / ".venv" / "tandem-groups.json")
    monkeypatch.setattr(run, "TOOLS", tmp_path / ".tools")
    return tmp_path


@pytest.fixture
def uv(monkeypatch: pytest.MonkeyPatch, checkout: Path) -> Path:
    """A stand-in for uv that makes the environment's Python and writes down how it was called."""
    exe = checkout / "bin" / "uv"
    exe.parent.mkdir()
    exe.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "$@" >> "{checkout}/calls"\n'
        f'mkdir -p "{checkout}/.venv/bin" && touch "{checkout}/.venv/bin/python"\n'
    )
    exe.chmod(0o755)
    monkeypatch.setenv("PATH", str(exe.parent), prepend=os.pathsep)
    return checkout / "calls"


def test_help_lists_the_commands_and_prepares_nothing() -> None:
    shown = subprocess.run(
        [sys.executable, run.__file__, "--help"], capture_output=True, text=True, check=True
    )
    assert shown.stdout == run.usage()
    assert all(f"\n  {command} " in shown.stdout for command in run.COMMANDS)


def test_run_needs_only_the_standard_library() -> None:
    tree = ast.parse(Path(run.__file__).read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= set(sys.stdlib_module_names)


def test_environment_is_made_once_for_the_same_lock_and_groups(uv: Path) -> None:
    run.prepare(("embedded",))
    run.prepare(("embedded",))
    assert uv.read_text() == (
        f"sync --frozen --inexact --no-default-groups --group embedded --python {sys.executable}\n"
    )


def test_environment_keeps_the_groups_it_has(uv: Path) -> None:
    run.prepare(("embedded", "test"))
    run.prepare(("embedded",))
    assert len(uv.read_text().splitlines()) == 1


def test_environment_is_made_again_when_the_lock_changes(uv: Path, checkout: Path) -> None:
    run.prepare(("embedded",))
    (checkout / "uv.lock").write_text("version = 2")
    run.prepare(("embedded",))
    assert uv.read_text().splitlines()[1] == "sync --frozen --inexact --no-default-groups --group embedded"


def test_failed_sync_tells_what_uv_says_and_leaves_no_stamp(uv: Path, checkout: Path) -> None:
    (checkout / "bin" / "uv").write_text("#!/bin/sh\n[ $1 = --version ] || { echo no network >&2; exit 2; }")
    with pytest.raises(run.CannotRun, match="no network"):
        run.prepare(("embedded",))
    assert not run.STAMP.exists()


def test_settings_for_uv_are_those_that_the_pinned_one_wants() -> None:
    pinned = run.TOOLS / "bin" / "uv"
    told = (
        subprocess.run([pinned, "--version"], capture_output=True, text=True).stdout
        if pinned.exists()
        else ""
    )
    if not told.startswith(run.UV.replace("==", " ")):
        pytest.skip("the pinned uv is not on this machine")
    done = subprocess.run(
        [pinned, "version"],
        cwd=run.ROOT,
        env=run.uv_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""


def test_stub_of_a_version_manager_is_not_taken_for_uv(tmp_path: Path) -> None:
    stub = tmp_path / "uv"
    stub.write_text("#!/bin/sh\nexit 127")
    stub.chmod(0o755)
    assert not run.works([str(stub)])
    assert not run.works([str(tmp_path / "absent")])


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("faults", ["-m", "pytest", "-rs", "tests/faults", "-x"]),
        ("bench", ["-m", "bench", "-x"]),
        ("sandbox", ["-m", "xero_sandbox", "-x"]),
        ("demo", [str(run.ROOT / "manage.py"), "demo", "-x"]),
        ("migrate", [str(run.ROOT / "manage.py"), "migrate", "-x"]),
    ],
)
def test_command_becomes_its_program(command: str, expected: list[str]) -> None:
    assert run.command_line(command, ["-x"]) == expected


@pytest.mark.parametrize("options", [[], ["-q"], ["-x", "--lf"], ["--durations=5"], ["-k", "tabs"]])
def test_options_are_added_to_the_whole_suite_in_parallel_without_faults(options: list[str]) -> None:
    assert run.command_line("test", options) == ["-m", "pytest", *run.ALL_TESTS, *options]
    assert run.ALL_TESTS[:2] == ["-n", "auto"]
    assert "not faults" in run.ALL_TESTS[-1].split(" and ")


@pytest.mark.parametrize("path", ["tests/core", "tests/core/test_ids.py", "tests/core/test_ids.py::test_x"])
def test_named_tests_run_alone_and_one_by_one(path: str) -> None:
    assert run.command_line("test", ["-q", path]) == ["-m", "pytest", "-q", path]


def test_long_faults_are_told_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULTS_LONG", "")
    assert run.command_line("faults", ["--long", "-x"]) == ["-m", "pytest", "-rs", "tests/faults", "-x"]
    assert os.environ["FAULTS_LONG"] == "1"


USE_FOLDERS = [
    "tests/config/test_demo_parts.py::test_reset_removes_only_what_the_demo_keeps",
    "tests/config/test_demo_parts.py::test_keys_are_made_once_and_kept_private",
]


@pytest.mark.long
@pytest.mark.slow
def test_test_run_leaves_nothing_in_the_temporary_directory(open_folder: Path) -> None:
    ours = ("DATABASE_URL", "MIGRATION_DATABASE_URL", "PYTEST_XDIST_WORKER")
    told = {name: value for name, value in os.environ.items() if name not in ours}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "2", *USE_FOLDERS],
        cwd=run.ROOT, env={**told, "TMPDIR": str(open_folder)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(open_folder.glob("*/*")) + list(open_folder.glob("tandem*")) == []
