"""How a change of rows becomes known: Django's signals, and one of ours for the writes Django is silent about.

`QuerySet.update`, `bulk_create` and `bulk_update` send no signal. `ObservedQuerySet` sends `rows_changed`
for them, in the same transaction, with the rows' primary keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

from django.db import models, transaction
from django.dispatch import Signal

Origin = Literal["user", "remote", "backfill"]

rows_changed = Signal()
"""Sent with `sender` (the model), `pks` (list of primary keys) and `fields` (names, or None for all)."""

_origin: ContextVar[Origin] = ContextVar("origin", default="user")
_unobserved: ContextVar[str] = ContextVar("unobserved", default="")


def origin() -> Origin:
    """Who causes the changes being made: a user, the remote side being applied, or a first load."""
    return _origin.get()


@contextmanager
def caused_by(source: Origin) -> Iterator[None]:
    """Changes made inside carry this origin. It does not cross threads: apply in one function."""
    token = _origin.set(source)
    try:
        yield
    finally:
        _origin.reset(token)


@contextmanager
def unobserved(reason: str) -> Iterator[None]:
    """Writes inside are known to need no capture; the tests' write audit lets them pass. State the reason."""
    if not reason:
        raise ValueError("unobserved() needs a reason")
    token = _unobserved.set(reason)
    try:
        yield
    finally:
        _unobserved.reset(token)


def is_unobserved() -> bool:
    """Whether the writes under way were declared to need no capture."""
    return bool(_unobserved.get())


class ObservedQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """A queryset whose bulk writes are announced like single saves are."""

    def update(self, **values: Any) -> int:
        """Like Django's, and `rows_changed` names the rows. They are listed and locked first: after the
        write they may no longer match the filter."""
        with transaction.atomic(using=self.db):
            pks = list(self.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
            written = super().update(**values)
            _announce(self.model, pks, list(values))
        return written

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Like Django's, and `rows_changed` names the new rows."""
        with transaction.atomic(using=self.db):
            created = super().bulk_create(objs, *args, **kwargs)
            _announce(self.model, [row.pk for row in created], None)
        return created


def _announce(model: type[models.Model], pks: list[Any], fields: list[str] | None) -> None:
    if pks:
        rows_changed.send(sender=model, pks=pks, fields=fields)


ObservedManager = models.Manager.from_queryset(ObservedQuerySet)
