"""A record whose number or name is taken gets another."""

from __future__ import annotations

from typing import Any

from accounting.models import Connection, Problem
from accounting.resources.desk import Desk
from accounting.resources.registry import get_resource
from accounting.sync.fixes.base import Ask, Remedy
from workspaces.models import User


class Renumber(Remedy):
    """Numbers have an order, so all can get the next free ones at once."""

    title = "Give another number"
    promise = "will be sent with another number"
    is_per_record = True

    def ask(self, problem: Problem, connection: Connection) -> Ask | None:
        return Ask("Number", hint="Empty for the next free one.", may_be_empty=True)

    def mend(self, problem: Problem, kind: str, record: Any, choice: str, desk: Desk, by: User) -> str:
        return get_resource(kind).rename(record, choice, by)


class Rename(Renumber):
    title = "Give another name"
    promise = "will be sent as “{}”"
    one_by_one = True

    def ask(self, problem: Problem, connection: Connection) -> Ask | None:
        return Ask("Name", text=problem.subject)
