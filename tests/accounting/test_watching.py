"""What only somebody in Xero can put right is looked at again by itself."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models import F

from accounting.models import Connection, Link, Operation, Problem
from accounting.sync import problems, watching
from tests.accounting.provoking import contact_archived
from tests.accounting.rows import connection
from tests.accounting.scene import Scene
from tests.accounting.test_causes_provoked import scene
from tests.accounting.test_problems import ARCHIVED, refuse

__all__ = ["connection", "scene"]
CONTACT = "Archived contacts cannot currently be edited via the API."


def earlier(first: int, last: int) -> None:
    """It was seen first and last so many minutes ago."""
    Problem.objects.update(
        first_seen_at=F("last_seen_at") - dt.timedelta(minutes=first),
        last_seen_at=F("last_seen_at") - dt.timedelta(minutes=last),
    )


@pytest.mark.parametrize(
    ("first", "last", "looked"), [(4, 4, 0), (6, 6, 1), (60, 15, 0), (60, 21, 1), (6000, 1000, 0)]
)
def test_contact_that_was_archived_is_looked_at_again_at_growing_distance(
    connection: Connection, first: int, last: int, looked: int
) -> None:
    refuse(connection, CONTACT)
    earlier(first, last)

    assert watching.look_again() == looked
    assert Operation.objects.get().state == ("pending" if looked else "failed")


def test_only_a_few_are_looked_at(connection: Connection) -> None:
    for _ in range(watching.FEW + 2):
        refuse(connection, CONTACT)
    earlier(6, 6)

    watching.look_again()

    assert Operation.objects.filter(state="pending").count() == watching.FEW


def test_what_is_put_right_here_is_left_alone(connection: Connection) -> None:
    refuse(connection, ARCHIVED.format(200))
    earlier(6, 6)

    assert watching.look_again() == 0


@pytest.mark.long
def test_contact_that_is_restored_in_xero_heals_by_itself(scene: Scene) -> None:
    contact_archived(scene)
    scene.sync()
    [held] = Operation.objects.all()
    there = scene.books.contacts.get(Link.objects.get(local_id=held.local_id).remote_id)
    scene.alter(there, status="ACTIVE")
    earlier(6, 6)

    watching.look_again()
    scene.sync()
    problems.keep_up()

    assert Operation.objects.count() == 0
    assert Problem.objects.get().closed_at is not None
