"""When and how invoices go."""

from __future__ import annotations

from django import forms

from accounting.choices import SentThere
from accounting.enums import BornThere, InvoiceStatusRule, LockedPeriod
from accounting.forms.sections import Section, choice_of
from accounting.resources.rules import rules_from
from core.forms import day_field

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
WHEN_LOCKED = {
    LockedPeriod.BLOCK: "nothing is approved or recorded under a locked date.",
    LockedPeriod.MOVE: "its date becomes that day, here and in Xero, when it is approved or recorded.",
    LockedPeriod.PARK: "it keeps its date, and goes to Xero once your bookkeeper has moved the lock.",
}
LOCK_RULES = [(rule.value, f"{rule.label}: {what}") for rule, what in WHEN_LOCKED.items()]
LOCKS = "Your bookkeeper locks periods in Xero. It takes and changes nothing that is dated in one, payments included."
START = (
    "Optional. Invoices dated before it go neither way, nor do their payments, unless they are linked already. Without"
    " a day, all can go."
)

BORN = {
    BornThere.OFF: "Leave it there: only what is linked to something here is kept in step.",
    BornThere.QUEUE: "List it under Sync > Born in Xero: you decide about each, or once for all of a contact.",
}
BORN_THERE = [(rule.value, words) for rule, words in BORN.items()]
LISTED = (
    "Your bookkeeper makes some invoices and contacts in Xero. While they are listed, each change of one that is not"
    " here costs a part of a call."
)


SENT = [(rule.value, str(rule.label)) for rule in SentThere]
SENT_MEANS = (
    "Xero shows “sent” on such an invoice, and its reminders and lists go by that. Nothing is mailed by this, and what"
    " is approved in Xero already stays as it is."
)


class Invoices(Section):
    """When invoices go to the organisation and with which status."""

    title = "Invoices"
    anchor = "invoices"
    page = "invoices:numbers"
    page_says = "New invoices have a prefix and a number of your own:"
    page_title = "change how they are numbered"

    def fill(self) -> None:
        self.fields["invoice_status"] = choice_of(
            "When invoices go to Xero", STATUSES, WHEN, widget=forms.RadioSelect
        )
        self.initial["invoice_status"] = rules_from(self.mapping).invoice_status
        self.fields["sent_there"] = choice_of(
            "In Xero, invoices that Tandem approves are", SENT, SENT_MEANS, widget=forms.RadioSelect
        )
        self.initial["sent_there"] = rules_from(self.mapping).sent_there
        self.fields["locked_period"] = choice_of(
            "When a date lies in a locked period", LOCK_RULES, LOCKS, widget=forms.RadioSelect
        )
        self.initial["locked_period"] = rules_from(self.mapping).locked_period
        self.fields["born_there"] = choice_of(
            "What is made in Xero", BORN_THERE, LISTED, widget=forms.RadioSelect
        )
        self.initial["born_there"] = rules_from(self.mapping).born_there
        self.fields["start_date"] = day_field("Start of the sync", START)
        self.initial["start_date"] = self.mapping.start_date
