"""When Xero refuses our access: is it the token, the organisation, or us for good?"""

from __future__ import annotations

from accounting.models import Connection, Grant
from accounting.port.errors import Disconnected, Forbidden, MissingScope, NeedsReauth, ProviderError
from accounting.providers.registry import get_authoriser
from accounting.sync import lease
from accounting.sync.retry import Pause, pause_after
from accounting.sync.state import Paused, ask_leave, cut_off, rest
from accounting.sync.tokens import refresh, was_just_refreshed


def on_refused(connection: Connection, error: NeedsReauth) -> None:
    """An access token may have died early, and Xero words a disconnect like a bad token: refresh once and ask which
    organisations are left. Only what is refused after that needs a person."""
    try:
        if not isinstance(error, (MissingScope, Forbidden)) and _regained(connection):
            rest(connection, Pause(1, "Access to Xero was renewed."))
            return
    except NeedsReauth as refused:
        error = refused
    except (Paused, lease.LeaseLost):
        return
    except ProviderError as away:
        rest(connection, pause_after(away, 1))
        return
    cut_off(connection, error)


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
