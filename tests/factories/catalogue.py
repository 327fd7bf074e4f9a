"""Services and tax rates, without surprises. Call inside a workspace's scope."""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Any

from catalogue.models import Service, TaxRate
from catalogue.services import create_service, create_tax_rate
from workspaces.models import Workspace

_serial = count(1)


def make_tax_rate(
    workspace: Workspace, *, name: str = "", percent: str = "15", is_default: bool = False
) -> TaxRate:
    return create_tax_rate(
        workspace=workspace,
        name=name or f"GST {next(_serial)}",
        percent=Decimal(percent),
        by=None,
        is_default=is_default,
    )


def make_service(workspace: Workspace, *, name: str = "", **fields: Any) -> Service:
    return create_service(workspace=workspace, by=None, name=name or f"Service {next(_serial)}", **fields)
