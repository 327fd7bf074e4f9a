"""How a connection's own state changes: working, resting, paused, cut off; and whether the workspace's plan has it.

Whoever is about to call asks `may_call` or `callable_now`; what calls in the middle of its work, `ask_leave`.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from accounting.enums import ConnectionState, Cutoff, EventKind, Limit
from accounting.models import Connection
from accounting.port.errors import (
    Closed,
    Disconnected,
    Forbidden,
    MissingScope,
    NeedsReauth,
    ProviderError,
    RateLimited,
    Retryable,
)
from accounting.port.exchange import Quota
from accounting.queries.plan import say_lost
from accounting.sync import lease, outages
from accounting.sync.history import tell
from accounting.sync.retry import Pause, pause_after
from core.clock import database_now
from plans.enums import Feature
from plans.queries import lacking, lost_at


class Paused(Retryable):
    """Tandem's support paused the connection. It does not rest for it: once resumed it goes on at once."""

    until = "once they resume it"


class Unplanned(Paused):
    """The workspace's plan has no integrations, or has lapsed. The same holds: with a plan it goes on at once."""

    until = "once it has them"


def may_call(connection: Connection) -> bool:
    """Whether the organisation may be called now: connected, not paused by support, not resting, and in the plan."""
    if not connection.is_active or connection.is_paused or is_resting(connection):
        return False
    return connection.unplanned_since is None


def callable_now(prefix: str = "") -> Q:
    """The same as a condition on connections; `prefix` is the way to them ("connection__")."""
    rested = Q(**{f"{prefix}resume_at": None}) | Q(**{f"{prefix}resume_at__lte": Now()})
    active = Q(**{f"{prefix}state": ConnectionState.ACTIVE, f"{prefix}paused_at": None})
    return rested & active & Q(~lacking(Feature.INTEGRATIONS, of=f"{prefix}workspace"))


def ask_leave(connection: Connection) -> None:
    """Before each call: keep the lease, and heed a pause that came, or a plan that ended, since the work began. Raises
    LeaseLost or Paused."""
    if lease.renewed_where(connection, Q(~lacking(Feature.INTEGRATIONS)), paused_at=None):
        return
    lease.renew(connection)
    refuse_stopped(connection)


def refuse_stopped(connection: Connection) -> None:
    """Raises Paused while no call may be made until somebody else acts: support, or, with Unplanned, who pays."""
    rows = Connection.objects.filter(pk=connection.pk).annotate(unplanned=lost_at(Feature.INTEGRATIONS))
    for paused_at, unplanned in rows.values_list("paused_at", "unplanned"):
        if unplanned is not None:
            raise Unplanned(say_lost(unplanned))
        if paused_at is not None:
            raise Paused(Connection.PAUSED)


def rest(connection: Connection, pause: Pause) -> None:
    """No call before the pause is over. Nothing is lost and no attempt is burnt: the operations wait."""
    values: dict[str, object] = {
        "resume_at": Now() + dt.timedelta(seconds=pause.seconds),
        "resume_reason": pause.reason[:200],
        "resume_limit": pause.limit,
    }
    if pause.limit == Limit.DAY:  # what was seen left before is not true any more
        values |= {"day_remaining": 0, "quota_seen_at": Now()}
    lease.row_of(connection).update(**values)


def rest_after(connection: Connection, error: ProviderError) -> float:
    """Rest for as long as this error asks for, and return the seconds. When only people's reserve is left it does not
    rest: their work may go on."""
    pause = pause_after(error, 1)
    if not (isinstance(error, RateLimited) and error.problem == "reserve"):
        rest(connection, pause)
    return pause.seconds


def end_rest(connection: Connection) -> None:
    """A person wants it tried now. What was left of the day is forgotten: the next answer tells it anew."""
    Connection.objects.filter(pk=connection.pk).update(
        resume_at=None, resume_reason="", resume_limit="", day_remaining=None, quota_seen_at=None
    )


def note_success(connection: Connection, quota: Quota | None = None) -> None:
    """A conversation went well: remember when, and what quota is left. Renews the lease. Raises LeaseLost."""
    values: dict[str, object] = {
        "last_success_at": Now(),
        "resume_at": None,
        "resume_reason": "",
        "resume_limit": "",
    }
    if quota is not None and quota.day is not None:
        connection.day_remaining = quota.day
        values |= {"minute_remaining": quota.minute, "day_remaining": quota.day, "quota_seen_at": Now()}
    lease.renew(connection, **values)


_CUTOFFS: dict[type[NeedsReauth], Cutoff] = {
    Disconnected: Cutoff.REMOVED,
    MissingScope: Cutoff.SCOPE,
    Forbidden: Cutoff.ROLE,
    Closed: Cutoff.CLOSED,
}


@transaction.atomic
def cut_off(connection: Connection, error: NeedsReauth) -> None:
    """Access is gone: stop, say why once, and keep every operation for after the reconnect."""
    cutoff = _CUTOFFS.get(type(error), Cutoff.ACCESS)
    state = ConnectionState.DISCONNECTED if cutoff == Cutoff.REMOVED else ConnectionState.NEEDS_REAUTH
    changed = (
        lease.row_of(connection)
        .filter(state=ConnectionState.ACTIVE)
        .update(state=state, cutoff=cutoff, state_reason=error.message[:300])
    )
    if changed:
        tell(connection, EventKind.REFUSED, error.message, detail=error.detail, reference=error.reference)
        outages.tell_begun(connection, cutoff, error.message)


def is_resting(connection: Connection) -> bool:
    """Whether a pause is under way."""
    return connection.resume_at is not None and connection.resume_at > database_now()
