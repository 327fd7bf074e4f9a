"""What every codec must do. A further kind is one more sample (`samples.py`); nothing else changes."""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest
from xero_python.accounting import AccountingApi

from accounting.port.exchange import Encoded, Outgoing
from accounting.providers.xero import answers, wire
from accounting.providers.xero.deeplink import deep_link
from accounting.providers.xero.kinds.base import NO_ID, Call, CannotWrite, Codec, ComesWithParent
from accounting.providers.xero.kinds.registry import CODECS
from accounting.providers.xero.webhook import parse_events
from accounting.providers.xero.wire import Json, Unreadable
from tests.accounting.xero.samples import BATCH, BODY, CHANGED, OTHER, SAMPLES, TELLING, THERE, Sample

pytestmark = pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS.keys())


def _sample(codec: Codec) -> Sample:
    assert codec.kind in SAMPLES, f"{codec.kind} needs a sample in samples.py"
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
