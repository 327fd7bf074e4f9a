"""What both sides agreed on keeps its tax code; once that is refused, its lines get another by the fix of the cause."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from accounting.enums import ConflictState, Resolution
from accounting.models import Conflict, Link, Operation, Problem, TaxMapping
from accounting.sync import problems, reference
from accounting.sync.resolve import resolve
from catalogue.services import create_tax_rate
from invoices.models import Invoice
from invoices.services import reopen_invoice, update_invoice
from tests.accounting.fixing import problem_of, put_right
from tests.accounting.pages import url, words
from tests.accounting.scene import Scene
from tests.accounting.test_causes_provoked import scene
from tests.factories.invoices import make_line
from workspaces.models import Workspace

__all__ = ["scene"]

REMOVED, ANEW = "OUTPUT2", "OUTPUT9"


def edit(scene: Scene, invoice: Invoice) -> None:
    """Twice as many on each line."""
    draft = reopen_invoice(invoice=invoice, by=scene.by)
    lines = [replace(line.as_input(), quantity=Decimal(2)) for line in draft.lines.all()]
    update_invoice(invoice=draft, lines=lines, by=scene.by, approve=True)


def codes_there(scene: Scene, invoice: Invoice) -> list[str]:
    return [line.tax_type for line in scene.books.invoices.get(scene.there(invoice)).lines]


@pytest.fixture
def held(scene: Scene) -> Invoice:
    """Linked and edited; its rate was removed in Xero, and ours was matched to another since."""
    other = create_tax_rate(workspace=scene.connection.workspace, name="Zero", percent=0, by=None)
    scene.connection.tax_mappings.create(
        workspace=scene.connection.workspace, tax_rate=other, code="ZERORATED"
    )
    lines = [make_line("Design", tax_rate=scene.gst), make_line("Abroad", tax_rate=other)]
    invoice = scene.arrived_invoice(lines=lines)
    scene.arrived_invoice(number="INV-2")
    rate = scene.books.tax_rates.get(REMOVED)
    scene.alter(rate, id=ANEW, name="15% GST again")
    scene.alter(rate, status="DELETED")
    reference.refresh_lists(scene.connection)
    TaxMapping.objects.filter(code=REMOVED).update(code=ANEW)
    edit(scene, invoice)
    scene.sync()
    assert [row.problem.key for row in Operation.objects.all() if row.problem] == ["tax-rate-removed"]
    return invoice


def test_lines_that_carry_the_refused_code_get_the_other_one(held: Invoice, scene: Scene) -> None:
    done = put_right(problem_of("tax-rate-removed"), scene.by)

    assert [words for _, words in done.mended] == ["1 line taxed as 15% GST again (OUTPUT9)"]
    scene.sync()
    problems.keep_up()
    assert codes_there(scene, held) == [ANEW, "ZERORATED"]
    assert (Operation.objects.count(), Problem.objects.filter(closed_at=None).count()) == (0, 0)
    assert Link.objects.get(local_id=held.pk).recoded == {}
    assert codes_there(scene, Invoice.objects.get(number="INV-2")) == [REMOVED]


@pytest.mark.long
def test_preview_names_the_invoices_whose_lines_change(
    held: Invoice, scene: Scene, in_workspace: Workspace
) -> None:
    page = url("problem", in_workspace, problem_of("tax-rate-removed").pk)

    shown = words(scene.client.get(page, {"choice": ANEW}))

    assert "Invoice INV-1: 1 line taxed as 15% GST again (OUTPUT9)" in shown
    assert Link.objects.get(local_id=held.pk).recoded == {}


@pytest.mark.long
def test_lines_get_it_where_ours_is_kept_over_what_was_edited_there_meanwhile(
    held: Invoice, scene: Scene
) -> None:
    put_right(problem_of("tax-rate-removed"), scene.by)
    scene.alter(scene.books.invoices.get(scene.there(held)), reference="Theirs")
    scene.sync()
    conflict = Conflict.objects.get(state=ConflictState.OPEN)

    resolve(conflict=conflict, choice=Resolution.KEEP_OURS, seen=conflict.version, by=scene.by)
    scene.sync()

    assert codes_there(scene, held) == [ANEW, "ZERORATED"]
