"""Regular checks are spread over their five minutes, asked for once, and worth nothing when they come late."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from accounting import wakeup
from accounting.enums import ConnectionState
from accounting.models import Connection, Grant
from accounting.resources.registry import kinds_read_by_themselves
from accounting.sync import checks
from accounting.sync.checks import EVERY, LOOKS, SOON, ask_for_due
from accounting.sync.lease import held
from accounting.sync.reconcile import reconcile as check
from accounting.tasks import reconcile as check_task
from core.testing import capture_commits
from tests.factories.workspaces import make_workspace
from workspaces.scope import all_workspaces, scope
from xero_sandbox.handle import Handle

Message = dict[str, Any]
MANY = 50


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """What would be published, instead of publishing it."""
    messages: list[Message] = []
    monkeypatch.setattr(
        wakeup.current_app,
        "send_task",
        lambda name, kwargs, **options: messages.append({"task": name, **kwargs, "options": options}),
    )
    return messages


@pytest.fixture
def many(db: None) -> None:
    """Connections of as many workspaces, none of which was ever checked."""
    now = timezone.now()
    for number in range(MANY):
        workspace = make_workspace()
        grant = Grant.objects.create(
            remote_user_id=str(number), access_token="a", refresh_token="b", expires_at=now, refreshed_at=now
        )
        with scope(workspace):
            Connection.objects.create(
                workspace=workspace, grant=grant, tenant_id=str(number), tenant_name="?", connected_at=now
            )


def look(published: list[Message]) -> list[Message]:
    """What a look at the clock asks for."""
    known = len(published)
    with capture_commits():
        ask_for_due()
    return published[known:]


def pass_time(seconds: float) -> None:
    with all_workspaces("time passes for all"):
        Connection.objects.update(check_due_at=F("check_due_at") - dt.timedelta(seconds=seconds))


def test_checks_of_many_are_spread_over_the_five_minutes(many: None, published: list[Message]) -> None:
    asked = []
    for _ in range(LOOKS):
        asked.append({message["connection_id"] for message in look(published)})
        pass_time(EVERY.total_seconds() / LOOKS)
    assert max(map(len, asked)) <= MANY // LOOKS + 2
    assert len(published) == len(set.union(*asked)) == MANY, "each once"


def test_connection_keeps_its_own_five_minutes(many: None, published: list[Message]) -> None:
    first = {message["connection_id"] for message in look(published)}
    pass_time(EVERY.total_seconds() - 5)
    assert first & {message["connection_id"] for message in look(published)} == set()
    with all_workspaces("all others were checked a moment ago"):
        Connection.objects.exclude(pk__in=first).update(check_due_at=timezone.now() + EVERY)
    pass_time(6)
    assert first == {message["connection_id"] for message in look(published)}


@pytest.mark.parametrize("seen", [ConnectionState.DISCONNECTED, ConnectionState.NEEDS_REAUTH, "resting"])
def test_nobody_checks_who_cannot_be_asked(
    connected: Connection, published: list[Message], seen: str
) -> None:
    resting = {"resume_at": timezone.now() + EVERY}
    Connection.objects.update(**(resting if seen == "resting" else {"state": seen}))
    assert look(published) == []


def test_message_that_was_overtaken_asks_xero_nothing(
    connected: Connection, sandbox: Handle, published: list[Message]
) -> None:
    """Five minutes went by before a worker came to it, and the next one was sent."""
    late = look(published)[0]
    pass_time(EVERY.total_seconds() + 1)
    latest = look(published)[0]
    for message, calls in ((late, 0), (latest, len(kinds_read_by_themselves()))):
        told = {name: message[name] for name in ("workspace_id", "connection_id", "due")}
        check_task(**told)
        assert len(sandbox.requests()) == calls


def test_message_of_a_check_expires_and_that_of_a_save_does_not(
    connected: Connection, published: list[Message]
) -> None:
    message = look(published)[0]
    assert message["options"]["expires"] == EVERY.total_seconds() + 3600, "a clock may be an hour ahead"
    wakeup.send(wakeup.DRAIN, workspace_id=connected.workspace_id, connection_id=connected.pk)
    assert published[-1]["options"]["expires"] is None


def test_check_that_finds_somebody_at_it_comes_again_soon(
    connected: Connection, published: list[Message]
) -> None:
    look(published)
    with held(connected.pk):
        assert check(connected.pk) is False
    assert look(published) == []
    pass_time(SOON.total_seconds() + 1)
    assert len(look(published)) == 1


def test_rest_of_a_check_is_asked_for_once(connected: Connection, published: list[Message]) -> None:
    with capture_commits():
        checks.go_on(connected)
    assert len(published) == 1
    assert look(published) == []
