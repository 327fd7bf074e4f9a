"""Customers, without surprises. Call inside a workspace's scope."""

from __future__ import annotations

from itertools import count
from typing import Any

from customers.enums import SUPPLIERS
from customers.models import Customer
from customers.services import create_customer
from workspaces.models import Workspace

_serial = count(1)


def make_customer(workspace: Workspace, *, name: str = "", **fields: Any) -> Customer:
    return create_customer(workspace=workspace, by=None, name=name or f"Customer {next(_serial)}", **fields)


def make_supplier(workspace: Workspace, *, name: str = "", **fields: Any) -> Customer:
    """A supplier that is no customer."""
    name = name or f"Supplier {next(_serial)}"
    return make_customer(workspace, name=name, **{**SUPPLIERS.flags, **fields})
