"""Which fix of the catalogue is done by which remedy. What is not here is done in the record itself, or in Xero."""

from __future__ import annotations

from collections.abc import Mapping

from accounting.port.meanings import Fix
from accounting.sync.fixes.base import Remedy
from accounting.sync.fixes.choose_account import ChooseAccount
from accounting.sync.fixes.choose_payment_account import ChoosePaymentAccount
from accounting.sync.fixes.choose_rate import ChooseRate
from accounting.sync.fixes.choose_tracking import ChooseTracking
from accounting.sync.fixes.move_date import MoveDate
from accounting.sync.fixes.rename import Rename, Renumber

REMEDIES: Mapping[Fix, Remedy] = {
    Fix.CHOOSE_ACCOUNT: ChooseAccount(),
    Fix.CHOOSE_PAYMENT_ACCOUNT: ChoosePaymentAccount(),
    Fix.CHOOSE_RATE: ChooseRate(),
    Fix.CHOOSE_TRACKING: ChooseTracking(),
    Fix.MOVE_DATE: MoveDate(),
    Fix.RENAME: Rename(),
    Fix.RENUMBER: Renumber(),
}
