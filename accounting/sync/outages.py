"""What super users are mailed about a connection: once when it is cut off or no delivery comes any more, once when it
works again."""

from __future__ import annotations

from typing import Any

from accounting.models import Connection
from accounting.queries.cutoffs import way_out
from core.mail import link_to, send_after_commit
from workspaces.queries import super_users_of


def tell_begun(connection: Connection, cutoff: str, reason: str) -> None:
    """It was cut off just now, for this reason. Call in the transaction that says so, which can happen once only."""
    _mail(connection, "outage_begun", reason=reason, cure=way_out(cutoff))


def tell_over(connection: Connection) -> None:
    """Somebody reconnected what had been cut off."""
    _mail(connection, "outage_over")


def tell_lacking(connection: Connection, what: str) -> None:
    """Xero does not allow this. Call in the transaction that notes it, which can happen once only."""
    _mail(connection, "permission_lacking", what=what)


def tell_silent(connection: Connection) -> None:
    """Xero announces changes no more. Call in the transaction that says so, which can happen once only."""
    _mail(connection, "deliveries_stopped")


def tell_heard_again(connection: Connection) -> None:
    """Xero announces changes again."""
    _mail(connection, "deliveries_resumed")


def _mail(connection: Connection, template: str, **more: str) -> None:
    workspace = connection.workspace
    link = link_to("accounting:settings", workspace.slug)
    for user in super_users_of(workspace):
        facts: dict[str, Any] = {"name": str(user), "workspace": workspace.name, "link": link}
        facts["organisation"] = connection.tenant_name
        send_after_commit(to=user.email, template=template, context={**facts, **more})
