"""What the organisation's plan, or the role of whoever connected, is known not to allow."""

from __future__ import annotations

from collections.abc import Iterator

from accounting.enums import InvoiceStatusRule, Lane, OpState
from accounting.models import Connection, Operation
from accounting.port.meanings import PLAN_LIMIT
from accounting.providers.registry import meaning_of
from accounting.resources.rules import rules_of
from core.clock import day_in
from core.templatetags.display import day
from workspaces.days import start_of, today

APPROVED_THERE = (InvoiceStatusRule.WITH_STATUS, InvoiceStatusRule.AUTHORISED)
AS_DRAFTS = "or let invoices go to Xero as drafts in Settings > Accounting"
LOOKED_AT = 50


def plan_limits(connection: Connection) -> Iterator[str]:
    """A sentence for each, where the rule of invoices has them approved there."""
    if rules_of(connection).invoice_status not in APPROVED_THERE:
        return
    if not connection.may_approve:
        yield (
            "Whoever connected Tandem may not approve invoices in Xero, by their role or by the plan. "
            f"Have somebody who may reconnect, {AS_DRAFTS}."
        )
    if refused := _refused_this_month(connection):
        yield (
            f"Xero's plan took no more approved invoices on {refused}, and begins to count anew next month. "
            f"Have the plan changed in Xero, {AS_DRAFTS}."
        )


def _refused_this_month(connection: Connection) -> str:
    """The day when Xero last refused an approval because the plan's number for the month was used up; "" if none."""
    workspace = connection.workspace
    month = start_of(today(workspace).replace(day=1), workspace)
    failed = Operation.objects.filter(
        connection=connection, lane=Lane.PUSH, state=OpState.FAILED, updated_at__gte=month
    )
    for operation in failed.order_by("-updated_at").only("error_detail", "updated_at")[:LOOKED_AT]:
        meaning = meaning_of(operation.error_detail)
        if meaning is not None and meaning.cause == PLAN_LIMIT:
            return day(day_in(workspace.zone, operation.updated_at))
    return ""
