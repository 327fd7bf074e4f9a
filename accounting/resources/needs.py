"""What one of our records needs of another before it can go."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from accounting.port.documents import Kind


@dataclass(frozen=True, slots=True)
class Need:
    """Another record that must be dealt with first, and what to call it. With `arrives` it must reach the remote
    side; without, it only has to be out of the way. With `approval` it is there and waits to be approved there. `day`
    is the one it is of, where it has one. `over` says, in sentences, that it is there no more and what to do."""

    kind: Kind
    local_id: UUID
    label: str
    arrives: bool = True
    approval: bool = False
    day: dt.date | None = None
    over: str = ""

    @property
    def left_out(self) -> str:
        """That it is left out of the sync, and with it what needs it, in sentences."""
        return f"{self.label} is left out of the sync. This waits until it is taken back, linked or created."

    @property
    def never_comes(self) -> str:
        """That it does not go to the remote side, and what to do, in sentences."""
        words = f"{self.label} is archived, voided or a draft here, so it does not go to Xero."
        return self.over or f"{words[0].upper()}{words[1:]} Change that, and this is sent by itself."
