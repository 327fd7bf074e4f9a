"""Credit that was applied to an invoice."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, ClassVar

from accounting.port.documents.base import Kind, Ref, Settlement
from accounting.port.documents.facts import Fact


class AllocationDoc(Settlement, frozen=True, kw_only=True):
    """Credit applied to one invoice, in the currency of both.

    It settles its source, which shows it. The invoice tells only what all its credit comes to, so that is to be read
    anew. Its `date` is the remote side's to choose, and is never compared. `invoice_number` is only read.
    """

    kind: ClassVar[Kind] = "allocation"

    source_kind: Kind
    source_id: str
    invoice_id: str
    date: dt.date
    invoice_number: str = ""
    removed: Annotated[bool, Fact("Taken off")] = False

    @property
    def source(self) -> Ref:
        """The document whose credit it is."""
        return Ref(self.source_kind, self.source_id)

    @property
    def key(self) -> tuple[Any, ...]:
        return self.source, self.invoice_id

    @property
    def identity(self) -> tuple[Any, ...]:
        return *self.key, self.amount

    @property
    def is_gone(self) -> bool:
        return self.removed

    @property
    def settles(self) -> tuple[Ref, ...]:
        return (self.source,) if self.source_id else ()
