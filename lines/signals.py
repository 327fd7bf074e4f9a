"""What this room asks the rooms above it. They answer; it knows nothing of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.dispatch import Signal

if TYPE_CHECKING:
    from lines.models import Header

before_approval = Signal()
"""Sent with `sender` (the model) and `header`, with its lines saved, inside the transaction that approves it. A
receiver answers a list of Objection; any of them stops the approval."""

listing_accounts = Signal()
"""Sent with `sender` (the model of the document), in the workspace's scope, before accounts are offered for its lines.
A receiver answers Accounts, or None when it has none."""

before_dating = Signal()
"""Sent with `sender` (the model) and `day`, before something is booked under this day. A receiver answers Closed, or
None when nothing keeps the day from being booked."""


class Cure(NamedTuple):
    """Where a super user sees to it that there is nothing to object any more: what is done there, in a few words, the
    name of the workspace's page, and the place on it."""

    label: str
    page: str
    anchor: str = ""


class Closed(NamedTuple):
    """That a day can no longer be booked: why, in a sentence, and the first day that can. With `moves` what is to be
    booked takes that day by itself; without, it is refused."""

    message: str
    first_open: dt.date
    moves: bool = False
    cure: Cure | None = None


class Objection(NamedTuple):
    """Why a document cannot be approved: a sentence, the field of the form it is about, and the position of the line
    (from 1) where the field is a line's. No field: the document as a whole. `cure` is where it can be put right besides
    the form itself."""

    message: str
    field: str = ""
    line: int = 0
    cure: Cure | None = None


def objections_to(header: Header) -> list[Objection]:
    """What the rooms above object to approving this document."""
    answers = before_approval.send(sender=type(header), header=header)
    return [objection for _, answer in answers for objection in answer]


def closed_on(model: type[Any], day: dt.date) -> Closed | None:
    """What the rooms above say of booking a record of this model under this day: the strictest answer, if any."""
    answers = before_dating.send(sender=model, day=day)
    return max((answer for _, answer in answers if answer), key=lambda told: told.first_open, default=None)


class Accounts(NamedTuple):
    """The accounts that lines may be booked to, by their ids: what each is called, those that can be chosen, and the
    one that lines of a service start with."""

    names: Mapping[str, str] = {}
    offered: Sequence[str] = ()
    of_services: Mapping[UUID, str] = {}


def offered_accounts(model: type[Header]) -> Accounts:
    """What the rooms above offer for the lines of such documents; nothing where nobody answers."""
    answers = [answer for _, answer in listing_accounts.send(sender=model) if answer]
    return answers[0] if answers else Accounts()
