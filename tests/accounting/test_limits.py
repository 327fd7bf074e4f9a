"""Xero's limits are kept before Xero has to say no."""

from __future__ import annotations

import uuid

import pytest
from django.db import transaction

from accounting.models import Connection
from accounting.port.errors import RateLimited
from accounting.providers.registry import get_books
from accounting.providers.xero import limits
from accounting.sync.tokens import fresh_access
from core.transactions import OpenTransaction

MEMORY = "memory://"


@pytest.fixture
def tenant() -> str:
    return str(uuid.uuid4())


def _take(tenant: str, count: int, *, background: bool = False) -> None:
    for _ in range(count):
        limits.take_call(MEMORY, tenant, background=background)


def test_sixty_calls_a_minute_and_no_more(tenant: str) -> None:
    _take(tenant, 60)
    with pytest.raises(RateLimited) as refused:
        _take(tenant, 1)
    assert 0 < refused.value.retry_after <= 60


def test_background_work_leaves_calls_to_people(tenant: str) -> None:
    _take(tenant, 57, background=True)
    with pytest.raises(RateLimited):
        _take(tenant, 1, background=True)
    _take(tenant, 3)


def test_one_organisation_does_not_starve_another(tenant: str) -> None:
    _take(tenant, 60)
    _take(str(uuid.uuid4()), 60)


def test_call_inside_a_transaction_is_forbidden(connected: Connection) -> None:
    books = get_books(connected, fresh_access(connected))
    with pytest.raises(OpenTransaction), transaction.atomic():
        books.reference_data()
