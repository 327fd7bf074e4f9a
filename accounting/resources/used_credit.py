"""What stands against a credit note: where its credit went. Made and taken off there, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import F, QuerySet

from accounting.enums import Kind, LinkState
from accounting.models import Link
from accounting.port.documents import LinedDocument
from accounting.port.exchange import RemoteRecord
from accounting.resources.base import Intent, SettlementResource
from accounting.resources.desk import Desk
from accounting.resources.needs import Need
from accounting.resources.periods import parked_until_open
from accounting.resources.rules import Rules
from core.refusals import Refused
from core.templatetags.display import money
from credit.models import CreditNote

_REFUSED: Mapping[str, str] = {
    "paid": "In Xero nothing is left of the credit note. Take this off if it is the same credit.",
    "voided": "In Xero the credit note is voided, so nothing of it can be used. Take this off.",
    "deleted": "In Xero the credit note is deleted, so nothing of it can be used. Take this off.",
}


class UsedCreditResource(SettlementResource):
    """The local side of one way in which credit of a note goes. `undone_field` says when it was taken off."""

    undone_field: ClassVar[str]
    parents = {"credit_note": Kind.CREDIT_NOTE, "credit_note__customer": Kind.CUSTOMER}

    def rows(self) -> QuerySet[Any]:
        """All of ours, with what their words need."""
        raise NotImplementedError

    def undo(self, record: Any) -> Any:
        """Take it off, as Xero."""
        raise NotImplementedError

    def load(self, local_ids: Any) -> dict[UUID, Any]:
        return {row.pk: row for row in self.rows().filter(pk__in=list(local_ids))}

    def intent(self, record: Any, link: Link | None, rules: Rules) -> Intent:
        if not self.is_reversed(record):
            return "upsert" if link is None else "hold"
        return "remove" if link and link.state != LinkState.TOMBSTONED else "hold"

    def candidates(self, rules: Rules) -> QuerySet[Any]:
        return self.rows().filter(**{self.undone_field: None})

    def worth(self) -> QuerySet[Any]:
        return self.rows().annotate(worth=F("amount"), worth_in=F("credit_note__currency"))

    def currency(self, record: Any) -> str:
        return str(record.credit_note.currency)

    def needs(self, record: Any) -> Any:
        yield Kind.CREDIT_NOTE, record.credit_note_id

    def first_need(self, record: Any, intent: Intent, desk: Desk) -> Need | None:
        """The note, and its approval: Xero lets nothing of a draft be used."""
        return approved_first(Kind.CREDIT_NOTE, record.credit_note, desk) if intent == "upsert" else None

    def parked(self, record: Any, link: Link | None, desk: Desk) -> str:
        return parked_until_open(desk, record.date)

    def apply_remote(self, record: Any, theirs: RemoteRecord, desk: Desk) -> Any:
        return self.undo(record) if theirs.document.is_gone else self.change(record, theirs.document)

    def against(self, parent_id: UUID) -> QuerySet[Any]:
        return self.rows().filter(credit_note=parent_id).order_by("date", "id")

    def is_reversed(self, record: Any) -> bool:
        return getattr(record, self.undone_field) is not None

    def reverse(self, record: Any) -> None:
        self.undo(record)

    def say_found(self, record: Any) -> str:
        return f"The same {self.words.name} was found in Xero and linked."

    def refused_by(self, standing: str) -> str:
        return _REFUSED.get(standing, "")

    def check_stands(self, note: CreditNote, amount: Any) -> None:
        """Raise Refused where the note is voided here."""
        if note.voided_at:
            told = f"{money(amount, note.currency)} of it is used there, and {note.number} is voided here"
            raise Refused(f"{told}. Have it taken off in Xero, or take Xero's version.")


def approved_first(kind: Kind, document: Any, desk: Desk) -> Need | None:
    """That a document with lines must be there, and approved there."""
    link, noun = desk.link(kind, document.pk), str(document._meta.verbose_name)
    if not desk.remote_id(kind, document.pk):
        over = f"{document} is voided. Take this off: nothing can stand against a voided {noun}."
        return Need(
            kind, document.pk, f"{noun} {document.number}",
            day=document.issue_date, over=over if document.voided_at else "",
        )  # fmt: skip
    if link is not None and link.base.get(LinedDocument.standing_field) in ("draft", "submitted"):
        return Need(kind, document.pk, f"the {noun}", approval=True)
    return None
