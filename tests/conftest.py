"""What every test stands on: a workspace in scope, people in it, and no way out of this machine."""

from __future__ import annotations

import gc
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from pytest_django import DjangoDbBlocker

from accounting.providers.xero import limits
from core.testing import migrated_once, working
from tests.factories.people import signed_in
from tests.factories.workspaces import make_user, make_workspace
from workspaces.enums import Role
from workspaces.models import User, Workspace
from workspaces.scope import scope
from workspaces.services import add_member

LOCAL = ("127.0.0.1", "localhost", "::1")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "redis: needs the Redis that REDIS_URL names; skipped without one")
    config.addinivalue_line("markers", "faults: breaks things on purpose (python3 run.py faults)")
    gc.set_threshold(3_000, 10, 10)  # rarer than Python's own: tests make much and leave few cycles


def pytest_collection_finish() -> None:
    """All that is loaded by now stays: no look for cycles need go through it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anywhere else fails the test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOCAL:
            raise RuntimeError(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _nobody_guessed_before() -> None:
    """Limits are those of production; each test begins with none of them used up, and nothing known."""
    for name in caches:  # also what another thread put there, which this one never opened
        caches[name].clear()


@pytest.fixture(autouse=True)
def _writes_follow_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's few seconds hold what takes people minutes: its writes wait for no others to go with them."""
    monkeypatch.setattr(limits, "GATHER", 0.0)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_blocker: DjangoDbBlocker,
) -> None:
    """Of several workers one makes the tables, and each takes a copy: running every migration takes ten seconds."""
    if hasattr(request.config, "workerinput"):
        shared = tmp_path_factory.getbasetemp().parent  # of this run, for all its workers
        with django_db_blocker.unblock():
            connection.settings_dict["TEST"]["TEMPLATE"] = migrated_once(shared / "template")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """The database is made by its owner, and then worked in by the role that works."""
    with working():
        yield


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


@pytest.fixture
def in_workspace(workspace: Workspace) -> Iterator[Workspace]:
    """The workspace, with everything in the test running in its scope."""
    with scope(workspace):
        yield workspace


@pytest.fixture
def super_user(workspace: Workspace) -> User:
    return workspace.memberships.get(role=Role.SUPER_USER).user


@pytest.fixture
def staff(workspace: Workspace, super_user: User) -> User:
    user = make_user("staff@example.com")
    add_member(workspace=workspace, user=user, role=Role.STAFF, by=super_user)
    return user


@pytest.fixture
def stranger(db: None) -> User:
    """A super user of some other workspace."""
    other = make_workspace(name="Somebody Else", email="stranger@example.com")
    return other.memberships.get().user


@pytest.fixture
def staff_client(staff: User) -> Client:
    return signed_in(staff)


@pytest.fixture
def super_client(super_user: User) -> Client:
    return signed_in(super_user)
