"""Which writes must be captured, as the receivers' registry says it: for audits of whole ways of writing."""

from __future__ import annotations

from contextlib import AbstractContextManager

from django.db.models import Model

from accounting.models import Operation
from accounting.resources.registry import OBSERVED, Observed, get_resource
from core.testing import Watched, WriteAudit, audited_writes


def audited() -> AbstractContextManager[WriteAudit]:
    """Raises UncapturedWrite if a document is changed inside and no operation is recorded for it."""
    watched = {model: _watched(model, observed) for model, observed in OBSERVED.items()}
    return audited_writes(watched, (Operation, Watched("local_id", ("seq",))))


def _watched(model: type[Model], observed: Observed) -> Watched:
    if not observed.is_root:
        return Watched(observed.root_field)
    synced = get_resource(observed.kind).fields_synced
    columns = [field.column for field in model._meta.concrete_fields if field.name in synced]
    return Watched(_pk_column(model), tuple(columns))


def _pk_column(model: type[Model]) -> str:
    return str(model._meta.pk.column)
