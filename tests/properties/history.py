"""One random history: people here, a bookkeeper in Xero, webhooks, faults and crashes; then peace, and a look.

Everything random comes from one seed, so a history that fails can be lived again.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any
from unittest.mock import patch

from accounting.enums import BornThere, ConflictState, InvoiceStatusRule, OpState, Resolution
from accounting.models import Batch, Conflict, Connection, Mapping, Operation
from accounting.sync.drain import drain
from accounting.sync.due import has_work
from tests.properties.agreement import Audit, Books
from tests.properties.bookkeeper import Bookkeeper
from tests.properties.engine import Engine
from tests.properties.people import People
from tests.properties.story import REFUSALS

ROUNDS = 40
ZONES = (
    "UTC",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "America/New_York",
    "Asia/Kolkata",
)
RULES = (*InvoiceStatusRule, InvoiceStatusRule.WITH_STATUS, InvoiceStatusRule.WITH_STATUS)
"""Half of the histories keep step."""
BEGUN = {BornThere.OFF: (), BornThere.QUEUE: ("check", "decide_about_a_newcomer")}
MISUSE = ("key_body_mismatch", "key_resent_after_window")
LOUD = ("drain", "plan", "freeze", "settle", "apply", "newcomers")
THEIR_TURN = (
    "their_lines",
    "their_lines",
    "their_lines",
    "their_contact_edit",
    "their_contact_edit",
    "their_edit",
)
OUR_TURN = ("rework", "rework", "edit_issued", "edit_customer", "edit_customer")
ACTIONS = {
    "new_customer": 2,
    "edit_customer": 3,
    "archive": 1,
    "restore": 1,
    "new_invoice": 8,
    "edit_issued": 6,
    "rework": 4,
    "finish_draft": 2,
    "take_a_step": 3,
    "delete_draft": 1,
    "reopen": 1,
    "void": 2,
    "pay": 6,
    "reverse": 3,
    "their_edit": 6,
    "their_lines": 3,
    "their_void": 2,
    "their_step": 3,
    "their_move": 1,
    "their_payment": 5,
    "their_unpayment": 3,
    "their_credit": 3,
    "their_uncredit": 2,
    "their_contact_edit": 3,
    "their_merge": 2,
    "their_restore": 1,
    "their_invoice": 2,
    "decide_about_a_newcomer": 5,
    "hear": 6,
    "break_a_write": 7,
    "break_a_read": 3,
    "break_a_token": 1,
    "arm_a_crash": 5,
    "work": 12,
    "work_again": 6,
    "check": 2,
    "wait": 6,
    "settle_a_conflict": 3,
    "try_again": 1,
    "connect_again": 1,
}


class NeverQuiet(AssertionError):
    """The engine kept working without getting anywhere."""


class Ear:
    """Stands in for a module's log and remembers the exceptions told to it."""

    def __init__(self, heard: list[str]) -> None:
        self._heard = heard

    def exception(self, event: str, **more: Any) -> None:
        self._heard.append(f"{event} {more} {traceback.format_exc()[-1500:]}")

    def info(self, event: str, **more: Any) -> None:
        """Nothing to worry about."""

    warning = info


class History(People, Bookkeeper, Engine):
    """A random history: its steps, and what is looked at when it has come to rest."""

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While this lasts, what the engine stumbles over is remembered: it survives that, and it is a defect."""
        ears = [patch(f"accounting.sync.{name}.log", Ear(self.stumbles)) for name in LOUD]
        with ExitStack() as stack:
            for ear in ears:
                stack.enter_context(ear)
            stack.enter_context(self.witness.watching())
            stack.callback(self.crashes.disarm)
            yield

    def live(self, steps: int) -> None:
        """Somewhere on earth, by one rule of invoices or another, a customer and two invoices in step, then so many
        random steps."""
        self.workspace.time_zone = self.dice.choice(ZONES)
        self.workspace.save(update_fields=["time_zone"])
        rule = self.dice.choice(RULES)
        self.eager = 0.5 if rule == InvoiceStatusRule.WITH_STATUS else 0.9
        Mapping.objects.update(invoice_status=rule)
        born = self.dice.choice(list(BornThere))
        Mapping.objects.update(born_there=born)
        self.story.append(f"invoices go out {rule.label.lower()}; what is born there: {born.label.lower()}")
        for name in ("new_customer", "new_customer", "new_invoice", "new_invoice", "work", *BEGUN[born]):
            self.act(name)
        names, weights = zip(*ACTIONS.items(), strict=True)
        for name in self.dice.choices(names, weights, k=steps):
            self.act(name)

    def take_turns(self, turns: int) -> None:
        """Without trouble: the bookkeeper moves, that is heard, somebody edits here, and it is sent."""
        for name in ("new_customer", "new_invoice", "new_invoice", "work"):
            self.act(name)
        for _ in range(turns):
            for name in (self.dice.choice(THEIR_TURN), "check", self.dice.choice(OUR_TURN), "work"):
                self.act(name)

    def come_to_rest(self) -> None:
        """No more trouble; work until nothing is left to do, and check for what nobody told. A check may find the token
        dead, or give way to what it has found: the next one goes on."""
        self.sandbox.faults.clear()
        self.crashes.disarm()
        for _ in range(4):
            self._work_off()
            self.act("check")
        self._work_off()

    def _work_off(self) -> None:
        for _ in range(ROUNDS):
            self.advance(700)
            self.connect_again()
            assert drain(self.connection.pk)
            later = Operation.objects.filter(state=OpState.PENDING)  # what is tried again at growing distance
            if not has_work(self.connection) and not later.exists():
                return
        left = [f"{row} {row.state} {row.error}" for row in Operation.objects.all()]
        now = Connection.objects.get()
        state = f"{now.state} {now.state_reason} {now.resume_reason}"
        raise NeverQuiet(f"still at it after {ROUNDS} rounds: {state} {left} {list(Batch.objects.all())}")

    def problems(self) -> list[str]:
        """What no honest bookkeeping may show."""
        audit = Audit(self.connection, Books.read(self.sandbox))
        misuse = {name: count for name, count in self.sandbox.counters().items() if name in MISUSE and count}
        return [
            *(f"stumbled: {words}" for words in self.stumbles),
            *(f"not ours to touch: {words}" for words in self.witness.broken),
            *audit.unrest(),
            *audit.differences(),
            *(f"{name}: {count}" for name, count in misuse.items()),
        ]

    def settle_everything(self) -> None:
        """People do what they are asked: decide every conflict, and try again what failed."""
        for conflict in Conflict.objects.filter(state=ConflictState.OPEN).order_by("pk"):
            choice = self.dice.choice((Resolution.KEEP_OURS, Resolution.TAKE_THEIRS))
            with suppress(*REFUSALS):
                self._resolve(conflict, choice)
            self.story.append(f"decided: {conflict} {choice}")
        self.act("try_again")
