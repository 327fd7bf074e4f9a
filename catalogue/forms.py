"""What people may write about services and tax rates."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django_scopes.forms import SafeModelChoiceField

from catalogue.models import Service, TaxRate
from catalogue.queries import active_tax_rates
from catalogue.services import (
    SERVICE_FIELDS,
    ServiceRefused,
    StaleEntry,
    TaxRateRefused,
    create_service,
    create_tax_rate,
    rename_tax_rate,
    update_service,
)
from core.record_forms import EditingForm, OnceForm
from core.tickets import SentBefore
from workspaces.models import User, Workspace

FIXED_PERCENT = (
    "The percentage of a rate never changes, so that invoices which have it stay right. "
    "For another percentage, add a rate and archive this one."
)


class PlainDecimalField(forms.DecimalField):
    """A number that is typed, without the arrows that change it by accident."""

    default_error_messages = {
        "invalid": "Write a number like 1250.50.",
        "max_decimal_places": "Use at most %(max)s decimals.",
        "max_whole_digits": "This number is too large.",
        "max_digits": "This number is too long.",
    }

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        super().__init__(widget=forms.TextInput(attrs=attrs), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """12.5000 as 12.5; what somebody typed as they typed it."""
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class ServiceForm(EditingForm, OnceForm, forms.ModelForm):
    """A service, new or changed. It never saves by itself: `create` and `update` do."""

    template_name = "catalogue/_service_fields.html"
    compared = SERVICE_FIELDS

    name = forms.CharField(max_length=120, error_messages={"required": "Give the service a name."})
    unit_amount = PlainDecimalField(
        label="Price",
        max_digits=14,
        decimal_places=4,
        help_text="For one unit, in the invoice's currency.",
        error_messages={"required": "Give a price; 0 when it differs each time."},
    )

    class Meta:
        model = Service
        fields = SERVICE_FIELDS
        field_classes = {"tax_rate": SafeModelChoiceField}
        labels = {"tax_rate": "Tax rate"}
        help_texts = {"description": "What an invoice line starts with. Left empty, it starts with the name."}
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tax_rate"].queryset = active_tax_rates()
        self.fields["tax_rate"].empty_label = "No tax"
        if not self.instance._state.adding:
            del self.fields["once"]
            self.begin(self.instance)

    def validate_constraints(self) -> None:
        """The services and the database hold them; asking each here would cost a query apiece."""

    def create(self, *, workspace: Workspace, by: User) -> Service | None:
        """The new service, or None when it is refused; then the fields say why."""
        return self._write(
            create_service, workspace=workspace, by=by, ticket=self.ticket, **self.typed_values()
        )

    def update(self, *, service: Service, by: User) -> Service | None:
        """The changed service, or None when that is refused; then the fields say why."""
        change = partial(update_service, service=service, by=by)
        return self._write(
            self.keep, change, load=partial(Service.objects.get, pk=service.pk), stale=StaleEntry
        )

    def _write(self, write: Callable[..., Service | None], *given: Any, **arguments: Any) -> Service | None:
        try:
            return write(*given, **arguments)
        except SentBefore as refused:
            self.refuse_again(refused)
            return None
        except ServiceRefused as refused:
            self.add_error(None, refused)
            return None


class TaxRateForm(OnceForm):
    """A new tax rate."""

    template_name = "catalogue/_tax_rate_fields.html"

    name = forms.CharField(max_length=100, error_messages={"required": "Give the rate a name, like GST."})
    percent = PlainDecimalField(
        label="Percentage",
        max_digits=7,
        decimal_places=4,
        min_value=0,
        max_value=100,
        help_text="It cannot be changed later.",
        error_messages={
            "required": "Give the percentage.",
            "min_value": "A tax rate is between 0 and 100 percent.",
            "max_value": "A tax rate is between 0 and 100 percent.",
        },
    )
    is_default = forms.BooleanField(
        label="Start new invoice lines with this rate", required=False, initial=False
    )

    def create(self, *, workspace: Workspace, by: User) -> TaxRate | None:
        """The new rate, or None when it is refused; then the fields say why."""
        return self._write(create_tax_rate, workspace=workspace, by=by, ticket=self.ticket, **self.values)

    def _write(self, write: Callable[..., TaxRate | None], *given: Any, **arguments: Any) -> TaxRate | None:
        try:
            return write(*given, **arguments)
        except SentBefore as refused:
            self.refuse_again(refused)
            return None
        except TaxRateRefused as refused:
            self.add_error(None, refused)
            return None


class RenameTaxRateForm(EditingForm, TaxRateForm):
    """Another name for a rate."""

    template_name = "catalogue/_name_field.html"
    compared = ("name",)

    once = None
    percent = None
    is_default = None

    def __init__(self, *args: Any, tax_rate: TaxRate, **kwargs: Any) -> None:
        super().__init__(*args, initial={"name": tax_rate.name}, **kwargs)
        self.begin(tax_rate)

    def rename(self, *, tax_rate: TaxRate, by: User) -> TaxRate | None:
        """The renamed rate, or None when that is refused or has to be looked at; then the form says why."""
        change = partial(rename_tax_rate, tax_rate=tax_rate, by=by)
        return self._write(
            self.keep, change, load=partial(TaxRate.objects.get, pk=tax_rate.pk), stale=StaleEntry
        )
