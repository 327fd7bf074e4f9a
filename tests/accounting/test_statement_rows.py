"""What the database refuses of statements and of what they found."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounting.enums import Reading, StatementState
from accounting.models import Connection, Statement, StatementDifference
from accounting.resources.registry import get_resource
from core.clock import database_now
from invoices.models import Invoice
from tests.accounting.agreeing import invoice, make_now, make_total, open_rows

pytestmark = pytest.mark.long

__all__ = ["invoice"]


def test_two_open_differences_of_one_record_are_refused(connected: Connection, invoice: Invoice) -> None:
    make_total(invoice, "115.01")
    make_now(connected)
    (found,) = open_rows()
    found.pk = None
    found._state.adding = True
    with pytest.raises(IntegrityError, match="one_open_difference_per_record"), transaction.atomic():
        found.save(force_insert=True)


BREAKS: list[tuple[str, str, dict[str, Any]]] = [
    ("statement_reading_known", "Statement", {"reading": "guess"}),
    ("statement_done_has_a_time", "Statement", {"finished_at": None}),
    ("statement_done_has_a_time", "Statement", {"state": StatementState.RUNNING}),
    ("statement_difference_kind_known", "StatementDifference", {"kind": "parrot"}),
    ("difference_remedy_known", "StatementDifference", {"remedy": "hope"}),
    ("difference_reading_known", "StatementDifference", {"found_by": "guess"}),
    (
        "difference_settled_after_it_was_found",
        "StatementDifference",
        {"settled_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)},
    ),
]


@pytest.mark.parametrize(("constraint", "model", "fields"), BREAKS)
def test_the_database_refuses_what_cannot_be(
    connected: Connection, invoice: Invoice, constraint: str, model: str, fields: dict[str, Any]
) -> None:
    make_total(invoice, "115.01")
    make_now(connected)
    shape = {"Statement": Statement, "StatementDifference": StatementDifference}[model]
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        shape.objects.update(**fields)


def test_a_second_proof_under_way_is_refused(connected: Connection) -> None:
    now = database_now()
    about = {"connection": connected, "workspace": connected.workspace, "day": now.date(), "as_of": now}
    Statement.objects.create(**about, state=StatementState.RUNNING, reading=Reading.FULL)
    with pytest.raises(IntegrityError, match="one_statement_under_way"), transaction.atomic():
        Statement.objects.create(**about, state=StatementState.RUNNING, reading=Reading.FULL)


def test_record_that_makes_us_stumble_is_told_and_keeps_no_other_from_being_told(
    connected: Connection, invoice: Invoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*args: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(get_resource("invoice"), "to_document", stumble)
    made = make_now(connected)
    (row,) = open_rows()
    assert (row.local_id, row.words) == (invoice.pk, "Tandem could not compare this record.")
    assert (made.state, made.apart) == (StatementState.DONE, 1)
    assert sum(line["count"] for line in made.lines) > 1
