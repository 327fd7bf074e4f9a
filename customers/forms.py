"""What the customer editor may send. Xero's limits are said here, before anything is sent (Xero docs: Contacts)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from core.currencies import CurrencyField
from core.record_forms import EditingForm, OnceForm
from core.tickets import SentBefore
from customers.enums import CUSTOMERS, Side
from customers.models import Customer
from customers.queries import currencies_in_use, get_customer
from customers.services import (
    EDITABLE_FIELDS,
    CustomerRefused,
    StaleCustomer,
    create_customer,
    update_customer,
)
from workspaces.models import User, Workspace
from workspaces.signals import usable_currencies

letters_only = RegexValidator(
    r"^[A-Za-z ]+\Z", "Write the country in plain letters, like New Zealand. Xero takes nothing else."
)
ascii_only = RegexValidator(
    r"^[\x00-\x7F]+\Z", "Xero takes no accents or umlauts in e-mail addresses.", code="not_ascii"
)
FULL_ADDRESS = "Write a full address, like https://example.com."


class WritingForm(OnceForm):
    """Says on its fields what the services refuse."""

    @contextmanager
    def told(self) -> Iterator[None]:
        """What is refused inside is said here."""
        try:
            yield
        except SentBefore as refused:
            self.refuse_again(refused)
        except CustomerRefused as refused:
            self.add_error(None, refused)


class CustomerForm(EditingForm, WritingForm, forms.ModelForm):
    """Everything people may write about a customer. It never saves by itself: `create` and `update` do.

    Among the suppliers' pages (`side`) it makes a supplier; what it is there already, it stays.
    """

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
    currency = CurrencyField(help_text="What new invoices start with.")
    compared = EDITABLE_FIELDS

    class Meta:
        model = Customer
        fields = EDITABLE_FIELDS
        labels = {
            "first_name": "First name",
            "last_name": "Last name",
            "address_line": "Street address",
            "is_customer": "Also a customer",
            "is_supplier": "Also a supplier",
        }
        help_texts = {
            "tax_number": "GST, VAT or similar.",
            "is_customer": "You invoice them too.",
            "is_supplier": "You get bills from them too.",
        }
        widgets = {
            "phone": forms.TextInput(attrs={"type": "tel"}),
            "address_line": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, side: Side = CUSTOMERS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.side = side
        del self.fields[side.flag]
        self.compared = [name for name in EDITABLE_FIELDS if name != side.flag]
        is_new = self.instance._state.adding
        if is_new:
            self.initial[side.other.flag] = False
        self.fields["reference"].required = False
        own = self.instance.currency or self.initial.get("currency", "")
        self.fields["currency"].prefer([own, *currencies_in_use()], usable_currencies())
        self.fields["reference"].help_text = "Xero's account number." + (
            " Left empty, the next free one is given." if is_new else ""
        )
        if not is_new:
            del self.fields["once"]
            self.begin(self.instance)

    def validate_constraints(self) -> None:
        """The services and the database hold them; asking each here would cost a query apiece."""

    def clean_website(self) -> str:
        website = self.cleaned_data["website"]
        if website and not website.lower().startswith(("http://", "https://")):
            raise forms.ValidationError(FULL_ADDRESS)
        return website

    def create(self, *, workspace: Workspace, by: User) -> Customer | None:
        """The new customer, or None when it is refused; then the fields say why."""
        with self.told():
            typed = {**self.side.flags, **self.typed_values()}
            return create_customer(workspace=workspace, by=by, ticket=self.ticket, **typed)

    def update(self, *, customer: Customer, by: User) -> Customer | None:
        """The changed customer, or None when that is refused or has to be looked at; then the form says why."""
        with self.told():
            return self.keep(
                partial(update_customer, customer=customer, by=by),
                load=partial(get_customer, customer.pk),
                stale=StaleCustomer,
            )


class NewCustomerForm(WritingForm):
    """A customer made in passing, where one is chosen: the name, and where the invoice goes. The rest can wait."""

    name = CustomerForm.base_fields["name"]
    email = CustomerForm.base_fields["email"]

    def __init__(self, *args: Any, side: Side = CUSTOMERS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.side = side

    def create(self, *, workspace: Workspace, by: User) -> Customer | None:
        """The new customer, or None when it is refused; then the fields say why."""
        with self.told():
            typed = {**self.values, **self.side.flags}
            return create_customer(workspace=workspace, by=by, ticket=self.ticket, **typed)
