"""Which currencies come first in the lists of forms that know nothing of an organisation."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounting.enums import ConnectionState
from accounting.models import Connection
from tests.factories.accounting import make_connection
from tests.factories.customers import make_customer
from workspaces.models import Workspace

FORMS = ["customers/new/", "invoices/new/", "settings/workspace/"]
each_form = pytest.mark.parametrize("form", FORMS)


def _groups(client: Client, workspace: Workspace, form: str) -> dict[str, list[str]]:
    page = client.get(f"/w/{workspace.slug}/{form}").content.decode()
    (select,) = re.findall(r'<select name="currency".*?</select>', page, re.DOTALL)
    groups = re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', select, re.DOTALL)
    return {label: re.findall(r'<option value="(\w+)"', options) for label, options in groups}


@each_form
def test_currencies_enabled_in_the_organisation_come_first(
    super_client: Client, in_workspace: Workspace, form: str
) -> None:
    make_customer(in_workspace, currency="AUD")
    make_connection(in_workspace)
    Connection.objects.update(tenant_name="Maple Florist", currencies=["NZD", "EUR"])

    first, *others = _groups(super_client, in_workspace, form).items()

    assert (first[0], sorted(first[1])) == ("Enabled in Maple Florist", ["EUR", "NZD"])
    assert {"EUR", "NZD"}.isdisjoint(code for _, codes in others for code in codes)


@each_form
@pytest.mark.parametrize("values", [{"currencies": []}, {"state": ConnectionState.DISCONNECTED}], ids=str)
def test_currencies_are_not_told_of_an_organisation_that_is_not_known(
    super_client: Client, in_workspace: Workspace, form: str, values: dict[str, object]
) -> None:
    make_connection(in_workspace)
    Connection.objects.update(**{"currencies": ["NZD", "EUR"], **values})

    assert not [label for label in _groups(super_client, in_workspace, form) if label.startswith("Enabled")]
