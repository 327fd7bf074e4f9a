"""How a document with lines is put right from the page of the cause that holds it up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from accounting.models import Link
from accounting.resources.desk import Desk
from accounting.resources.lined_steps import Services
from accounting.resources.mending import Mending
from core.templatetags.display import day as say_day
from lines.models import Line
from workspaces.models import User


class LinedMending(Mending):
    """Its lines may be booked elsewhere as they are; for another number or day it is issued anew."""

    kind: ClassVar[str]
    services: ClassVar[Services]

    def rebook(self, record: Any, code: str, account_id: str, desk: Desk, by: User) -> str:
        agreed = _agreed_codes(desk.link(self.kind, record.pk))
        lines = [line.pk for line in record.lines.all() if _is_booked_to(line, code, desk, agreed)]
        if not lines or self.services.book_lines is None:
            return ""
        self.services.do(self.services.book_lines, record, lines=lines, account=account_id, by=by)
        return f"{len(lines)} {'line' if len(lines) == 1 else 'lines'} booked to {desk.accounts[account_id]}"

    def recode(self, record: Any, codes: Collection[str], code: str, desk: Desk, by: User) -> str:
        """Its own rate stays: only what Xero calls it changes, so it is remembered with the link."""
        link = desk.link(self.kind, record.pk)
        wrong = {each for each in codes if desk.tax_percents.get(each) == desk.tax_percents.get(code)} - {
            code
        }
        mine = {str(line.pk) for line in record.lines.all() if not line.is_text}
        agreed = link.base.get("lines", []) if link else []
        recoded = [line["tax_code"] for line in agreed if line["ref"] in mine and line["tax_code"] in wrong]
        if link is None or not recoded:
            return ""
        Link.objects.filter(pk=link.pk).update(recoded={**link.recoded, **dict.fromkeys(recoded, code)})
        return f"{len(recoded)} {'line' if len(recoded) == 1 else 'lines'} taxed as {desk.tax_names[code]} ({code})"

    def rename(self, record: Any, text: str, by: User) -> str:
        if self.services.reissue is None:
            return super().rename(record, text, by)
        renamed = self.services.do(self.services.reissue, record, number=text, by=by)
        return f"becomes {renamed.number}"

    def redate(self, record: Any, day: dt.date, by: User) -> str:
        if record.issue_date >= day:
            return ""
        if self.services.reissue is None:
            return super().redate(record, day, by)
        self.services.do(self.services.reissue, record, issue_date=day, by=by)
        return f"{say_day(record.issue_date)} becomes {say_day(day)}"


def _agreed_codes(link: Link | None) -> Mapping[str, str]:
    """The accounts that both sides agreed on, by our lines."""
    return {line["ref"]: line["account_code"] for line in link.base.get("lines", [])} if link else {}


def _is_booked_to(line: Line, code: str, desk: Desk, agreed: Mapping[str, str]) -> bool:
    """Whether it goes there by a choice of its own, or because it is there already. What follows the settings follows
    them to the other account by itself."""
    if line.is_text:
        return False
    if chosen := desk.accounts.get(line.account):
        return chosen.code == code
    return str(line.pk) in agreed and agreed[str(line.pk)] == code
