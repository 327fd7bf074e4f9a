"""The activity, on its page and in its file: narrowed by record, way, person and day; never another workspace's."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection as database
from django.test import Client

from accounting.enums import EventKind, Kind, Way
from accounting.models import Connection, SyncEvent
from accounting.queries.activity import SHOWS, Wanted, list_activity
from accounting.sync.history import tell
from core.changes import caused_by
from core.testing import owning
from tests.accounting.activity_read import shown, told
from tests.accounting.pages import url, words
from tests.factories.accounting import make_connection
from tests.factories.workspaces import make_workspace
from workspaces.models import User, Workspace
from workspaces.scope import scope

pytestmark = pytest.mark.long

BAD = [
    ({"kind": "spaceship"}, "There is no such choice. Pick one of the list."),
    ({"way": "sideways"}, "There is no such choice. Pick one of the list."),
    ({"by": "not-an-id"}, "There is no such choice. Pick one of the list."),
    ({"by": str(uuid4())}, "There is no such choice. Pick one of the list."),
    ({"since": "yesterday"}, "Write a date like 2026-11-28."),
    ({"until": "2026-02-30"}, "Write a date like 2026-11-28."),
    ({"since": "0001-01-01"}, "Choose a date from 2000 to 2099."),
    ({"until": "9999-12-31"}, "Choose a date from 2000 to 2099."),
    ({"since": "2026-11-28", "until": "2026-11-27"}, "Choose a day that is not before the first one."),
]


@pytest.fixture
def connection(workspace: Workspace) -> Connection:
    with scope(workspace):
        return make_connection(workspace)


@pytest.mark.parametrize("reader", [shown, told])
def test_activity_of_one_kind_of_record(
    staff_client: Client, workspace: Workspace, connection: Connection, reader: Any
) -> None:
    with scope(workspace):
        for kind in (Kind.CUSTOMER, Kind.INVOICE, Kind.PAYMENT, ""):
            tell(connection, EventKind.SENT, f"A {kind}.", kind=kind)

    assert reader(staff_client, workspace, kind="invoice") == ["A invoice."]


@pytest.mark.parametrize("reader", [shown, told])
@pytest.mark.parametrize(
    ("way", "messages"),
    [
        ("to", ["Not sent.", "Sent."]),
        ("from", ["Not taken.", "Heard."]),
        ("here", ["Chosen."]),
        ("", ["Chosen.", "Not taken.", "Not sent.", "Heard.", "Sent."]),
    ],
)
def test_activity_of_one_way(
    staff_client: Client,
    workspace: Workspace,
    connection: Connection,
    way: str,
    messages: list[str],
    reader: Any,
) -> None:
    with scope(workspace):
        tell(connection, EventKind.SENT, "Sent.")
        tell(connection, EventKind.RECEIVED, "Heard.")
        tell(connection, EventKind.FAILED, "Not sent.", local_id=uuid4())
        tell(connection, EventKind.FAILED, "Not taken.", local_id=uuid4(), remote_id="there")
        tell(connection, EventKind.SETTINGS, "Chosen.")

    assert reader(staff_client, workspace, way=way) == messages


@pytest.mark.parametrize("way", Way)
def test_way_in_a_query_is_the_way_that_is_told(
    connection: Connection, workspace: Workspace, way: Way
) -> None:
    with scope(workspace):
        every = [
            tell(connection, event, event.label, remote_id=there)
            for event in EventKind
            for there in ("", "r")
        ]
        found = set(list_activity(workspace, Wanted(way=way)))

    assert found == {event for event in every if event.way == way}
    assert found


@pytest.mark.parametrize("reader", [shown, told])
def test_activity_by_one_person_by_xero_or_by_tandem(
    staff_client: Client,
    staff: User,
    super_user: User,
    workspace: Workspace,
    connection: Connection,
    reader: Any,
) -> None:
    with scope(workspace):
        tell(connection, EventKind.SETTINGS, "By staff.", by=staff)
        tell(connection, EventKind.SETTINGS, "By super.", by=super_user)
        tell(connection, EventKind.SENT, "By Tandem.")
        with caused_by("remote"):
            tell(connection, EventKind.RECEIVED, "By Xero.")

    assert reader(staff_client, workspace, by=str(super_user.pk)) == ["By super."]
    assert reader(staff_client, workspace, by="xero") == ["By Xero."]
    assert reader(staff_client, workspace, by="system") == ["By Tandem."]


def test_somebody_who_is_gone_can_still_be_chosen(
    super_client: Client, staff: User, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        tell(connection, EventKind.SETTINGS, "By one who left.", by=staff)
        gone, name = str(staff.pk), str(staff)
        staff.delete()

    assert shown(super_client, workspace, by=gone) == ["By one who left."]
    form = super_client.get(url("activity", workspace)).context["form"]
    assert (gone, name) in form.fields["by"].choices


@pytest.mark.parametrize("reader", [shown, told])
def test_days_are_those_of_the_workspace_and_both_count(
    staff_client: Client, workspace: Workspace, connection: Connection, reader: Any
) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(time_zone="Pacific/Auckland")
    for instant in (
        "2026-07-09T11:59:59Z",
        "2026-07-09T12:00:00Z",
        "2026-07-11T11:59:59Z",
        "2026-07-11T12:00:00Z",
    ):
        with time_machine.travel(instant, tick=False), scope(workspace):
            tell(connection, EventKind.SENT, instant)

    inside = ["2026-07-11T11:59:59Z", "2026-07-09T12:00:00Z"]
    assert reader(staff_client, workspace, since="2026-07-10", until="2026-07-11") == inside
    assert reader(staff_client, workspace, since="2026-07-12") == ["2026-07-11T12:00:00Z"]
    assert reader(staff_client, workspace, until="2026-07-09") == ["2026-07-09T11:59:59Z"]


def test_filters_add_up_and_stay_in_the_form_and_the_links(
    staff_client: Client, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        tell(connection, EventKind.FAILED, "This one.", kind=Kind.INVOICE)
        tell(connection, EventKind.FAILED, "Another kind.", kind=Kind.CUSTOMER)
        tell(connection, EventKind.SENT, "Not failed.", kind=Kind.INVOICE)

    query = {"show": "failed", "kind": "invoice", "way": "to"}
    text = staff_client.get(url("activity", workspace), query).content.decode()

    assert shown(staff_client, workspace, **query) == ["This one."]
    assert '<option value="invoice" selected>' in text
    assert f'{url("activity_csv", workspace)}?kind=invoice&amp;way=to&amp;show=failed"' in text
    assert f'{url("activity", workspace)}?kind=invoice&amp;way=to"' in text
    assert "Clear the filters" in text


def test_filters_that_find_nothing_say_so(
    staff_client: Client, workspace: Workspace, connection: Connection
) -> None:
    text = words(staff_client.get(url("activity", workspace), {"kind": "invoice"}))

    assert "Nothing found Nothing that happened fits all of these filters. Clear the filters" in text
    assert "Download" not in text


@pytest.mark.parametrize(("query", "sentence"), BAD)
def test_filter_that_cannot_be_read_says_why_and_shows_nothing(
    staff_client: Client, workspace: Workspace, connection: Connection, query: dict[str, str], sentence: str
) -> None:
    with scope(workspace):
        tell(connection, EventKind.SENT, "Sent.")

    response = staff_client.get(url("activity", workspace), query)

    assert response.status_code == 200
    assert sentence in words(response)
    assert "Sent." not in words(response)


@pytest.mark.parametrize(("query", "sentence"), BAD)
def test_file_of_filters_that_cannot_be_read_leads_to_the_page_that_says_why(
    staff_client: Client, workspace: Workspace, connection: Connection, query: dict[str, str], sentence: str
) -> None:
    response = staff_client.get(url("activity_csv", workspace), query, follow=True)

    assert response.redirect_chain[0][0].startswith(url("activity", workspace))
    assert sentence in words(response)


@pytest.mark.parametrize(
    "query", [{"show": "nonsense"}, {"before": "nonsense"}, {"page": "x"}, {"more": "1"}]
)
def test_what_no_filter_knows_is_left_aside(
    staff_client: Client, workspace: Workspace, connection: Connection, query: dict[str, str]
) -> None:
    with scope(workspace):
        tell(connection, EventKind.SENT, "Sent.")

    assert shown(staff_client, workspace, **query) == ["Sent."]


def test_pages_follow_one_another_and_lose_nothing(
    staff_client: Client, workspace: Workspace, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounting.views.activity.PAGE", 2)
    with scope(workspace):
        for number in range(5):
            tell(connection, EventKind.SENT, str(number), kind=Kind.INVOICE)
            tell(connection, EventKind.SENT, "Other.", kind=Kind.CUSTOMER)

    seen, query = [], {"kind": "invoice"}
    for _ in range(3):
        page = staff_client.get(url("activity", workspace), query).context["page"]
        seen.append([event.message for event in page.events])
        query["before"] = page.oldest

    assert (seen, page.oldest) == ([["4", "3"], ["2", "1"], ["0"]], None)


@pytest.mark.parametrize("reader", [shown, told])
@pytest.mark.parametrize("show", ["", *SHOWS])
def test_another_workspaces_activity_never_appears(
    staff_client: Client, stranger: User, workspace: Workspace, connection: Connection, show: str, reader: Any
) -> None:
    other = make_workspace(name="Other Studio")
    with scope(other):
        theirs = make_connection(other)
        rows = [
            tell(theirs, event, "A secret of theirs.", kind=Kind.INVOICE, by=stranger) for event in EventKind
        ]

    query = {"show": show, "since": "2000-01-01", "until": "2099-12-31", "kind": "invoice"}
    crafted = {"before": str(rows[-1].pk), "workspace": str(other.pk), "workspace_id": str(other.pk)}
    assert reader(staff_client, workspace, **query, **crafted) == []


@pytest.mark.parametrize("name", ["activity", "activity_csv"])
def test_another_workspaces_people_cannot_be_asked_for(
    staff_client: Client, stranger: User, workspace: Workspace, connection: Connection, name: str
) -> None:
    other = make_workspace(name="Other Studio")
    with scope(other):
        tell(make_connection(other), EventKind.SETTINGS, "A secret of theirs.", by=stranger)

    response = staff_client.get(url(name, workspace), {"by": str(stranger.pk)}, follow=True)

    assert "There is no such choice." in words(response)
    assert "A secret of theirs." not in words(response)
    assert str(stranger) not in words(response)


@pytest.mark.parametrize("name", ["activity", "activity_csv"])
def test_strangers_get_neither_page_nor_file(
    client: Client, stranger: User, workspace: Workspace, name: str
) -> None:
    client.force_login(stranger)

    assert client.get(url(name, workspace)).status_code == 404


@pytest.mark.parametrize("wanted", [Wanted(show="failed"), Wanted(way="here")])
def test_what_is_rare_is_found_without_walking_through_the_rest(
    workspace: Workspace, connection: Connection, wanted: Wanted
) -> None:
    with scope(workspace):
        tell(connection, EventKind.FAILED, "Rare.")
        tell(connection, EventKind.SETTINGS, "Rare.")
        SyncEvent.objects.bulk_create(
            SyncEvent(
                workspace=workspace, connection=connection, event=EventKind.SENT, message="Usual.",
                actor_kind="system", actor_name="Tandem",
            )
            for _ in range(3000)
        )  # fmt: skip
        with owning(), database.cursor() as cursor:
            cursor.execute("ANALYZE accounting_syncevent")
        plan = list_activity(workspace, wanted)[:26].explain()

    assert "sync_event_rare" in plan
