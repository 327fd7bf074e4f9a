"""What the engine does in a random history, and what befalls it."""

from __future__ import annotations

import datetime as dt
import uuid

from django.utils import timezone

from accounting.enums import ConflictState, ConnectionState, GrantState, OpState, Resolution
from accounting.models import Conflict, Connection, Grant, Operation
from accounting.providers.xero import limits
from accounting.sync import lease, outbox
from accounting.sync.drain import drain
from accounting.sync.reconcile import reconcile
from accounting.sync.resolve import resolve
from tests.properties.crashes import Crash
from tests.properties.passing import pass_time
from tests.properties.story import Story
from tests.properties.untouched import FIELDS
from webhooks.process import run as process_inbox
from webhooks.receive import receive

WRITE_FAULTS = (
    "drop", "cut", "truncate", "html", "error_500", "maintenance", "organisation_offline", "rate_minute",
    "unknown_enum", "rate_concurrent",
)  # fmt: skip


class Engine(Story):
    """Webhooks, faults, crashes, workers and time."""

    def hear(self) -> str:
        """What Xero tells arrives: perhaps not all of it, perhaps twice, perhaps in another order."""
        captured = self.sandbox.webhooks.captured
        fresh = captured[self.heard :]
        self.heard = len(captured)
        arriving = [row for row in fresh for _ in range(self.dice.choice((0, 1, 1, 1, 2)))]
        self.dice.shuffle(arriving)
        for delivery in arriving:
            receive(body=delivery.body, signature=delivery.signature)
        process_inbox()
        return f"{len(arriving)} of {len(fresh)}"

    def break_a_write(self) -> str:
        kind = self.dice.choice(WRITE_FAULTS)
        applied = self.dice.random() < 0.6 and not kind.startswith("rate")
        path = self.dice.choice(("Invoices", "Contacts", "Payments", "/api.xro/*"))
        method = self.dice.choice(("PUT", "POST", "PUT"))
        self.sandbox.faults.add(kind, method=method, path=path, applied=applied, index=self.dice.randrange(3))
        return f"{kind} {'after' if applied else 'before'} {method} {path}"

    def break_a_read(self) -> str:
        kind = self.dice.choice(
            ("drop", "truncate", "error_500", "maintenance", "rate_minute", "unknown_enum")
        )
        self.sandbox.faults.add(kind, method="GET", index=self.dice.randrange(3))
        return kind

    def break_a_token(self) -> str:
        """The access token dies early; the answer to the refresh may be lost."""
        self.sandbox.expire_tokens()
        if self.dice.random() < 0.5:
            self.sandbox.faults.add("drop", path="/connect/token", applied=True)
        return "expired"

    def arm_a_crash(self) -> str:
        return self.crashes.arm()

    def work(self) -> str:
        """A worker is woken. It may die on the way, and then its lease stays."""
        try:
            mine = drain(self.connection.pk)
        except Crash as crash:
            self._leave_lease()
            return f"died {crash}"
        finally:
            self.crashes.disarm()
        return "done" if mine else "somebody else is at it"

    def work_again(self) -> str:
        return self.work()

    def check(self) -> str:
        """The regular check."""
        try:
            mine = reconcile(self.connection.pk)
        except Crash as crash:
            self._leave_lease()
            return f"died {crash}"
        finally:
            self.crashes.disarm()
        return "done" if mine else "somebody else is at it"

    def _leave_lease(self) -> None:
        """A process that was killed gives nothing back."""
        Connection.objects.filter(pk=self.connection.pk).update(
            lease_token=uuid.uuid4(), lease_until=timezone.now() + lease.LEASE
        )

    def wait(self) -> str:
        seconds = self.dice.choice((3, 60, 100, 290, 400, 2000))
        self.advance(seconds)
        return f"{seconds} s"

    def advance(self, seconds: int) -> None:
        """Time passes on both sides."""
        pass_time(self.sandbox, seconds)
        limits.reset("memory://")

    def settle_a_conflict(self) -> str | None:
        conflict = self._pick(Conflict.objects.filter(state=ConflictState.OPEN))
        if conflict is None:
            return None
        choice = self.dice.choice((Resolution.KEEP_OURS, Resolution.TAKE_THEIRS))
        self._resolve(conflict, choice)
        return f"{conflict} {choice}"

    def _resolve(self, conflict: Conflict, choice: Resolution) -> None:
        """Who keeps ours wants all of it there."""
        if choice == Resolution.KEEP_OURS:
            self.edited[conflict.kind, conflict.local_id] |= FIELDS[conflict.kind].keys()
        resolve(conflict=conflict, choice=choice, seen=conflict.version, by=self.person)

    def try_again(self) -> str:
        return f"{outbox.retry_failed(Operation.objects.filter(state=OpState.FAILED))} failed operations"

    def connect_again(self) -> str | None:
        """What a person does who is told that access is gone."""
        if not Connection.objects.filter(state=ConnectionState.NEEDS_REAUTH).exists():
            return None
        tokens = self.sandbox.connect()
        grant = Grant.objects.get()
        grant.access_token, grant.refresh_token = tokens["access_token"], tokens["refresh_token"]
        grant.version += 1
        grant.state, grant.failed_at, grant.refreshed_at = GrantState.ACTIVE, None, timezone.now()
        grant.expires_at = grant.refreshed_at + dt.timedelta(seconds=tokens["expires_in"])
        grant.save()
        Connection.objects.update(state=ConnectionState.ACTIVE, state_reason="", cutoff="", resume_at=None)
        return "reconnected"
