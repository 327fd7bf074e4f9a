"""Choices that hold no more since the organisation's lists were read: noticed, and told once, before a record fails."""

from __future__ import annotations

from typing import Any

from accounting.models import Connection
from accounting.queries.missing import broken_choices
from core.mail import link_to, send_after_commit
from core.transactions import require_transaction
from workspaces.queries import super_users_of


def note_broken(connection: Connection) -> None:
    """Remember which choices hold no more, for every page to show. Super users are mailed about those that are new.

    Call at the end of the transaction that stored the lists or the choices."""
    require_transaction("noting what broke")
    row = Connection.objects.select_for_update(of=("self",)).get(pk=connection.pk)
    told = broken_choices(row)
    new = [sentence for sentence in told if sentence not in row.broken]
    if told != row.broken:
        row.broken = told
        row.save(update_fields=["broken", "updated_at"])
    if new and row.is_active:
        _mail(row, new)


def _mail(connection: Connection, sentences: list[str]) -> None:
    workspace = connection.workspace
    for user in super_users_of(workspace):
        facts: dict[str, Any] = {
            "name": str(user),
            "workspace": workspace.name,
            "organisation": connection.tenant_name,
            "sentences": sentences,
            "link": link_to("accounting:mapping", workspace.slug),
        }
        send_after_commit(to=user.email, template="choices_broken", context=facts)
