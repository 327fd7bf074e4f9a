"""How far a document with lines has come here and there, and which side follows the other (ADR 22)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from accounting.port.documents import LinedDocument, State
from accounting.resources.rules import Rules

SENT_AS: dict[str, State] = {
    "draft": "draft",
    "awaiting_approval": "submitted",
    "approved": "authorised",
    "sent": "authorised",
}
"""How a document that stands so here stands there; one that is voided is removed."""
ISSUED = tuple(status for status, state in SENT_AS.items() if state == "authorised")
STATES = {
    "draft": "a draft", "submitted": "awaiting approval", "authorised": "awaiting payment",
    "paid": "paid", "voided": "voided",
}  # fmt: skip
APPROVED_THERE = ("authorised", "paid")

Service = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Services:
    """The services of a kind's domain app, and the `name` under which each takes the record."""

    name: str
    update: Service
    submit: Service
    approve: Service
    reopen: Service
    void: Service
    book_lines: Service | None = None
    reissue: Service | None = None

    def do(self, service: Service, record: Any, **values: Any) -> Any:
        """Its fresh row; what is done without a `by` is done as Xero."""
        return service(**{self.name: record, "by": None, **values})


def is_held(record: Any, standing: str, rules: Rules) -> bool:
    """A draft stays here until it is approved; where it keeps step, only if it was approved there: Xero takes no step
    back from that (Xero docs: Invoices, "Status codes")."""
    if not record.is_editable:
        return False
    return standing in APPROVED_THERE if rules.invoices_keep_step else True


def state_of(record: Any, rules: Rules, *, is_new: bool) -> State | None:
    """How it stands here; where the status there is the bookkeeper's, the chosen one for a new document and none from
    then on."""
    if record.voided_at:
        return "voided"
    if rules.invoices_keep_step:
        return SENT_AS[record.status]
    return cast(State, rules.invoice_status) if is_new else None


def follow(record: Any, doc: LinedDocument, rules: Rules, services: Services) -> Any:
    """Move ours to where theirs stands, alive. Where the status there is the bookkeeper's, their approving is followed,
    and whatever they change of what was approved here before."""
    if doc.state in APPROVED_THERE or (record.issued_at and not rules.invoices_keep_step):
        return services.do(services.approve, record)
    if SENT_AS.get(record.status) == doc.state:
        return record
    if not record.voided_at and not rules.invoices_keep_step:
        return record
    record = services.do(services.reopen, record)
    return services.do(services.submit, record) if doc.state == "submitted" else record
