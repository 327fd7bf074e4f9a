"""Credit applied to invoices: made and taken off, never changed, and read inside its source only (Xero docs: Credit
notes, "Allocations"). Xero knows each by its place there, so its id is its address."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from typing import cast

from accounting.port.documents import AllocationDoc
from accounting.port.exchange import Encoded, FrozenRequest, Outgoing, Verb
from accounting.providers.xero import wire
from accounting.providers.xero.kinds.base import NO_ID, Call, Codec
from accounting.providers.xero.kinds.shown_on_notes import NOTES, one_of, shown_on_notes
from accounting.providers.xero.shapes import Element, Number, Shape, Text, amount, shaped
from accounting.providers.xero.wire import Json, Source, Told, Unreadable

_ADDRESS = re.compile(r"(?P<place>\w+)/(?P<source>[\w-]+)/Allocations/(?P<own>[\w-]+)")


class AppliedTo(Shape):
    """The invoice."""

    InvoiceID: Text = None
    InvoiceNumber: Text = None


class AppliedFrom(Shape):
    """The credit."""

    CreditNoteID: Text = None


class Allocation(Element):
    """An allocation as Xero writes it, with its address for an id."""

    AllocationID: Text = None
    Amount: Number = None
    Date: Text = None
    DateString: Text = None
    Invoice: AppliedTo | list[AppliedTo] | None = None
    CreditNote: AppliedFrom | None = None
    IsDeleted: bool | None = None


class AllocationCodec(Codec):
    kind = "allocation"
    envelope = "Allocations"
    id_field = "AllocationID"
    shape = Allocation
    category = None  # what its events say, those of its source and of its invoice say
    scope = "accounting.invoices"
    deep_link = ""
    writers = {"create": "create_credit_note_allocation", "remove": "delete_credit_note_allocations"}
    lister = "get_credit_notes"

    def encode(self, element: Outgoing) -> Json:
        doc = cast(AllocationDoc, element.document)
        return {
            "CreditNote": {"CreditNoteID": doc.source_id},
            "Invoice": {"InvoiceID": doc.invoice_id},
            "Amount": doc.amount,
            "Date": doc.date,
        }

    def remove(self, element: Outgoing) -> Json:
        return {}

    def decode(self, source: Told) -> AllocationDoc:
        told = shaped(source, Allocation)
        invoice = told.Invoice[0] if isinstance(told.Invoice, list) and told.Invoice else told.Invoice
        applied = invoice if isinstance(invoice, AppliedTo) else AppliedTo()
        return AllocationDoc(
            source_kind="credit_note",
            source_id=(told.CreditNote or AppliedFrom()).CreditNoteID or "",
            invoice_id=applied.InvoiceID or "",
            invoice_number=applied.InvoiceNumber or "",
            amount=amount(told.Amount),
            date=wire.date(told, "Date"),
            removed=bool(told.IsDeleted),
            remote_id=told.AllocationID or "",
        )

    def embedded(self, allocations: Iterable[Allocation], note_id: str) -> tuple[AllocationDoc, ...]:
        """Those that a note shows. Raises Unreadable."""
        note = AppliedFrom(CreditNoteID=note_id)
        return tuple(
            self.decode(
                Allocation(
                    AllocationID=_address(NOTES, note_id, told.AllocationID or ""),
                    Amount=told.Amount,
                    Date=told.Date,
                    DateString=told.DateString,
                    Invoice=told.Invoice,
                    CreditNote=note,
                )
            )
            for told in allocations
            if not told.IsDeleted
        )

    def batch_size(self, verb: Verb) -> int:
        """The address of a write names the credit, and that of a removal the allocation too."""
        return 1

    def freeze(self, verb: Verb, elements: Sequence[Encoded], key: str) -> FrozenRequest:
        self.writer(verb)
        if verb == "remove":
            (one,) = elements
            return FrozenRequest(self.kind, verb, "DELETE", f"/{one.remote_id}", "", key, 1)
        bodies = [wire.parse(element.body) for element in elements]
        (note_id,) = {body.pop("CreditNote")["CreditNoteID"] for body in bodies}
        path = f"/{NOTES}/{note_id}/{self.envelope}"
        return FrozenRequest(
            self.kind, verb, "PUT", path, wire.dump({self.envelope: bodies}), key, len(bodies)
        )

    def writing(self, request: FrozenRequest) -> Call:
        """Of a DELETE Xero heeds no key: it is looked at before (see the engine's look before each removal)."""
        parts = request.path.split("/")
        if request.verb == "remove":
            return Call(self.writers["remove"], ids=(parts[2], parts[4]))
        return Call(self.writer(request.verb), ids=(parts[2],), options={"summarize_errors": "false"})

    def answered(self, request: FrozenRequest, body: Source, at: dt.datetime | None) -> Sequence[Source]:
        """Neither says when it was; the answer to a removal spells its id otherwise, and stands in no envelope."""
        place, note_id = request.path.split("/")[1:3]
        elements = [dict(body)] if request.verb == "remove" else wire.objects(body, self.envelope)
        known = {"CreditNote": {"CreditNoteID": note_id}, "UpdatedDateUTC": at.isoformat() if at else None}
        return [{**_addressed(element, place, note_id), **known} for element in elements]

    def reading(self, remote_ids: Sequence[str]) -> Sequence[Call]:
        return [self.listing(where=one_of(_source_of(remote_id) for remote_id in remote_ids))]

    def look_up(self, elements: Sequence[Outgoing]) -> Sequence[Call]:
        sources = (cast(AllocationDoc, element.document).source_id for element in elements)
        return [self.listing(where=one_of(sources))]

    def elements(self, body: Source) -> Sequence[Source]:
        return [
            _addressed(shown.whole(), NOTES, shown.note_id) for shown in shown_on_notes(body, self.envelope)
        ]


def _addressed(element: Json, place: str, source_id: str) -> Json:
    own = wire.text(element, "AllocationID") or wire.text(element, "AllocationId")
    return {**element, "AllocationID": _address(place, source_id, own)}


def _address(place: str, source_id: str, own: str) -> str:
    """Empty where Xero does not tell its id, as in the answer to some writes: then it is looked up."""
    if _ADDRESS.fullmatch(own):
        return own
    return f"{place}/{source_id}/Allocations/{own}" if own and own != NO_ID else ""


def _source_of(remote_id: str) -> str:
    if found := _ADDRESS.fullmatch(remote_id):
        return found["source"]
    raise Unreadable(f"{remote_id} is no address of an allocation")
