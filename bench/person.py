"""A person at work, in a process of production of its own: `python -m bench.person '{...}'` approves invoices, one
after the other at a given pace, and prints for each its number and the moment at which the button was pressed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from uuid import UUID

import django

from bench.production import ROOT, Environment

Pressed = dict[str, float]


@dataclass(frozen=True, slots=True)
class Day:
    """Drafts to approve, each with its workspace, and the seconds from one to the next; before them a worker is
    woken for `load`, a workspace and its connection."""

    drafts: list[tuple[str, str]]
    pace: float
    load: tuple[str, str] | None = None


def live(day: Day, told: Environment) -> Pressed:
    """The moments, by invoice number, once the day is over."""
    command = [sys.executable, "-m", "bench.person", json.dumps(asdict(day))]
    done = subprocess.run(command, env=told, cwd=ROOT, capture_output=True, text=True, timeout=900)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def main(day: Day) -> Pressed:
    django.setup()
    from accounting import wakeup  # noqa: PLC0415  (Django must be set up first)
    from invoices.queries import get_invoice  # noqa: PLC0415  (as above)
    from invoices.services import approve_invoice  # noqa: PLC0415  (as above)
    from workspaces.scope import scope_by_id  # noqa: PLC0415  (as above)

    if day.load:
        workspace_id, connection_id = map(UUID, day.load)
        wakeup.send(wakeup.DRAIN, workspace_id=workspace_id, connection_id=connection_id)
    moments: Pressed = {}
    due = time.monotonic()
    for owner, pk in day.drafts:
        time.sleep(max(due - time.monotonic(), 0))
        due += day.pace
        with scope_by_id(UUID(owner)):
            invoice = get_invoice(pk)
            moments[invoice.number] = time.time()
            approve_invoice(invoice=invoice, by=None)
    return moments


if __name__ == "__main__":
    print(json.dumps(main(Day(**json.loads(sys.argv[1])))))
