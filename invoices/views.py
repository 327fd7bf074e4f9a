"""The invoice pages: the list, the document, the editor, and the steps of the workflow."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.htmx import render_part
from core.pagination import CountedPaginator
from core.search import shorten
from core.tickets import SentBefore
from customers.models import Customer
from customers.queries import get_customer
from invoices.editor import InvoiceEditor
from invoices.enums import InvoiceStage
from invoices.forms import IssuedInvoiceForm
from invoices.models import Invoice
from invoices.queries import (
    count_by_stage,
    get_invoice,
    list_invoices,
    payments_on,
    portions_at,
    portions_of,
    sums_by_currency,
    tax_by_rate,
)
from invoices.services import (
    InvoiceRefused,
    StaleInvoice,
    approve_invoice,
    create_invoice,
    delete_invoice,
    mark_sent,
    reopen_invoice,
    submit_invoice,
    update_invoice,
    void_invoice,
)
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
    customer, today = _customer(request.GET.get("customer", "")), timezone.localdate()
    asked = {"search": search, "customer": customer, "today": today}
    found = list_invoices(request.workspace, **asked)
    shown = list_invoices(request.workspace, status=stage, **asked)
    portions = portions_of(found, today=today)
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
        "today": today,
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
    if editor.form.is_bound and editor.is_valid():
        try:
            values = {"approve": "approve" in request.POST, **editor.values()}
            invoice = create_invoice(workspace=request.workspace, by=request.user, **values)
        except (InvoiceRefused, SentBefore) as error:
            editor.refuse(error)
        else:
            return _saved(request, invoice)
    return _show(request, editor)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The editor of an invoice; once it is issued, of the little that stays open."""
    invoice = _find(pk)
    if not invoice.is_editable:
        return _edit_issued(request, invoice)
    if "more" in request.POST:
        return _show(request, InvoiceEditor(request.workspace, invoice, draft=request.POST, extra=MORE_ROWS))
    editor = InvoiceEditor(request.workspace, invoice, data=request.POST or None)
    if editor.form.is_bound and editor.is_valid():
        values = editor.values(overwrite="overwrite" in request.POST)
        try:
            values["approve"] = "approve" in request.POST
            invoice = update_invoice(invoice=invoice, by=request.user, **values)
        except InvoiceRefused as error:
            editor.refuse(error)
        else:
            return _saved(request, invoice)
    return _show(request, editor)


def _edit_issued(request: HttpRequest, invoice: Invoice) -> HttpResponse:
    form, is_stale = IssuedInvoiceForm(request.POST or None, instance=_find(invoice.pk)), False
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        revision = None if "overwrite" in request.POST else values["revision"]
        changes = {name: values[name] for name in form.Meta.fields}
        try:
            update_invoice(invoice=invoice, by=request.user, expected_revision=revision, **changes)
        except InvoiceRefused as error:
            is_stale = isinstance(error, StaleInvoice)
            form.add_error(None, str(error))
        else:
            return _saved(request, invoice)
    context = {"form": form, "invoice": invoice, "is_stale": is_stale}
    return render(request, "invoices/edit_issued.html", context, status=422 if form.errors else 200)


@require_POST
def preview(request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
    """What the editor's form comes to as typed so far. The server's arithmetic is the only one."""
    invoice = _find(pk) if pk else None
    return render(
        request,
        "invoices/preview.html",
        {"editor": InvoiceEditor(request.workspace, invoice, data=request.POST)},
    )


@require_POST
def step(request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
    """Take one step of the workflow."""
    invoice, (take, told) = _find(pk), STEPS[name]
    try:
        take(invoice=invoice, by=request.user)
    except InvoiceRefused as error:
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
    except InvoiceRefused as error:
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
        "today": timezone.localdate(),
    }


def _show(request: HttpRequest, editor: InvoiceEditor) -> HttpResponse:
    status = 422 if editor.has_errors else 200
    context = {"editor": editor, "form": editor.form, "invoice": editor.invoice}
    if editor.is_stale and editor.invoice:
        context["last_change"] = history_of(editor.invoice.pk).first()
    return render(request, "invoices/edit.html", context, status=status)


def _saved(request: HttpRequest, invoice: Invoice) -> HttpResponse:
    """Say what became of it and show the invoice."""
    told = "{} is approved." if "approve" in request.POST else "{} is saved."
    messages.success(request, told.format(invoice))
    return redirect("invoices:detail", request.workspace.slug, invoice.pk)
