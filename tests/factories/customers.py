"""Customers, without surprises. Call inside a workspace's scope."""

from __future__ import annotations

from itertools import count
from typing import Any

from customers.models import Customer
from customers.services import create_customer
from workspaces.models import Workspace

_serial = count(1)


def make_customer(workspace: Workspace, *, name: str = "", **fields: Any) -> Customer:
    return create_customer(workspace=workspace, by=None, name=name or f"Customer {next(_serial)}", **fields)
