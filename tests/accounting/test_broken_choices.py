"""Choices that hold no more: flagged on every page and mailed once, before a record fails."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.mail import EmailMessage
from django.test import Client

from accounting.models import Connection, Mapping, RemoteTaxRate
from accounting.queries.missing import broken_choices
from accounting.sync import reference
from accounting.sync.mapping import Choices, save_mapping
from accounting.sync.opening import open_books
from catalogue.models import TaxRate
from core.testing import capture_commits
from tests.accounting.choosing import account_id
from tests.accounting.pages import url, words
from workspaces.models import User, Workspace

ARCHIVED = "The revenue account 200 Sales was archived in Xero: choose another."


def _read_without_200(connection: Connection) -> None:
    """Account 200 is no longer among those that Xero lists."""
    data = open_books(connection).reference_data()
    left = tuple(doc for doc in data.accounts if doc.code != "200")
    with capture_commits():
        reference.store(connection, replace(data, accounts=left))


@pytest.fixture
def archived(connected: Connection, super_user: User, gst: TaxRate) -> Connection:
    _read_without_200(connected)
    return Connection.objects.get()


def test_archived_account_is_remembered_and_mailed_once(
    archived: Connection, super_user: User, mailoutbox: list[EmailMessage]
) -> None:
    assert archived.broken == [ARCHIVED]
    (mail,) = mailoutbox
    assert mail.to == [super_user.email]
    assert ARCHIVED in mail.body

    _read_without_200(archived)
    assert len(mailoutbox) == 1


def test_sidebar_counts_choices_that_hold_no_more(
    archived: Connection, super_client: Client, workspace: Workspace
) -> None:
    assert "1 choice holds no more" in words(super_client.get(url("settings", workspace)))


def test_new_choice_ends_it(
    archived: Connection, super_user: User, super_client: Client, workspace: Workspace
) -> None:
    kept = Mapping.objects.get()
    save_mapping(
        connection=archived,
        choices=Choices(revenue_account_id=account_id("260"), payment_account_id=kept.payment_account_id),
        by=super_user,
    )

    assert Connection.objects.get().broken == []
    assert "holds no more" not in words(super_client.get(url("settings", workspace)))


def test_choice_never_made_is_no_broken_one(connected: Connection, gst: TaxRate) -> None:
    Mapping.objects.update(payment_account_id="")

    assert broken_choices(connected) == []


def test_rate_that_no_longer_goes_with_sales_is_broken(connected: Connection, gst: TaxRate) -> None:
    RemoteTaxRate.objects.filter(code="OUTPUT2").update(for_revenue=False)

    assert broken_choices(connected) == [
        "“15% GST on Income” no longer goes with accounts of sales in Xero: match “GST” to another."
    ]
