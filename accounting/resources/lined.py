"""What is the same with every kind that has lines: it goes out with its status, or once it is approved, as the rule
says; a voided one is removed there; and both sides must agree on its totals."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar, cast
from uuid import UUID

from django.db.models import F, QuerySet
from msgspec.structs import replace

from accounting.enums import Choice, Kind, LinkState, Mark, Taken
from accounting.models import Connection, Link
from accounting.port.documents import LinedDocument, LineDoc
from accounting.port.exchange import RemoteRecord
from accounting.port.snapshots import load
from accounting.resources.base import Intent, Resource
from accounting.resources.desk import Desk
from accounting.resources.lined_mending import LinedMending
from accounting.resources.lined_objections import lacking_in_draft, objections_to, refused_as_known
from accounting.resources.lined_refusals import Settled, refused_over
from accounting.resources.lined_steps import (
    APPROVED_THERE,
    ISSUED,
    SENT_AS,
    STATES,
    follow,
    is_held,
    state_of,
)
from accounting.resources.lined_writes import sums_of, write_document
from accounting.resources.lines import line_document, line_input, picked_inputs
from accounting.resources.needs import Need
from accounting.resources.periods import parked_until_open
from accounting.resources.rules import Rules
from accounting.resources.words import Named
from core.refusals import Refused
from core.templatetags.display import day, money
from core.words import with_article
from lines.signals import Objection
from lines.totals import Sums, compute_totals


class LinedResource(LinedMending, Resource):
    """The local side of one kind with lines, whose records belong to a customer.

    - `shape`: its document.
    - `page`: the page that shows one of its records.
    """

    shape: ClassVar[type[LinedDocument]]
    page: ClassVar[str]
    choices = frozenset(
        {Choice.LISTS, Choice.REVENUE_ACCOUNT, Choice.TAX_RATES, Choice.TRACKING, Choice.PLAN}
    )
    parents = {"customer": Kind.CUSTOMER}
    day_field = "issue_date"

    @abstractmethod
    def rows(self) -> QuerySet[Any]:
        """All our records, bare."""

    @abstractmethod
    def own_facts(self, record: Any, desk: Desk) -> dict[str, Any]:
        """What its document says beside what all with lines do."""

    @abstractmethod
    def new_record(self, doc: Any, desk: Desk) -> Any:
        """A new draft of ours with what stands above the lines, for one that was made there. Raises Refused while its
        contact is linked to no customer, and what the service raises."""

    @abstractmethod
    def settled_by_others(self, record: Any, theirs: Any, desk: Desk) -> Settled | None:
        """What stands against theirs there that is not about to be taken off by us; None where nothing does."""

    def intent(self, record: Any, link: Link | None, rules: Rules) -> Intent:
        if record.voided_at:
            return "remove" if link and link.state != LinkState.TOMBSTONED else "hold"
        standing = link.base.get(self.shape.standing_field, "") if link else ""
        return "hold" if is_held(record, standing, rules) else "upsert"

    def candidates(self, rules: Rules) -> QuerySet[Any]:
        return self.rows().filter(status__in=SENT_AS if rules.invoices_keep_step else ISSUED)

    def worth(self) -> QuerySet[Any]:
        return self.rows().annotate(worth=F("total"), worth_in=F("currency"))

    def lacking(self, record: Any, desk: Desk) -> str:
        """Approval has asked for all this; a draft may not be there yet."""
        return lacking_in_draft(record, desk.connection) if record.is_editable else ""

    def refused(self, record: Any, desk: Desk) -> str:
        return refused_as_known(record, desk)

    def parked(self, record: Any, link: Link | None, desk: Desk) -> str:
        """The day it has there counts too: Xero changes nothing that is dated in a locked period."""
        there = self._agreed(link)
        return parked_until_open(desk, record.issue_date, there.issue_date if there else None)

    def standing_is_theirs(self, rules: Rules) -> bool:
        return not rules.invoices_keep_step

    def moved_by(self, rules: Rules, connection: Connection) -> Iterable[UUID]:
        if not rules.invoices_keep_step:
            return ()
        open_there = {f"base__{self.shape.standing_field}__in": ("draft", "submitted")}
        linked = Link.objects.filter(connection=connection, kind=self.kind, **open_there)
        return linked.values_list("local_id", flat=True)

    def held_back(self, record: Any, standing: str, rules: Rules) -> str:
        if record.voided_at or not is_held(record, standing, rules):
            return ""
        again = " again" if record.issued_at else ""
        return f"Held here until it is approved{again}."

    def refuses(self, record: Any, wanted: Any, theirs: Any, desk: Desk) -> str:
        settled = None if theirs.is_gone else self.settled_by_others(record, theirs, desk)
        return refused_over(wanted, theirs, desk, self.words.name, settled)

    def say_went_on(self, document: Any) -> str:
        step = "approved" if document.state in APPROVED_THERE else "submitted"
        return (
            f"{self.words.title} {document.number} was deleted here, and {step} in Xero meanwhile. "
            "Void or delete it there, then try again."
        )

    def say_removed(self, document: Any) -> str:
        return "Deleted in Xero." if document.state == "deleted" else self.words.removed_there

    def kept_here(self, record: Any, rules: Rules) -> str:
        return "It was never in Xero, and it is voided here." if record.voided_at else self.words.never_sent

    def needs(self, record: Any) -> Iterable[tuple[Kind, UUID]]:
        yield Kind.CUSTOMER, record.customer_id

    def ties(self, record: Any, document: Any) -> Iterable[tuple[Kind, UUID, str]]:
        yield Kind.CUSTOMER, record.customer_id, document.contact_id

    def first_need(self, record: Any, intent: Intent, desk: Desk) -> Need | None:
        """The customer before it."""
        if intent == "upsert" and not desk.remote_id(Kind.CUSTOMER, record.customer_id):
            return Need(Kind.CUSTOMER, record.customer_id, record.customer.name)
        return None

    def to_document(self, record: Any, desk: Desk) -> LinedDocument:
        link = desk.link(self.kind, record.pk)
        base = self._agreed(link)
        return self.shape(
            number=record.number,
            reference=record.reference,
            contact_id=desk.remote_id(Kind.CUSTOMER, record.customer_id),
            issue_date=record.issue_date,
            currency=record.currency,
            amounts=record.amounts,
            lines=self._lines(record, desk, base, link),
            state=state_of(record, desk.rules, is_new=base is None),
            net=record.net,
            tax=record.tax,
            total=record.total,
            rate=_kept_rate(record, desk, base),
            **self.own_facts(record, desk),
        )

    def _agreed(self, link: Link | None) -> LinedDocument | None:
        return cast(LinedDocument, load(self.kind, link.base)) if link and link.base else None

    def _lines(
        self, record: Any, desk: Desk, base: LinedDocument | None, link: Link | None
    ) -> tuple[LineDoc, ...]:
        agreed = _recoded(_by_ref(base), link)
        is_warned = bool(link and link.note)
        return tuple(
            line_document(line, record, desk, agreed.get(str(line.pk)), is_warned=is_warned)
            for line in record.lines.all()
        )

    def admit(self, theirs: RemoteRecord, desk: Desk) -> Any:
        """How far it has come is followed afterwards."""
        doc = cast(LinedDocument, theirs.document)
        record = self.new_record(doc, desk)
        lines = [line_input(line, doc, record, desk, None) for line in doc.lines]
        return write_document(record, doc, desk, self.services, lines, sums_of(doc))

    def apply_remote(self, record: Any, theirs: RemoteRecord, desk: Desk) -> Any:
        doc = cast(LinedDocument, theirs.document)
        if doc.is_gone:
            return self.services.do(self.services.void, record)
        record = follow(record, doc, desk.rules, self.services)
        agreed = _by_ref(self._agreed(desk.link(self.kind, record.pk)))
        lines = [line_input(line, doc, record, desk, agreed.get(line.ref)) for line in doc.lines]
        return write_document(record, doc, desk, self.services, lines, sums_of(doc))

    def apply_picked(self, record: Any, picked: Any, theirs: RemoteRecord, desk: Desk) -> Any:
        if not picked.lines:
            raise Refused(
                f"{with_article(self.words.name).capitalize()} needs at least one line. Keep one of them."
            )
        record = follow(record, picked, desk.rules, self.services)
        lines = picked_inputs(picked, cast(LinedDocument, theirs.document), record, desk)
        come_to = compute_totals(lines, picked.amounts)
        if come_to.total < 0:
            raise Refused("The result comes to less than zero, which Xero does not take.")
        sums = Sums(net=come_to.net, tax=come_to.tax, total=come_to.total)
        return write_document(record, picked, desk, self.services, lines, sums)

    def label(self, record: Any) -> str:
        return f"{self.words.name} {record.number}"

    def named(self, local_ids: Iterable[UUID]) -> Iterable[Named]:
        for pk, number in self.rows().filter(pk__in=list(local_ids)).values_list("pk", "number"):
            yield Named(pk, f"{self.words.title} {number}", self.page, pk)

    def names(self, record: Any) -> Iterable[tuple[Taken, str]]:
        return ((Taken.NUMBER, record.number),)

    def names_there(self, document: Any) -> Iterable[tuple[Taken, str]]:
        """A deleted one frees its number."""
        if not document.is_stray and document.state != "deleted":
            yield Taken.NUMBER, document.number

    def marks(self, record: Any) -> Iterable[tuple[Mark, str]]:
        return ((Mark.NUMBER, record.number),)

    def marks_there(self, document: Any) -> Iterable[tuple[Mark, str]]:
        return () if document.is_stray or document.is_gone else ((Mark.NUMBER, document.number),)

    def may_be(self, record: Any, document: Any) -> bool:
        same_day = record.issue_date == document.issue_date
        return same_day and (record.currency, record.total) == (document.currency, document.total)

    def describe(self, document: Any) -> Iterable[str]:
        yield document.number
        yield money(document.total, document.currency)
        yield day(document.issue_date)
        yield STATES.get(document.standing, "")

    def objections(self, record: Any, connection: Connection) -> list[Objection]:
        return [*objections_to(self.kind, self.words.name, record, connection)]


def _by_ref(base: LinedDocument | None) -> dict[str, LineDoc]:
    """The agreed lines by our ids."""
    return {line.ref: line for line in base.lines} if base else {}


def _recoded(agreed: dict[str, LineDoc], link: Link | None) -> dict[str, LineDoc]:
    """With the tax codes that a person exchanged for those that were refused."""
    if link is None or not link.recoded:
        return agreed
    codes = link.recoded
    return {
        ref: replace(line, tax_code=codes.get(line.tax_code, line.tax_code)) for ref, line in agreed.items()
    }


def _kept_rate(record: Any, desk: Desk, base: LinedDocument | None) -> Decimal | None:
    """Lines sent without the rate would reset the rate of a foreign document (Xero docs: Invoices, "CurrencyRate")."""
    if base is None or record.currency == desk.connection.currency:
        return None
    return base.rate
