"""A sandbox in this thread, a workspace connected to it once, and histories that leave nothing behind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from accounting.models import Connection, Grant, TaxMapping
from accounting.providers.xero import limits
from catalogue.models import TaxRate
from catalogue.services import create_tax_rate
from tests.accounting.conftest import choose, connect
from tests.properties.direct import DirectSandbox
from tests.properties.history import History
from workspaces.models import User, Workspace

Begin = Callable[[int], Any]


@pytest.fixture(scope="session")
def direct_sandbox() -> DirectSandbox:
    return DirectSandbox()


@pytest.fixture
def direct(
    direct_sandbox: DirectSandbox, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> DirectSandbox:
    """A fresh sandbox that the engine reaches without a socket."""
    direct_sandbox.reset()
    for name in ("XERO_LOGIN_URL", "XERO_IDENTITY_URL", "XERO_API_URL"):
        setattr(settings, name, direct_sandbox.url)
    for module in ("provider", "auth"):
        monkeypatch.setattr(f"accounting.providers.xero.{module}.new_session", direct_sandbox.session)
    limits.reset(settings.RATE_LIMIT_STORAGE)
    return direct_sandbox


@pytest.fixture
def joined(direct: DirectSandbox, in_workspace: Workspace) -> Connection:
    connection = connect(direct, in_workspace)  # type: ignore[arg-type]
    choose(connection)
    return connection


@pytest.fixture
def tax_rates(joined: Connection) -> list[TaxRate]:
    """15 % and nought, matched to the organisation's own."""
    rates = []
    for name, percent, code in (("GST", 15, "OUTPUT2"), ("Zero", 0, "ZERORATED")):
        rate = create_tax_rate(workspace=joined.workspace, name=name, percent=percent, by=None)
        TaxMapping.objects.create(workspace=joined.workspace, connection=joined, tax_rate=rate, code=code)
        rates.append(rate)
    return rates


@pytest.fixture
def history(direct: DirectSandbox, joined: Connection, tax_rates: list[TaxRate], super_user: User) -> Begin:
    """Opens the world of one seed; when it closes, nothing has happened."""

    @contextmanager
    def begin(seed: int) -> Iterator[History]:
        direct.reset()
        limits.reset("memory://")
        with rolled_back():
            _sign_in_again(direct)
            told = History(seed, direct, Connection.objects.get(pk=joined.pk), tax_rates, super_user)
            with told.listening():
                yield told

    return begin


def _sign_in_again(direct: DirectSandbox) -> None:
    """The sandbox forgot its tokens."""
    tokens = direct.connect()
    Grant.objects.update(refreshed_at=timezone.now(), expires_at=timezone.now() + dt.timedelta(seconds=1800))
    grant = Grant.objects.get()
    grant.access_token, grant.refresh_token = tokens["access_token"], tokens["refresh_token"]
    grant.save()


@contextmanager
def rolled_back() -> Iterator[None]:
    """Like the transaction around a test: it does not count as one of the code's own."""
    block: Any = transaction.atomic()
    block._from_testcase = True
    with block:
        try:
            yield
        finally:
            transaction.set_rollback(True)
