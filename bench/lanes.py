"""G17: the longest a save takes to reach Xero while a thousand connections are due to be checked."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounting.enums import ConnectionState
from accounting.models import Connection, Grant
from bench.figure import Figure, at_most, missing
from bench.latency import PACE, beside, three_offices, times_of_saves
from bench.production import NO_REDIS, beat, has_redis, redis_server, worker
from bench.scale import Scale
from bench.stage import new_workspace
from workspaces.scope import all_workspaces, scope
from xero_sandbox.handle import Handle

NAME = "G17 worst save, checks due / none due"


def measure(scale: Scale) -> list[Figure]:
    """Worker, clock and Redis of production. Half of the saves while no check is due, then all of them are."""
    if not has_redis():
        return [missing(NAME, "", NO_REDIS)]
    number = scale.pick(tiny=20, usual=1000, full=1000)
    saves = scale.pick(tiny=10, usual=100, full=300)
    with three_offices(number) as (sandbox, offices), redis_server() as redis:
        told = beside(redis, sandbox)
        for organisation in list(sandbox.store.books)[5:]:
            _neighbour(sandbox, organisation)
        _all_due(timezone.now() + dt.timedelta(days=1))
        with worker(told), beat(told):
            times_of_saves(sandbox, offices, 12, told)  # the first ones find cold processes
            idle = times_of_saves(sandbox, offices, saves, told)
            _all_due(None)
            sandbox.clear_requests()
            busy = times_of_saves(sandbox, offices, saves, told)
            checked = len(sandbox.requests(method="GET", path="Invoices"))
    return [
        at_most(
            NAME, max(busy) / max(idle), 1.5,
            method=f"{saves} invoices approved {PACE} s apart, a Celery worker of 4 processes and beat on Redis; then "
            f"{number} connections are all due to be checked at once.",
            beside=f"{max(busy):.2f} s, {checked} checked meanwhile, {max(idle):.2f} s before",
        )
    ]  # fmt: skip


def _neighbour(sandbox: Handle, organisation: str) -> None:
    tokens = sandbox.connect(organisation)
    workspace, now = new_workspace(), timezone.now()
    grant = Grant.objects.create(
        remote_user_id=f"{tokens['xero_userid']}/{workspace.slug}",
        access_token=tokens["access_token"],
        refresh_token=tokens["refresh_token"],
        expires_at=now + dt.timedelta(seconds=tokens["expires_in"]),
        refreshed_at=now,
        scopes=tokens["scope"].split(),
    )
    with scope(workspace):
        Connection.objects.create(
            workspace=workspace, grant=grant, tenant_id=tokens["tenant_id"], tenant_name="?",
            state=ConnectionState.ACTIVE, connected_at=now, reference_data_at=now,
        )  # fmt: skip


def _all_due(at: dt.datetime | None) -> None:
    with all_workspaces("the clock of every connection is set"):
        Connection.objects.update(check_due_at=at)
