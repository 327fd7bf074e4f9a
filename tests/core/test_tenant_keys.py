"""Adding a key that names the owner looks at the rows that are there already, whatever hides them."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from core.testing import owning
from payments.models import Payment
from tests.architecture.world import make_world
from workspaces.scope import all_workspaces


def _rebuild(name: str) -> None:
    (constraint,) = [known for known in Payment._meta.constraints if known.name == name]
    with owning(), connection.schema_editor() as editor:
        connection.check_constraints()  # nothing may be pending on a table that is altered
        editor.remove_constraint(Payment, constraint)
        with all_workspaces("a test breaks a row"), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE payments_payment p SET invoice_id = i.id"
                " FROM invoices_invoice i WHERE i.workspace_id <> p.workspace_id"
            )
            assert cursor.rowcount == 2
            connection.check_constraints()
        editor.add_constraint(Payment, constraint)


@pytest.mark.django_db
def test_reference_is_not_added_over_rows_that_break_it() -> None:
    """With nobody in scope row security hides every row, also from the check, and the constraint would lie."""
    make_world()
    make_world("Quagga")
    with pytest.raises(IntegrityError, match="payment_invoice_same_workspace"), transaction.atomic():
        _rebuild("payment_invoice_same_workspace")
