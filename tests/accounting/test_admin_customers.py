"""What administrators decide about a customer and its contact in Xero: by the same services as a super user."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounting.models import Connection, Link, SyncEvent
from customers.models import Customer
from customers.services import archive_customer
from tests.accounting.pairing import bookkeeper, link_of, ours, synced, theirs
from tests.factories.people import make_administrator, signed_in
from workspaces.models import AuditEntry

__all__ = ["bookkeeper", "ours", "synced", "theirs"]
"""Fixtures."""


@pytest.fixture
def admin(db: None) -> Client:
    return signed_in(make_administrator())


def create_there(client: Client, *customers: Customer) -> list[str]:
    told = {"action": "create_there", "_selected_action": [str(each.pk) for each in customers]}
    answer = client.post(reverse("admin:customers_customer_changelist"), told, follow=True)
    return [str(message) for message in answer.context["messages"]]


def pair(customer: Customer) -> str:
    return reverse("admin:customers_customer_pair", args=[customer.pk])


def test_customer_is_created_there_and_its_history_names_the_administrator(
    admin: Client, ours: Customer, sync: Callable[[], None]
) -> None:
    assert create_there(admin, ours) == ["1 customer is on the way to Xero."]
    sync()

    assert Link.objects.filter(local_id=ours.pk).exists()
    decided = SyncEvent.objects.get(local_id=ours.pk, actor__isnull=False)
    assert (decided.message, decided.actor_name) == ("Sent to Xero by hand.", "Administrator")
    entry = AuditEntry.objects.get(action="customer.paired")
    assert (entry.summary, str(entry.actor)) == (
        "Had it created in Xero, as Tandem's support",
        "Administrator",
    )


def test_what_is_linked_or_archived_is_left_alone_and_says_why(
    admin: Client, synced: Customer, ours: Customer
) -> None:
    archive_customer(customer=ours, by=None)
    told = create_there(admin, synced, ours)
    assert sorted(told) == ["Kowhai Cafe: it is linked already.", "Rimu Roasters: it is archived."]


def test_workspace_without_xero_is_told_so(admin: Client, ours: Customer, connected: Connection) -> None:
    Connection.objects.update(state="disconnected", grant=None)
    assert create_there(admin, ours) == ["Rimu Roasters: its workspace is not connected to Xero."]
    assert admin.get(pair(ours)).status_code == 302


def test_customer_is_found_there_and_linked(admin: Client, ours: Customer, theirs: dict[str, Any]) -> None:
    assert (
        pair(ours) in admin.get(reverse("admin:customers_customer_change", args=[ours.pk])).content.decode()
    )
    shown = admin.get(pair(ours), {"q": "rimu"}).content.decode()
    assert ("Rimu Roasters Ltd" in shown, "ask@rimu.nz" in shown) == (True, True)

    admin.post(pair(ours), {"remote_id": theirs["ContactID"], "keep": "theirs"})

    ours.refresh_from_db()
    assert (link_of(ours).remote_id, ours.name) == (theirs["ContactID"], "Rimu Roasters Ltd")
    assert AuditEntry.objects.filter(action="customer.paired").count() == 1


def test_who_may_only_look_decides_nothing(ours: Customer, theirs: dict[str, Any]) -> None:
    looker = make_administrator("looker@example.com")
    looker.is_superuser = False
    looker.save()
    looker.user_permissions.add(Permission.objects.get(codename="view_customer"))
    client = signed_in(looker)

    assert client.get(pair(ours), {"q": "rimu"}).status_code == 403
    assert client.post(pair(ours), {"remote_id": theirs["ContactID"]}).status_code == 403
    assert not Link.objects.exists()
