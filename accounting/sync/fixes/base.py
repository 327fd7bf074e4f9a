"""What every fix is: what it asks, what it changes once for all, and what it changes in each record."""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass
from typing import Any, ClassVar

from accounting.models import Connection, Problem
from accounting.resources.desk import Desk
from accounting.sync.mapping import Change
from workspaces.models import User


class CannotFix(Exception):
    """It cannot be put right like this. The message says why, in a sentence for people."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a person has to say first. Without `options` it is a text, which starts with `text`; an empty one is an
    answer too where `may_be_empty`, and `hint` says what it comes to."""

    label: str
    options: tuple[tuple[str, str], ...] = ()
    text: str = ""
    hint: str = ""
    may_be_empty: bool = False

    def say(self, choice: str) -> str:
        """The choice as it is offered. Raises CannotFix for one that is not."""
        if not self.options:
            if choice or self.may_be_empty:
                return choice
            raise CannotFix("Write what it is to be called.")
        told = dict(self.options).get(choice) if choice else None
        if told is None:
            raise CannotFix("This is not offered (any more). Choose another.")
        return told


class Remedy(ABC):
    """One way to put a cause right from its own page.

    - `title` and `promise` are said to people; the promise is completed by the choice as it is offered.
    - `is_per_record`: it changes records, so it may be done for one of them; `one_by_one`: each needs an answer of its
      own, so it must be.
    - `changes_settings`: it changes what all records go by, which is for super users.
    """

    title: ClassVar[str]
    promise: ClassVar[str]
    is_per_record: ClassVar[bool] = False
    one_by_one: ClassVar[bool] = False
    changes_settings: ClassVar[bool] = False

    def ask(self, problem: Problem, connection: Connection) -> Ask | None:
        """What is to be chosen; None where there is nothing to choose from."""
        raise NotImplementedError

    def settle(self, problem: Problem, connection: Connection, choice: str, by: User) -> list[Change]:
        """Change what all records go by, in the transaction of the caller. Returns what changed. Raises CannotFix."""
        return []

    def mend(self, problem: Problem, kind: str, record: Any, choice: str, desk: Desk, by: User) -> str:
        """Change one record of ours that is held up. Returns what became of it, "" for nothing. Raises Refused."""
        return ""
