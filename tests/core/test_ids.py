"""Identifiers sort by the time they were made."""

from __future__ import annotations

import datetime as dt
import time
import uuid

import time_machine

from core.ids import first_id_at, uuid7


def test_ids_made_later_sort_later_within_a_millisecond() -> None:
    made = []
    for _ in range(200):
        made.append(uuid7())
        time.sleep(0.00001)

    assert made == sorted(made)
    assert len(set(made)) == 200


def test_id_is_a_version_7_of_now() -> None:
    made = uuid7()

    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert abs((made.int >> 80) - time.time_ns() // 1_000_000) < 1000


def test_first_id_at_an_instant_divides_what_was_made_before_from_the_rest() -> None:
    with time_machine.travel("2026-07-10T11:59:59.999Z", tick=False):
        before = uuid7()
    with time_machine.travel("2026-07-10T12:00:00Z", tick=False):
        after = uuid7()

    assert before < first_id_at(dt.datetime(2026, 7, 10, 12, tzinfo=dt.UTC)) <= after
