"""What a worker reads of an organisation that nobody asked for just now: its lists, and once a day whether it still
lets us work."""

from __future__ import annotations

from accounting.models import Connection
from accounting.port.errors import NeedsReauth, ProviderError
from accounting.sync.reference import refresh_lists
from accounting.sync.regain import look_in, on_refused
from accounting.sync.state import Paused


def visit(connection: Connection, *, daily: bool) -> None:
    """Read the lists, and on a daily visit what may be done there. What is refused for good cuts the connection off;
    what fails otherwise is left to the net behind the wake-ups."""
    try:
        refresh_lists(connection)
    except Paused:
        return  # read once it is resumed
    except NeedsReauth as refused:
        on_refused(connection, refused)
        return
    except ProviderError as error:
        Connection.objects.filter(pk=connection.pk).update(resume_reason=error.message[:200])
        return
    if daily:
        look_in(connection)
