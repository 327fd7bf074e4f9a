"""What a contact may be: a customer, a supplier, or both."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: `place` is the namespace of its pages, `flag` the field that says so, the rest its name."""

    place: str
    flag: str
    one: str
    many: str

    @property
    def flags(self) -> dict[str, bool]:
        """The fields of a contact that is this and nothing else."""
        return {side.flag: side is self for side in SIDES}

    @property
    def other(self) -> Side:
        """What a contact may be as well."""
        return SUPPLIERS if self is CUSTOMERS else CUSTOMERS


CUSTOMERS = Side("customers", "is_customer", "customer", "customers")
SUPPLIERS = Side("suppliers", "is_supplier", "supplier", "suppliers")
SIDES = (CUSTOMERS, SUPPLIERS)
