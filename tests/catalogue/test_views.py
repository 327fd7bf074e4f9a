"""The page of services and tax rates, and its dialogs."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from catalogue.models import Service, TaxRate
from catalogue.queries import default_tax_rate
from catalogue.services import update_service
from core.testing import assert_queries
from tests.factories.catalogue import make_service, make_tax_rate
from workspaces.models import Workspace
from workspaces.scope import scope

HTMX = {"HX-Request": "true"}
LIST_QUERIES = 8
"""Session, user, membership, the two walls up and down, services, rates, what needs a person."""


def _url(workspace: Workspace, name: str, *args: object) -> str:
    return reverse(f"catalogue:{name}", args=[workspace.slug, *args])


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_the_same_number_of_queries(workspace: Workspace, staff_client: Client, rows: int) -> None:
    with scope(workspace):
        for _ in range(rows):
            make_service(workspace, tax_rate=make_tax_rate(workspace))

    with assert_queries(LIST_QUERIES):
        response = staff_client.get(_url(workspace, "list"))

    assert len(response.context["services"]) == len(response.context["tax_rates"]) == rows


def test_list_of_nothing_says_what_each_is_for(workspace: Workspace, staff_client: Client) -> None:
    text = staff_client.get(_url(workspace, "list")).text

    assert "No services yet" in text
    assert "No tax rates yet" in text


def test_new_service_starts_with_the_default_rate(workspace: Workspace, staff_client: Client) -> None:
    with scope(workspace):
        rate = make_tax_rate(workspace, is_default=True)

    form = staff_client.get(_url(workspace, "create_service")).context["form"]

    assert form["tax_rate"].value() == rate.pk


def test_create_service_in_the_dialog_reloads_the_page(workspace: Workspace, staff_client: Client) -> None:
    with scope(workspace):
        rate = make_tax_rate(workspace)
    typed = {"name": "Design", "unit_amount": "120.5", "tax_rate": rate.pk, "description": ""}

    response = staff_client.post(_url(workspace, "create_service"), typed, headers=HTMX)

    assert (response.status_code, response["HX-Redirect"]) == (204, _url(workspace, "list"))
    with scope(workspace):
        service = Service.objects.get()
    assert (service.name, service.unit_amount, service.tax_rate_id) == ("Design", Decimal("120.5"), rate.pk)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Give the service a name."),
        ("name", "DESIGN", "Another service is called DESIGN."),
        ("unit_amount", "much", "Write a number like 1250.50."),
        ("unit_amount", "", "Give a price; 0 when it differs each time."),
        ("unit_amount", "1.23456", "Use at most 4 decimals."),
    ],
)
def test_create_service_refused_says_why_in_the_dialog(
    workspace: Workspace, staff_client: Client, field: str, value: str, sentence: str
) -> None:
    with scope(workspace):
        make_service(workspace, name="Design")
    typed = {"name": "Writing", "unit_amount": "1", "description": "By the hour"} | {field: value}

    response = staff_client.post(_url(workspace, "create_service"), typed, headers=HTMX)

    assert response.status_code == 422
    assert response.context["form"].errors == {field: [sentence]}
    assert response.text.strip().startswith("<dialog")
    assert "By the hour" in response.text


def test_edit_service_without_scripts_leads_back_to_the_list(
    workspace: Workspace, staff_client: Client
) -> None:
    with scope(workspace):
        service = make_service(workspace, name="Design", unit_amount=Decimal("12.5"))
    form = staff_client.get(_url(workspace, "edit_service", service.pk)).context["form"]
    assert form["unit_amount"].value() == "12.5"

    response = staff_client.post(
        _url(workspace, "edit_service", service.pk),
        {"name": "Design", "unit_amount": "13", "read": form["read"].value()},
    )

    assert response["Location"] == _url(workspace, "list")
    with scope(workspace):
        assert Service.objects.get().unit_amount == Decimal(13)


def test_edit_of_a_service_changed_meanwhile_keeps_what_others_changed(
    workspace: Workspace, staff_client: Client
) -> None:
    with scope(workspace):
        service = make_service(workspace, name="Design", unit_amount=Decimal("12.5"))
    url = _url(workspace, "edit_service", service.pk)
    read = staff_client.get(url).context["form"]["read"].value()
    with scope(workspace):
        update_service(service=service, by=None, unit_amount=Decimal(15))

    shown = staff_client.post(url, {"name": "Design work", "unit_amount": "12.5", "read": read})
    staff_client.post(url, shown.context["form"].data.dict())

    assert shown.context["form"].meanwhile == [("Price", "15", "", False)]
    with scope(workspace):
        assert Service.objects.values_list("name", "unit_amount").get() == ("Design work", 15)


def test_archive_service_asks_first(workspace: Workspace, staff_client: Client) -> None:
    with scope(workspace):
        service = make_service(workspace, name="Design")
    url = _url(workspace, "archive_service", service.pk)

    assert "Archive Design?" in staff_client.get(url, headers=HTMX).text
    staff_client.post(url)

    with scope(workspace):
        assert Service.objects.get().archived_at is not None


def test_create_tax_rate_as_default(workspace: Workspace, staff_client: Client) -> None:
    typed = {"name": "GST", "percent": "15", "is_default": "on"}

    assert staff_client.post(_url(workspace, "create_tax_rate"), typed).status_code == 302

    with scope(workspace):
        rate = default_tax_rate()
    assert rate is not None
    assert (rate.name, rate.percent) == ("GST", Decimal(15))


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Give the rate a name, like GST."),
        ("name", "gst", "Another tax rate is called gst."),
        ("percent", "101", "A tax rate is between 0 and 100 percent."),
        ("percent", "", "Give the percentage."),
    ],
)
def test_create_tax_rate_refused_says_why(
    workspace: Workspace, staff_client: Client, field: str, value: str, sentence: str
) -> None:
    with scope(workspace):
        make_tax_rate(workspace, name="GST")

    response = staff_client.post(
        _url(workspace, "create_tax_rate"), {"name": "VAT", "percent": "20"} | {field: value}
    )

    assert response.status_code == 422
    assert response.context["form"].errors == {field: [sentence]}


def test_rename_tax_rate_leaves_its_percentage(workspace: Workspace, staff_client: Client) -> None:
    with scope(workspace):
        rate = make_tax_rate(workspace, name="GST", percent="15")

    url = _url(workspace, "rename_tax_rate", rate.pk)
    read = staff_client.get(url).context["form"]["read"].value()

    staff_client.post(url, {"name": "NZ GST", "percent": "99", "read": read}, headers=HTMX)

    with scope(workspace):
        rate = TaxRate.objects.get()
    assert (rate.name, rate.percent) == ("NZ GST", Decimal(15))


def test_make_default_moves_the_mark(workspace: Workspace, staff_client: Client) -> None:
    with scope(workspace):
        make_tax_rate(workspace, is_default=True)
        rate = make_tax_rate(workspace)

    staff_client.post(_url(workspace, "make_default", rate.pk))

    with scope(workspace):
        assert default_tax_rate() == rate


def test_archive_tax_rate_of_a_service_says_which(workspace: Workspace, staff_client: Client) -> None:
    with scope(workspace):
        rate = make_tax_rate(workspace, name="GST")
        make_service(workspace, name="Design", tax_rate=rate)

    response = staff_client.post(_url(workspace, "archive_tax_rate", rate.pk), follow=True)

    assert [str(message) for message in response.context["messages"]] == [
        "GST is the tax rate of Design. Give them another rate first."
    ]


@pytest.mark.parametrize("name", ["edit_service", "archive_service", "rename_tax_rate", "archive_tax_rate"])
def test_dialog_of_something_unknown_is_not_found(
    workspace: Workspace, staff_client: Client, name: str
) -> None:
    assert staff_client.get(_url(workspace, name, uuid.uuid4())).status_code == 404
