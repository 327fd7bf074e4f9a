"""Who may see the pages of invoices and take their steps."""

from __future__ import annotations

import pytest
from django.test import Client

from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from tests.factories.invoices import make_invoice
from tests.invoices.pages import url_of
from workspaces.models import User, Workspace


@pytest.mark.parametrize("name", ["list", "create"])
def test_pages_are_not_there_for_strangers(
    workspace: Workspace, stranger: User, client: Client, name: str
) -> None:
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(url_of(workspace, name)).status_code == 404


@pytest.mark.parametrize(
    "name", ["approve", "submit", "sent", "reopen", "void", "delete", "edit", "preview_edit"]
)
def test_steps_are_not_there_for_strangers(
    in_workspace: Workspace, stranger: User, client: Client, name: str
) -> None:
    invoice = make_invoice(in_workspace)
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")

    assert client.post(url_of(in_workspace, name, invoice.pk)).status_code == 404


def test_pages_send_the_anonymous_to_sign_in(workspace: Workspace, client: Client) -> None:
    assert client.get(url_of(workspace, "list")).status_code == 302


def test_super_user_may_do_what_staff_may(in_workspace: Workspace, super_client: Client) -> None:
    invoice = make_invoice(in_workspace)

    super_client.post(url_of(in_workspace, "approve", invoice.pk))

    assert Invoice.objects.get().status == InvoiceStatus.APPROVED
