"""Who is invoiced, and who bills us."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, ClassVar

from accounting.port.documents.base import Document, Kind
from accounting.port.documents.facts import Fact


class ContactDoc(Document, frozen=True, kw_only=True):
    """A customer or supplier. `reference` is ours and finds the contact again. `only_supplies` tells of one that has
    sent bills and was never invoiced; `outstanding` is what it owed there when it was read, in the organisation's
    currency: no time of change moves with that."""

    kind: ClassVar[Kind] = "customer"
    may_return: ClassVar[bool] = True

    reference: Annotated[str, Fact("Reference", ours_alone=True)]
    name: Annotated[str, Fact("Name")]
    first_name: Annotated[str, Fact("First name")] = ""
    last_name: Annotated[str, Fact("Last name")] = ""
    email: Annotated[str, Fact("E-mail")] = ""
    phone: Annotated[str, Fact("Phone")] = ""
    address_line: Annotated[str, Fact("Address")] = ""
    city: Annotated[str, Fact("City")] = ""
    region: Annotated[str, Fact("Region")] = ""
    postal_code: Annotated[str, Fact("Postal code")] = ""
    country: Annotated[str, Fact("Country")] = ""
    tax_number: Annotated[str, Fact("Tax number")] = ""
    archived: Annotated[bool, Fact("Archived")] = False
    merged_into: str = ""
    only_supplies: bool = False
    outstanding: Decimal = Decimal(0)

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.reference,)

    @property
    def identity(self) -> tuple[Any, ...]:
        """Xero compares names without regard to case."""
        return self.reference, self.name.casefold()

    @property
    def is_gone(self) -> bool:
        return self.archived

    @property
    def owes(self) -> Decimal:
        return self.outstanding

    @property
    def survivor(self) -> str:
        return self.merged_into
