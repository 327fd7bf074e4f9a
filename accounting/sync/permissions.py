"""What Xero allows us, kind by kind: found out when something is refused, and proven when a person asks (ADR 39).

The grant's scopes say it. They grow by a consent, or because a look proved that something is allowed after all.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Func, Value
from django.utils import timezone

from accounting import wakeup
from accounting.enums import EventKind
from accounting.models import Connection, Grant
from accounting.port.documents import Kind
from accounting.port.errors import MissingScope
from accounting.port.provider import Books
from accounting.providers.registry import scope_of
from accounting.queries.allowed import allowed_kinds, lacking_kinds, may_read_all, name_of
from accounting.sync import outages
from accounting.sync.history import tell
from accounting.sync.state import may_call


def may_compare(connection: Connection) -> bool:
    """Whether the organisation may be called now (see `state.may_call`), and read by all that both sides are compared
    by."""
    return may_call(connection) and may_read_all(connection)


@transaction.atomic
def goes_on_without(connection: Connection, grant: Grant | None, refused: MissingScope) -> bool:
    """Note that nothing of this kind may be done. Returns whether anything is left that may; False as well where it was
    not about one kind.

    Only the `grant` that was refused is noted, as it was then: a consent that was given meanwhile is another.
    """
    if not refused.kind or grant is None or set(allowed_kinds(connection)) <= {refused.kind}:
        return False
    scope = scope_of(refused.kind)
    same = Grant.objects.filter(pk=grant.pk, version=grant.version, scopes__overlap=[scope])
    if same.update(scopes=Func(F("scopes"), Value(scope), function="array_remove")):
        words = f"Xero does not allow Tandem to work on {name_of(refused.kind)}. They wait; all else goes on."
        tell(connection, EventKind.REFUSED, words, detail=refused.detail, reference=refused.reference)
        outages.tell_lacking(connection, name_of(refused.kind))
    return True


def prove(connection: Connection, books: Books) -> tuple[Kind, ...]:
    """Look whether what was not allowed is by now, by a call for each such kind, and let it go on. Returns what is
    still not allowed. Raises a ProviderError for any other reason why it could not be looked at."""
    still = tuple(kind for kind in lacking_kinds(connection) if not _lets_read(books, kind))
    proven = [kind for kind in lacking_kinds(connection) if kind not in still]
    if proven:
        _let_go(connection, proven)
    return still


def _lets_read(books: Books, kind: Kind) -> bool:
    try:
        books.changes(kind, timezone.now().isoformat())
    except MissingScope:
        return False
    return True


@transaction.atomic
def _let_go(connection: Connection, kinds: list[Kind]) -> None:
    assert connection.grant is not None
    for scope in {scope_of(kind) for kind in kinds}:
        missing = Grant.objects.filter(pk=connection.grant.pk).exclude(scopes__overlap=[scope])
        missing.update(scopes=Func(F("scopes"), Value(scope), function="array_append"))
    connection.refresh_from_db(fields=["grant"])
    wakeup.kick(workspace_id=connection.workspace_id, connection_id=connection.pk)
