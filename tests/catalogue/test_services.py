"""What may be written about services and tax rates, and what is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from catalogue.models import Service, TaxRate
from catalogue.queries import active_services, active_tax_rates, default_tax_rate
from catalogue.services import (
    ServiceRefused,
    TaxRateInUse,
    TaxRateRefused,
    archive_service,
    archive_tax_rate,
    create_service,
    create_tax_rate,
    ensure_tax_rate,
    make_default,
    rename_tax_rate,
    update_service,
)
from tests.factories.catalogue import make_service, make_tax_rate
from workspaces.models import User, Workspace
from workspaces.queries import history_of


def test_create_tax_rate_as_default_takes_the_place_of_the_one_before(
    in_workspace: Workspace, staff: User
) -> None:
    make_tax_rate(in_workspace, is_default=True)

    gst = create_tax_rate(workspace=in_workspace, name="GST", percent=Decimal(15), by=staff, is_default=True)

    assert default_tax_rate() == gst
    assert [entry.summary for entry in history_of(gst.pk)] == ["Made the default", "Created at 15%"]


def test_create_tax_rate_with_a_taken_name_is_refused(in_workspace: Workspace) -> None:
    make_tax_rate(in_workspace, name="GST")

    with pytest.raises(TaxRateRefused) as refused:
        make_tax_rate(in_workspace, name=" gst")
    assert refused.value.message_dict == {"name": ["Another tax rate is called gst."]}


@pytest.mark.parametrize("percent", ["-1", "100.01"])
def test_create_tax_rate_beyond_a_percentage_is_refused(in_workspace: Workspace, percent: str) -> None:
    with pytest.raises(TaxRateRefused, match="between 0 and 100"):
        make_tax_rate(in_workspace, percent=percent)


def test_create_tax_rate_without_a_name_is_refused(in_workspace: Workspace) -> None:
    with pytest.raises(TaxRateRefused, match="needs a name"):
        create_tax_rate(workspace=in_workspace, name=" ", percent=Decimal(1), by=None)


def test_rename_tax_rate_is_remembered(in_workspace: Workspace, staff: User) -> None:
    rate = make_tax_rate(in_workspace, name="GST")

    assert rename_tax_rate(tax_rate=rate, name="NZ GST", by=staff).name == "NZ GST"
    assert history_of(rate.pk)[0].summary == "Renamed from GST"


def test_rename_tax_rate_to_its_own_name_changes_nothing(in_workspace: Workspace, staff: User) -> None:
    rate = make_tax_rate(in_workspace, name="GST")
    rename_tax_rate(tax_rate=rate, name="GST", by=staff)

    assert history_of(rate.pk).count() == 1


def test_archive_tax_rate_leaves_no_default(in_workspace: Workspace, staff: User) -> None:
    rate = make_tax_rate(in_workspace, is_default=True)

    archive_tax_rate(tax_rate=rate, by=staff)

    assert default_tax_rate() is None
    assert list(active_tax_rates()) == []


def test_archive_tax_rate_of_a_service_is_refused(in_workspace: Workspace, staff: User) -> None:
    rate = make_tax_rate(in_workspace, name="GST")
    make_service(in_workspace, name="Design", tax_rate=rate)

    with pytest.raises(TaxRateInUse, match=r"^GST is the tax rate of Design\. "):
        archive_tax_rate(tax_rate=rate, by=staff)


def test_make_default_of_an_archived_rate_is_refused(in_workspace: Workspace, staff: User) -> None:
    rate = archive_tax_rate(tax_rate=make_tax_rate(in_workspace), by=staff)

    with pytest.raises(TaxRateRefused, match="is archived"):
        make_default(tax_rate=rate, by=staff)


def _ensured(workspace: Workspace, name: str, percent: str) -> TaxRate:
    return ensure_tax_rate(workspace=workspace, name=name, percent=Decimal(percent), by=None)


def test_ensure_tax_rate_finds_the_one_of_this_name_and_percentage(in_workspace: Workspace) -> None:
    rate = make_tax_rate(in_workspace, name="GST", percent="15")

    assert _ensured(in_workspace, "gst", "15.0") == rate


def test_ensure_tax_rate_makes_a_nearby_name_when_the_percentage_differs(in_workspace: Workspace) -> None:
    make_tax_rate(in_workspace, name="GST", percent="12.5")

    first, again = _ensured(in_workspace, "GST", "15"), _ensured(in_workspace, "GST", "15")

    assert (first.name, first.percent) == ("GST 15%", Decimal(15))
    assert again == first


def test_ensure_tax_rate_of_an_unknown_name_creates_it(in_workspace: Workspace) -> None:
    assert _ensured(in_workspace, "VAT", "20").name == "VAT"


def test_ensure_tax_rate_where_both_names_are_taken_counts_on(in_workspace: Workspace) -> None:
    make_tax_rate(in_workspace, name="GST", percent="1")
    make_tax_rate(in_workspace, name="GST 15%", percent="2")

    assert _ensured(in_workspace, "GST", "15").name == "GST 15% (2)"


def test_create_service_rounds_its_price_to_four_places(in_workspace: Workspace, staff: User) -> None:
    service = create_service(
        workspace=in_workspace, by=staff, name=" Web  design ", unit_amount=Decimal("12.34565")
    )

    service.refresh_from_db()
    assert (service.name, service.unit_amount) == ("Web design", Decimal("12.3457"))


def test_create_service_with_a_taken_name_is_refused(in_workspace: Workspace) -> None:
    make_service(in_workspace, name="Design")

    with pytest.raises(ServiceRefused) as refused:
        make_service(in_workspace, name="design")
    assert refused.value.message_dict == {"name": ["Another service is called design."]}


def test_update_service_saves_only_what_changed(in_workspace: Workspace, staff: User) -> None:
    service = make_service(in_workspace, name="Design", unit_amount=Decimal(100))

    update_service(service=service, by=staff, name="Design", unit_amount=Decimal("120"))

    service.refresh_from_db()
    assert service.unit_amount == Decimal(120)
    assert history_of(service.pk)[0].summary == "Changed unit amount from 100.00 to 120.00"


def test_update_service_without_a_change_saves_nothing(in_workspace: Workspace, staff: User) -> None:
    service = make_service(in_workspace, name="Design", unit_amount=Decimal(100))
    update_service(service=service, by=staff, unit_amount=Decimal("100.00"))

    assert history_of(service.pk).count() == 1


def test_update_service_with_an_unknown_field_is_a_mistake_of_the_caller(
    in_workspace: Workspace, staff: User
) -> None:
    with pytest.raises(TypeError, match="archived_at"):
        update_service(service=make_service(in_workspace), by=staff, archived_at=None)


def test_archive_service_frees_its_name(in_workspace: Workspace, staff: User) -> None:
    archive_service(service=make_service(in_workspace, name="Design"), by=staff)

    design = make_service(in_workspace, name="Design")

    assert list(active_services()) == [design]


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("tax_rate_name_unique_while_active", {"name": "gst", "percent": 1}),
        ("one_default_tax_rate", {"name": "Other", "percent": 1, "is_default": True}),
        ("tax_percent_between_0_and_100", {"name": "Other", "percent": 101}),
    ],
)
def test_tax_rate_constraint_is_kept_by_the_database(
    in_workspace: Workspace, constraint: str, fields: dict[str, object]
) -> None:
    make_tax_rate(in_workspace, name="GST", is_default=True)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        TaxRate.objects.create(workspace=in_workspace, **fields)


def test_service_name_is_kept_unique_by_the_database(in_workspace: Workspace) -> None:
    make_service(in_workspace, name="Design")

    with pytest.raises(IntegrityError, match="service_name_unique_while_active"), transaction.atomic():
        Service.objects.create(workspace=in_workspace, name="DESIGN")
