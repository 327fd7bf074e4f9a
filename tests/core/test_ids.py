"""Identifiers sort by the time they were made."""

from __future__ import annotations

import time
import uuid

from core.ids import uuid7


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
