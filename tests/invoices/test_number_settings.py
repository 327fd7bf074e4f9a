"""How new invoices are numbered: a prefix, which may be blank, and the number that comes next."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from invoices.models import Invoice
from tests.accounting.pages import notices, words
from tests.factories.invoices import make_invoice
from workspaces.models import AuditEntry, Workspace

pytestmark = pytest.mark.usefixtures("in_workspace")


def _url(workspace: Workspace) -> str:
    return reverse("invoices:numbers", args=[workspace.slug])


def _save(client: Client, workspace: Workspace, prefix: str, number: Any) -> Any:
    return client.post(_url(workspace), {"prefix": prefix, "next_number": number}, follow=True)


@pytest.mark.parametrize(("prefix", "number"), [("2026/", "2026/0007"), ("", "0007")])
def test_new_invoices_bear_what_was_chosen_and_old_ones_keep_theirs(
    super_client: Client, workspace: Workspace, prefix: str, number: str
) -> None:
    old = make_invoice(workspace)

    page = _save(super_client, workspace, prefix, 7)

    assert notices(page) == [f"Saved. The next invoice is {number}."]
    assert f"The next new invoice is {number} ." in words(page)
    assert make_invoice(workspace).number == number
    assert Invoice.objects.get(pk=old.pk).number == "INV-0001"
    told = f"New invoices are numbered from {number} on; before, from INV-0002 on"
    assert AuditEntry.objects.filter(summary=told).exists()


@pytest.mark.parametrize(
    ("prefix", "number", "told"),
    [
        ("INV,", 7, "An invoice number cannot contain a comma."),
        ("INV\u200b", 7, "An invoice number has printable characters only."),
        ("I" * 21, 7, "A prefix has at most 20 characters."),
        ("INV-", 1, "INV-0001 is taken by another invoice. Choose a next number that is free."),
        ("INV-", 0, "Give a whole number from 1 to 999,999,999."),
        ("INV-", "x", "Give a whole number from 1 to 999,999,999."),
    ],
)
def test_number_that_cannot_be_is_refused_and_kept_as_typed(
    super_client: Client, workspace: Workspace, prefix: str, number: Any, told: str
) -> None:
    make_invoice(workspace)

    page = _save(super_client, workspace, prefix, number)

    assert page.status_code == 422
    assert told in words(page)
    assert page.context["form"]["next_number"].value() == str(number)
    assert make_invoice(workspace).number == "INV-0002"


def test_numbers_that_were_taken_by_hand_are_not_offered(super_client: Client, workspace: Workspace) -> None:
    make_invoice(workspace, number="INV-0001")

    form = super_client.get(_url(workspace)).context["form"]

    assert form["next_number"].value() == 2
