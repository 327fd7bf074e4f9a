"""What a customer owes in Xero, set beside what they owe here when somebody asks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounting.models import Connection
from accounting.port.errors import ProviderError
from accounting.queries.owed import Owed, owed_beside
from accounting.queries.records import load_record
from accounting.resources.registry import get_resource
from accounting.sync.deciding import CannotDecide
from accounting.sync.owed import read_owed
from accounting.views.wanted import the_active_connection
from core.htmx import render_part
from core.words import with_article


@require_safe
def owed(request: HttpRequest, kind: str, local_id: UUID) -> HttpResponse:
    """Both figures, after one call to Xero; why there are none, in a sentence."""
    connection, record = the_active_connection(), load_record(kind, local_id)
    if record is None:
        raise Http404
    facts: dict[str, Any] = {"kind": kind, "record": record}
    try:
        facts["owed"] = _both(connection, kind, record)
    except (ProviderError, CannotDecide) as error:
        facts["problem"] = getattr(error, "message", str(error))
    return render_part(request, "accounting/owed.html", "both", facts)


def _both(connection: Connection, kind: str, record: Any) -> Owed:
    resource = get_resource(kind)
    if resource.owes(record) is None:
        raise CannotDecide(f"{with_article(resource.words.name).capitalize()} owes nothing by itself.")
    return owed_beside(connection, kind, record, read_owed(connection, kind, record.pk))
