"""Credit that is paid back, and that turned out not to be."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.changes import caused_by
from core.refusals import Refused
from credit.models import CreditNote, Refund
from credit.queries import refunds_of
from credit.services.refunds import reverse_refund, update_refund_from_remote
from tests.factories.credit import APPLIED_ON, make_credit_note, make_refund
from workspaces.models import Workspace
from workspaces.queries import history_of


@pytest.fixture
def note(in_workspace: Workspace) -> CreditNote:
    return make_credit_note(in_workspace)


def test_refund_leaves_less_of_the_note_and_is_told(note: CreditNote) -> None:
    made = make_refund(note, reference="bank")
    assert (made.credit_note.refunded, CreditNote.objects.get().remaining) == (20, 80)
    assert history_of(note.pk).first().summary == "Recorded a refund of NZD 20.00 (bank)"


@pytest.mark.parametrize(("amount", "told"), [("0", "more than zero"), ("100.01", r"Only NZD 100\.00")])
def test_refund_of_an_impossible_amount_is_refused(note: CreditNote, amount: str, told: str) -> None:
    with pytest.raises(Refused, match=told):
        make_refund(note, amount)
    assert not Refund.objects.exists()


def test_refund_of_a_draft_is_refused(in_workspace: Workspace) -> None:
    with pytest.raises(Refused, match="can be recorded once it is approved"):
        make_refund(make_credit_note(in_workspace, status="draft"))


def test_refund_that_is_reversed_stays_and_counts_no_more(note: CreditNote) -> None:
    made = reverse_refund(refund=make_refund(note), by=None)
    assert reverse_refund(refund=made, by=None).reversed_at == made.reversed_at
    assert (CreditNote.objects.get().remaining, list(refunds_of(note))) == (100, [made])


def test_refund_follows_xeros_and_writes_no_difference(note: CreditNote) -> None:
    made = make_refund(note)
    told = {"amount": Decimal(130), "date": APPLIED_ON, "reference": "twice"}
    with caused_by("remote"):
        made = update_refund_from_remote(refund=made, **told)
        again = update_refund_from_remote(refund=made, **told)
    assert (CreditNote.objects.get().remaining, again.updated_at) == (-30, Refund.objects.get().updated_at)
