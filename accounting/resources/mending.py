"""What can be put right in one of our records from the page of the cause that holds it up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from accounting.port.meanings import Fix
from accounting.resources.desk import Desk
from core.refusals import Refused
from workspaces.models import User


class Mending:
    """Each changes our record through its services, as `by`, and tells what became of it in a few words, "" where
    nothing had to change. Raises Refused with a sentence; so does a kind for what it does not have.

    `pages` are those of one record, by its id, on which a person does what is done there.
    """

    pages: ClassVar[Mapping[Fix, str]] = {}

    def rebook(self, record: Any, code: str, account_id: str, desk: Desk, by: User) -> str:
        """Book what goes to the account with this code ("": to none) to the account with this id."""
        return ""

    def recode(self, record: Any, codes: Collection[str], code: str, desk: Desk, by: User) -> str:
        """Tax what was agreed to be taxed by one of these codes by this one, of the same percentage."""
        return ""

    def rename(self, record: Any, text: str, by: User) -> str:
        """Give it another number or name; for "" the next free one, where there is such a thing."""
        raise Refused("Open it to change it.")

    def redate(self, record: Any, day: dt.date, by: User) -> str:
        """Date it to this day, unless it is dated later."""
        raise Refused("Open it to change its date.")
