"""What every codec must do. A further kind is one more sample here; nothing else changes."""

from __future__ import annotations

import datetime as dt
import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace
from xero_python.accounting import AccountingApi

from accounting.port.documents import (
    AllocationDoc,
    ContactDoc,
    CreditNoteDoc,
    Document,
    InvoiceDoc,
    LineDoc,
    PaymentDoc,
    RefundDoc,
)
from accounting.port.exchange import Encoded, Outgoing
from accounting.providers.xero import answers, wire
from accounting.providers.xero.deeplink import deep_link
from accounting.providers.xero.kinds.base import NO_ID, Call, CannotWrite, Codec, ComesWithParent
from accounting.providers.xero.kinds.registry import CODECS
from accounting.providers.xero.webhook import parse_events
from accounting.providers.xero.wire import Json, Unreadable

THERE = "ed255415-0000-0000-0000-000000000001"
OTHER = "ed255415-0000-0000-0000-000000000002"
CHANGED = dt.datetime(2026, 3, 2, 4, 5, 6, tzinfo=dt.UTC)
DAY = dt.date(2026, 3, 2)
BATCH, BODY = 50, 3_500_000
"""What Xero recommends at most: elements of one write, bytes of one."""
TELLING: tuple[Any, ...] = (None, "", "?", Decimal(7), True, [], {}, ["?"], [{}], {"?": "?"})
"""What a field may hold instead of what we know."""


@dataclass(frozen=True)
class Sample:
    """One record of a kind: the document we send, what Xero adds to the echo of it, and the document to be read then.

    `removed_by` are method, path and body of its removal. `broken` are fields that make it unreadable. `batches` are
    those sizes that are smaller than the recommended one. `there` is its id.
    """

    sent: Document
    echoed: Json
    read: Document
    removed_by: tuple[str, str, Any]
    broken: Json
    deep_link: str
    category: str | None
    batches: Mapping[str, int] = field(default_factory=dict)
    keys: tuple[str, ...] | None = None
    there: str = THERE


CONTACT = ContactDoc(
    reference="C-7", name="Ana Ltd", first_name="Ana", email="ana@example.com", phone="09 555 0100",
    address_line="1 Kauri Street", city="Nelson", postal_code="7010", country="New Zealand", tax_number="123",
)  # fmt: skip
INVOICE = InvoiceDoc(
    number="INV-7", contact_id=OTHER, issue_date=DAY, due_date=DAY + dt.timedelta(days=14), currency="NZD",
    amounts="exclusive", reference="PO 4", state="authorised", url="https://example.com/i/7",
    lines=(
        LineDoc(
            description="Work", quantity=Decimal("1.5"), unit_amount=Decimal("33.3333"),
            discount_percent=Decimal("12.5"), tax_code="OUTPUT2", account_code="200",
        ),
    ),
)  # fmt: skip
PAYMENT = PaymentDoc(
    invoice_id=OTHER, amount=Decimal("32.06"), date=DAY, reference="py_123", account_id=OTHER
)
CREDIT_NOTE = CreditNoteDoc(
    number="CN-7", contact_id=OTHER, issue_date=DAY, currency="NZD", amounts="exclusive", reference="PO 4",
    state="authorised", lines=INVOICE.lines,
)  # fmt: skip
ADDRESS = f"CreditNotes/{OTHER}/Allocations/{THERE}"
ALLOCATION = AllocationDoc(
    source_kind="credit_note", source_id=OTHER, invoice_id=OTHER, amount=Decimal("12.34"), date=DAY
)
REFUND = RefundDoc(
    credit_note_id=OTHER, amount=Decimal("32.06"), date=DAY, reference="re_123", account_id=OTHER
)

SAMPLES: dict[str, Sample] = {
    "customer": Sample(
        sent=CONTACT,
        echoed={"ContactStatus": "ACTIVE", "IsCustomer": True},
        read=CONTACT,
        removed_by=(
            "POST",
            "/Contacts",
            {"Contacts": [{"ContactStatus": "ARCHIVED", "ContactID": THERE}]},
        ),
        broken={"UpdatedDateUTC": "yesterday"},
        deep_link=f"/Contacts/View/{THERE}",
        category="CONTACT",
    ),
    "invoice": Sample(
        sent=INVOICE,
        echoed={"SubTotal": Decimal(50), "TotalTax": Decimal("7.5"), "Total": Decimal("57.5")},
        read=replace(
            INVOICE, url="", net=Decimal(50), tax=Decimal("7.5"), total=Decimal("57.5"), rate=Decimal(1)
        ),
        removed_by=("POST", "/Invoices", {"Invoices": [{"Status": "VOIDED", "InvoiceID": THERE}]}),
        broken={"Status": "TELEPORTED"},
        deep_link=f"/AccountsReceivable/Edit.aspx?InvoiceID={THERE}",
        category="INVOICE",
        keys=("INV-7", "INV-8"),
    ),
    "payment": Sample(
        sent=PAYMENT,
        echoed={"Status": "AUTHORISED"},
        read=replace(PAYMENT, remote_id=THERE),
        removed_by=("POST", f"/Payments/{THERE}", {"Status": "DELETED"}),
        broken={"Amount": "much"},
        deep_link=f"/Bank/ViewTransaction.aspx?bankTransactionID={THERE}",
        category=None,
        batches={"remove": 1},
    ),
    "credit_note": Sample(
        sent=CREDIT_NOTE,
        echoed={
            "SubTotal": Decimal(50), "TotalTax": Decimal("7.5"), "Total": Decimal("57.5"),
            "RemainingCredit": Decimal("45.16"),
            "Allocations": [
                {
                    "AllocationID": THERE, "Amount": Decimal("12.34"), "Date": "/Date(1772409600000+0000)/",
                    "Invoice": {"InvoiceID": OTHER, "InvoiceNumber": "INV-7"},
                },
            ],
            "Payments": [],
        },
        read=replace(
            CREDIT_NOTE, net=Decimal(50), tax=Decimal("7.5"), total=Decimal("57.5"), rate=Decimal(1),
            amount_used=Decimal("12.34"),
            allocations=(
                replace(
                    ALLOCATION, source_id=THERE, invoice_number="INV-7",
                    remote_id=f"CreditNotes/{THERE}/Allocations/{THERE}",
                ),
            ),
        ),
        removed_by=("POST", "/CreditNotes", {"CreditNotes": [{"Status": "VOIDED", "CreditNoteID": THERE}]}),
        broken={"Status": "TELEPORTED"},
        deep_link=f"/AccountsReceivable/ViewCreditNote.aspx?creditNoteID={THERE}",
        category="CREDITNOTE",
        keys=("CN-7", "CN-8"),
    ),
    "allocation": Sample(
        sent=ALLOCATION,
        echoed={},
        read=replace(ALLOCATION, remote_id=ADDRESS),
        removed_by=("DELETE", f"/{ADDRESS}", None),
        broken={"Amount": "much"},
        deep_link="",
        category=None,
        batches={"create": 1, "remove": 1},
        there=ADDRESS,
    ),
    "refund": Sample(
        sent=REFUND,
        echoed={"Status": "AUTHORISED"},
        read=replace(REFUND, remote_id=THERE),
        removed_by=("POST", f"/Payments/{THERE}", {"Status": "DELETED"}),
        broken={"Amount": "much"},
        deep_link=f"/Bank/ViewTransaction.aspx?bankTransactionID={THERE}",
        category=None,
        batches={"remove": 1},
    ),
}  # fmt: skip

pytestmark = pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS.keys())


def _sample(codec: Codec) -> Sample:
    assert codec.kind in SAMPLES, f"{codec.kind} needs a sample in this file"
    return SAMPLES[codec.kind]


def _there(codec: Codec) -> str:
    return _sample(codec).there


def _echo(codec: Codec) -> Json:
    """The sample as Xero answers it: what was sent, over the wire and back, and what Xero adds."""
    sample = _sample(codec)
    sent = wire.parse(wire.dump(codec.element("create", Outgoing(sample.sent))))
    return {**sent, **sample.echoed, codec.id_field: sample.there, "UpdatedDateUTC": CHANGED.isoformat()}


def _frozen(codec: Codec, verb: Any, element: Outgoing) -> Any:
    body = wire.dump(codec.element(verb, element))
    return codec.freeze(verb, [Encoded(body, element.remote_id)], "key")


def test_echo_of_what_was_sent_is_read_back(codec: Codec) -> None:
    record = codec.record(_echo(codec))
    assert (record.kind, record.remote_id, record.version) == (codec.kind, _there(codec), CHANGED)
    assert record.document == _sample(codec).read
    assert codec.id_of(_echo(codec)) == _there(codec)


def test_document_is_of_the_codecs_kind(codec: Codec) -> None:
    assert codec.decode(_echo(codec)).kind == codec.kind == _sample(codec).sent.kind


def test_change_names_the_record_and_only_what_changed(codec: Codec) -> None:
    whole = codec.element("create", Outgoing(_sample(codec).sent))
    nothing = codec.element("update", Outgoing(_sample(codec).sent, _there(codec)))
    assert codec.id_field not in whole
    assert nothing[codec.id_field] == _there(codec)
    if "update" in codec.writers:
        assert len(nothing) < len(whole)


@pytest.mark.parametrize("lost", ["", NO_ID, None])
def test_record_without_an_id_is_unreadable(codec: Codec, lost: str | None) -> None:
    with pytest.raises(Unreadable, match=codec.id_field):
        codec.record({**_echo(codec), codec.id_field: lost})


def test_unreadable_record_costs_only_itself(codec: Codec) -> None:
    good = _echo(codec)
    bad = {**good, codec.id_field: OTHER, **_sample(codec).broken}
    with pytest.raises(Unreadable):
        codec.record(bad)
    found = answers.read(codec, [bad, good])
    assert [record.remote_id for record in found.records] == [_there(codec)]
    assert [remote_id for remote_id, _ in found.unreadable] == [OTHER]
    assert answers.result(codec, bad).unreadable
    assert not answers.result(codec, good).unreadable


def test_field_that_holds_something_else_costs_no_other_record(codec: Codec) -> None:
    good = _echo(codec)
    for name in good:
        for value in TELLING:
            found = answers.read(codec, [{**good, name: value}, good])
            assert _there(codec) in [record.remote_id for record in found.records], (name, value)


def test_request_says_how_many_records_it_writes(codec: Codec) -> None:
    one = Encoded(wire.dump(codec.element("create", Outgoing(_sample(codec).sent))))
    assert codec.freeze("create", [one, one, one], "key").records == 3
    assert _frozen(codec, "remove", Outgoing(_sample(codec).sent, _there(codec))).records == 1


def test_removal_says_what_xero_wants(codec: Codec) -> None:
    method, path, body = _sample(codec).removed_by
    request = _frozen(codec, "remove", Outgoing(_sample(codec).sent, _there(codec)))
    assert (request.method, request.path) == (method, path)
    assert (json.loads(request.body) if request.body else None) == body


def test_create_can_never_change_what_is_there(codec: Codec) -> None:
    request = _frozen(codec, "create", Outgoing(_sample(codec).sent))
    assert (request.kind, request.verb, request.method) == (codec.kind, "create", "PUT")
    assert len(json.loads(request.body)[codec.envelope]) == 1


def test_write_that_xero_does_not_have_is_refused(codec: Codec) -> None:
    for verb in {"create", "update", "remove"} - codec.writers.keys():
        with pytest.raises(CannotWrite, match=f"no {verb} of a {codec.kind}"):
            _frozen(codec, verb, Outgoing(_sample(codec).sent, _there(codec)))


def test_answer_of_a_write_gives_its_elements(codec: Codec) -> None:
    request = _frozen(codec, "create", Outgoing(_sample(codec).sent))
    (element,) = codec.answered(request, {codec.envelope: [_echo(codec)]}, CHANGED)
    assert codec.record(element).document == _sample(codec).read


def test_batches_are_no_larger_than_xero_recommends(codec: Codec) -> None:
    for verb in codec.writers:
        assert 1 <= codec.batch_size(verb) <= _sample(codec).batches.get(verb, BATCH), verb
    assert 0 < codec.largest_body <= BODY
    assert 1 <= codec.read_size <= BATCH


def test_deep_link_opens_its_page(codec: Codec) -> None:
    link = deep_link("https://go.xero.com", codec.kind, THERE, "!mBdtL")
    wanted = _sample(codec).deep_link
    assert link.endswith(f"&redirecturl={wanted}") if wanted else link == ""


def test_events_of_its_category_are_of_its_kind(codec: Codec) -> None:
    category = _sample(codec).category
    assert codec.category == category
    assert [other.category for other in CODECS.values()].count(category) == 1 or category is None
    if category is not None:
        body = {"events": [{"eventCategory": spelling} for spelling in (category, category.lower())]}
        assert [event.kind for event in parse_events(json.dumps(body).encode())] == [codec.kind] * 2


def test_every_call_is_one_that_the_sdk_has(codec: Codec) -> None:
    sample = _sample(codec)
    for call in _reads(codec, sample):
        _bind(call)
    for verb in codec.writers:
        request = _frozen(codec, verb, Outgoing(sample.sent, "" if verb == "create" else _there(codec)))
        key = {} if request.method == "DELETE" else {"idempotency_key": "key"}
        _bind(codec.writing(request), *([request.body] if request.body else []), **key)


def _reads(codec: Codec, sample: Sample) -> list[Call]:
    found = [*codec.look_up([Outgoing(sample.sent)]), *(codec.having(sample.keys or ("?",)) or ())]
    assert found, "an unanswered create must be found again"
    return found if codec.comes_with else [*found, codec.feed(), *codec.reading([sample.there, sample.there])]


def _bind(call: Call, *body: str, **more: Any) -> None:
    """Raises TypeError when the SDK's method does not take these."""
    inspect.signature(getattr(AccountingApi, call.method)).bind(
        None, "tenant", *call.ids, *body, **{**call.options, **more}
    )


def test_keys_are_asked_for_where_xero_can_be(codec: Codec) -> None:
    keys = _sample(codec).keys
    assert (codec.having(keys or ("?",)) is None) == (keys is None)


def test_what_comes_with_its_parent_is_not_read_alone(codec: Codec) -> None:
    assert codec.comes_with == "" or codec.comes_with in CODECS
    for alone in (codec.feed, lambda: codec.reading([_there(codec)])):
        if codec.comes_with:
            with pytest.raises(ComesWithParent, match=codec.comes_with):
                alone()
        else:
            assert alone()


def test_scope_is_one_that_is_asked_for(codec: Codec) -> None:
    assert codec.scope.startswith("accounting.")
