"""Who is invoiced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from accounting.port.documents.base import Document, Kind
from accounting.port.documents.facts import fact


@dataclass(frozen=True, slots=True)
class ContactDoc(Document):
    """A customer. `reference` is ours and finds the contact again."""

    kind: ClassVar[Kind] = "customer"
    may_return: ClassVar[bool] = True

    reference: str = fact("Reference", ours_alone=True)
    name: str = fact("Name")
    first_name: str = fact("First name", default="")
    last_name: str = fact("Last name", default="")
    email: str = fact("E-mail", default="")
    phone: str = fact("Phone", default="")
    address_line: str = fact("Address", default="")
    city: str = fact("City", default="")
    region: str = fact("Region", default="")
    postal_code: str = fact("Postal code", default="")
    country: str = fact("Country", default="")
    tax_number: str = fact("Tax number", default="")
    archived: bool = fact("Archived", default=False)
    merged_into: str = ""

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
    def survivor(self) -> str:
        return self.merged_into
