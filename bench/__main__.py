"""`python3 run.py bench`: measure every figure, print the table, write `bench/latest.json`.

Ends with 1 only when something could not be measured.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import signal
import sys
import time
import traceback
from importlib import import_module
from pathlib import Path

from bench.database import fresh_database
from bench.figure import LATEST, Figure, save, table
from bench.scale import Scale

MODULES = (
    "codec", "writes", "events", "quiet", "backfill", "draining", "saving", "fairness", "wakeups", "inbox",
    "latency", "lanes", "stream", "listing", "losses",
)  # fmt: skip


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py bench", description="Measure the speed goals.")
    parser.add_argument(
        "only", nargs="*", choices=[*MODULES, []], help="these groups; all of them by default"
    )
    parser.add_argument("--out", type=Path, default=LATEST, help="where the figures are written")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--full", dest="size", action="store_const", const="full", help="the size of the goals")
    size.add_argument(
        "--tiny", dest="size", action="store_const", const="tiny", help="only prove that it works"
    )
    parser.set_defaults(size="usual")
    return parser.parse_args(arguments)


def measure(module: str, scale: Scale) -> list[Figure]:
    """The figures of one module. What cannot be measured is told, and holds up nothing else."""
    began = time.monotonic()
    try:
        figures: list[Figure] = import_module(f"bench.{module}").measure(scale)
    except Exception:
        traceback.print_exc()
        figures = [Figure(module, None, "", None, "It stumbled; see above.")]
    disconnect_all()
    print(table(figures), f"    ({module}: {time.monotonic() - began:.1f} s)", sep="\n", flush=True)
    return figures


def disconnect_all() -> None:
    """The next module's sweep would work for what this one has left: G17 once measured the regular checks of G13."""
    from accounting.enums import ConnectionState  # noqa: PLC0415  (Django is set up by now)
    from accounting.models import Connection  # noqa: PLC0415  (as above)
    from workspaces.scope import all_workspaces  # noqa: PLC0415  (as above)

    with all_workspaces("each module has its own connections"):
        Connection.objects.update(state=ConnectionState.DISCONNECTED)


def set_up() -> None:
    """Django with the settings of the tests, and every table."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    import django  # noqa: PLC0415  (the settings must be named first)
    from django.core.management import call_command  # noqa: PLC0415  (as above)

    django.setup()
    call_command("migrate", verbosity=0)


def main() -> int:
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # servers that were started end with the run
    scale = Scale(options.size)
    figures: list[Figure] = []
    with fresh_database():
        set_up()
        for module in options.only or MODULES:
            figures += measure(module, scale)
    facts: dict[str, object] = {
        "measured_on": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "size": scale.size,
    }
    save(figures, facts, options.out)
    print(f"\n{sum(figure.met is True for figure in figures)} of {len(figures)} figures met.")
    return int(any(figure.value is None and figure.goal == "" for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
