"""The one table from what Xero answers to what it means: every status and body shape that is known."""

from __future__ import annotations

import json

import pytest
import requests
from urllib3.exceptions import NewConnectionError

from accounting.enums import ErrorClass
from accounting.port.errors import (
    Disconnected,
    Forbidden,
    Misconfigured,
    MissingScope,
    NeedsReauth,
    NotFound,
    Permanent,
    ProviderError,
    RateLimited,
    Retryable,
    Unavailable,
    Uncertain,
)
from accounting.providers.xero.catalogue import explain
from accounting.providers.xero.client import _network_error
from accounting.providers.xero.errors import error_of
from accounting.sync.retry import class_of, pause_after

EXPIRED = {
    "Type": None, "Title": "Unauthorized", "Status": 401, "Instance": "1",
    "Detail": "TokenExpired: token expired at 01/01/2001 00:00:00",
}  # fmt: skip
OLD_401 = {"title": "Unauthorized", "status": 401, "detail": "AuthenticationUnsuccessful", "instance": "1"}
GONE_403 = {
    "Type": None,
    "Title": "Forbidden",
    "Status": 403,
    "Detail": "AuthenticationUnsuccessful",
    "Instance": "1",
}
INVALID = {
    "ErrorNumber": 10, "Type": "ValidationException", "Message": "A validation exception occurred",
    "Elements": [{"ValidationErrors": [{"Message": "Invoice # must be unique."}]}],
}  # fmt: skip
NO_ELEMENTS = {"ErrorNumber": 17, "Type": "NoDataProcessedException", "Message": "No data was processed"}
HIGH_VOLUME = {"ErrorNumber": 51, "Type": "HighVolumeException", "Message": "Too many records"}
KEY_REUSED = {"Message": "Idempotency Key: k1 is used with a different request."}
MAINTENANCE = b"The Xero API is currently offline for maintenance"
ORGANISATION = b"The Organisation is offline"
SCOPE = {"WWW-Authenticate": "insufficient_scope"}


def _json(body: object) -> bytes:
    return json.dumps(body).encode()


@pytest.mark.parametrize(
    ("status", "headers", "body", "wrote", "expected"),
    [
        (400, {}, _json(INVALID), True, Permanent),
        (400, {}, _json(NO_ELEMENTS), True, Permanent),
        (400, {}, _json(HIGH_VOLUME), False, Permanent),
        (400, {}, _json(KEY_REUSED), True, Uncertain),
        (400, {}, _json(KEY_REUSED), False, Permanent),
        (400, {}, b"", True, Permanent),
        (400, {}, b"<html>Bad Request</html>", True, Permanent),
        (400, {}, b"[]", True, Permanent),
        (401, {}, _json(EXPIRED), True, NeedsReauth),
        (401, {"WWW-Authenticate": "Bearer error=invalid_token"}, _json(OLD_401), True, NeedsReauth),
        (401, {}, _json(OLD_401), True, Disconnected),
        (401, {}, b"", False, NeedsReauth),
        (401, SCOPE, b"", True, MissingScope),
        (403, SCOPE, b"", True, MissingScope),
        (403, {}, _json({"Detail": "insufficient_scope"}), True, MissingScope),
        (403, {}, _json(GONE_403), True, Disconnected),
        (403, {}, b"", True, Forbidden),
        (404, {"Content-Type": "text/html"}, b"", False, NotFound),
        (405, {}, b"", True, Permanent),
        (412, {}, b"", False, Permanent),
        (413, {}, b"", True, Permanent),
        (418, {}, b"a teapot", True, Permanent),
        (429, {"X-Rate-Limit-Problem": "minute", "Retry-After": "26"}, b"", True, RateLimited),
        (429, {"X-Rate-Limit-Problem": "day", "Retry-After": "36000"}, b"", True, RateLimited),
        (429, {"X-Rate-Limit-Problem": "concurrent"}, b"", True, RateLimited),
        (429, {"X-Rate-Limit-Problem": "appminute"}, b"", True, RateLimited),
        (429, {}, b"", False, RateLimited),
        (500, {}, b"anything", True, Uncertain),
        (500, {}, b"anything", False, Retryable),
        (501, {}, b"", True, Uncertain),
        (502, {}, b"<html>", True, Uncertain),
        (503, {}, MAINTENANCE, True, Unavailable),
        (503, {}, b"The Xero API is temporarily unavailable", True, Unavailable),
        (503, {}, ORGANISATION, True, Unavailable),
        (503, {}, b"", True, Uncertain),
        (302, {"Location": "http://elsewhere"}, b"", False, Permanent),
    ],
)
def test_answer_has_its_class(
    status: int, headers: dict[str, str], body: bytes, wrote: bool, expected: type[ProviderError]
) -> None:
    assert type(error_of(status, headers, body, wrote=wrote)) is expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Retryable("x"), ErrorClass.RETRYABLE),
        (RateLimited("x", retry_after=1, problem="day"), ErrorClass.RETRYABLE),
        (Uncertain("x", replied=True), ErrorClass.RETRYABLE),
        (Permanent("x"), ErrorClass.PERMANENT),
        (NotFound("x"), ErrorClass.PERMANENT),
        (Misconfigured("x"), ErrorClass.MISCONFIGURED),
        (NeedsReauth("x"), ErrorClass.MISCONFIGURED),
        (ZeroDivisionError(), ErrorClass.INTERNAL),
    ],
)
def test_error_has_its_fate(error: Exception, expected: ErrorClass) -> None:
    assert class_of(error) == expected


def test_retry_after_is_obeyed_to_the_second() -> None:
    error = error_of(429, {"x-rate-limit-problem": "day", "retry-after": "36000"}, b"", wrote=True)
    assert pause_after(error, attempts=9).seconds == 36000


@pytest.mark.parametrize("value", ["nan", "inf", "-5", "soon", "1e9", "²", ""])
def test_odd_retry_after_is_replaced(value: str) -> None:
    error = error_of(429, {"X-Rate-Limit-Problem": "minute", "Retry-After": value}, b"", wrote=True)
    assert pause_after(error, attempts=1).seconds == 10


def test_absurd_retry_after_is_a_day_at_most() -> None:
    error = error_of(429, {"X-Rate-Limit-Problem": "day", "Retry-After": "99999999999"}, b"", wrote=True)
    assert pause_after(error, attempts=1).seconds == 86_400


def test_offline_organisation_rests_five_minutes() -> None:
    assert pause_after(error_of(503, {}, ORGANISATION, wrote=True), attempts=1).seconds >= 300


@pytest.mark.parametrize("attempts", [1, 5, 50])
def test_backoff_grows_and_is_capped(attempts: int) -> None:
    assert 1.5 <= pause_after(Retryable("x"), attempts).seconds <= 750


def test_xeros_words_are_kept_with_their_meaning() -> None:
    error = error_of(400, {"Xero-Correlation-Id": "c-1"}, _json(INVALID), wrote=True)
    assert (error.detail, error.reference) == ("Invoice # must be unique.", "c-1")
    assert error.message.startswith("Another invoice in Xero has this number.")


def test_unknown_message_is_passed_on() -> None:
    assert explain(["Something new."]) == "Xero says: Something new."


def test_same_meaning_is_told_once() -> None:
    assert explain(["Invoice # must be unique.", "Invoice # must be unique."]).count("number") == 2


@pytest.mark.parametrize("wrote", [True, False])
def test_refused_connection_was_never_sent(wrote: bool) -> None:
    reason = type("Reason", (), {"reason": NewConnectionError(None, "refused")})()  # type: ignore[arg-type]
    assert isinstance(_network_error(requests.ConnectionError(reason), wrote=wrote), Unavailable)


def test_lost_write_is_uncertain_and_lost_read_is_not() -> None:
    assert isinstance(_network_error(requests.ReadTimeout(), wrote=True), Uncertain)
    assert type(_network_error(requests.ReadTimeout(), wrote=False)) is Retryable
