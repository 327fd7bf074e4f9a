"""Credit notes: the list, one of them, the editor, and the steps of the workflow."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.htmx import render_part
from core.refusals import Refused
from core.sorting import Sorting
from core.spreadsheets import csv_response
from core.tickets import SentBefore
from credit.editor import CreditNoteEditor
from credit.forms import CreditNotesForm, QuantitiesForm
from credit.models import CreditNote
from credit.queries import SORTS, Stage, allocations_of, list_credit_notes, refunds_of
from credit.services.from_invoice import credit_invoice
from credit.services.notes import (
    approve_credit_note,
    delete_credit_note,
    reopen_credit_note,
    submit_credit_note,
    void_credit_note,
)
from credit.table import credit_notes_table
from credit.views.found import the_customer, the_invoice, the_note
from lines.queries import tax_by_rate
from workspaces.days import today
from workspaces.queries import history_of

PER_PAGE = 25
AT_ONCE = 500
MORE_ROWS = 3
STEPS = {
    "submit": (submit_credit_note, "{} waits for approval."),
    "approve": (approve_credit_note, "{} is approved."),
    "reopen": (reopen_credit_note, "{} is a draft again."),
    "void": (void_credit_note, "{} is voided."),
}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The workspace's credit notes, narrowed and sorted as the address says."""
    form = _asked(request)
    sorting, found = _sorting(request), list_credit_notes(form.asked)
    context = {
        "form": form,
        "sorting": sorting,
        "page": Paginator(sorting.sort(found), PER_PAGE).get_page(request.GET.get("page")),
        "tabs": Stage.choices,
        "is_new": not (form.is_narrowed or form.stage or found.exists()),
    }
    return render_part(request, "credit/list.html", "results", context)


@require_safe
def download(request: HttpRequest) -> StreamingHttpResponse:
    """All credit notes of the list for a spreadsheet, in its order."""
    rows = _sorting(request).sort(list_credit_notes(_asked(request).asked))
    return csv_response(list(credit_notes_table(rows.iterator(AT_ONCE))), name="credit-notes")


def _asked(request: HttpRequest) -> CreditNotesForm:
    return CreditNotesForm(request.GET, customer=the_customer(request.GET.get("customer", "")))


def _sorting(request: HttpRequest) -> Sorting:
    return Sorting(SORTS, request.GET.get("sort", ""), default="-issued")


@require_safe
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One credit note, where its credit went, and what was done."""
    note = the_note(pk)
    context = {
        "note": note,
        "taxes": tax_by_rate(note),
        "allocations": list(allocations_of(note)),
        "refunds": list(refunds_of(note)),
        "history": history_of(note.pk),
    }
    return render(request, "credit/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """The editor of a new credit note."""
    if "more" in request.POST:
        return _show(request, CreditNoteEditor(request.workspace, draft=request.POST, extra=MORE_ROWS))
    wanted = request.GET.get("customer", "")
    editor = CreditNoteEditor(request.workspace, data=request.POST or None, customer=wanted)
    return _save_or_show(request, editor)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The editor of a credit note, as long as it is open."""
    note = the_note(pk)
    if not note.is_editable:
        return redirect("credit:detail", request.workspace.slug, note.pk)
    if "more" in request.POST:
        return _show(request, CreditNoteEditor(request.workspace, note, draft=request.POST, extra=MORE_ROWS))
    return _save_or_show(request, CreditNoteEditor(request.workspace, note, data=request.POST or None))


@require_POST
def preview(request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
    """What the editor's form comes to as typed so far. The server's arithmetic is the only one."""
    editor = CreditNoteEditor(request.workspace, the_note(pk) if pk else None, data=request.POST)
    return render(request, "lines/preview.html", {"editor": editor})


@require_http_methods(["GET", "HEAD", "POST"])
def from_invoice(request: HttpRequest, invoice_pk: UUID) -> HttpResponse:
    """The lines of an invoice and how much of each is credited."""
    invoice = the_invoice(invoice_pk)
    form = QuantitiesForm(
        request.POST or None, invoice=invoice, initial={"issue_date": today(request.workspace)}
    )
    if form.is_bound and form.is_valid():
        day = form.cleaned_data["issue_date"]
        wanted = {"quantities": form.quantities, "issue_date": day, "ticket": form.ticket}
        try:
            note = credit_invoice(invoice=invoice, by=request.user, **wanted)
        except SentBefore as refused:
            form.refuse_again(refused)
        except Refused as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{note} is a draft. Approve it, then apply it.")
            return redirect("credit:detail", request.workspace.slug, note.pk)
    context = {"form": form, "invoice": invoice}
    return render(request, "credit/from_invoice.html", context, status=422 if form.errors else 200)


@require_POST
def step(request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
    """Take one step of the workflow."""
    note, (take, told) = the_note(pk), STEPS[name]
    try:
        take(credit_note=note, by=request.user)
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, told.format(note))
    return redirect("credit:detail", request.workspace.slug, note.pk)


@require_POST
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete a draft that was never issued."""
    note = the_note(pk)
    try:
        delete_credit_note(credit_note=note, by=request.user)
    except Refused as error:
        messages.error(request, str(error))
        return redirect("credit:detail", request.workspace.slug, note.pk)
    messages.success(request, f"{note} is deleted.")
    return redirect("credit:list", request.workspace.slug)


def _save_or_show(request: HttpRequest, editor: CreditNoteEditor) -> HttpResponse:
    if editor.form.is_bound and editor.is_valid():
        saved: Any = editor.save(by=request.user, approve="approve" in request.POST)
        if saved:
            return _saved(request, saved)
    return _show(request, editor)


def _show(request: HttpRequest, editor: CreditNoteEditor) -> HttpResponse:
    context = {"editor": editor, "form": editor.form, "note": editor.header}
    meanwhile = editor.header and editor.form.meanwhile
    context["last_change"] = history_of(editor.header.pk).first() if meanwhile else None
    return render(request, "credit/edit.html", context, status=422 if editor.has_errors else 200)


def _saved(request: HttpRequest, note: CreditNote) -> HttpResponse:
    told = "{} is approved." if "approve" in request.POST else "{} is saved."
    messages.success(request, told.format(note))
    return redirect("credit:detail", request.workspace.slug, note.pk)
