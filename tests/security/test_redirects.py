"""Where a sign-in or a sign-out may lead: to pages of ours, whatever the address says."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from tests.factories.workspaces import make_workspace

pytestmark = [pytest.mark.django_db, pytest.mark.long]

PASSWORD = "correct horse battery staple"
HOSTS = ("evil.example", "evil.example/", "evil.example/%2f..", "evil.example:80", "u@evil.example")
PREFIXES = (
    "//",
    "///",
    "////",
    "/\\",
    "\\\\",
    "\\/",
    "https://",
    "http://",
    "HTTPS://",
    "https:",
    "http:/",
    "/\t/",
)
ODD = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "//evil。example",
    "//evil%E3%80%82example",
    "/%09/evil.example",
    "/\r\n/evil.example",
    "/home\r\nLocation: https://evil.example",
    "\x00//evil.example",
    "\t//evil.example",
    " //evil.example",
    "http://testserver@evil.example/",
    "http://testserver.evil.example/",
    "https://evil.example#testserver",
    "https://evil.example?testserver",
    "//[::1]/",
    "ftp://evil.example/",
    "http:evil.example",
    "//testserver@evil.example",
)
PAYLOADS = [prefix + host for prefix in PREFIXES for host in HOSTS] + list(ODD)


def _leads_away(location: str) -> bool:
    """As browsers read it: a backslash is a slash, tabs and line breaks are dropped, two slashes or more name a
    host. What is ours starts with one."""
    read = location.translate({ord(char): None for char in "\t\r\n"}).replace("\\", "/")
    return not read.startswith("/") or read.startswith("//")


def test_reader_of_locations_knows_what_leads_away() -> None:
    staying = [text for text in PAYLOADS if not _leads_away(text)]

    assert staying == ["/%09/evil.example", "/home\r\nLocation: https://evil.example"]
    assert len(PAYLOADS) >= 60


@pytest.fixture
def person() -> str:
    user = make_workspace(email="one@example.com").memberships.get().user
    user.set_password(PASSWORD)
    user.save()
    return user.email


def test_login_leads_to_no_other_host(person: str, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    away = {}
    for payload in PAYLOADS:
        cache.clear()
        client, form = Client(), {"login": person, "password": PASSWORD, "next": payload}
        response = client.post("/accounts/login/", form)
        if response.status_code != 302 or _leads_away(response["Location"]):
            away[payload] = (response.status_code, response.headers.get("Location"))
    assert away == {}


@pytest.mark.parametrize("page", ["/accounts/login/", "/accounts/logout/", "/", "/accounting/xero/callback/"])
def test_page_with_next_leads_to_no_other_host(person: str, super_client: Client, page: str) -> None:
    away = []
    for payload in [prefix + HOSTS[0] for prefix in PREFIXES] + list(ODD):
        for client in (Client(), super_client):
            response = client.get(page, {"next": payload, "redirect_to": payload})
            if response.status_code in (301, 302) and _leads_away(response["Location"]):
                away.append((payload, response["Location"]))
    assert away == []


def test_sign_in_remembers_the_page_and_nothing_else() -> None:
    response = Client().get("/w/maple/invoices/?q=//evil.example%0d%0aX-Bad:1")

    assert response["Location"].startswith("/accounts/login/?next=/w/maple/invoices/%3Fq%3D")
    assert "X-Bad" not in response.headers
