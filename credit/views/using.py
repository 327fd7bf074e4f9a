"""Where credit goes: applied to invoices and taken off them, paid back and taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.record_forms import OnceForm
from core.refusals import Refused
from core.tickets import SentBefore
from credit.forms import AmountsForm, RefundForm
from credit.queries import invoices_for, live_allocations_on, notes_for
from credit.services.allocations import apply_note, apply_to_invoice, remove_allocation
from credit.services.refunds import refund, reverse_refund
from credit.views.found import the_allocation, the_invoice, the_note, the_refund
from workspaces.days import today


@require_safe
def panel(request: HttpRequest, invoice_pk: UUID) -> HttpResponse:
    """The credit on an invoice, and the credit that could be applied to it, as they are now."""
    invoice = the_invoice(invoice_pk)
    context = {
        "invoice": invoice,
        "allocations": list(live_allocations_on([invoice])),
        "available": list(notes_for(invoice)) if invoice.is_issued and not invoice.is_paid else [],
    }
    return render(request, "credit/panel.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def apply_to(request: HttpRequest, invoice_pk: UUID) -> HttpResponse:
    """Credit of the customer's notes for one invoice: the oldest first, as much as is due."""
    invoice = the_invoice(invoice_pk)
    rows = [(note, note.remaining) for note in notes_for(invoice)]
    form = _amounts(request, rows, invoice.amount_due)

    def write() -> None:
        sent = {"amounts": form.amounts, "date": form.cleaned_data["date"], "ticket": form.ticket}
        apply_to_invoice(invoice=invoice, by=request.user, **sent)

    if _did(form, write):
        messages.success(request, f"Credit was applied to {invoice}.")
        return redirect("invoices:detail", request.workspace.slug, invoice.pk)
    context = {"form": form, "invoice": invoice}
    return render(request, "credit/apply_to.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def apply_from(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Invoices for the credit of one note: the longest due first, as much as is left."""
    note = the_note(pk)
    rows = [(invoice, invoice.amount_due) for invoice in invoices_for(note)]
    form = _amounts(request, rows, note.remaining)

    def write() -> None:
        sent = {"amounts": form.amounts, "date": form.cleaned_data["date"], "ticket": form.ticket}
        apply_note(credit_note=note, by=request.user, **sent)

    if _did(form, write):
        messages.success(request, f"{note} was applied.")
        return redirect("credit:detail", request.workspace.slug, note.pk)
    context = {"form": form, "note": note}
    return render(request, "credit/apply_from.html", context, status=422 if form.errors else 200)


@require_POST
def remove(request: HttpRequest, allocation_pk: UUID) -> HttpResponse:
    """Take credit off an invoice again, and go back to the side of it where that was asked."""
    allocation = the_allocation(allocation_pk)
    remove_allocation(allocation=allocation, by=request.user)
    messages.success(request, f"The credit was taken off {allocation.invoice or allocation.elsewhere}.")
    if allocation.invoice and request.POST.get("side") == "invoice":
        return redirect("invoices:detail", request.workspace.slug, allocation.invoice.pk)
    return redirect("credit:detail", request.workspace.slug, allocation.credit_note_id)


@require_http_methods(["GET", "HEAD", "POST"])
def pay_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record that credit was paid back."""
    note = the_note(pk)
    start = {"amount": note.remaining, "date": today(request.workspace)}
    form = RefundForm(request.POST or None, initial=start)

    def write() -> None:
        refund(credit_note=note, by=request.user, ticket=form.ticket, **form.values)

    if _did(form, write):
        messages.success(request, f"The refund of {note} is recorded.")
        return redirect("credit:detail", request.workspace.slug, note.pk)
    context = {"form": form, "note": note}
    return render(request, "credit/refund.html", context, status=422 if form.errors else 200)


@require_POST
def reverse(request: HttpRequest, refund_pk: UUID) -> HttpResponse:
    """Take a refund back."""
    paid = the_refund(refund_pk)
    reverse_refund(refund=paid, by=request.user)
    messages.success(request, f"The refund of {paid.credit_note} is reversed.")
    return redirect("credit:detail", request.workspace.slug, paid.credit_note_id)


def _amounts(request: HttpRequest, rows: list[tuple[Any, Any]], room: Any) -> AmountsForm:
    start = {"date": today(request.workspace)}
    return AmountsForm(request.POST or None, rows=rows, room=room, initial=start)


def _did(form: OnceForm, write: Callable[[], None]) -> bool:
    """Whether it was written; if not, the form says why."""
    if not (form.is_bound and form.is_valid()):
        return False
    try:
        write()
    except SentBefore as refused:
        form.refuse_again(refused)
    except Refused as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    else:
        return True
    return False
