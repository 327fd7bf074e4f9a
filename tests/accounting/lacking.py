"""An organisation whose user has allowed less than Tandem works on."""

from __future__ import annotations

from typing import Any

from django.test import Client

from accounting.models import Connection, Grant
from core.testing import capture_commits
from tests.accounting.consenting import arrive, consent, leave
from workspaces.models import Workspace
from xero_sandbox.handle import FULL_SCOPES, Handle


def allow_all_but(sandbox: Handle, connection: Connection, *scopes: str) -> None:
    """Let the connection in as somebody who has allowed all but these, as an older release asked for it."""
    asked = [scope for scope in FULL_SCOPES if scope not in scopes]
    tokens = sandbox.connect(user=1, scopes=asked)
    Grant.objects.filter(connections=connection).update(
        remote_user_id=tokens["xero_userid"],
        access_token=tokens["access_token"],
        refresh_token=tokens["refresh_token"],
        scopes=tokens["scope"].split(),
    )
    connection.refresh_from_db()
    sandbox.clear_requests()


def allow(client: Client, workspace: Workspace, sandbox: Handle) -> Any:
    """Press the button and allow everything on Xero's page; returns the page it ends on."""
    with capture_commits(execute=True):
        return arrive(client, consent(sandbox, leave(client, workspace)))
