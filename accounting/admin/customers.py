"""A customer and its contact in Xero, for the people who run Tandem: they decide what a super user decides on its page,
by the same services, and its history names them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from accounting.enums import Kind
from accounting.models import Connection
from accounting.port.errors import ProviderError
from accounting.queries.connections import connection_of_workspace
from accounting.queries.pairs import name_choices, standing_of
from accounting.sync import candidates, ignoring, manual, pairs
from accounting.sync.deciding import CannotDecide
from customers.admin import CustomerAdmin
from customers.models import Customer
from workspaces.audit import log_action
from workspaces.models import User
from workspaces.scope import scope_by_id

NOT_CONNECTED = "its workspace is not connected to Xero"
LONGEST_SEARCH = 100

admin.site.unregister(Customer)


@admin.register(Customer)
class PairedCustomerAdmin(CustomerAdmin):
    """The same page, with what becomes of the customer in Xero."""

    actions = ["create_there"]
    fields = [*CustomerAdmin.fields, "in_xero"]
    readonly_fields = fields

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Who might change customers, but for their being read only here."""
        return super(CustomerAdmin, self).has_change_permission(request)

    @admin.display(description="In Xero")
    def in_xero(self, customer: Customer) -> str:
        page = reverse("admin:customers_customer_pair", args=[customer.pk])
        return format_html('<a href="{}">Search and link</a>', page)

    @admin.action(description="Create in Xero and link", permissions=["act"])
    def create_there(self, request: HttpRequest, queryset: QuerySet[Customer]) -> None:
        """Each in its own workspace; those that are left alone say why."""
        count = 0
        for customer in queryset.select_related(None):
            with scope_by_id(customer.workspace_id):
                why_not = _create(customer, request.user)
            if why_not:
                self.message_user(request, f"{customer}: {why_not}.", messages.WARNING)
            else:
                count += 1
        if count:
            told = "1 customer is" if count == 1 else f"{count} customers are"
            self.message_user(request, f"{told} on the way to Xero.", messages.SUCCESS)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.pair)
        return [path("<uuid:object_id>/xero/", page, name="customers_customer_pair"), *super().get_urls()]

    def pair(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Search in Xero for what the customer may be, and link the two."""
        if not self.has_act_permission(request):
            raise PermissionDenied
        customer = self.get_object(request, str(object_id))
        if customer is None:
            raise Http404
        with scope_by_id(customer.workspace_id):
            connection = _connected()
            if connection is None:
                self.message_user(request, f"{customer}: {NOT_CONNECTED}.", messages.WARNING)
                return redirect("admin:customers_customer_change", customer.pk)
            if request.method == "POST":
                return self._link(request, connection, customer)
            return self._page(request, connection, customer)

    def _page(self, request: HttpRequest, connection: Connection, customer: Customer) -> HttpResponse:
        text = " ".join(request.GET.get("q", "").split())[:LONGEST_SEARCH]
        facts = {
            **self.admin_site.each_context(request),
            "title": f"{customer} and Xero",
            "customer": customer,
            "connection": connection,
            "standing": standing_of(connection, Kind.CUSTOMER, customer.pk),
            "q": text,
            **(_search(connection, customer, text) if text else {}),
        }
        return render(request, "admin/customers/pair.html", facts)

    def _link(self, request: HttpRequest, connection: Connection, customer: Customer) -> HttpResponse:
        told = {
            "remote_id": request.POST.get("remote_id", ""),
            "keep_ours": request.POST.get("keep") == "ours",
        }
        try:
            pairs.link(
                connection=connection, kind=Kind.CUSTOMER, local_id=customer.pk, by=request.user, **told
            )  # fmt: skip
        except (ProviderError, CannotDecide) as error:
            self.message_user(request, getattr(error, "message", str(error)), messages.ERROR)
        else:
            _audit(customer, "Linked it to a contact in Xero", request.user)
            self.message_user(request, f"{customer} is linked.", messages.SUCCESS)
        return redirect("admin:customers_customer_pair", customer.pk)


def _connected() -> Connection | None:
    connection = connection_of_workspace()
    return connection if connection is not None and connection.is_active else None


@transaction.atomic
def _create(customer: Customer, by: User) -> str:
    """Have it created there. Returns why not, "" once it is on its way."""
    connection = _connected()
    if connection is None:
        return NOT_CONNECTED
    if customer.is_archived:
        return "it is archived"
    standing = standing_of(connection, Kind.CUSTOMER, customer.pk)
    mine: dict[str, Any] = {
        "connection": connection,
        "kind": Kind.CUSTOMER,
        "local_id": customer.pk,
        "by": by,
    }
    if standing.is_linked:
        return "it is linked already"
    try:
        ignoring.take_back(**mine) if standing.exemption else manual.send_now(**mine)
    except CannotDecide as refused:
        return str(refused).rstrip(".")
    _audit(customer, "Had it created in Xero", by)
    return ""


def _audit(customer: Customer, what: str, by: User) -> None:
    log_action(target=customer, action="customer.paired", summary=f"{what}, as Tandem's support", by=by)


def _search(connection: Connection, customer: Customer, text: str) -> dict[str, Any]:
    try:
        found = candidates.search(connection, Kind.CUSTOMER, customer.pk, text)
    except (ProviderError, CannotDecide) as error:
        return {"problem": getattr(error, "message", str(error))}
    told = [(row.theirs, row.taken_by, row.differing) for row in found]
    return {"choices": name_choices(connection, Kind.CUSTOMER, told)}
