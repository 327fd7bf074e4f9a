"""Which organisation is connected, where there are several or another one was before."""

from __future__ import annotations

import pytest
from django.test import Client

from accounting.enums import ConnectionState, Kind
from accounting.models import Connection, Link, Mapping
from tests.accounting.consenting import NO_LONGER_VALID, arrive, connections, consent, leave, slugs
from tests.accounting.pages import notices, url, words
from tests.factories.accounting import make_connection, make_link
from tests.factories.workspaces import make_workspace
from workspaces.models import User, Workspace
from workspaces.scope import scope
from xero_sandbox.handle import Handle

pytestmark = pytest.mark.long


def test_several_organisations_lead_to_a_choice(
    super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    sandbox.connect(slugs(sandbox)[0])
    back = consent(sandbox, leave(super_client, workspace), slugs(sandbox)[1])

    page = super_client.get(back, follow=True)

    names = [books.organisation.name for books in sandbox.store.books.values()]
    assert [name in words(page) for name in names] == [True, True]
    assert connections() == []
    chosen = super_client.post(page.redirect_chain[-1][0], {"tenant_id": slugs(sandbox)[1]}, follow=True)
    assert chosen.redirect_chain[-1] == (url("mapping", workspace), 302)
    assert [row.tenant_id for row in connections()] == [slugs(sandbox)[1]]


def test_choice_tells_country_and_currency_of_each(
    super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    sandbox.connect(slugs(sandbox)[0])

    page = super_client.get(consent(sandbox, leave(super_client, workspace), slugs(sandbox)[1]), follow=True)

    told = words(page)
    assert "Maple Florist (New Zealand, NZD)" in told
    assert "Harbour Studio (United Kingdom, GBP)" in told


def test_only_organisation_is_confirmed_with_one_press(
    super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    page = super_client.get(consent(sandbox, leave(super_client, workspace)), follow=True)

    assert connections() == []
    told = words(page)
    assert "Is this the organisation?" in told
    assert "Organisation Maple Florist Country New Zealand Base currency NZD" in told
    assert 'type="radio"' not in page.content.decode()
    pressed = super_client.post(page.redirect_chain[-1][0], {"tenant_id": slugs(sandbox)[0]}, follow=True)
    assert pressed.redirect_chain[-1] == (url("mapping", workspace), 302)
    assert [row.tenant_id for row in connections()] == [slugs(sandbox)[0]]


@pytest.mark.parametrize("fault", ["maintenance", "error_500", "drop", "html", "rate_minute"])
def test_organisation_that_does_not_answer_is_offered_by_its_name(
    super_client: Client, workspace: Workspace, sandbox: Handle, fault: str
) -> None:
    sandbox.faults.add(fault, path="Organisation", times=None)

    page = super_client.get(consent(sandbox, leave(super_client, workspace)), follow=True)

    assert "Organisation Maple Florist Country and currency Could not be read." in words(page)


def test_choice_waits_for_a_silent_xero_once_only(
    super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    sandbox.connect(slugs(sandbox)[0])
    sandbox.faults.add("maintenance", path="Organisation", times=None)

    page = super_client.get(consent(sandbox, leave(super_client, workspace), slugs(sandbox)[1]), follow=True)

    assert words(page).count("(country and currency could not be read)") == 2
    assert len(sandbox.requests(path="/api.xro/2.0/Organisation")) == 1


def test_few_of_many_organisations_are_asked(
    super_client: Client, workspace: Workspace, sandbox: Handle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounting.sync.consent.MOST_DESCRIBED", 1)
    sandbox.connect(slugs(sandbox)[0])

    page = super_client.get(consent(sandbox, leave(super_client, workspace), slugs(sandbox)[1]), follow=True)

    assert words(page).count("(country and currency could not be read)") == 1
    assert len(sandbox.requests(path="/api.xro/2.0/Organisation")) == 1


def test_choice_of_an_organisation_not_offered_is_refused(
    super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    sandbox.connect(slugs(sandbox)[0])
    page = super_client.get(consent(sandbox, leave(super_client, workspace), slugs(sandbox)[1]), follow=True)

    response = super_client.post(page.redirect_chain[-1][0], {"tenant_id": "somebody-elses"})

    assert response.status_code == 422
    assert connections() == []


def test_choice_is_closed_once_made(super_client: Client, workspace: Workspace, sandbox: Handle) -> None:
    sandbox.connect(slugs(sandbox)[0])
    page = super_client.get(consent(sandbox, leave(super_client, workspace), slugs(sandbox)[1]), follow=True)
    address = page.redirect_chain[-1][0]
    super_client.post(address, {"tenant_id": slugs(sandbox)[1]})

    response = super_client.get(address, follow=True)

    assert notices(response)[-1] == NO_LONGER_VALID


def test_organisation_of_another_workspace_is_refused(
    super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    other = make_workspace(name="Other Studio")
    with scope(other):
        taken = make_connection(other, mapped=False)
        Connection.objects.filter(pk=taken.pk).update(tenant_id=slugs(sandbox)[0])

    response = arrive(super_client, consent(sandbox, leave(super_client, workspace)))

    assert response.status_code == 422
    assert "Maple Florist is already connected to another workspace. Disconnect it there first." in words(
        response
    )
    assert [row.pk for row in connections()] == [taken.pk]


@pytest.fixture
def linked_elsewhere(workspace: Workspace, super_user: User) -> Link:
    """The workspace is connected to an organisation that a record is linked to."""
    with scope(workspace):
        return make_link(make_connection(workspace), Kind.INVOICE, workspace.pk)


def test_other_organisation_asks_before_links_are_forgotten(
    super_client: Client, workspace: Workspace, sandbox: Handle, linked_elsewhere: Link
) -> None:
    page = super_client.get(consent(sandbox, leave(super_client, workspace)), follow=True)

    assert "Connect Maple Florist instead?" in words(page)
    assert "Country New Zealand Base currency NZD" in words(page)
    assert [row.tenant_id for row in connections()] == [linked_elsewhere.connection.tenant_id]
    with scope(workspace):
        assert Link.objects.count() == 1


def test_other_organisation_starts_afresh_after_a_yes(
    super_client: Client, workspace: Workspace, sandbox: Handle, linked_elsewhere: Link
) -> None:
    page = super_client.get(consent(sandbox, leave(super_client, workspace)), follow=True)

    super_client.post(page.redirect_chain[-1][0], {"tenant_id": slugs(sandbox)[0], "move": "on"})

    assert [row.tenant_id for row in connections()] == [slugs(sandbox)[0]]
    with scope(workspace):
        assert (Link.objects.count(), Mapping.objects.get().revenue_account_id) == (0, "")


def test_same_organisation_again_keeps_links_and_choices(
    super_client: Client, workspace: Workspace, sandbox: Handle, linked_elsewhere: Link
) -> None:
    with scope(workspace):
        Connection.objects.update(tenant_id=slugs(sandbox)[0], state=ConnectionState.NEEDS_REAUTH)

    arrive(super_client, consent(sandbox, leave(super_client, workspace)))

    with scope(workspace):
        assert Connection.objects.get().state == ConnectionState.ACTIVE
        assert (Link.objects.count(), Mapping.objects.get().revenue_account_id) == (1, "sales")


def test_reconnecting_right_after_the_lists_were_read_reads_them_again(
    super_client: Client, workspace: Workspace, sandbox: Handle
) -> None:
    """What a person asks for by hand is held back for a while; connecting is not."""
    arrive(super_client, consent(sandbox, leave(super_client, workspace)))
    super_client.post(url("refresh_lists", workspace))
    super_client.post(url("disconnect", workspace))

    response = arrive(super_client, consent(sandbox, leave(super_client, workspace)))

    assert response.redirect_chain[-1] == (url("mapping", workspace), 302)
    assert notices(response)[-1].startswith("Connected to Maple Florist")


def test_same_organisation_again_is_not_asked_for_though_others_are_open(
    super_client: Client, workspace: Workspace, sandbox: Handle, linked_elsewhere: Link
) -> None:
    sandbox.connect(slugs(sandbox)[1])
    with scope(workspace):
        Connection.objects.update(tenant_id=slugs(sandbox)[0], state=ConnectionState.DISCONNECTED)

    response = arrive(super_client, consent(sandbox, leave(super_client, workspace)))

    assert response.redirect_chain[-1] == (url("mapping", workspace), 302)
    with scope(workspace):
        assert Connection.objects.get().state == ConnectionState.ACTIVE
