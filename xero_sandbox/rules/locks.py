"""Lock dates: nothing dated on or before them may be made or changed (Xero docs, "Organisation")."""

from __future__ import annotations

from datetime import date

from xero_sandbox.documents import Organisation
from xero_sandbox.rules.messages import date_locked, edit_locked


def locks_over(organisation: Organisation, day: date) -> list[tuple[str, date]]:
    """The locks that cover a date, by the names Xero gives them; the end of year speaks first."""
    locks = (
        ("end of year lock date", organisation.end_of_year_lock_date),
        ("period lock date", organisation.period_lock_date),
    )
    return [(name, limit) for name, limit in locks if limit is not None and day <= limit]


def new_date_errors(organisation: Organisation, day: date) -> list[str]:
    """What is wrong with dating something `day`; one sentence at most."""
    return [date_locked(name, limit) for name, limit in locks_over(organisation, day)[:1]]


def edit_errors(organisation: Organisation, day: date) -> list[str]:
    """What is wrong with touching something that is already dated `day`."""
    return [edit_locked(name) for name, _ in locks_over(organisation, day)[:1]]
