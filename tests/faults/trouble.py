"""What a worker process is made to suffer, told by its environment. Production code knows nothing of this.

LEASE_SECONDS, CALLS_A_MINUTE, BATCH and QUICK_BACKOFF shorten what a test would have to wait for. CRASH_FILE names
a file that may say `{"step": ..., "passes": n}`: the process that passes that step for the n-th time takes the file
away and kills itself. CONTROL removes a protection, to prove that the test would see it missing.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from msgspec.structs import replace

STEPS = {
    "before the lease": ("accounting.tasks.drain_connection", "before"),
    "with the lease": ("accounting.sync.drain._take_turn", "before"),
    "after freezing": ("accounting.sync.freeze.freeze", "after"),
    "after marking sent": ("accounting.sync.batches._mark_sent", "after"),
    "during the call": ("accounting.providers.xero.provider.XeroBooks.send", "during"),
    "after the answer": ("accounting.providers.xero.provider.XeroBooks.send", "after"),
    "before the commit": ("accounting.sync.settle._close", "before"),
    "after the commit": ("accounting.sync.batches.settle", "after"),
}
REFRESH_STEPS = {"before new tokens are kept": ("accounting.sync.tokens.save_tokens", "before")}
APPLIED_AFTER = 0.15


def suffer() -> None:
    """Patch this process as its environment says. Call after django.setup(), before any worker forks."""
    _shorten()
    if os.environ.get("CRASH_FILE"):
        spec = Path(os.environ["CRASH_FILE"])
        for step, (path, when) in (STEPS | REFRESH_STEPS).items():
            _wrap(path, lambda function, step=step, when=when: _crashing(function, step, when, spec))
    control = os.environ.get("CONTROL", "")
    if control:
        CONTROLS[control]()


def _shorten() -> None:
    from limits import RateLimitItemPerMinute  # noqa: PLC0415  (Django must be set up first)

    from accounting.providers.xero import errors, limits  # noqa: PLC0415  (as above)
    from accounting.providers.xero.kinds import base  # noqa: PLC0415  (as above)
    from accounting.sync import lease, retry  # noqa: PLC0415  (as above)

    if seconds := os.environ.get("LEASE_SECONDS"):
        lease.LEASE = dt.timedelta(seconds=float(seconds))
    if calls := os.environ.get("CALLS_A_MINUTE"):
        limits.PER_ORGANISATION = RateLimitItemPerMinute(int(calls))
    base.BATCH = int(os.environ.get("BATCH", "50"))
    if os.environ.get("QUICK_BACKOFF"):
        retry.FIRST_DELAY, retry.LONGEST_DELAY = 0.05, 0.3
        errors.MAINTENANCE_SECONDS = errors.ORGANISATION_OFFLINE_SECONDS = 1


def _wrap(path: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    owner_path, _, name = path.rpartition(".")
    owner = resolve_name(owner_path)
    setattr(owner, name, make(getattr(owner, name)))


def _crashing(function: Callable[..., Any], step: str, when: str, spec: Path) -> Callable[..., Any]:
    passed: dict[str, int] = {}

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if when == "during" and args[1].kind != "payment":  # nothing but our key protects a payment
            return function(*args, **kwargs)
        if not _is_due(spec, step, passed):
            return function(*args, **kwargs)
        if when == "before":
            _die(spec)
        if when == "during":
            threading.Timer(APPLIED_AFTER, _die, [spec]).start()
        result = function(*args, **kwargs)
        if when == "after":
            _die(spec)
        return result

    return wrapped


def _is_due(spec: Path, step: str, passed: dict[str, int]) -> bool:
    try:
        wanted = json.loads(spec.read_text())
    except (OSError, ValueError):
        return False
    if wanted["step"] != step:
        return False
    passed[wanted["run"]] = passed.get(wanted["run"], 0) + 1
    return passed[wanted["run"]] == wanted["passes"]


def _die(spec: Path) -> None:
    """Once for each order: whoever takes the file away is the one to die."""
    try:
        spec.rename(spec.with_suffix(".done"))
    except OSError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


# -- protections taken away


def _new_key_each_time() -> None:
    """A write without an answer is simply sent again, as a new request: what most integrations do."""
    from accounting.sync import batches  # noqa: PLC0415  (Django must be set up first)

    request_of = batches._request

    def fresh(batch: Any) -> Any:
        return replace(request_of(batch), idempotency_key=str(uuid.uuid4()))

    carry = batches.carry

    def send_again(connection: Any, books: Any, batch: Any) -> None:
        if any("refusal" in item for item in batch.items):
            carry(connection, books, batch)
            return
        type(batch).objects.filter(pk=batch.pk).update(state="frozen", first_sent_at=None)
        batches.send(connection, books, batch)

    batches._request = fresh
    batches.carry = send_again


def _mark_then_call() -> None:
    """Operations are finished before the call is made: a call that is lost is never made good."""
    from accounting.models import Batch, Operation  # noqa: PLC0415  (Django must be set up first)
    from accounting.sync import batches  # noqa: PLC0415  (as above)

    send = batches.send

    def optimistic(connection: Any, books: Any, batch: Any) -> None:
        kept = [dict(row) for row in Operation.objects.filter(batch=batch).values()]
        Operation.objects.filter(batch=batch).delete()
        items, pk = batch.items, batch.pk
        Batch.objects.filter(pk=pk).delete()
        reply = books.send(batches._request(batch))
        _settle_anyway(connection, batch, items, reply, kept)

    batches.send = optimistic
    batches.carry = lambda connection, books, batch: optimistic(connection, books, batch)
    assert send is not optimistic


def _settle_anyway(connection: Any, batch: Any, items: Any, reply: Any, kept: Any) -> None:
    from accounting.models import Batch, Operation  # noqa: PLC0415  (Django must be set up first)
    from accounting.sync.settle import settle  # noqa: PLC0415  (as above)

    Batch.objects.bulk_create([batch])
    Operation.objects.bulk_create([Operation(**row) for row in kept])
    settle(connection, batch, list(zip(items, reply.results, strict=True)))


def _no_lease() -> None:
    """Every worker believes that it is alone."""
    from contextlib import contextmanager  # noqa: PLC0415  (only for this control)

    from accounting.sync import lease  # noqa: PLC0415  (Django must be set up first)

    @contextmanager
    def open_to_all(connection_id: uuid.UUID) -> Any:
        yield uuid.uuid4()

    lease.held = open_to_all
    lease.renew = lambda connection: None


def _no_limiter() -> None:
    """Nobody counts the calls."""
    from accounting.providers.xero import limits  # noqa: PLC0415  (Django must be set up first)

    limits.take_call = lambda *args, **kwargs: None


def _endless_turn() -> None:
    """A turn goes on until nothing is left to do, whatever the worker is told."""
    from accounting.sync import drain  # noqa: PLC0415  (Django must be set up first)
    from core import shutdown  # noqa: PLC0415  (as above)

    drain.TURN_SECONDS = drain.TURN_STEPS = 100_000
    shutdown.is_under_way = lambda: False


CONTROLS: dict[str, Callable[[], None]] = {
    "new_key": _new_key_each_time,
    "mark_then_call": _mark_then_call,
    "no_lease": _no_lease,
    "no_limiter": _no_limiter,
    "endless_turn": _endless_turn,
}
