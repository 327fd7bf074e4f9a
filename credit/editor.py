"""The editor of a credit note that is still open."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from credit.forms import CreditNoteForm
from credit.models import CreditNote, CreditNumberSequence
from credit.services.notes import create_credit_note
from lines.editor import Editor
from lines.forms import Words
from lines.numbering import upcoming_number
from lines.totals import LineInput
from workspaces.days import today
from workspaces.models import User, Workspace


class CreditNoteEditor(Editor):
    """The editor of a credit note. A new one's page begins with today, and with the `customer` of this id. Its lines
    have no discounts: Xero takes them on sales only."""

    words = Words("credit note", "credited")
    header_form = CreditNoteForm
    takes_discounts: ClassVar[bool] = False

    def __init__(
        self, workspace: Workspace, note: CreditNote | None = None, *, customer: str = "", **kwargs: Any
    ) -> None:
        initial = {} if note else {"issue_date": today(workspace), "customer": customer}
        super().__init__(workspace, note, initial=initial, **kwargs)

    @property
    def starts_empty(self) -> bool:
        """Whether nothing is known yet: then the page begins with the customer."""
        return not (self.header or self.form.is_bound or self.form["customer"].value())

    @cached_property
    def number_hint(self) -> str:
        return "" if self.header else upcoming_number(CreditNumberSequence, CreditNote, self.workspace)

    def create(self, *, lines: list[LineInput], by: User, approve: bool) -> CreditNote:
        sent = {**self.form.values, "ticket": self.form.ticket}
        return create_credit_note(workspace=self.workspace, lines=lines, by=by, approve=approve, **sent)

    def update(self, *, by: User, approve: bool) -> CreditNote | None:
        return self.form.update(credit_note=self.header, by=by, approve=approve)
