"""What a super user chooses besides accounts and tax: what the database holds, and what the rules say."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from accounting.enums import BornThere
from accounting.models import Connection, Mapping
from accounting.resources.desk import open_desk
from accounting.resources.rules import rules_of
from tests.factories.accounting import make_connection
from workspaces.models import Workspace


@pytest.fixture
def connection(in_workspace: Workspace) -> Connection:
    return make_connection(in_workspace)


@pytest.mark.parametrize("column", ["invoice_status", "born_there"])
def test_choice_that_is_none_is_refused_by_the_database(connection: Connection, column: str) -> None:
    constraint = f"mapping_{column.removeprefix('invoice_')}_known"
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Mapping.objects.update(**{column: "sometimes"})


def test_what_is_born_there_stays_there_unless_chosen_otherwise(connection: Connection) -> None:
    assert rules_of(connection).queues_born_there is False

    Mapping.objects.update(born_there=BornThere.QUEUE)

    again = Connection.objects.get()
    assert rules_of(again).queues_born_there is True
    assert open_desk(again).rules.queues_born_there is True


def test_connection_without_choices_has_the_rules_of_the_defaults(in_workspace: Workspace) -> None:
    bare = make_connection(in_workspace, mapped=False)

    assert rules_of(bare).queues_born_there is False
    assert rules_of(bare).invoices_keep_step is True
