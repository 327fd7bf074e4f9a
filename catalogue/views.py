"""The page of services and tax rates, and the dialogs on it. Each dialog is a page too, where scripts are off."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalogue.forms import FIXED_PERCENT, RenameTaxRateForm, ServiceForm, TaxRateForm
from catalogue.queries import active_services, active_tax_rates, default_tax_rate, get_service, get_tax_rate
from catalogue.services import TaxRateInUse, archive_service, archive_tax_rate, make_default
from core.htmx import is_partial, render_part
from core.htmx import redirect as htmx_redirect

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """What is sold and how it is taxed."""
    context = {"services": active_services(), "tax_rates": active_tax_rates()}
    return render(request, "catalogue/list.html", context)


@form_page
def create_service(request: HttpRequest) -> HttpResponse:
    """A new service."""
    form = ServiceForm(_posted(request), initial={"tax_rate": default_tax_rate()})
    if form.is_valid() and (service := form.create(workspace=request.workspace, by=request.user)):
        return _done(request, f"{service} was added.")
    return _ask(request, form, title="New service", submit="Add service")


@form_page
def edit_service(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """Change a service."""
    service = _found(get_service, service_id)
    form = ServiceForm(_posted(request), instance=_found(get_service, service_id))
    if form.is_valid() and (saved := form.update(service=service, by=request.user)):
        return _done(request, f"{saved} was saved.")
    return _ask(request, form, title=f"Edit {service}", submit="Save changes")


@form_page
def archive_service_page(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """Ask first, then archive a service."""
    service = _found(get_service, service_id)
    if request.method != "POST":
        return _confirm(
            request, service, "It is no longer offered for new lines. Invoices that have it stay."
        )
    archive_service(service=service, by=request.user)
    return _done(request, f"{service} was archived.")


@form_page
def create_tax_rate(request: HttpRequest) -> HttpResponse:
    """A new tax rate."""
    form = TaxRateForm(_posted(request))
    if form.is_valid() and (tax_rate := form.create(workspace=request.workspace, by=request.user)):
        return _done(request, f"{tax_rate} was added.")
    return _ask(request, form, title="New tax rate", submit="Add tax rate")


@form_page
def rename_tax_rate(request: HttpRequest, tax_rate_id: UUID) -> HttpResponse:
    """Give a tax rate another name."""
    tax_rate = _found(get_tax_rate, tax_rate_id)
    form = RenameTaxRateForm(_posted(request), tax_rate=tax_rate)
    if form.is_valid() and (saved := form.rename(tax_rate=tax_rate, by=request.user)):
        return _done(request, f"{saved} was saved.")
    return _ask(request, form, title=f"Rename {tax_rate}", submit="Rename", note=FIXED_PERCENT)


@form_page
def archive_tax_rate_page(request: HttpRequest, tax_rate_id: UUID) -> HttpResponse:
    """Ask first, then archive a tax rate."""
    tax_rate = _found(get_tax_rate, tax_rate_id)
    if request.method != "POST":
        return _confirm(
            request, tax_rate, "It is no longer offered for new lines. Invoices that have it keep it."
        )
    try:
        archive_tax_rate(tax_rate=tax_rate, by=request.user)
    except TaxRateInUse as refused:
        return _done(request, str(refused), level=messages.ERROR)
    return _done(request, f"{tax_rate} was archived.")


@require_POST
def default_rate(request: HttpRequest, tax_rate_id: UUID) -> HttpResponse:
    """Start new invoice lines with this rate."""
    tax_rate = make_default(tax_rate=_found(get_tax_rate, tax_rate_id), by=request.user)
    return _done(request, f"New invoice lines start with {tax_rate}.")


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _found(get: Any, pk: UUID) -> Any:
    try:
        return get(pk)
    except ObjectDoesNotExist as error:
        raise Http404 from error


def _ask(request: HttpRequest, form: forms.BaseForm, **context: str) -> HttpResponse:
    context = {"form": form, "action": request.path, **context}
    return render_part(request, "catalogue/form.html", "dialog", context, status=422 if form.errors else 200)


def _confirm(request: HttpRequest, target: Model, note: str) -> HttpResponse:
    context = {"action": request.path, "title": f"Archive {target}?", "note": note}
    return render_part(request, "catalogue/confirm.html", "dialog", context)


def _done(request: HttpRequest, told: str, *, level: int = messages.SUCCESS) -> HttpResponse:
    messages.add_message(request, level, told)
    url = reverse("catalogue:list", args=[request.workspace.slug])
    return htmx_redirect(url) if is_partial(request) else redirect(url)
