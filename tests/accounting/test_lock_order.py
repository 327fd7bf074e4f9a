"""The order of locks is watched in every test of this folder; here it is seen that the watch sees."""

from __future__ import annotations

import pytest
from django.db import transaction

from accounting.models import Conflict, Link, Operation
from invoices.models import Invoice
from tests.accounting.lock_order import LockInversion, locking_in_order
from workspaces.models import Workspace


@pytest.mark.parametrize("second", [Link, Invoice, Conflict])
def test_lock_against_the_order_is_seen(in_workspace: Workspace, second: type) -> None:
    with transaction.atomic():
        list(Operation.objects.select_for_update(of=("self",)))
        with pytest.raises(LockInversion):
            list(second.objects.select_for_update(of=("self",)))


def test_change_of_a_row_counts_as_its_lock(in_workspace: Workspace) -> None:
    with transaction.atomic():
        Operation.objects.filter(seq=0).update(attempts=0)
        with pytest.raises(LockInversion):
            Link.objects.filter(note="nothing").update(note="")


def test_each_transaction_begins_anew(in_workspace: Workspace) -> None:
    with locking_in_order() as watch:
        for model in (Operation, Link, Invoice):
            with transaction.atomic():
                list(model.objects.select_for_update(of=("self",)))
    assert watch.seen == {"accounting_operation", "accounting_link", "invoices_invoice"}
