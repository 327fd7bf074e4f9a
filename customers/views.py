"""Pages about customers and, under an address of their own, about suppliers: the same, of the same table."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.forms import as_typed
from core.htmx import is_partial, render_part, trigger
from core.search import shorten
from customers.enums import SIDES, Side
from customers.forms import CustomerForm, NewCustomerForm
from customers.models import Customer
from customers.queries import (
    SUGGESTIONS,
    get_customer,
    invoicing_facts,
    list_customers,
    suggest_customers,
)
from customers.services import CustomerRefused, archive_customer, restore_customer
from workspaces.days import today
from workspaces.queries import history_of

PAGE_SIZE, INVOICES, HISTORY = 25, 10, 30


def _side_of(request: HttpRequest) -> Side:
    """Among whose pages this one was asked for."""
    return next(side for side in SIDES if side.place == request.resolver_match.namespace)


@require_safe
def customer_list(request: HttpRequest) -> HttpResponse:
    """The customers, active or archived, searched while one types."""
    search, archived = shorten(request.GET.get("q", "")), request.GET.get("show") == "archived"
    side = _side_of(request)
    customers = list_customers(search=search, archived=archived, side=side)
    page = Paginator(customers, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "search": search, "archived": archived, "side": side}
    return render_part(request, "customers/list.html", "results", context)


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """A new customer."""
    side, initial = _side_of(request), {"currency": request.workspace.currency}
    form = CustomerForm(request.POST if request.method == "POST" else None, initial=initial, side=side)
    if form.is_valid() and (customer := form.create(workspace=request.workspace, by=request.user)):
        messages.success(request, f"{customer} was added.")
        return redirect(f"{_side_of(request).place}:detail", request.workspace.slug, customer.pk)
    context = {"form": form, "side": side}
    return render(request, "customers/form.html", context, status=422 if form.errors else 200)


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """The options of a combobox of customers for what is typed so far."""
    text, side = as_typed(request.GET.get("q")), _side_of(request)
    found = suggest_customers(text, most=SUGGESTIONS + 1, side=side)
    context = {
        "text": text,
        "options": [(customer, invoicing_facts(customer)) for customer in found[:SUGGESTIONS]],
        "has_more": len(found) > SUGGESTIONS,
        "is_taken": any(customer.name.casefold() == text.casefold() for customer in found),
        "side": side,
    }
    return render(request, "customers/suggest.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def create_here(request: HttpRequest) -> HttpResponse:
    """The dialog that makes a customer where one is chosen. `for` names the combobox that then takes it."""
    side, typed = _side_of(request), {"name": as_typed(request.GET.get("name"))}
    form = NewCustomerForm(
        request.POST if request.method == "POST" else None, initial=typed, auto_id="new-%s", side=side
    )
    if form.is_valid() and (customer := form.create(workspace=request.workspace, by=request.user)):
        return _created_here(request, customer)
    target = request.POST.get("for") or request.GET.get("for", "")
    part = "form" if form.is_bound else "dialog"
    context = {"form": form, "target": target, "side": side}
    return render_part(
        request, "customers/create_here.html", part, context, status=422 if form.errors else 200
    )


def _created_here(request: HttpRequest, customer: Customer) -> HttpResponse:
    """Hand the customer to the combobox that asked; without script, show them."""
    told = f"{customer} was added."
    if not is_partial(request):
        messages.success(request, told)
        return redirect(f"{_side_of(request).place}:detail", request.workspace.slug, customer.pk)
    target, facts = request.POST.get("for", ""), invoicing_facts(customer)
    chosen = {"for": target, "value": str(customer.pk), "label": customer.name, "facts": facts}
    events = {"dialog:close": True, "toast": {"level": "success", "text": told}, "combobox:choose": chosen}
    return trigger(HttpResponse(status=204), **events)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change a customer."""
    customer, side = _found(pk), _side_of(request)
    form = CustomerForm(request.POST if request.method == "POST" else None, instance=_found(pk), side=side)
    if form.is_valid() and (saved := form.update(customer=customer, by=request.user)):
        messages.success(request, f"{saved} was saved.")
        return redirect(f"{_side_of(request).place}:detail", request.workspace.slug, saved.pk)
    last_change = history_of(customer.pk).first() if form.meanwhile else None
    context = {"form": form, "customer": customer, "last_change": last_change, "side": side}
    return render(request, "customers/form.html", context, status=422 if form.errors else 200)


@require_safe
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A customer, what they were invoiced, and what was done."""
    customer = _found(pk)
    invoices = customer.invoices.order_by("-issue_date", "-id")
    context = {
        "customer": customer,
        "side": _side_of(request),
        "page": Paginator(invoices, INVOICES).get_page(request.GET.get("page")),
        "today": today(request.workspace),
        "history": history_of(customer.pk)[:HISTORY],
    }
    return render(request, "customers/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def archive(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask first, then archive."""
    customer = _found(pk)
    if request.method != "POST":
        context = {"customer": customer, "side": _side_of(request)}
        return render_part(request, "customers/archive.html", "dialog", context)
    archive_customer(customer=customer, by=request.user)
    messages.success(request, f"{customer} was archived.")
    return redirect(f"{_side_of(request).place}:detail", request.workspace.slug, pk)


@require_POST
def restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Bring an archived customer back."""
    customer = _found(pk)
    try:
        restore_customer(customer=customer, by=request.user)
        messages.success(request, f"{customer} is active again.")
    except CustomerRefused as refused:
        messages.error(request, " ".join(refused.messages))
    return redirect(f"{_side_of(request).place}:detail", request.workspace.slug, pk)


def _found(pk: UUID) -> Customer:
    try:
        return get_customer(pk)
    except Customer.DoesNotExist as error:
        raise Http404 from error
