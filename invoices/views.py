"""The invoice pages: the list, the document, the editor, and the steps of the workflow."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.htmx import render_part
from core.pagination import CountedPaginator
from core.refusals import Refused
from core.search import shorten
from customers.models import Customer
from customers.queries import get_customer
from invoices.editor import InvoiceEditor
from invoices.enums import InvoiceStage
from invoices.forms import IssuedInvoiceForm, SequenceForm
from invoices.models import Invoice
from invoices.numbering import next_invoice_number, sequence_of, set_sequence
from invoices.queries import (
    count_by_stage,
    get_invoice,
    list_invoices,
    payments_on,
    portions_at,
    portions_of,
    sums_by_currency,
)
from invoices.services import (
    approve_invoice,
    delete_invoice,
    mark_sent,
    reopen_invoice,
    submit_invoice,
    void_invoice,
)
from lines.queries import tax_by_rate
from lines.refusals import NumberRefused
from workspaces.days import today
from workspaces.models import AuditEntry
from workspaces.permissions import super_user_required
from workspaces.queries import history_of

PER_PAGE = 25
MORE_ROWS = 3
STEPS = {
    "submit": (submit_invoice, "{} waits for approval."),
    "approve": (approve_invoice, "{} is approved."),
    "sent": (mark_sent, "{} is marked as sent."),
    "reopen": (reopen_invoice, "{} is a draft again."),
    "void": (void_invoice, "{} is voided."),
}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The workspace's invoices by stage, with what they add up to."""
    stage, search = request.GET.get("status", ""), shorten(request.GET.get("q", ""))
    customer, day = _customer(request.GET.get("customer", "")), today(request.workspace)
    asked = {"search": search, "customer": customer, "today": day}
    found = list_invoices(request.workspace, **asked)
    shown = list_invoices(request.workspace, status=stage, **asked)
    portions = portions_of(found, today=day)
    here, counts = portions_at(portions, stage), count_by_stage(portions)
    pages = CountedPaginator(shown, PER_PAGE, count=sum(portion.count for portion in here))
    context = {
        "page": pages.get_page(request.GET.get("page")),
        "tabs": [(tab.value, tab.label, counts[tab]) for tab in InvoiceStage] + [("", "All", counts[""])],
        "stage": stage,
        "stage_label": dict(InvoiceStage.choices).get(stage, ""),
        "search": search,
        "customer": customer,
        "sums": sums_by_currency(here),
        "today": day,
        "is_new": not (counts[""] or search or customer),
    }
    return render_part(request, "invoices/list.html", "results", context)


@require_safe
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One invoice as its customer sees it, and beside it what became of it."""
    return render(request, "invoices/detail.html", _detail_context(_find(pk)))


@require_safe
def part(request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
    """A part of that page as it is now, for when something moved elsewhere."""
    return render(request, f"invoices/detail.html#{name}", _detail_context(_find(pk)))


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """The editor of a new invoice."""
    if "more" in request.POST:
        return _show(request, InvoiceEditor(request.workspace, draft=request.POST, extra=MORE_ROWS))
    editor = InvoiceEditor(
        request.workspace, data=request.POST or None, customer=request.GET.get("customer", "")
    )
    if editor.form.is_bound and editor.is_valid() and (saved := _save(request, editor)):
        return _saved(request, saved)
    return _show(request, editor)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The editor of an invoice; once it is issued, of the little that stays open."""
    invoice = _find(pk)
    if not invoice.is_editable and "lines-TOTAL_FORMS" not in request.POST:
        return _edit_issued(request, invoice)
    if "more" in request.POST:
        return _show(request, InvoiceEditor(request.workspace, invoice, draft=request.POST, extra=MORE_ROWS))
    editor = InvoiceEditor(request.workspace, invoice, data=request.POST or None)
    if editor.form.is_bound and editor.is_valid() and (saved := _save(request, editor)):
        return _saved(request, saved)
    return _show(request, editor)


def _edit_issued(request: HttpRequest, invoice: Invoice) -> HttpResponse:
    form = IssuedInvoiceForm(request.POST or None, instance=_find(invoice.pk))
    if form.is_bound and form.is_valid():
        try:
            saved = form.update(invoice=invoice, by=request.user)
        except Refused as error:
            form.add_error(None, str(error))
        else:
            if saved:
                return _saved(request, saved)
    context = {"form": form, "invoice": invoice, "last_change": _last_change(form, invoice)}
    return render(request, "invoices/edit_issued.html", context, status=422 if form.errors else 200)


@require_POST
def preview(request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
    """What the editor's form comes to as typed so far. The server's arithmetic is the only one."""
    invoice = _find(pk) if pk else None
    return render(
        request,
        "lines/preview.html",
        {"editor": InvoiceEditor(request.workspace, invoice, data=request.POST)},
    )


@require_POST
def step(request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
    """Take one step of the workflow."""
    invoice, (take, told) = _find(pk), STEPS[name]
    try:
        take(invoice=invoice, by=request.user)
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, told.format(invoice))
    return redirect("invoices:detail", request.workspace.slug, invoice.pk)


@require_POST
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete a draft that was never issued."""
    invoice = _find(pk)
    try:
        delete_invoice(invoice=invoice, by=request.user)
    except Refused as error:
        messages.error(request, str(error))
        return redirect("invoices:detail", request.workspace.slug, invoice.pk)
    messages.success(request, f"{invoice} is deleted.")
    return redirect("invoices:list", request.workspace.slug)


def _find(pk: UUID) -> Invoice:
    try:
        return get_invoice(pk)
    except Invoice.DoesNotExist as error:
        raise Http404 from error


def _customer(pk: str) -> Customer | None:
    try:
        return get_customer(UUID(pk)) if pk else None
    except (Customer.DoesNotExist, ValueError) as error:
        raise Http404 from error


def _detail_context(invoice: Invoice) -> dict[str, Any]:
    return {
        "invoice": invoice,
        "payments": payments_on(invoice),
        "taxes": tax_by_rate(invoice),
        "history": history_of(invoice.pk),
        "today": today(invoice.workspace),
    }


def _save(request: HttpRequest, editor: InvoiceEditor) -> Invoice | None:
    return editor.save(by=request.user, approve="approve" in request.POST)


def _show(request: HttpRequest, editor: InvoiceEditor) -> HttpResponse:
    context = {"editor": editor, "form": editor.form, "invoice": editor.header}
    context["last_change"] = _last_change(editor.form, editor.header)
    return render(request, "invoices/edit.html", context, status=422 if editor.has_errors else 200)


def _last_change(form: IssuedInvoiceForm, invoice: Invoice | None) -> AuditEntry | None:
    """Who changed it while it was being edited."""
    return history_of(invoice.pk).first() if invoice and form.meanwhile else None


def _saved(request: HttpRequest, invoice: Invoice) -> HttpResponse:
    """Say what became of it and show the invoice."""
    told = "{} is approved." if "approve" in request.POST else "{} is saved."
    messages.success(request, told.format(invoice))
    return redirect("invoices:detail", request.workspace.slug, invoice.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@super_user_required
def numbers(request: HttpRequest) -> HttpResponse:
    """See and change how new invoices are numbered."""
    workspace = request.workspace
    form = SequenceForm(request.POST or None, sequence=sequence_of(workspace))
    if form.is_valid():
        try:
            set_sequence(workspace=workspace, by=request.user, **form.cleaned_data)
        except NumberRefused as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, f"Saved. The next invoice is {next_invoice_number(workspace)}.")
            return redirect("invoices:numbers", workspace.slug)
    facts = {"form": form, "example": next_invoice_number(workspace)}
    return render(request, "invoices/numbers.html", facts, status=422 if form.errors else 200)
