"""Beside what would be refused: where it is cured, for those who may; who can, for the others."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from accounting.models import Connection, RemoteTaxRate
from tests.accounting.pages import words
from tests.factories.accounting import make_connection, map_rate
from tests.factories.catalogue import make_tax_rate
from tests.factories.invoices import make_invoice, make_line
from tests.invoices.pages import as_shown
from tests.sampling import mostly_long
from workspaces.models import Workspace

WHO = "A super user of {} can do that."


def locked(connection: Connection) -> dict[str, Any]:
    Connection.objects.filter(pk=connection.pk).update(period_lock_date=dt.date(2026, 10, 31))
    return {"issue_date": dt.date(2026, 10, 31)}


def without_the_currency(connection: Connection) -> dict[str, Any]:
    Connection.objects.filter(pk=connection.pk).update(currencies=["NZD"])
    return {"currency": "USD"}


def with_a_rate_for_purchases(connection: Connection) -> dict[str, Any]:
    rate = make_tax_rate(connection.workspace)
    map_rate(connection, rate)
    RemoteTaxRate.objects.filter(connection=connection).update(for_revenue=False)
    return {"lines": [make_line(tax_rate=rate)]}


CURED = {
    "locked": (locked, "accounting:mapping", "", "Read Xero's lists again"),
    "currency": (without_the_currency, "accounting:mapping", "", "Read Xero's lists again"),
    "rate": (with_a_rate_for_purchases, "accounting:mapping", "#tax", "Match the tax rate"),
}


@pytest.mark.parametrize("key", mostly_long(CURED, quick=["rate"]))
def test_objection_leads_a_super_user_to_its_cure_and_tells_others_who_can(
    super_client: Client, staff_client: Client, in_workspace: Workspace, key: str
) -> None:
    objected, name, anchor, label = CURED[key]
    invoice = make_invoice(in_workspace, **objected(make_connection(in_workspace)))
    page = reverse("invoices:edit", args=[in_workspace.slug, invoice.pk])
    typed = {**as_shown(in_workspace, super_client, invoice), "approve": "1"}

    answers = [client.post(page, typed) for client in (super_client, staff_client)]

    link = f'href="{reverse(name, args=[in_workspace.slug])}{anchor}" target="_blank">{escape(label)}'
    assert [answer.status_code for answer in answers] == [422, 422]
    assert [link in answer.content.decode() for answer in answers] == [True, False]
    assert [WHO.format(in_workspace.name) in words(answer) for answer in answers] == [False, True]
