"""Answers as Xero writes them: cut into elements, each decoded by itself from its own text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounting.port.documents import InvoiceDoc
from accounting.port.exchange import FetchReply, Outgoing
from accounting.providers.xero import answers, shapes, wire
from accounting.providers.xero.kinds.registry import codec_of
from accounting.providers.xero.shapes import Unparsed
from accounting.providers.xero.wire import Unreadable

LINE = b'{"LineItemID":"l1","Description":"Tires","Quantity":2.0000,"UnitAmount":20,"New":{"a":[1]}}'


def _invoice(remote_id: str = "i1", line: bytes = LINE, more: bytes = b"") -> bytes:
    return (
        b'{"InvoiceID":"' + remote_id.encode() + b'","InvoiceNumber":"INV-7","DateString":"2019-03-11T00:00:00",'
        b'"Status":"AUTHORISED","LineItems":[' + line + b'],"UpdatedDateUTC":"/Date(1552327126117+0000)/"' + more + b"}"
    )  # fmt: skip


def _read(*rows: bytes) -> FetchReply:
    codec = codec_of("invoice")
    body = shapes.opened(b'{"Id":"x","Invoices":[' + b",".join(rows) + b"]}")
    return answers.read(codec, codec.elements(body))


def _document(row: bytes) -> InvoiceDoc:
    (record,) = _read(row).records
    assert isinstance(record.document, InvoiceDoc)
    return record.document


BROKEN = {
    "a number that is none": b',"Total":NaN',
    "a number in words": b',"Total":"much"',
    "not a number, in words": b',"Total":"NaN"',
    "bytes that are no text": b',"Reference":"\xff"',
    "an object for a text": b',"Reference":{}',
    "a list for an object": b',"Contact":["?"]',
    "words for a list": b',"Payments":"none"',
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_element_that_cannot_be_read_costs_only_itself(broken: bytes) -> None:
    found = _read(_invoice("i1"), _invoice("i2", more=broken), _invoice("i3"))
    assert [record.remote_id for record in found.records] == ["i1", "i3"]
    assert [remote_id for remote_id, _ in found.unreadable] == ["i2"]


def test_half_a_surrogate_pair_costs_nobody_anything() -> None:
    found = _read(_invoice("i1"), _invoice("i2", more=b',"Reference":"\\ud83d"'))
    assert [record.remote_id for record in found.records] == ["i1", "i2"]


def test_element_whose_id_is_no_text_is_named_by_none() -> None:
    found = _read(_invoice("i1"), b'{"InvoiceID":"\xff"}')
    assert [record.remote_id for record in found.records] == ["i1"]
    assert [remote_id for remote_id, _ in found.unreadable] == [""]


def test_amounts_have_the_digits_that_stand_on_the_wire() -> None:
    line = b'{"Quantity":0.1000,"UnitAmount":12345678901234567890.123456789,"LineAmount":"7.50"}'
    (read,) = _document(_invoice(line=line, more=b',"Total":1e2')).lines
    assert [str(value) for value in (read.quantity, read.unit_amount, read.line_amount)] == [
        "0.1000", "12345678901234567890.123456789", "7.50",
    ]  # fmt: skip


def test_lone_line_has_its_digits_too() -> None:
    (read,) = _document(_invoice().replace(b"[" + LINE + b"]", b'{"Quantity":0.1000,"UnitAmount":2}')).lines
    assert (str(read.quantity), read.unit_amount) == ("0.1000", 2)


def test_number_that_should_be_a_text_is_its_digits() -> None:
    line = b'{"AccountCode":200,"TaxType":1.50,"Quantity":"2","UnitAmount":3}'
    document = _document(_invoice(line=line, more=b',"Reference":7'))
    (read,) = document.lines
    assert (document.reference, read.account_code, read.tax_code) == ("7", "200", "1.50")
    assert (read.quantity, read.unit_amount) == (2, 3)


def test_what_a_shape_does_not_name_is_kept_and_goes_back_digit_for_digit() -> None:
    line = LINE[:-1] + b',"Tracking":[{"Name":"Region"}],"ItemCode":"T","DiscountRate":5.50}'
    (record,) = _read(_invoice(line=line)).records
    document = record.document
    sent = codec_of("invoice").encode(
        Outgoing(document, "i1", frozenset({"lines"}), agreed=document, source=record.source)
    )
    assert wire.dump(sent["LineItems"]) == (
        '[{"LineItemID":"l1","Description":"Tires","Quantity":2.0000,"UnitAmount":20,"DiscountRate":5.50,'
        '"ItemCode":"T","Tracking":[{"Name":"Region"}]}]'
    )


def test_element_that_nobody_looks_into_is_a_mapping_like_any_other() -> None:
    row = Unparsed(_invoice(more=b',"Total":1.50'))
    assert dict(row) == wire.parse(row.text)
    assert (len(row), "Total" in row, row.get("Nothing")) == (len(wire.parse(row.text)), True, None)
    assert (row.mentions("Quantity"), row.mentions("Warnings")) == (True, False)


@pytest.mark.parametrize("rows", [None, [], {}, {"InvoiceID": "i1"}, [{"InvoiceID": "i1"}, 7, "?"], 7, "?"])
def test_elements_are_the_same_parsed_or_not(rows: Any) -> None:
    codec = codec_of("invoice")
    body = json.dumps({"Invoices": rows}).encode()
    assert [dict(row) for row in codec.elements(shapes.opened(body))] == codec.elements(wire.parse(body))
    assert codec.elements(shapes.opened(b"{}")) == []


@pytest.mark.parametrize(
    "body", [b'{"Invoices":[{]}', b'{"Invoices":[', b"<html>", b"", b'{"a":1}x', b"[]", b"7"]
)
def test_answer_that_is_no_json_is_refused_whole(body: bytes) -> None:
    with pytest.raises(ValueError):
        codec_of("invoice").elements(shapes.opened(body))


def test_answer_with_a_byte_order_mark_is_read() -> None:
    body = b'\xef\xbb\xbf{"Invoices":[' + _invoice() + b"]}"
    (element,) = codec_of("invoice").elements(shapes.opened(body))
    assert codec_of("invoice").record(element).remote_id == "i1"


@pytest.mark.parametrize("broken", [b"", b',"Total":"much"'], ids=["all are read", "one is not"])
def test_each_record_brings_its_own_text(broken: bytes) -> None:
    found = _read(_invoice("i1"), _invoice("i2", more=b',"Url":"?"'), _invoice("i3", more=broken))
    assert [record.source["InvoiceID"] for record in found.records] == [r.remote_id for r in found.records]
    assert found.records[1].source["Url"] == "?"


def test_warning_inside_a_line_is_heard_and_none_is_looked_for_in_vain() -> None:
    codec = codec_of("invoice")
    line = LINE[:-1] + b',"Warnings":[{"Message":"Account 200 is archived."}]}'
    assert answers.result(codec, Unparsed(_invoice(line=line))).warnings == ("Account 200 is archived.",)
    assert answers.result(codec, Unparsed(_invoice())).warnings == ()


def test_refusal_is_told_from_the_text_of_its_element() -> None:
    refused = b'{"InvoiceID":"i1","StatusAttributeString":"ERROR","ValidationErrors":[{"Message":"No."}]}'
    assert answers.result(codec_of("invoice"), Unparsed(refused)).errors == ("No.",)


REFUSED = {
    "in a word": b',"StatusAttributeString":"ERROR"',
    "marked": b',"HasErrors":true',
    "marked otherwise": b',"HasValidationErrors":true',
    "with a reason": b',"ValidationErrors":[{"Message":"No."}]',
}


@pytest.mark.parametrize("refused", REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.parametrize("broken", [b"", b',"Total":"much"'], ids=["all are read", "one is not"])
def test_refusal_is_told_from_its_neighbours(refused: bytes, broken: bytes) -> None:
    codec = codec_of("invoice")
    fine = b',"StatusAttributeString":"OK","HasErrors":false,"ValidationErrors":[]'
    rows = (_invoice("i1", more=fine), _invoice("i2", more=refused), _invoice("i3", more=fine + broken))
    body = shapes.opened(b'{"Invoices":[' + b",".join(rows) + b"]}")
    results = [answers.result(codec, element) for element in codec.elements(body)]
    assert [bool(result.errors) for result in results] == [False, True, bool(broken)]
    assert [result.unreadable for result in results] == [False, False, bool(broken)]


def test_warning_is_heard_of_the_element_that_has_it() -> None:
    codec = codec_of("invoice")
    line = LINE[:-1] + b',"Warnings":[{"Message":"Account 200 is archived."}]}'
    body = shapes.opened(b'{"Invoices":[' + _invoice("i1") + b"," + _invoice("i2", line) + b"]}")
    results = [answers.result(codec, element) for element in codec.elements(body)]
    assert [result.warnings for result in results] == [(), ("Account 200 is archived.",)]


def test_answer_of_a_write_that_cannot_be_read_is_no_refusal() -> None:
    garbled = Unparsed(_invoice(more=b',"StatusAttributeString":"\xff"'))
    assert answers.result(codec_of("invoice"), garbled).unreadable


def test_text_of_an_object_that_is_none_has_no_fields() -> None:
    with pytest.raises(Unreadable):
        dict(Unparsed(b"7"))
