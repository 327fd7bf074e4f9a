"""What a super user decided about what goes to the remote side. Kinds ask it; engine and pages only hand it on."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from accounting.choices import MatchBy, Owner, PaymentsWay, SentThere, Unmatched
from accounting.enums import BornThere, InvoiceStatusRule, LockedPeriod
from accounting.models import Connection
from accounting.models import Mapping as Chosen
from accounting.port.documents import Kind
from core.templatetags.display import day

Owners = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one connection. Without a choice, the defaults hold."""

    invoice_status: str = InvoiceStatusRule.WITH_STATUS
    born_there: str = BornThere.OFF
    locked_period: str = LockedPeriod.BLOCK
    start_date: dt.date | None = None
    sent_there: str = SentThere.LEAVE
    payments_way: str = PaymentsWay.BOTH
    match_by: str = MatchBy.ANY
    unmatched: str = Unmatched.CREATE
    owners: Owners = field(default_factory=dict)

    @property
    def invoices_keep_step(self) -> bool:
        """Whether an invoice stands there as it stands here, from its first draft on."""
        return self.invoice_status == InvoiceStatusRule.WITH_STATUS

    @property
    def marks_sent(self) -> bool:
        """Whether an invoice that is approved from here is marked there as sent to its customer."""
        return self.sent_there == SentThere.MARK

    @property
    def queues_born_there(self) -> bool:
        """Whether what was made there, and is linked to nothing here, is listed for a person to decide on."""
        return self.born_there == BornThere.QUEUE

    def owners_of(self, kind: Kind) -> Mapping[str, str]:
        """Who decides about the fields of documents of this kind, by their names; both sides about all others."""
        return self.owners.get(kind, {})

    def theirs_of(self, kind: Kind) -> frozenset[str]:
        """The fields of documents of this kind that only the remote side decides about."""
        return frozenset(name for name, owner in self.owners_of(kind).items() if owner == Owner.THEIRS)

    @property
    def sends_payments(self) -> bool:
        """Whether payments that are recorded here go there."""
        return self.payments_way != PaymentsWay.FROM

    @property
    def takes_payments(self) -> bool:
        """Whether payments that are recorded there come here."""
        return self.payments_way != PaymentsWay.TO

    def covers(self, each: dt.date | None) -> bool:
        """Whether something of this day is kept in tandem. What has no day always is."""
        return each is None or self.start_date is None or each >= self.start_date

    @property
    def before_start(self) -> str:
        """What something that is dated too early is, within a sentence; there is a day to start on."""
        assert self.start_date is not None
        return f"dated before {day(self.start_date)}, the start of the sync"


def rules_from(mapping: Chosen | None) -> Rules:
    """The rules that these choices make."""
    if mapping is None:
        return Rules()
    return Rules(**{each.name: getattr(mapping, each.name) for each in fields(Rules)})


def rules_read(told: str) -> Rules:
    """Those that a query has read, as JSON of a mapping's fields; of what was not chosen the default holds."""
    chosen = {name: value for name, value in json.loads(told or "{}").items() if value}
    if start := chosen.get("start_date"):
        chosen["start_date"] = dt.date.fromisoformat(start)
    return Rules(**chosen)


def rules_of(connection: Connection) -> Rules:
    """The rules of this connection. One query, none where the connection was read with its mapping."""
    try:
        return rules_from(connection.mapping)
    except Chosen.DoesNotExist:
        return rules_from(None)
