"""A message that nobody knew is kept whole; an administrator teaches its words, for all that is stored at once."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.core.cache import caches
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounting.enums import ErrorClass
from accounting.models import Connection, Lesson, Operation, Problem, SyncEvent
from accounting.queries.causes import UNKNOWN, cause_of
from accounting.sync.failing import fail
from accounting.sync.teaching import apply_lessons, teach, unteach
from tests.accounting.pages import url, words
from tests.accounting.rows import connection, push
from tests.factories.people import make_administrator, signed_in
from workspaces.scope import scope

__all__ = ["connection"]
MOON = "The moon of 31 Mar 2026 is wrong for INV-{}."
TOLD = "Wait for another moon, then try again."


@pytest.fixture(autouse=True)
def _nothing_known() -> None:
    caches["process"].clear()


def lesson(**values: Any) -> Lesson:
    told = {"part": "THE MOON OF", "key": "moon", "cause": "wrong moon", "words": TOLD}
    return Lesson(**{**told, "fixer": "BOOKKEEPER", "fix": "RESTORE_THERE", **values})


def refuse(connection: Connection, said: str) -> Operation:
    operation = push(connection, uuid4())
    fail(operation, ErrorClass.PERMANENT, f"Xero says: {said}", said)
    operation.refresh_from_db()
    return operation


def test_what_is_taught_is_told_of_what_is_stored_and_of_what_fails_later(
    connection: Connection, super_client: Client
) -> None:
    before = refuse(connection, MOON.format(1))
    problem = before.problem
    assert (problem.key, problem.detail) == (UNKNOWN.key, MOON.format(1))

    assert teach(lesson=lesson()) == 1
    after = refuse(connection, MOON.format(2))

    before.refresh_from_db()
    assert (after.problem_id, before.problem_id) == (problem.pk, problem.pk)
    assert (before.error, after.error, before.error_detail) == (TOLD, TOLD, MOON.format(1))
    again = Problem.objects.get()
    assert (again.key, again.words, again.first_seen_at) == ("moon", TOLD, problem.first_seen_at)
    assert SyncEvent.objects.filter(event="support", message__endswith=": wrong moon").exists()
    page = words(super_client.get(url("problems", connection.workspace)))
    assert f"Wrong moon 2 invoices since just now {TOLD}" in page
    assert "Can be fixed by your bookkeeper, in Xero" in page
    assert MOON.format(2) in page


def test_problems_that_turn_out_to_be_one_become_one(connection: Connection) -> None:
    first, second = refuse(connection, MOON.format(1)), refuse(connection, "The moon of Kea is wrong.")
    assert first.problem_id != second.problem_id

    teach(lesson=lesson())

    assert Problem.objects.get().operations.count() == 2
    assert apply_lessons() == 0


def test_what_is_taught_anew_or_no_more_is_told_at_once(connection: Connection) -> None:
    refuse(connection, MOON.format(1))
    taught = lesson()
    teach(lesson=taught)
    taught.words = "Look at the sky."
    teach(lesson=taught)
    assert Operation.objects.get().error == "Look at the sky."

    unteach(lesson=taught)

    said = MOON.format(1)
    assert Operation.objects.get().error == f"Xero says: {said}"
    assert Problem.objects.get().key == UNKNOWN.key


def test_what_the_catalogue_knows_is_not_taught_otherwise(connection: Connection) -> None:
    teach(lesson=lesson(part="email address"))

    assert cause_of(ErrorClass.PERMANENT, "", "Email address must be valid").key == "e-mail-refused"


def test_administrator_teaches_in_the_administration_and_its_log_tells_who(connection: Connection) -> None:
    refuse(connection, MOON.format(1))
    who = make_administrator()
    form = {"part": "the moon of", "key": "moon", "cause": "wrong moon", "words": TOLD}

    with scope(connection.workspace):
        signed_in(who).post(
            reverse("admin:accounting_lesson_add"), {**form, "fixer": "SUPPORT", "fix": "TRY_AGAIN"}
        )

    assert Problem.objects.get().key == "moon"
    assert LogEntry.objects.get().user == who


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"words": ""}, "lesson_says_it_all"),
        ({"fixer": "NOBODY"}, "lesson_ways_known"),
        ({"part": "the Moon of"}, "lesson_part_once"),
    ],
)
def test_database_refuses_a_lesson_that_makes_no_sense(
    connection: Connection, change: dict[str, str], constraint: str
) -> None:
    lesson().save()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        lesson(**{"part": "another", **change}).save()
