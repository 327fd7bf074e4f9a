"""What is read of every kind: words nobody knows, what an older release kept, our own change coming back, no kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.db import IntegrityError, transaction

from accounting.enums import Lane, LinkState, OpState
from accounting.models import Conflict, Connection, Link, Operation
from accounting.port.documents import Document, LineDoc, Shown, UnknownKind, facts_of, shape_of
from accounting.port.snapshots import load
from accounting.providers.registry import cost_of, get_books, record_url
from accounting.providers.xero.kinds.registry import codec_of
from accounting.providers.xero.wire import Unreadable
from accounting.queries.history import history
from accounting.queries.missing import obstacles_to
from accounting.queries.records import records_named
from accounting.queries.unsent import count_unsent
from accounting.queries.words import fact_of
from accounting.sync import manual, outbox
from accounting.sync.compare import counted, inputs
from accounting.sync.pull import request_pull
from accounting.sync.reconcile import reconcile
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.conforming import (
    LATER,
    Make,
    Sync,
    all_there,
    bookkeeper,
    kind,
    link_of,
    make,
    record,
    sample,
    send_again,
    shelf,
    tell,
    work_until_quiet,
    writes,
)
from xero_sandbox.handle import Handle

__all__ = ["bookkeeper", "kind", "make", "record", "sample", "shelf"]

pytestmark = pytest.mark.long


def _break(patch: pytest.MonkeyPatch, kind: str, times: int = 99) -> list[int]:
    """The next records of this kind say something nobody knows. Returns how often that is left, to look at."""
    codec = type(codec_of(kind))
    read, left = codec.decode, [times]

    def decode(self: Any, source: Any) -> Document:
        if left[0]:
            left[0] -= 1
            raise Unreadable("a word nobody knows")
        return read(self, source)

    patch.setattr(codec, "decode", decode)
    return left


def test_answer_that_cannot_be_read_leaves_one(
    kind: str,
    make: Make,
    sandbox: Handle,
    bookkeeper: Bookkeeper,
    sync: Sync,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = len(all_there(kind, bookkeeper))
    make()
    left = _break(monkeypatch, kind, times=1)
    work_until_quiet(sandbox, sync)
    assert (left, len(all_there(kind, bookkeeper))) == ([0], before + 1)


def test_answer_that_stays_unreadable_leaves_one_and_asks_a_person(
    kind: str, make: Make, bookkeeper: Bookkeeper, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be there: sent again it could be there twice."""
    before = len(all_there(kind, bookkeeper))
    made = make()
    with monkeypatch.context() as patch:
        _break(patch, kind)
        for _ in range(5):
            sync()
    assert len(all_there(kind, bookkeeper)) == before + 1
    failed = Operation.objects.get(kind=kind, lane=Lane.PUSH)
    assert (failed.local_id, failed.state) == (made.pk, OpState.FAILED)
    assert "a form Tandem cannot read" in failed.error


def test_record_that_cannot_be_read_fails_until_it_can(
    kind: str, record: Any, connected: Connection, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(connected, kind)
    with monkeypatch.context() as patch:
        _break(patch, kind)
        sync()
    failed = Operation.objects.get()
    assert (failed.state, failed.error) == (OpState.FAILED, "Xero's record could not be read.")
    manual.retry_record(kind=kind, local_id=record.pk, by=None)
    sync()
    assert (Operation.objects.count(), link_of(kind).state) == (0, LinkState.ACTIVE)


def _without_what_came_since(shape: type[Any], snapshot: dict[str, Any]) -> dict[str, Any]:
    """The snapshot as the first release kept it, which knew only the fields that have no default."""
    kept = {name: value for name, value in snapshot.items() if name != "v"}
    optional = {item.name for item in msgspec.structs.fields(shape) if not item.required}
    for name, told in facts_of(shape).items():
        if told.shown == Shown.LINES:
            kept[name] = [_without_what_came_since(LineDoc, line) for line in snapshot[name]]
        elif name in optional:
            del kept[name]
    return kept


def test_snapshot_of_an_older_release_is_quiet(
    kind: str, record: Any, connected: Connection, sandbox: Handle, sync: Sync
) -> None:
    """Neither when ours is sent again, nor when theirs is read anew."""
    link = link_of(kind)
    older = _without_what_came_since(shape_of(kind), link.base)
    known = counted(kind, link.base).items()
    lost = inputs(kind, {name: value for name, value in known if name not in older})
    assert set(lost.values()) - {"", None}, (
        f"the sample of a {kind} says nothing in a field that has a default"
    )
    Link.objects.filter(pk=link.pk).update(base=older)
    send_again(sandbox, kind, record, sync)
    assert sandbox.requests() == [], "there is nothing to send, nor to look for"
    Link.objects.filter(pk=link.pk).update(remote_version=link.remote_version - LATER)
    assert reconcile(connected.pk)
    assert (writes(sandbox), Conflict.objects.count(), Operation.objects.count()) == ([], 0, 0)


def test_own_change_that_comes_back_costs_no_read(
    kind: str, record: Any, connected: Connection, sandbox: Handle, sync: Sync
) -> None:
    sandbox.clear_requests()
    assert not tell(connected, kind, after=dt.timedelta())
    sync()
    assert sandbox.requests() == []
    assert tell(connected, kind)
    sync()
    assert [call.method for call in sandbox.requests()] == ["GET"]


GHOST = "ghost"
ASKED: dict[str, Callable[[Connection], object]] = {
    "snapshot": lambda connection: load(GHOST, {}),
    "comparison": lambda connection: counted(GHOST, {}),
    "field": lambda connection: fact_of(GHOST, "total"),
    "history": lambda connection: history(GHOST, uuid4()),
    "name": lambda connection: records_named([(GHOST, uuid4())]),
    "obstacles": lambda connection: obstacles_to(GHOST),
    "count": lambda connection: count_unsent(GHOST),
    "address": lambda connection: record_url(connection, GHOST, "1"),
    "cost": lambda connection: cost_of(connection, GHOST),
    "read": lambda connection: get_books(connection, "token").fetch(GHOST, ["1"]),
    "feed": lambda connection: get_books(connection, "token").changes(GHOST, ""),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_kind_nobody_knows_is_no_kind_that_is_known(
    connected: Connection, ask: Callable[[Connection], object]
) -> None:
    with pytest.raises(UnknownKind, match=GHOST):
        ask(connected)


def test_kind_nobody_knows_is_never_queued(connected: Connection) -> None:
    with pytest.raises(IntegrityError, match="operation_kind_known"), transaction.atomic():
        outbox.record(workspace_id=connected.workspace_id, kind=GHOST, local_id=uuid4())
    with pytest.raises(IntegrityError, match="operation_kind_known"), transaction.atomic():
        request_pull(connected, GHOST, "1")
