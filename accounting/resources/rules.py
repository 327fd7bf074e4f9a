"""What a super user decided about what goes to the remote side. Kinds ask it; engine and pages only hand it on."""

from __future__ import annotations

from dataclasses import dataclass

from accounting.enums import BornThere, InvoiceStatusRule, LockedPeriod
from accounting.models import Connection, Mapping


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one connection. Without a choice, the defaults hold."""

    invoice_status: str = InvoiceStatusRule.WITH_STATUS
    born_there: str = BornThere.OFF
    locked_period: str = LockedPeriod.BLOCK

    @property
    def invoices_keep_step(self) -> bool:
        """Whether an invoice stands there as it stands here, from its first draft on."""
        return self.invoice_status == InvoiceStatusRule.WITH_STATUS

    @property
    def queues_born_there(self) -> bool:
        """Whether what was made there, and is linked to nothing here, is listed for a person to decide on."""
        return self.born_there == BornThere.QUEUE


def rules_from(mapping: Mapping | None) -> Rules:
    """The rules that these choices make."""
    if mapping is None:
        return Rules()
    return Rules(mapping.invoice_status, mapping.born_there, mapping.locked_period)


def rules_of(connection: Connection) -> Rules:
    """The rules of this connection. One query, none where the connection was read with its mapping."""
    try:
        return rules_from(connection.mapping)
    except Mapping.DoesNotExist:
        return rules_from(None)
