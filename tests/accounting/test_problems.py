"""One problem a cause: noted when something fails, kept while it is tried again, closed when nothing is held up."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounting.enums import ErrorClass, Kind, OpState
from accounting.models import Connection, Operation, Problem, SyncEvent
from accounting.queries.causes import FAULT, UNKNOWN, cause_of
from accounting.queries.problems import title_of
from accounting.sync import manual, problems
from accounting.sync.failing import NO_STEP_FORWARD, fail
from tests.accounting.rows import connection, push
from tests.factories.customers import make_customer

ARCHIVED = "Account code '{}' has been archived and cannot be used on this document."

__all__ = ["connection"]


def refuse(connection: Connection, said: str, words: str = "Refused.") -> Operation:
    operation = push(connection, uuid4())
    fail(operation, ErrorClass.PERMANENT, words, said)
    operation.refresh_from_db()
    return operation


def test_alike_failures_share_a_problem_and_others_have_their_own(connection: Connection) -> None:
    first, second = (refuse(connection, ARCHIVED.format("200")) for _ in range(2))
    other = refuse(connection, ARCHIVED.format("260"))

    assert first.problem_id == second.problem_id != other.problem_id
    assert sorted(Problem.objects.values_list("key", "subject")) == [
        ("account-archived", "200"),
        ("account-archived", "260"),
    ]


def test_problem_keeps_its_age_while_what_it_holds_up_is_tried_again(connection: Connection) -> None:
    failed = refuse(connection, ARCHIVED.format("200"))
    before = Problem.objects.get()

    manual.retry(Operation.objects.filter(pk=failed.pk), by=None)
    assert problems.close_cured() == 0
    fail(Operation.objects.get(), ErrorClass.PERMANENT, "Refused again.", ARCHIVED.format("200"))

    after = Problem.objects.get()
    assert (after.pk, after.first_seen_at, after.words) == (before.pk, before.first_seen_at, "Refused again.")


def test_what_fails_otherwise_moves_to_the_other_problem(connection: Connection) -> None:
    failed = refuse(connection, ARCHIVED.format("200"))
    fail(failed, ErrorClass.PERMANENT, "Refused.", "Email address must be valid")

    assert Operation.objects.get().problem.key == "e-mail-refused"
    assert problems.close_cured() == 1
    assert Problem.objects.get(closed_at=None).key == "e-mail-refused"


def test_problem_is_closed_once_nothing_is_held_up_and_history_tells(connection: Connection) -> None:
    refuse(connection, ARCHIVED.format("200"))
    Operation.objects.all().delete()

    problems.keep_up()
    problems.keep_up()

    assert Problem.objects.get().closed_at is not None
    told = SyncEvent.objects.filter(message__startswith="Put right").values_list("message", flat=True)
    assert list(told) == ["Put right: Account archived: 200"]


def test_cause_that_comes_back_is_a_new_problem(connection: Connection) -> None:
    refuse(connection, ARCHIVED.format("200"))
    Operation.objects.all().delete()
    problems.close_cured()

    again = refuse(connection, ARCHIVED.format("200"))

    assert Problem.objects.filter(closed_at=None).get().pk == again.problem_id
    assert Problem.objects.count() == 2


def test_failure_that_nobody_noted_is_noted_by_the_sweep(connection: Connection) -> None:
    push(connection, uuid4(), OpState.FAILED, error_detail=ARCHIVED.format("200"))

    problems.keep_up()

    assert Operation.objects.get().problem.subject == "200"


def test_failed_operation_of_a_removed_edit_makes_no_problem(connection: Connection) -> None:
    flying = push(connection, uuid4(), OpState.IN_FLIGHT)
    Operation.objects.create(
        workspace=connection.workspace, connection=connection, lane="push", kind=Kind.INVOICE,
        local_id=flying.local_id,
    )  # fmt: skip
    fail(flying, ErrorClass.PERMANENT, "Refused.", ARCHIVED.format("200"))

    assert not Problem.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "said", "key", "subject"),
    [
        ("", "Organisation is not subscribed to currency EUR", "currency-not-enabled", "EUR"),
        ("", "The TaxType code 'X1' cannot be used with account code '200'.", "tax-misfit", "X1 200"),
        (
            "",
            "The document date cannot be before the period lock date, currently set at 31 Mar 2026",
            "period-locked",
            "31 Mar 2026",
        ),
        (
            "",
            "The contact name Kea & Co is already assigned to another contact. It must be unique.",
            "name-taken",
            "Kea & Co",
        ),
        (
            "The revenue account 200 Sales was archived in Xero: choose another.",
            "",
            "account-archived",
            "200",
        ),
        ("Choose the default revenue account in Settings > Accounting.", "", "account-not-chosen", ""),
        (
            "The payment account 090 Bank was archived in Xero: choose another.",
            "",
            "payment-account-archived",
            "",
        ),
        (
            "Match the tax rate “GST 15%” to one of Xero's in Settings > Accounting.",
            "",
            "tax-rate-not-matched",
            "GST 15%",
        ),
        ("Xero no longer has this record. Unlink it to create it again.", "", "gone-there", ""),
        ("Xero's record could not be read.", "no such field", "unreadable", ""),
        (NO_STEP_FORWARD.format(5), "", "not-arrived", ""),
    ],
)
def test_cause_names_what_is_at_fault(words: str, said: str, key: str, subject: str) -> None:
    assert cause_of(ErrorClass.PERMANENT, words, said) == (key, subject)


def test_unknown_words_are_one_cause_whatever_numbers_and_days_are_in_them(connection: Connection) -> None:
    said = "The moon of 31 Mar 2026 is wrong for INV-{} in 'Kea'."
    first, second = (refuse(connection, said.format(number), f"Xero says: {number}") for number in (1, 2))

    assert first.problem_id == second.problem_id
    problem = Problem.objects.get()
    assert (problem.key, problem.detail) == (UNKNOWN.key, said.format(2))
    assert title_of(problem) == "Xero says: 2"


def test_fault_of_tandem_is_its_own_cause() -> None:
    assert cause_of(ErrorClass.INTERNAL, "Tandem could not prepare this record.", "").key == FAULT.key


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"key": ""}, "problem_says_why"),
        ({"words": ""}, "problem_says_why"),
        ({"last_seen_at": F("first_seen_at") - timezone.timedelta(seconds=1)}, "problem_seen_in_order"),
        (
            {"closed_at": F("first_seen_at") - timezone.timedelta(seconds=1)},
            "problem_closed_after_it_was_seen",
        ),
        ({"subject": "260"}, "one_open_problem_per_cause"),
    ],
)
def test_database_refuses_a_problem_that_makes_no_sense(
    connection: Connection, change: dict[str, object], constraint: str
) -> None:
    refuse(connection, ARCHIVED.format("260"))
    mine = refuse(connection, ARCHIVED.format("200")).problem_id

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Problem.objects.filter(pk=mine).update(**change)


def test_problem_that_is_met_at_the_same_moment_is_made_once(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else makes it between our look and our insert."""
    first = refuse(connection, ARCHIVED.format("200"))
    looks = iter([None])
    again = problems._seen_again
    monkeypatch.setattr(problems, "_seen_again", lambda *them: next(looks, again(*them)))
    make_customer(connection.workspace)

    assert refuse(connection, ARCHIVED.format("200")).problem_id == first.problem_id
