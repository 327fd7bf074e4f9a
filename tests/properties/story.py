"""A history told step by step: what was done, and what came of it."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import requests
from django.core.exceptions import ValidationError

from accounting.enums import Kind
from accounting.models import Connection, SyncEvent
from accounting.sync.deciding import CannotDecide
from accounting.sync.resolve import CannotResolve
from catalogue.models import TaxRate
from core.refusals import Refused
from tests.properties.agreement import MODELS
from tests.properties.crashes import Crash, Crashes
from tests.properties.direct import DirectSandbox
from tests.properties.untouched import Witness
from workspaces.models import User

DAY = dt.date(2026, 3, 2)
REFUSALS = (Refused, ValidationError, CannotDecide, CannotResolve)


class Story:
    """A world and its story so far."""

    def __init__(
        self, seed: int, sandbox: DirectSandbox, connection: Connection, rates: list[TaxRate], person: User
    ) -> None:
        self.dice = random.Random(seed)
        self.seed = seed
        self.sandbox = sandbox
        self.connection = connection
        self.workspace = connection.workspace
        self.rates = rates
        self.person = person
        self.eager = 0.9
        """How often a draft is approved at once."""
        self.story: list[str] = []
        self.stumbles: list[str] = []
        self.verbose = False
        self.told_to = 0
        self.serial = 0
        self.heard = 0
        self.edited: defaultdict[tuple[str, uuid.UUID], set[str]] = defaultdict(set)
        self.witness = Witness(sandbox, self._wanted)
        self.http = sandbox.session()
        self.crashes = Crashes(self.dice)

    def act(self, name: str) -> None:
        """One step by name; what the house or Xero refuses is part of the story."""
        self.story.append(name)
        action: Callable[[], str | None] = getattr(self, name)
        try:
            told = action()
        except REFUSALS as refusal:
            told = f"refused: {refusal}"
        except requests.RequestException as error:
            told = f"lost: {error}"
        except Crash as crash:
            told = f"the web server died {crash}"
        self.story[-1] = f"{name}: {told or 'nothing'}"
        if self.verbose:
            self._tell_what_happened()

    def _tell_what_happened(self) -> None:
        """The house's own history and the calls since the last step, for a history that is lived again."""
        for event in SyncEvent.objects.filter(pk__gt=self.told_to).order_by("pk"):
            self.told_to = event.pk
            record = MODELS[Kind(event.kind)].objects.filter(pk=event.local_id).first() if event.kind else ""
            self.story.append(f"      {record} {event.event}: {event.message}")
        for call in self.sandbox.requests():
            fault = f" !{call.fault}" if call.fault else ""
            self.story.append(
                f"      {call.method} {call.path[13:60]} {call.query[:60]} {call.status}{fault}"
            )
        self.sandbox.clear_requests()

    def _wanted(self, kind: str, local_id: uuid.UUID) -> set[str]:
        """What people edited here of this record, ever. Our reference is put back where theirs lost it."""
        return self.edited[kind, local_id] | ({"reference"} if kind == Kind.CUSTOMER else set())

    def _edit(self, record: Any, *fields: str) -> None:
        kind = next(kind for kind, model in MODELS.items() if isinstance(record, model))
        self.edited[kind, record.pk] |= set(fields)

    def _next(self, prefix: str) -> str:
        self.serial += 1
        return f"{prefix}{self.serial}"

    def _pick(self, rows: Any) -> Any:
        rows = list(rows.order_by("pk"))
        return self.dice.choice(rows) if rows else None
