"""Whose address counts when anybody can write headers."""

from __future__ import annotations

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from core.address import client_address
from core.middleware import ProxyMiddleware

PROXY, PERSON, FORGED = "172.18.0.2", "203.0.113.7", "198.51.100.9"


def _request(*, peer: str = PROXY, **headers: str) -> HttpRequest:
    return RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers)


@pytest.mark.parametrize(
    ("count", "peer", "forwarded", "address"),
    [
        (1, PROXY, PERSON, PERSON),
        (1, PROXY, f"{FORGED}, {PERSON}", PERSON),
        (1, PROXY, f"{FORGED},{FORGED},{PERSON}", PERSON),
        (2, PROXY, f"{FORGED}, {PERSON}, 10.0.0.1", PERSON),
        (2, PROXY, PERSON, PERSON),
        (1, "127.0.0.1", PERSON, PERSON),
        (1, "", PERSON, PERSON),
        (1, PROXY, "2001:db8::7", "2001:db8::7"),
        (1, PROXY, "[2001:db8::7]:4711", "2001:db8::7"),
        (1, PROXY, f"{PERSON}:4711", PERSON),
        (1, PROXY, f"::ffff:{PERSON}", PERSON),
        (1, PROXY, f"{PERSON}, unknown", PROXY),
        (1, PROXY, "", PROXY),
        (1, PERSON, FORGED, PERSON),
        (0, PROXY, FORGED, PROXY),
        (0, PERSON, FORGED, PERSON),
    ],
)
def test_address_is_what_the_outermost_of_our_own_proxies_saw(
    settings: Settings, count: int, peer: str, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXY_COUNT = count
    assert client_address(_request(peer=peer, **{"x-forwarded-for": forwarded})) == address


def test_headers_of_a_stranger_are_gone_before_anything_reads_them(settings: Settings) -> None:
    settings.TRUSTED_PROXY_COUNT, settings.SECURE_PROXY_SSL_HEADER = 1, ("HTTP_X_FORWARDED_PROTO", "https")
    words = {"x-forwarded-for": FORGED, "x-forwarded-proto": "https", "x-forwarded-host": "evil.example"}
    seen: list[HttpRequest] = []

    ProxyMiddleware(lambda request: seen.append(request))(_request(peer=PERSON, **words))  # type: ignore[arg-type]

    assert seen[0].META["REMOTE_ADDR"] == PERSON
    assert not seen[0].is_secure()
    assert [name for name in seen[0].META if "FORWARDED" in name] == []


def test_scheme_is_what_our_own_proxy_says(settings: Settings) -> None:
    settings.TRUSTED_PROXY_COUNT, settings.SECURE_PROXY_SSL_HEADER = 1, ("HTTP_X_FORWARDED_PROTO", "https")
    said = {"https": True, "http": False, "https, http": False}

    for words, is_secure in said.items():
        request = _request(**{"x-forwarded-proto": words, "x-forwarded-for": PERSON})
        ProxyMiddleware(lambda request: None)(request)  # type: ignore[arg-type, return-value]
        assert request.is_secure() is is_secure, words


def test_address_is_the_same_when_asked_again(settings: Settings) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    request = _request(**{"x-forwarded-for": f"{FORGED}, {PERSON}"})

    ProxyMiddleware(lambda request: None)(request)  # type: ignore[arg-type, return-value]

    assert client_address(request) == PERSON


@pytest.mark.django_db
def test_log_tells_the_trusted_address(
    settings: Settings, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    with caplog.at_level("INFO"):
        client.get("/accounts/login/", REMOTE_ADDR=PROXY, headers={"x-forwarded-for": f"{FORGED}, {PERSON}"})

    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert {line["ip"] for line in lines if "ip" in line} == {PERSON}
