"""When and how invoices go."""

from __future__ import annotations

from django import forms

from accounting.enums import InvoiceStatusRule
from accounting.forms.sections import Section, choice_of
from accounting.resources.rules import rules_from

MEANS = {
    InvoiceStatusRule.WITH_STATUS: "a draft here is a draft in Xero, and each later step follows, both ways.",
    InvoiceStatusRule.DRAFT: "your bookkeeper checks it in Xero and approves it there.",
    InvoiceStatusRule.SUBMITTED: "your bookkeeper only has to approve it in Xero.",
    InvoiceStatusRule.AUTHORISED: "it counts in Xero at once, and payments can be recorded on it.",
}
STATUSES = [(rule.value, f"{rule.label}: {what}") for rule, what in MEANS.items()]
WHEN = (
    "With the first choice, drafts go to Xero too. With the others they stay here until they are approved, and the"
    " status in Xero is your bookkeeper's from then on. Xero takes payments for approved invoices only."
)


class Invoices(Section):
    """When invoices go to the organisation and with which status."""

    title = "Invoices"
    anchor = "invoices"

    def fill(self) -> None:
        self.fields["invoice_status"] = choice_of(
            "When invoices go to Xero", STATUSES, WHEN, widget=forms.RadioSelect
        )
        self.initial["invoice_status"] = rules_from(self.mapping).invoice_status
