"""The same ledger, in the test's own process: for faults that need no process to die."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounting.models import Connection, Operation
from accounting.sync import batches
from accounting.sync.drain import drain
from accounting.sync.due import has_work
from core.clock import database_now
from tests.accounting.bookkeeper import Bookkeeper, Json
from tests.accounting.conftest import choose, connect
from tests.factories.workspaces import make_workspace
from tests.faults.stage import Stage
from tests.faults.trouble import CONTROLS
from tests.properties.direct import DirectSandbox
from tests.properties.passing import pass_time
from workspaces.scope import scope

WHOLE = ("lost", "doubled", "differ", "unlinked", "left", "failed", "mismatched_keys")


class Inside(Stage):
    """A stage whose worker is the test itself."""

    sandbox: DirectSandbox  # type: ignore[assignment]

    def work(self, turns: int = 1, *, pause: float = 30) -> None:
        """So many turns of a worker; before each, the connection's rest is over but no key is forgotten."""
        for _ in range(turns):
            Connection.objects.filter(pk=self.connection.pk).update(resume_at=None)
            assert self.turn()

    def work_off(self) -> None:
        """Turn after turn, with a minute between them, until nothing is due."""
        while has_work(self.now()):
            self.work()
            self.wait(61)

    def turn(self) -> bool:
        """A worker is woken. Whether it had the connection to itself."""
        with scope(self.workspace):
            return drain(self.connection.pk)

    def wait(self, seconds: float) -> None:
        pass_time(self.sandbox, seconds)

    def rest_of(self) -> float:
        """Seconds until the connection's rest is over."""
        resume_at = self.now().resume_at
        assert resume_at is not None
        return (resume_at - database_now()).total_seconds()

    def now(self) -> Connection:
        """The connection as it is now."""
        return Connection.objects.get(pk=self.connection.pk)

    def asked(self) -> list[Any]:
        """Calls received that count: those of the accounting API."""
        return [call for call in self.sandbox.requests() if call.path.startswith("/api.xro/")]

    def tokens_asked(self) -> list[Any]:
        """Calls received for tokens."""
        return self.sandbox.requests(path="/connect/token")

    def writes(self, path: str, method: str = "") -> list[Any]:
        """Writes received for this resource."""
        found = [call for call in self.sandbox.requests() if call.method in ("PUT", "POST")]
        return [call for call in found if path in call.path and method in ("", call.method)]

    def wrong(self) -> dict[str, int]:
        """What the ledger does not like; nothing, if all is well."""
        ledger = self.ledger()
        return {name: ledger[name] for name in WHOLE if ledger[name]}

    def states(self) -> set[str]:
        return set(Operation.objects.values_list("state", flat=True))


class Clerk(Bookkeeper):
    """The bookkeeper without a socket, signed in as another person in Xero, for as long as it takes."""

    def __init__(self, inside: Inside) -> None:
        super().__init__(inside.sandbox, inside.connection)  # type: ignore[arg-type]
        self._inside = inside
        self._http = inside.sandbox.session()

    def _send(self, method: str, path: str, body: Json | None = None) -> Json:
        token = self._inside.sandbox.connect(self._inside.connection.tenant_id, user=1)["access_token"]
        headers = {**self._headers, "Authorization": f"Bearer {token}"}
        response = self._http.request(method, self._url + path, json=body, headers=headers)
        assert response.ok, response.text
        return dict(response.json())


@pytest.fixture
def inside(direct: DirectSandbox, joined: Connection, tax_rates: list[Any]) -> Inside:
    direct.clear_requests()
    return Inside(direct, joined.workspace, joined, tax_rates[0])  # type: ignore[arg-type]


@pytest.fixture
def neighbour(inside: Inside) -> Inside:
    """Another workspace with another organisation of the same person in Xero, and three customers to send: both
    connections share one grant."""
    other = make_workspace(name="Other", email="other@example.com")
    with scope(other):
        slug = list(inside.sandbox.store.books.values())[1].organisation.slug
        connection = connect(inside.sandbox, other, slug)  # type: ignore[arg-type]
        choose(connection)
        second = Inside(inside.sandbox, other, connection, inside.rate)  # type: ignore[arg-type]
        second.add(0, customers=3)
    return second


@pytest.fixture
def clerk(inside: Inside) -> Clerk:
    return Clerk(inside)


@pytest.fixture
def unprotected(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Takes a protection away for the rest of the test."""

    def remove(control: str) -> None:
        for name in ("_request", "carry", "send"):
            monkeypatch.setattr(batches, name, getattr(batches, name))  # remembered, and put back afterwards
        CONTROLS[control]()

    return remove
