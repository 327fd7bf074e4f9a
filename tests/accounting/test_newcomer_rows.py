"""What the database refuses of what was born in Xero."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounting.enums import Kind, Verdict
from accounting.models import Connection, Newcomer, NewcomerRule


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"verdict": Verdict.LINK}, "newcomer_to_link_names_ours"),
        ({"local_id": uuid4()}, "newcomer_to_link_names_ours"),
        ({"verdict": "maybe"}, "newcomer_verdict_known"),
        ({"owner_kind": ""}, "newcomer_owner_is_named_whole"),
        ({"owner_kind": "tree"}, "newcomer_owner_kind_known"),
    ],
)
def test_the_database_refuses_what_cannot_be(
    connected: Connection, values: dict[str, Any], constraint: str
) -> None:
    row = Newcomer.objects.create(
        workspace_id=connected.workspace_id, connection=connected, kind=Kind.INVOICE, remote_id=str(uuid4()),
        remote_version=timezone.now(), there={}, told="X-1", owner_kind=Kind.CUSTOMER, owner_id=str(uuid4()),
    )  # fmt: skip
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Newcomer.objects.filter(pk=row.pk).update(**values)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"verdict": Verdict.ASK}, "newcomer_rule_decides"),
        ({"verdict": Verdict.LINK}, "newcomer_rule_decides"),
        ({"owner_id": ""}, "newcomer_rule_names_its_owner"),
        ({"owner_kind": "tree"}, "newcomer_rule_names_its_owner"),
    ],
)
def test_the_database_refuses_rules_that_cannot_be(
    connected: Connection, values: dict[str, Any], constraint: str
) -> None:
    row = NewcomerRule.objects.create(
        workspace_id=connected.workspace_id, connection=connected, verdict=Verdict.SKIP,
        owner_kind=Kind.CUSTOMER, owner_id=str(uuid4()),
    )  # fmt: skip
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        NewcomerRule.objects.filter(pk=row.pk).update(**values)
