"""What the engine asks of the local side of one kind. A resource is the only code that knows both a domain
app and documents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Protocol
from uuid import UUID

from django.db.models import QuerySet

from accounting.enums import Kind, LinkState
from accounting.models import Connection, Link, Mapping, RemoteAccount, RemoteTaxRate, TaxMapping
from accounting.port.documents import Document, RemoteRecord
from accounting.port.errors import Misconfigured

Intent = Literal["hold", "upsert", "remove"]


@dataclass(frozen=True, slots=True)
class Need:
    """Another record that must be dealt with first, and what to call it. With `arrives` it must reach the remote
    side; without, it only has to be out of the way. With `approval` it is there and waits to be approved there."""

    kind: Kind
    local_id: UUID
    label: str
    arrives: bool = True
    approval: bool = False


@dataclass(slots=True)
class Desk:
    """What building documents for one connection needs, read once per step: choices, lists and links."""

    connection: Connection
    invoice_status: str = ""
    revenue_account: RemoteAccount | None = None
    payment_account: RemoteAccount | None = None
    tax_codes: dict[UUID, str] = field(default_factory=dict)
    tax_percents: dict[str, Decimal] = field(default_factory=dict)
    tax_names: dict[str, str] = field(default_factory=dict)
    links: dict[tuple[str, UUID], Link] = field(default_factory=dict)

    def link(self, kind: Kind, local_id: UUID) -> Link | None:
        """The link of one of our records, if it has one."""
        return self.links.get((str(kind), local_id))

    def load_links(self, kind: Kind, local_ids: Iterable[UUID]) -> None:
        """Read the links of these records, in one query, unless they were read already."""
        wanted = [local_id for local_id in local_ids if (str(kind), local_id) not in self.links]
        if wanted:
            found = Link.objects.filter(connection=self.connection, kind=kind, local_id__in=wanted)
            self.links.update({(link.kind, link.local_id): link for link in found})

    def out_of_sync(self, kind: Kind) -> list[Link]:
        """The links of this kind that were read and wait for a decision."""
        return [row for row in self.links.values() if row.kind == kind and row.state == LinkState.OUT_OF_SYNC]

    def remote_id(self, kind: Kind, local_id: UUID) -> str:
        """The remote id by which others refer to one of our records; empty when it is not linked or removed there."""
        link = self.link(kind, local_id)
        return (link.successor or link.remote_id) if link and link.state != LinkState.TOMBSTONED else ""

    def require_revenue_account(self) -> RemoteAccount:
        """The account sales are booked to. Raises Misconfigured with what to do."""
        if self.revenue_account is None:
            raise Misconfigured("Choose the default revenue account in Settings > Accounting.")
        if not self.revenue_account.active:
            raise Misconfigured(
                f"The revenue account {self.revenue_account} was archived in Xero: choose another."
            )
        return self.revenue_account

    def require_payment_account(self) -> RemoteAccount:
        """The account payments are booked to. Raises Misconfigured with what to do."""
        if self.payment_account is None:
            raise Misconfigured("Choose the payment account in Settings > Accounting.")
        if not self.payment_account.active:
            raise Misconfigured(
                f"The payment account {self.payment_account} was archived in Xero: choose another."
            )
        return self.payment_account


def open_desk(connection: Connection) -> Desk:
    """Read the connection's choices and lists, in four queries."""
    mapping = Mapping.objects.filter(connection=connection).first()
    accounts = {row.account_id: row for row in RemoteAccount.objects.filter(connection=connection)}
    rates = list(RemoteTaxRate.objects.filter(connection=connection))
    codes = TaxMapping.objects.filter(connection=connection).values_list("tax_rate_id", "code")
    return Desk(
        connection=connection,
        invoice_status=mapping.invoice_status if mapping else "",
        revenue_account=accounts.get(mapping.revenue_account_id) if mapping else None,
        payment_account=accounts.get(mapping.payment_account_id) if mapping else None,
        tax_codes=dict(codes),
        tax_percents={rate.code: rate.percent for rate in rates},
        tax_names={rate.code: rate.name for rate in rates},
    )


class Resource(Protocol):
    """The local side of one kind."""

    kind: Kind
    fields_synced: frozenset[str]

    def load(self, local_ids: Iterable[UUID]) -> dict[UUID, Any]:
        """Our records with these ids, with all that their documents need, in a fixed number of queries."""
        ...

    def lock(self, local_id: UUID) -> Any | None:
        """Our record as it is now, loaded like by `load`, locked until the transaction ends, in the order in which its
        services lock. A record's link, conflict and operations are locked after it, in this order."""
        ...

    def intent(self, record: Any, link: Link | None) -> Intent:
        """What the remote side should see of it now: nothing yet, the record, or its removal."""
        ...

    def candidates(self) -> QuerySet[Any]:
        """Our records that the remote side should have: those whose intent, without a link, is "upsert"."""
        ...

    def held_back(self, record: Any) -> str:
        """Why a record that the remote side has is not brought up to date there for now, in a sentence; "" when
        nothing holds it back."""
        ...

    def needs(self, record: Any) -> Iterable[tuple[Kind, UUID]]:
        """Records whose links `to_document` will ask the desk for."""
        ...

    def first_need(self, record: Any, intent: Intent, desk: Desk) -> Need | None:
        """A record that must reach the remote side before this one can."""
        ...

    def to_document(self, record: Any, desk: Desk) -> Document:
        """The document of our record in the remote side's terms. Raises Misconfigured with what to do."""
        ...

    def apply_remote(self, record: Any, theirs: RemoteRecord, desk: Desk) -> Any:
        """Write the remote document into our record, through the domain's services, as Xero. Returns the record."""
        ...

    def take_facts(self, record: Any, theirs: RemoteRecord) -> str:
        """Write what only the remote side decides and no comparison looks at. Returns what became of it, in a
        sentence; "" when nothing is new."""
        ...

    def label(self, record: Any) -> str:
        """What a person calls it."""
        ...
