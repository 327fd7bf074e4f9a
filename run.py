#!/usr/bin/env python3
"""The way in: `python3 run.py demo`, `python3 run.py test`. Needs Python 3.11 and nothing else.

It makes the project's own environment (with uv, which it fetches if the machine has none), from the
locked list of packages, and runs the command in it. When nothing changed since the last time, the
command starts at once.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
TOOLS = ROOT / ".tools"
UV = "uv==0.13.9"
"""What is fetched where the machine has no uv. The Dockerfile names the same."""
STAMP = ENVIRONMENT / "tandem-groups.json"

COMMANDS = {
    "demo": "Tandem, a Xero to connect it to, and everything they need (--help tells its options)",
    "test": "the whole test suite; what follows goes to pytest",
    "sandbox": "only the Xero sandbox",
    "bench": "measure the speed goals",
    "faults": "break things on purpose and count what is lost (--long for ten times more)",
}
GROUPS = {"test": ("embedded", "test"), "faults": ("embedded", "test"), "bench": ("embedded", "test")}
# In parallel, without those that break things on purpose, drive a browser or take long: CI runs them as steps of their
# own. Options are added; tests that are named run alone.
ALL_TESTS = ["-n", "auto", "--maxprocesses", "4", "-m", "not faults and not e2e and not long"]
USAGE = """\
python3 run.py <command> [options]

{commands}

Any other word goes to Django: python3 run.py migrate, python3 run.py shell, ...
"""


class CannotRun(Exception):
    """Something is missing on this machine. The message says what to do."""


# -- the environment


def say(text: str) -> None:
    print(text, flush=True)


def works(command: Sequence[str]) -> bool:
    """Whether the program is there and runs (a version manager's stub may be there and not run)."""
    try:
        return subprocess.run([*command, "--version"], capture_output=True).returncode == 0
    except OSError:
        return False


def find_uv() -> str:
    """uv on this machine, or one of our own in `.tools`."""
    for candidate in (shutil.which("uv"), TOOLS / "bin" / "uv", TOOLS / "lib" / "bin" / "uv"):
        if candidate and works([str(candidate)]):
            return str(candidate)
    say("Fetching uv, which makes the environment ...")
    shutil.rmtree(TOOLS, ignore_errors=True)
    for attempt in (install_uv_in_own_environment, install_uv_in_folder):
        exe = attempt()
        if exe and works([str(exe)]):
            return str(exe)
    raise CannotRun(
        "uv could not be installed. Check the connection to the package index (pip's settings are used),"
        " install python3-venv or python3-pip if this Python has neither, or put uv on the PATH."
    )


def install_uv_in_own_environment() -> Path | None:
    made = subprocess.run([sys.executable, "-m", "venv", str(TOOLS)], capture_output=True)
    return (
        pip_install(str(TOOLS / "bin" / "python"), [], TOOLS / "bin" / "uv") if made.returncode == 0 else None
    )


def install_uv_in_folder() -> Path | None:
    """For a system Python that comes without venv (Debian without python3-venv)."""
    shutil.rmtree(TOOLS, ignore_errors=True)
    folder = TOOLS / "lib"
    return pip_install(sys.executable, ["--target", str(folder)], folder / "bin" / "uv")


def pip_install(python: str, options: list[str], exe: Path) -> Path | None:
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *options, UV]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        say(done.stderr.strip())
        return None
    return exe


def uv_environment() -> dict[str, str]:
    """The settings uv runs with: this Python, no download of another, the system's certificates."""
    settings = {
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_PROJECT_ENVIRONMENT": str(ENVIRONMENT),
        "UV_NO_PROGRESS": "1",
        "UV_SYSTEM_CERTS": "1",
    }
    return {**{name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}, **settings}


def wanted(groups: Sequence[str]) -> dict[str, object]:
    """What the environment must hold: the locked packages of these groups and of those it already has."""
    files = b"".join((ROOT / name).read_bytes() for name in ("uv.lock", "pyproject.toml"))
    present = read_stamp().get("groups", []) if python().exists() else []
    return {"lock": hashlib.sha256(files).hexdigest(), "groups": sorted({*groups, *present})}


def read_stamp() -> dict[str, list[str]]:
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


def python() -> Path:
    return ENVIRONMENT / "bin" / "python"


def prepare(groups: Sequence[str]) -> None:
    """The environment holds these groups of packages, exactly as locked."""
    want = wanted(groups)
    if python().exists() and read_stamp() == want:
        return
    began = time.monotonic()
    say("Preparing the environment ...")
    sync(find_uv(), want["groups"])
    STAMP.write_text(json.dumps(want))
    say(f"Environment ready ({time.monotonic() - began:.1f} s)")


def sync(uv: str, groups: object) -> None:
    command = [uv, "sync", "--frozen", "--inexact", "--no-default-groups"]
    for group in groups if isinstance(groups, list) else []:
        command += ["--group", group]
    if not python().exists():
        command += ["--python", sys.executable]
    began = time.monotonic()
    with subprocess.Popen(
        command, cwd=ROOT, env=uv_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        words = wait_aloud(process, began)
    if process.returncode:
        raise CannotRun(f"The environment could not be made. uv says:\n\n{words.strip()}")


def wait_aloud(process: subprocess.Popen[str], began: float) -> str:
    """Wait for the process, say every few seconds that it is at work, and return what it told on stderr."""
    while True:
        try:
            return process.communicate(timeout=5)[1]
        except subprocess.TimeoutExpired:
            say(f"  still installing packages ({time.monotonic() - began:.0f} s)")


# -- the commands


def command_line(command: str, options: list[str]) -> list[str]:
    """What to run for this command, in the environment."""
    if command == "test":
        named = any((ROOT / option.split("::")[0]).exists() for option in options)
        return ["-m", "pytest", *([] if named else ALL_TESTS), *options]
    if command == "faults":
        if "--long" in options:
            os.environ["FAULTS_LONG"] = "1"
        return ["-m", "pytest", "-rs", "tests/faults", *(option for option in options if option != "--long")]
    if command == "sandbox":
        return ["-m", "xero_sandbox", *options]
    if command == "bench":
        return ["-m", "bench", *options]
    return [str(ROOT / "manage.py"), command, *options]


def usage() -> str:
    return USAGE.format(commands="\n".join(f"  {name:<9}{what}" for name, what in COMMANDS.items()))


def main(arguments: list[str]) -> None:
    """Prepare what the command needs, then become it (so that Ctrl-C reaches it and nobody stands between)."""
    if os.name != "posix":
        raise CannotRun("Tandem runs on Linux and macOS. On Windows, use WSL.")
    if not arguments or arguments[0] in ("-h", "--help"):
        print(usage(), end="")
        return
    command, *options = arguments
    line = command_line(command, options)
    prepare(GROUPS.get(command, ("embedded",)))
    os.chdir(ROOT)
    os.execv(python(), [str(python()), *line])  # noqa: S606  (the command is meant to replace us)


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036  (the message is for those who have an older one)
        sys.exit("Tandem needs Python 3.11 or newer; this is {}.{}.".format(*sys.version_info[:2]))
    try:
        main(sys.argv[1:])
    except CannotRun as problem:
        sys.exit(f"run.py: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)
