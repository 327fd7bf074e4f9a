"""When Xero refuses our access: is it the token, the organisation, or us for good?"""

from __future__ import annotations

from accounting.models import Connection, Grant
from accounting.port.errors import Closed, Disconnected, Forbidden, MissingScope, NeedsReauth, ProviderError
from accounting.providers.registry import get_authoriser
from accounting.sync import lease
from accounting.sync.opening import open_books
from accounting.sync.permissions import goes_on_without
from accounting.sync.retry import Pause, pause_after
from accounting.sync.state import Paused, ask_leave, cut_off, rest
from accounting.sync.tokens import refresh, was_just_refreshed


def on_refused(connection: Connection, error: NeedsReauth) -> None:
    """An access token may have died early, and Xero words a disconnect like a bad token: refresh once and ask which
    organisations are left. Only what is refused after that needs a person. What one kind lacks stops that kind only."""
    refused_to = connection.grant
    try:
        if not isinstance(error, (MissingScope, Forbidden, Closed)) and _regained(connection):
            rest(connection, Pause(1, "Access to Xero was renewed."))
            return
        if isinstance(error, (MissingScope, Forbidden)):
            examine(connection)
        if isinstance(error, MissingScope) and goes_on_without(connection, refused_to, error):
            return
    except NeedsReauth as refused:
        error = refused
    except (Paused, lease.LeaseLost):
        return
    except ProviderError as away:
        rest(connection, pause_after(away, 1))
        return
    cut_off(connection, error)


def look_in(connection: Connection) -> None:
    """The daily look: does the organisation still let us work? It is cut off where it does not, so that people hear of
    it before something they wait for is refused. What cannot be looked at now is left to the regular check."""
    try:
        examine(connection)
    except (Forbidden, Closed) as refused:
        cut_off(connection, refused)
    except NeedsReauth as refused:
        on_refused(connection, refused)
    except (ProviderError, lease.LeaseLost):
        return


def examine(connection: Connection) -> None:
    """Read what the organisation allows. Raises Closed when nobody may work in it, Forbidden when whoever connected may
    not, and whatever else a read may raise."""
    try:
        with open_books(connection) as books:
            survey = books.survey()
    except Forbidden as refused:
        words = (
            "Xero shows nothing of this organisation any more. Its plan or trial may have ended, "
            "or the person who connected may have been removed from it."
        )
        raise Closed(words, detail=refused.detail, reference=refused.reference) from refused
    if not survey.organisation.is_open:
        raise Closed("This organisation is not active in Xero any more. Its plan or trial may have ended.")
    if not any(allowance.allowed for allowance in survey.allowances if allowance.essential):
        raise Forbidden("The person who connected may only look into this organisation, and change nothing.")


def _regained(connection: Connection) -> bool:
    """Whether a new token opens the organisation. Raises Disconnected when it is no longer among the user's."""
    grant = Grant.objects.get(connections=connection)
    if was_just_refreshed(grant) and _is_open(connection, grant.access_token):
        return False
    ask_leave(connection)
    return _is_open(connection, refresh(grant, force=True).access_token, last=True)


def _is_open(connection: Connection, access: str, *, last: bool = False) -> bool:
    """Whether this token is good; False for a dead one, unless it is the last we can get: then NeedsReauth."""
    ask_leave(connection)
    try:
        tenants = get_authoriser(connection.provider).list_tenants(access)
    except NeedsReauth:
        if last:
            raise
        return False
    if connection.tenant_id not in {tenant.tenant_id for tenant in tenants}:
        raise Disconnected("This organisation was disconnected in Xero.")
    return True
