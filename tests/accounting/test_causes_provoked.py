"""Causes that come about by the sandbox's own rules: one row, one mail, put right from the screen, and synced."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.mail import EmailMessage
from django.db.models import F
from django.test import Client

from accounting.models import Connection, Operation, Problem
from accounting.sync import alarms, problems
from catalogue.models import TaxRate
from core.testing import capture_commits
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.pages import url
from tests.accounting.provoking import PROVOKED
from tests.accounting.scene import Scene
from tests.sampling import mostly_long
from workspaces.models import User, Workspace
from xero_sandbox.handle import Handle

QUICK = ["account-archived"]


@pytest.fixture
def scene(
    sandbox: Handle,
    connected: Connection,
    gst: TaxRate,
    super_client: Client,
    super_user: User,
    sync: Callable[[], None],
) -> Scene:
    return Scene(sandbox, connected, gst, Bookkeeper(sandbox, connected), super_client, super_user, sync)


def tell(subjects: list[EmailMessage]) -> int:
    """Two days later everybody who is to be told has been. Returns how many mails there are."""
    Problem.objects.update(first_seen_at=F("first_seen_at") - dt.timedelta(days=2))
    for _ in range(2):
        with capture_commits():
            alarms.tell_untold()
    return len(subjects)


@pytest.mark.parametrize("key", mostly_long(PROVOKED, quick=QUICK))
def test_cause_comes_about_is_one_row_and_one_mail_and_is_put_right(
    scene: Scene, in_workspace: Workspace, mailoutbox: list[EmailMessage], key: str
) -> None:
    put_right = PROVOKED[key](scene)
    scene.sync()
    scene.sync()

    [row] = scene.client.get(url("problems", in_workspace)).context["rows"]
    assert row.problem.key == key
    assert tell(mailoutbox) == 1

    put_right(row.problem)
    for _ in range(3):
        scene.sync()
    problems.keep_up()

    left = list(Operation.objects.values_list("kind", "state", "error"))
    assert (left, list(Problem.objects.filter(closed_at=None))) == ([], [])
    tell(mailoutbox)
    assert all(mail.subject.startswith("Put right") for mail in mailoutbox[1:])
    assert len(mailoutbox) <= 2


def test_at_least_25_causes_come_about_by_themselves() -> None:
    assert len(PROVOKED) >= 25
