"""Whoever calls Xero closes what the calls went over, whatever comes of them: nothing waits for a look for garbage."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import pytest
import requests

from accounting.enums import Kind
from accounting.models import Connection, Operation
from accounting.providers.xero import provider
from accounting.providers.xero.client import new_session
from accounting.sync import backfill, candidates, pairs, probe, reference
from accounting.sync.deciding import CannotDecide
from accounting.sync.drain import drain
from accounting.sync.reconcile import reconcile
from tests.architecture.source import modules_of
from tests.factories.customers import make_customer
from xero_sandbox.handle import Handle


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch, connected: Connection) -> list[requests.Session]:
    """Every session of calls from now on. Held on to, so that nothing but closing lets go of its connections."""
    made: list[requests.Session] = []

    def make() -> requests.Session:
        made.append(new_session())
        return made[-1]

    monkeypatch.setattr(provider, "new_session", make)
    return made


def _open(sessions: list[requests.Session]) -> int:
    """How many hosts a connection is kept to."""
    adapters: list[Any] = [adapter for session in sessions for adapter in session.adapters.values()]
    return sum(len(adapter.poolmanager.pools) for adapter in adapters)


def _drain(connection: Connection) -> None:
    make_customer(connection.workspace)
    drain(connection.pk)


def _send_what_was_never_sent(connection: Connection) -> None:
    make_customer(connection.workspace)
    Operation.objects.all().delete()
    backfill.start(connection=connection, by=connection.workspace.memberships.get().user)
    backfill.take_turn(connection.pk)


def _link_by_hand(connection: Connection) -> None:
    ours = make_customer(connection.workspace)
    by = connection.workspace.memberships.get().user
    with pytest.raises(CannotDecide):
        pairs.link(
            connection=connection, kind=Kind.CUSTOMER, local_id=ours.pk,
            remote_id="00000000-0000-0000-0000-00000000beef", keep_ours=True, by=by,
        )  # fmt: skip


WORK: dict[str, Callable[[Connection], object]] = {
    "draining": _drain,
    "the regular check": lambda connection: reconcile(connection.pk),
    "reading the lists": reference.refresh_lists,
    "sending what was never sent": _send_what_was_never_sent,
    "the test of a connection": probe.probe,
    "searching": lambda connection: candidates.search(
        connection, Kind.CUSTOMER, make_customer(connection.workspace).pk, "Cafe"
    ),
    "linking by hand": _link_by_hand,
}


@pytest.mark.parametrize("work", WORK.values(), ids=WORK.keys())
def test_work_leaves_no_connection_to_xero_open(
    connected: Connection,
    sessions: list[requests.Session],
    sandbox: Handle,
    work: Callable[[Connection], object],
) -> None:
    work(connected)

    assert sandbox.requests() != []
    assert sessions
    assert _open(sessions) == 0


def test_work_that_fails_leaves_none_open_either(
    connected: Connection, sessions: list[requests.Session], sandbox: Handle
) -> None:
    sandbox.faults.add("maintenance", method="PUT", path="Contacts")

    _drain(connected)

    assert sessions
    assert _open(sessions) == 0


def _opens_books(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("open_books", "get_books")


def _unclosed(tree: ast.AST) -> list[int]:
    """The lines that open books and neither close them nor hand them on."""
    kept = [item.context_expr for node in ast.walk(tree) if isinstance(node, ast.With) for item in node.items]
    kept += [node.value for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value]
    return [node.lineno for node in ast.walk(tree) if _opens_books(node) and node not in kept]


def test_whoever_opens_books_closes_them() -> None:
    assert {
        module.path: found for module in modules_of("accounting") if (found := _unclosed(module.tree))
    } == {}


def test_books_left_open_are_seen() -> None:
    assert _unclosed(ast.parse("books = open_books(connection)\nreturned = get_books(c, '').survey()")) == [
        1,
        2,
    ]
