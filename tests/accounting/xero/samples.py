"""How Xero writes one record of each kind, and what was sent for it. A further kind is one more sample here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from accounting.port.documents import (
    AllocationDoc,
    ContactDoc,
    CreditNoteDoc,
    Document,
    InvoiceDoc,
    LineDoc,
    PaymentDoc,
    RefundDoc,
)
from accounting.providers.xero.wire import Json

THERE = "ed255415-0000-0000-0000-000000000001"
OTHER = "ed255415-0000-0000-0000-000000000002"
CHANGED = dt.datetime(2026, 3, 2, 4, 5, 6, tzinfo=dt.UTC)
DAY = dt.date(2026, 3, 2)
BATCH, BODY = 50, 3_500_000
"""What Xero recommends at most: elements of one write, bytes of one."""
TELLING: tuple[Any, ...] = (None, "", "?", Decimal(7), True, [], {}, ["?"], [{}], {"?": "?"})
"""What a field may hold instead of what we know."""


@dataclass(frozen=True)
class Sample:
    """One record of a kind: the document we send, what Xero adds to the echo of it, and the document to be read then.

    `removed_by` are method, path and body of its removal. `broken` are fields that make it unreadable. `batches` are
    those sizes that are smaller than the recommended one. `there` is its id.
    """

    sent: Document
    echoed: Json
    read: Document
    removed_by: tuple[str, str, Any]
    broken: Json
    deep_link: str
    category: str | None
    batches: Mapping[str, int] = field(default_factory=dict)
    keys: tuple[str, ...] | None = None
    there: str = THERE


CONTACT = ContactDoc(
    reference="C-7", name="Ana Ltd", first_name="Ana", email="ana@example.com", phone="09 555 0100",
    address_line="1 Kauri Street", city="Nelson", postal_code="7010", country="New Zealand", tax_number="123",
)  # fmt: skip
INVOICE = InvoiceDoc(
    number="INV-7", contact_id=OTHER, issue_date=DAY, due_date=DAY + dt.timedelta(days=14), currency="NZD",
    amounts="exclusive", reference="PO 4", state="authorised", url="https://example.com/i/7",
    lines=(
        LineDoc(
            description="Work", quantity=Decimal("1.5"), unit_amount=Decimal("33.3333"),
            discount_percent=Decimal("12.5"), tax_code="OUTPUT2", account_code="200",
        ),
    ),
)  # fmt: skip
PAYMENT = PaymentDoc(
    invoice_id=OTHER, amount=Decimal("32.06"), date=DAY, reference="py_123", account_id=OTHER
)
CREDIT_NOTE = CreditNoteDoc(
    number="CN-7", contact_id=OTHER, issue_date=DAY, currency="NZD", amounts="exclusive", reference="PO 4",
    state="authorised", lines=INVOICE.lines,
)  # fmt: skip
ADDRESS = f"CreditNotes/{OTHER}/Allocations/{THERE}"
ALLOCATION = AllocationDoc(
    source_kind="credit_note", source_id=OTHER, invoice_id=OTHER, amount=Decimal("12.34"), date=DAY
)
REFUND = RefundDoc(
    credit_note_id=OTHER, amount=Decimal("32.06"), date=DAY, reference="re_123", account_id=OTHER
)

SAMPLES: dict[str, Sample] = {
    "customer": Sample(
        sent=CONTACT,
        echoed={"ContactStatus": "ACTIVE", "IsCustomer": True},
        read=CONTACT,
        removed_by=(
            "POST",
            "/Contacts",
            {"Contacts": [{"ContactStatus": "ARCHIVED", "ContactID": THERE}]},
        ),
        broken={"UpdatedDateUTC": "yesterday"},
        deep_link=f"/Contacts/View/{THERE}",
        category="CONTACT",
    ),
    "invoice": Sample(
        sent=INVOICE,
        echoed={"SubTotal": Decimal(50), "TotalTax": Decimal("7.5"), "Total": Decimal("57.5")},
        read=replace(
            INVOICE, url="", net=Decimal(50), tax=Decimal("7.5"), total=Decimal("57.5"), rate=Decimal(1)
        ),
        removed_by=("POST", "/Invoices", {"Invoices": [{"Status": "VOIDED", "InvoiceID": THERE}]}),
        broken={"Status": "TELEPORTED"},
        deep_link=f"/AccountsReceivable/Edit.aspx?InvoiceID={THERE}",
        category="INVOICE",
        keys=("INV-7", "INV-8"),
    ),
    "payment": Sample(
        sent=PAYMENT,
        echoed={"Status": "AUTHORISED"},
        read=replace(PAYMENT, remote_id=THERE),
        removed_by=("POST", f"/Payments/{THERE}", {"Status": "DELETED"}),
        broken={"Amount": "much"},
        deep_link=f"/Bank/ViewTransaction.aspx?bankTransactionID={THERE}",
        category=None,
        batches={"remove": 1},
    ),
    "credit_note": Sample(
        sent=CREDIT_NOTE,
        echoed={
            "SubTotal": Decimal(50), "TotalTax": Decimal("7.5"), "Total": Decimal("57.5"),
            "RemainingCredit": Decimal("45.16"),
            "Allocations": [
                {
                    "AllocationID": THERE, "Amount": Decimal("12.34"), "Date": "/Date(1772409600000+0000)/",
                    "Invoice": {"InvoiceID": OTHER, "InvoiceNumber": "INV-7"},
                },
            ],
            "Payments": [],
        },
        read=replace(
            CREDIT_NOTE, net=Decimal(50), tax=Decimal("7.5"), total=Decimal("57.5"), rate=Decimal(1),
            amount_used=Decimal("12.34"),
            allocations=(
                replace(
                    ALLOCATION, source_id=THERE, invoice_number="INV-7",
                    remote_id=f"CreditNotes/{THERE}/Allocations/{THERE}",
                ),
            ),
        ),
        removed_by=("POST", "/CreditNotes", {"CreditNotes": [{"Status": "VOIDED", "CreditNoteID": THERE}]}),
        broken={"Status": "TELEPORTED"},
        deep_link=f"/AccountsReceivable/ViewCreditNote.aspx?creditNoteID={THERE}",
        category="CREDITNOTE",
        keys=("CN-7", "CN-8"),
    ),
    "allocation": Sample(
        sent=ALLOCATION,
        echoed={},
        read=replace(ALLOCATION, remote_id=ADDRESS),
        removed_by=("DELETE", f"/{ADDRESS}", None),
        broken={"Amount": "much"},
        deep_link="",
        category=None,
        batches={"create": 1, "remove": 1},
        there=ADDRESS,
    ),
    "refund": Sample(
        sent=REFUND,
        echoed={"Status": "AUTHORISED"},
        read=replace(REFUND, remote_id=THERE),
        removed_by=("POST", f"/Payments/{THERE}", {"Status": "DELETED"}),
        broken={"Amount": "much"},
        deep_link=f"/Bank/ViewTransaction.aspx?bankTransactionID={THERE}",
        category=None,
        batches={"remove": 1},
    ),
}  # fmt: skip
