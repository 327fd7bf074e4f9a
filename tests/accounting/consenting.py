"""Leaving for Xero, answering there, and what is connected then."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from django.test import Client

from accounting.models import Connection
from tests.accounting.pages import url
from workspaces.models import Workspace
from workspaces.scope import all_workspaces
from xero_sandbox.handle import Handle

NO_LONGER_VALID = "This connection attempt is no longer valid. Please start again."
CALLBACK = "/accounting/xero/callback/"


def leave(client: Client, workspace: Workspace) -> str:
    """Press Connect; returns the address of the consent page."""
    response = client.post(url("connect", workspace))
    assert response.status_code == 302
    return response["Location"]


def consent(sandbox: Handle, address: str, organisation: str | None = None, **answer: str) -> str:
    """Answer on Xero's page; returns where it sends the browser, as a path of ours."""
    form = dict(parse_qsl(urlsplit(address).query)) | {
        "organisation": sandbox.books(organisation).id,
        "user": next(iter(sandbox.store.users.all())).id,
        "answer": "allow",
    }
    page = f"{sandbox.url}/identity/connect/authorize"
    reply = requests.post(page, data=form | answer, allow_redirects=False, timeout=5)
    back = urlsplit(reply.headers["Location"])
    assert (back.netloc, back.path) == ("localhost:8000", CALLBACK)
    return f"{back.path}?{back.query}"


def arrive(client: Client, back: str) -> Any:
    """Come back from Xero's page and confirm what is asked there, if anything is; returns the page it ends on."""
    page = client.get(back, follow=True)
    asked = page.redirect_chain[-1][0] if page.redirect_chain else ""
    if "/connect/" not in asked:
        return page
    return client.post(asked, {"tenant_id": page.context["form"].initial["tenant_id"]}, follow=True)


def connections() -> list[Connection]:
    with all_workspaces("a test looks at every connection"):
        return list(Connection.objects.all())


def slugs(sandbox: Handle) -> list[str]:
    return [books.organisation.id for books in sandbox.store.books.values()]
