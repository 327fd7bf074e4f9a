"""R19: somebody reads for long, and the queue does not slow down."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any

import pytest
from django.db import connection as database
from django.db import transaction

from accounting.sync import drain
from accounting.sync.due import Queue
from customers.models import Customer
from tests.faults.conftest import LONG, Tell
from tests.faults.inside import Inside, inside, unprotected
from tests.faults.refusing import elsewhere

__all__ = ["inside", "unprotected"]
pytestmark = pytest.mark.django_db(transaction=True)
READ_ROWS = 30_000 if LONG else 2000


# -- R19: a long reader


class Work:
    """How many entries of the outbox's indexes each step of a drain reads, dead ones included."""

    def __init__(self, step: Callable[..., float | None]) -> None:
        self._step = step
        self.entries: list[int] = []

    def __call__(self, *args: Any) -> float | None:
        before = _entries_read()
        left = self._step(*args)
        if left is None:  # it did something
            self.entries.append(_entries_read() - before)
        return left

    def growth(self) -> float:
        """What a batch in the last tenth reads, over what one in the first tenth does."""
        tenth = max(len(self.entries) // 10, 1)
        return median(self.entries[-tenth:]) / median(self.entries[:tenth])

    def walks(self) -> int:
        """Steps that read far more than usual: a new turn's first look walks over what was finished before."""
        usual = median(self.entries)
        return sum(entries > 3 * usual for entries in self.entries)


def _entries_read() -> int:
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'accounting_operation'"
        )
        return int(cursor.fetchone()[0])


def _drain_under_a_reader(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> Work:
    """A reader looks and does not end, as a report or a dump, while everything is worked off."""
    _add_customers(inside, READ_ROWS)
    work = Work(drain._step)
    monkeypatch.setattr(drain, "_step", work)
    with elsewhere("REPEATABLE READ") as reader:
        reader.execute("SELECT count(*) FROM accounting_operation")
        assert reader.fetchone() == (READ_ROWS,)
        inside.work_off()
        reader.execute("SELECT count(*) FROM accounting_operation")
        assert reader.fetchone() == (READ_ROWS,)
    return work


def _add_customers(inside: Inside, number: int) -> None:
    rows = [
        Customer(workspace=inside.workspace, name=f"Customer {n}", reference=f"C{n}", currency="NZD")
        for n in range(number)
    ]
    with transaction.atomic():
        Customer.objects.bulk_create(rows)


def test_r19_long_reader(inside: Inside, tell_row: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last batches of a long drain read about as much of the outbox as the first, although nothing can be
    cleaned up behind them."""
    work = _drain_under_a_reader(inside, monkeypatch)
    tell_row("R19", "rows drained under a long-open snapshot", READ_ROWS, lost=inside.ledger()["lost"])
    assert inside.wrong() == {}
    assert len(work.entries) >= READ_ROWS // 50
    assert work.growth() <= 2
    assert work.walks() <= len(work.entries) // drain.TURN_STEPS


def test_r19_control_sees_the_harm(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """When each look begins at the beginning, it walks over everything that was finished before."""
    look = Queue.look

    def look_from_the_start(queue: Queue) -> Any:
        queue._starts.clear()
        return look(queue)

    monkeypatch.setattr(Queue, "look", look_from_the_start)
    work = _drain_under_a_reader(inside, monkeypatch)
    assert work.growth() > 3
