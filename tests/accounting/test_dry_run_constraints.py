"""A dry run and its decisions are whole, whoever writes them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from accounting.enums import Verdict
from accounting.models import Connection, Decision, DryRun, Operation
from accounting.sync import dry_run
from tests.factories.customers import make_customer
from workspaces.models import User


@pytest.fixture
def compared(connected: Connection, super_user: User) -> Callable[[], DryRun]:
    """Compare what there is, as a worker does."""

    def run() -> DryRun:
        Operation.objects.all().delete()
        dry_run.start(connection=connected, by=super_user)
        dry_run.take_turn(connected.pk)
        return DryRun.objects.get()

    return run


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"verdict": Verdict.LINK, "remote_id": ""}, "decision_to_link_names_theirs"),
        ({"verdict": "maybe"}, "decision_verdict_known"),
        ({"why": "smell"}, "decision_why_known"),
    ],
)
def test_decision_is_whole(
    connected: Connection, compared: Callable[[], DryRun], values: dict[str, str], name: str
) -> None:
    make_customer(connected.workspace)
    compared()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Decision.objects.update(**values)


def test_database_links_no_two_of_ours_to_one(connected: Connection, compared: Callable[[], DryRun]) -> None:
    make_customer(connected.workspace)
    make_customer(connected.workspace)
    compared()
    with pytest.raises(IntegrityError, match="never_two_of_ours_to_one"), transaction.atomic():
        Decision.objects.update(verdict=Verdict.LINK, remote_id="x")


def test_ready_run_was_read(connected: Connection, compared: Callable[[], DryRun]) -> None:
    compared()
    with pytest.raises(IntegrityError, match="dry_run_ready_was_read"), transaction.atomic():
        DryRun.objects.update(read_at=None)
