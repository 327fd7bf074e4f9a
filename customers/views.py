"""Pages about customers."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.htmx import render_part
from core.search import shorten
from customers.forms import CustomerForm
from customers.models import Customer
from customers.queries import get_customer, list_customers
from customers.services import CustomerRefused, archive_customer, restore_customer
from workspaces.queries import history_of

PAGE_SIZE, INVOICES, HISTORY = 25, 10, 30


@require_safe
def customer_list(request: HttpRequest) -> HttpResponse:
    """The customers, active or archived, searched while one types."""
    search, archived = shorten(request.GET.get("q", "")), request.GET.get("show") == "archived"
    customers = list_customers(search=search, archived=archived)
    page = Paginator(customers, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "search": search, "archived": archived}
    return render_part(request, "customers/list.html", "results", context)


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """A new customer."""
    initial = {"currency": request.workspace.currency}
    form = CustomerForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid() and (customer := form.create(workspace=request.workspace, by=request.user)):
        messages.success(request, f"{customer} was added.")
        return redirect("customers:detail", request.workspace.slug, customer.pk)
    return render(request, "customers/form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a customer."""
    customer = _found(pk)
    form = CustomerForm(request.POST if request.method == "POST" else None, instance=_found(pk))
    if form.is_valid() and (saved := form.update(customer=customer, by=request.user)):
        messages.success(request, f"{saved} was saved.")
        return redirect("customers:detail", request.workspace.slug, saved.pk)
    context = {"form": form, "customer": customer}
    return render(request, "customers/form.html", context, status=422 if form.errors else 200)


@require_safe
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A customer, what they were invoiced, and what was done."""
    customer = _found(pk)
    invoices = customer.invoices.order_by("-issue_date", "-id")
    context = {
        "customer": customer,
        "page": Paginator(invoices, INVOICES).get_page(request.GET.get("page")),
        "today": timezone.localdate(),
        "history": history_of(customer.pk)[:HISTORY],
    }
    return render(request, "customers/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def archive(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask first, then archive."""
    customer = _found(pk)
    if request.method != "POST":
        return render_part(request, "customers/archive.html", "dialog", {"customer": customer})
    archive_customer(customer=customer, by=request.user)
    messages.success(request, f"{customer} was archived.")
    return redirect("customers:detail", request.workspace.slug, pk)


@require_POST
def restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Bring an archived customer back."""
    customer = _found(pk)
    try:
        restore_customer(customer=customer, by=request.user)
        messages.success(request, f"{customer} is active again.")
    except CustomerRefused as refused:
        messages.error(request, " ".join(refused.messages))
    return redirect("customers:detail", request.workspace.slug, pk)


def _found(pk: UUID) -> Customer:
    try:
        return get_customer(pk)
    except Customer.DoesNotExist as error:
        raise Http404 from error
