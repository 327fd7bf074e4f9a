"""What the customer editor may send. Xero's limits are said here, before anything is sent (Xero docs: Contacts)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from babel.numbers import is_currency
from django import forms
from django.core.validators import RegexValidator

from core.record_forms import OnceForm
from core.tickets import SentBefore
from customers.models import Customer
from customers.services import (
    EDITABLE_FIELDS,
    CustomerRefused,
    StaleCustomer,
    create_customer,
    update_customer,
)
from workspaces.models import User, Workspace

letters_only = RegexValidator(
    r"^[A-Za-z ]+\Z", "Write the country in plain letters, like New Zealand. Xero takes nothing else."
)
ascii_only = RegexValidator(
    r"^[\x00-\x7F]+\Z", "Xero takes no accents or umlauts in e-mail addresses.", code="not_ascii"
)
FULL_ADDRESS = "Write a full address, like https://example.com."


class CustomerForm(OnceForm, forms.ModelForm):
    """Everything people may write about a customer. It never saves by itself: `create` and `update` do."""

    name = forms.CharField(
        max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="As it stands on invoices. Every customer needs a name of its own.",
        error_messages={"required": "Give the customer a name."},
    )
    email = forms.EmailField(
        label="E-mail",
        max_length=255,
        required=False,
        validators=[ascii_only],
        error_messages={"invalid": "Write one complete address, like accounts@example.com."},
    )
    website = forms.URLField(
        max_length=255,
        required=False,
        assume_scheme="https",
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://"}),
        error_messages={"invalid": FULL_ADDRESS},
    )
    country = forms.CharField(max_length=50, required=False, validators=[letters_only])
    payment_terms_days = forms.IntegerField(
        label="Payment terms",
        initial=14,
        min_value=0,
        max_value=365,
        help_text="An invoice is due this long after its date.",
        error_messages={
            "required": "Give the days until an invoice is due; 0 means at once.",
            "invalid": "Write a whole number of days.",
            "min_value": "Give between 0 and 365 days.",
            "max_value": "Give between 0 and 365 days.",
        },
    )
    version = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Customer
        fields = EDITABLE_FIELDS
        labels = {"first_name": "First name", "last_name": "Last name", "address_line": "Street address"}
        help_texts = {"tax_number": "GST, VAT or similar.", "currency": "What new invoices start with."}
        widgets = {
            "phone": forms.TextInput(attrs={"type": "tel"}),
            "address_line": forms.Textarea(attrs={"rows": 2}),
            "currency": forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_new = self.instance._state.adding
        self.fields["reference"].required = False
        self.fields["reference"].help_text = "Xero's account number." + (
            " Left empty, the next free one is given." if is_new else ""
        )
        if not is_new:
            del self.fields["once"]
            self.initial["version"] = self.instance.updated_at.isoformat()

    def validate_constraints(self) -> None:
        """The services and the database hold them; asking each here would cost a query apiece."""

    def clean_website(self) -> str:
        website = self.cleaned_data["website"]
        if website and not website.lower().startswith(("http://", "https://")):
            raise forms.ValidationError(FULL_ADDRESS)
        return website

    def clean_currency(self) -> str:
        currency = self.cleaned_data["currency"].upper()
        if not is_currency(currency):
            raise forms.ValidationError(f"{currency} is not a currency. Write its three letters, like NZD.")
        return currency

    def create(self, *, workspace: Workspace, by: User) -> Customer | None:
        """The new customer, or None when it is refused; then the fields say why."""
        return self._write(create_customer, workspace=workspace, by=by, ticket=self.ticket)

    def update(self, *, customer: Customer, by: User) -> Customer | None:
        """The changed customer, or None when that is refused; then the fields say why."""
        version = self.cleaned_data["version"]
        return self._write(update_customer, customer=customer, by=by, unchanged_since=version)

    def _write(self, service: Callable[..., Customer], **arguments: Any) -> Customer | None:
        values = {name: self.cleaned_data[name] for name in EDITABLE_FIELDS}
        try:
            return service(**arguments, **values)
        except SentBefore as refused:
            self.refuse_again(refused)
            return None
        except CustomerRefused as refused:
            self.add_error(None, refused)
            if isinstance(refused, StaleCustomer):
                self.data = {**self.data.dict(), "version": self.initial["version"]}
            return None


class NewCustomerForm(forms.Form):
    """A customer made in passing, where one is chosen: the name, and where the invoice goes. The rest can wait."""

    name = CustomerForm.base_fields["name"]
    email = CustomerForm.base_fields["email"]

    def create(self, *, workspace: Workspace, by: User) -> Customer | None:
        """The new customer, or None when it is refused; then the fields say why."""
        try:
            return create_customer(workspace=workspace, by=by, **self.cleaned_data)
        except CustomerRefused as refused:
            self.add_error(None, refused)
            return None
