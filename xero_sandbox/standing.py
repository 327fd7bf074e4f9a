"""Whether one may work in an organisation: what its plan, and the role of whoever connected the app, leave of it.

How Xero words these refusals is not documented; only that they are 403 and what /Organisation and its Actions say.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """`writes` and `reads` tell what the API lets through, `status` what the organisation says of itself."""

    title: str
    reads: bool = True
    writes: bool = True
    status: str = "ACTIVE"


STANDINGS = {
    "open": Standing("Everything as usual"),
    "role": Standing("Whoever connected has the role Read only now", writes=False),
    "ended": Standing("The plan has ended; one can still look", writes=False, status="EXPIRED"),
    "shut": Standing("The plan has ended; nobody gets in", reads=False, writes=False, status="EXPIRED"),
}
