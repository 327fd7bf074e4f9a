"""What a person does about a connection that was cut off, by why it was."""

from __future__ import annotations

from accounting.enums import Cutoff

_WAYS_OUT = {
    Cutoff.REMOVED: "Press Reconnect and choose the same organisation on Xero's page.",
    Cutoff.SCOPE: "Press Reconnect and allow everything that Xero's page asks for.",
    Cutoff.ROLE: (
        "Have the role Standard or Adviser given in Xero to the person who connected and press Reconnect, "
        "or have somebody who has it press Reconnect."
    ),
    Cutoff.CLOSED: (
        "Look in Xero whether its plan or trial has ended. Once it is renewed there, "
        "press Reconnect; if it has not, have somebody who works in it do so. "
        "A demo company that Xero has taken back is connected anew."
    ),
}


def way_out(cutoff: str) -> str:
    """One or two sentences: what to do so that it goes on."""
    return _WAYS_OUT.get(Cutoff(cutoff), "Press Reconnect and sign in at Xero again.")
