"""What the invoice services refuse, beside what is refused of every document with lines (`lines.refusals`)."""

from __future__ import annotations

from core.refusals import Refused


class InvoiceLocked(Refused):
    """The invoice is issued or voided, and what was asked would change what the customer already holds."""


class WrongStatus(Refused):
    """The step does not follow from the status the invoice has."""
