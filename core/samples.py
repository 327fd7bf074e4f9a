"""Sample forms for the living page of the design system."""

from __future__ import annotations

from typing import Any

from django import forms

TERMS = [("", "Choose one"), ("net", "Net 14 days"), ("month", "End of the following month")]
CHANNELS = [("email", "By e-mail"), ("post", "By post"), ("none", "Not at all")]


class SampleForm(forms.Form):
    """One field of every kind that pages use."""

    name = forms.CharField(label="Name", max_length=40, help_text="As it should appear on the invoice.")
    reference = forms.CharField(label="Reference", required=False)
    email = forms.EmailField(label="E-mail", required=False)
    terms = forms.ChoiceField(label="Payment terms", choices=TERMS)
    date = forms.DateField(label="Issue date", widget=forms.DateInput(attrs={"type": "date"}))
    amount = forms.DecimalField(label="Amount", max_digits=10, decimal_places=2)
    discount = forms.DecimalField(label="Discount", required=False, max_value=100)
    notes = forms.CharField(label="Notes", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    channel = forms.ChoiceField(label="How to send it", choices=CHANNELS, widget=forms.RadioSelect)
    copies = forms.MultipleChoiceField(
        label="Copies for", choices=CHANNELS[:2], required=False, widget=forms.CheckboxSelectMultiple
    )
    paid = forms.BooleanField(label="Paid on the spot", required=False, help_text="Records the payment too.")
    locked = forms.CharField(label="Number", disabled=True, required=False, initial="INV-0042")


class StrictSampleForm(SampleForm):
    """The same, with everything wrong, the form as a whole included."""

    def clean(self) -> dict[str, Any]:
        raise forms.ValidationError("The due date is before the issue date.")
