"""What building documents for one connection needs: its choices, its lists, and the links of its records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from accounting.enums import LinkState
from accounting.models import (
    Connection,
    Exemption,
    Link,
    Mapping,
    PaymentMapping,
    RemoteAccount,
    RemoteTaxRate,
    RemoteTrackingOption,
    ServiceMapping,
    TaxMapping,
)
from accounting.port.documents import Kind, Tracked
from accounting.port.errors import Misconfigured
from accounting.resources.rules import Rules, rules_from
from accounting.resources.tracking import Options, chosen_options, say_broken


@dataclass(slots=True)
class Desk:
    """What building documents for one connection needs, read once per step: choices, lists and links."""

    connection: Connection
    rules: Rules = field(default_factory=Rules)
    accounts: dict[str, RemoteAccount] = field(default_factory=dict)
    revenue_account: RemoteAccount | None = None
    service_accounts: dict[UUID, str] = field(default_factory=dict)
    payment_account: RemoteAccount | None = None
    currency_accounts: dict[str, str] = field(default_factory=dict)
    tax_codes: dict[UUID, str] = field(default_factory=dict)
    tax_percents: dict[str, Decimal] = field(default_factory=dict)
    tax_names: dict[str, str] = field(default_factory=dict)
    tracking: Options = field(default_factory=dict)
    tracking_options: dict[str, RemoteTrackingOption] = field(default_factory=dict)
    unfit_taxes: dict[str, str] = field(default_factory=dict)
    """Codes of rates that no sale can bear, and why."""
    links: dict[tuple[str, UUID], Link] = field(default_factory=dict)
    exemptions: dict[tuple[str, UUID], Exemption | None] = field(default_factory=dict)

    def link(self, kind: Kind, local_id: UUID) -> Link | None:
        """The link of one of our records, if it has one."""
        return self.links.get((str(kind), local_id))

    def load_links(self, kind: Kind, local_ids: Iterable[UUID]) -> None:
        """Read the links of these records, in one query, unless they were read already."""
        wanted = [local_id for local_id in local_ids if (str(kind), local_id) not in self.links]
        if wanted:
            found = Link.objects.filter(connection=self.connection, kind=kind, local_id__in=wanted)
            for link in found:
                link.connection = self.connection
                self.links[link.kind, link.local_id] = link

    def load_needs(self, needs: Iterable[tuple[Kind, UUID]]) -> None:
        """Read the links that documents will ask for, in one query a kind."""
        by_kind: dict[Kind, list[UUID]] = {}
        for kind, local_id in needs:
            by_kind.setdefault(kind, []).append(local_id)
        for kind, local_ids in by_kind.items():
            self.load_links(kind, local_ids)

    def exemption(self, kind: Kind, local_id: UUID) -> Exemption | None:
        """What keeps one of our records out of the sync, if anything does. One query, unless it was read."""
        self.load_exemptions(kind, [local_id])
        return self.exemptions[str(kind), local_id]

    def load_exemptions(self, kind: Kind, local_ids: Iterable[UUID]) -> None:
        """Read what keeps these records out of the sync, in one query, unless it was read already."""
        wanted = [local_id for local_id in local_ids if (str(kind), local_id) not in self.exemptions]
        if wanted:
            self.exemptions |= {(str(kind), local_id): None for local_id in wanted}
            mine = Exemption.objects.filter(connection=self.connection, kind=kind, local_id__in=wanted)
            self.exemptions |= {(row.kind, row.local_id): row for row in mine}

    def out_of_sync(self, kind: Kind) -> list[Link]:
        """The links of this kind that were read and wait for a decision."""
        return [row for row in self.links.values() if row.kind == kind and row.state == LinkState.OUT_OF_SYNC]

    def remote_id(self, kind: Kind, local_id: UUID) -> str:
        """The remote id by which others refer to one of our records; empty when it is not linked or removed there."""
        link = self.link(kind, local_id)
        return (link.successor or link.remote_id) if link and link.state != LinkState.TOMBSTONED else ""

    def account_id(self, code: str) -> str:
        """The id of the account that has this code; empty when the lists have none."""
        found = [row for row in self.accounts.values() if code and row.code == code]
        return max(found, key=lambda row: row.active).account_id if found else ""

    def require_account_for(self, service_id: UUID | None) -> RemoteAccount:
        """The account that sales of a service are booked to: the one chosen for it, else the default. Raises
        Misconfigured with what to do."""
        account = self.accounts.get(self.service_accounts.get(service_id, "")) if service_id else None
        if account is None:
            return self.require_revenue_account()
        if not account.active:
            raise Misconfigured(
                f"The account {account} of a service was archived in Xero: choose another in Settings > Accounting."
            )
        return account

    def require_revenue_account(self) -> RemoteAccount:
        """The account sales are booked to. Raises Misconfigured with what to do."""
        if self.revenue_account is None:
            raise Misconfigured("Choose the default revenue account in Settings > Accounting.")
        if not self.revenue_account.active:
            raise Misconfigured(
                f"The revenue account {self.revenue_account} was archived in Xero: choose another."
            )
        return self.revenue_account

    def require_tracking_for(self, service_id: UUID | None) -> tuple[Tracked, ...]:
        """What a new line of a service is tracked by: of each category the option chosen for it, else the default one.
        Raises Misconfigured with what to do."""
        own = self.tracking.get(service_id, {}) if service_id else {}
        chosen = {**self.tracking.get(None, {}), **own}
        for option_id in chosen.values():
            if broken := say_broken(self.tracking_options.get(option_id)):
                raise Misconfigured(f"{broken} in Settings > Accounting.")
        return tuple(Tracked(category_id=category, option_id=option) for category, option in chosen.items())

    def require_payment_account(self, currency: str) -> RemoteAccount:
        """The account that payments in this currency are booked to. Raises Misconfigured with what to do."""
        account = self.accounts.get(self.currency_accounts.get(currency, "")) or self.payment_account
        if account is None:
            raise Misconfigured("Choose the payment account in Settings > Accounting.")
        if not account.active:
            raise Misconfigured(f"The payment account {account} was archived in Xero: choose another.")
        if account.currency not in ("", currency, self.connection.currency):
            raise Misconfigured(
                f"{account} takes only {account.currency}: choose a payment account for {currency}"
                " in Settings > Accounting."
            )
        return account


def open_desk(connection: Connection) -> Desk:
    """Read the connection's choices and lists, in seven queries, and one more where lines are tracked."""
    mapping = Mapping.objects.filter(connection=connection).first()
    accounts = {row.account_id: row for row in RemoteAccount.objects.filter(connection=connection)}
    rates = list(RemoteTaxRate.objects.filter(connection=connection))
    codes = TaxMapping.objects.filter(connection=connection).values_list("tax_rate_id", "code")
    services = ServiceMapping.objects.filter(connection=connection).values_list("service_id", "account_id")
    currencies = PaymentMapping.objects.filter(connection=connection).values_list("currency", "account_id")
    tracking = chosen_options(connection)
    options = RemoteTrackingOption.objects.filter(connection=connection) if tracking else ()
    return Desk(
        connection=connection,
        rules=rules_from(mapping),
        accounts=accounts,
        service_accounts=dict(services),
        currency_accounts=dict(currencies),
        revenue_account=accounts.get(mapping.revenue_account_id) if mapping else None,
        payment_account=accounts.get(mapping.payment_account_id) if mapping else None,
        tax_codes=dict(codes),
        tax_percents={rate.code: rate.percent for rate in rates},
        tax_names={rate.code: rate.name for rate in rates},
        tracking=tracking,
        tracking_options={row.option_id: row for row in options},
        unfit_taxes={rate.code: rate.unfit for rate in rates if rate.unfit},
    )
