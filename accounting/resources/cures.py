"""Where a super user cures what the organisation is known not to take, besides the record itself."""

from __future__ import annotations

from lines.signals import Cure

READ_LISTS = Cure("Read Xero's lists again", "accounting:mapping")
MATCH_RATE = Cure("Match the tax rate", "accounting:mapping", "tax")
