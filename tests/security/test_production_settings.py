"""What production promises browsers, read from its own settings."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from django.conf import settings

from config import env
from tests.config.test_env import PRODUCTION

ASK = """
import json, django
django.setup()
from django.conf import settings as s
from django.core import checks
from django.test import Client
told = {name: getattr(s, name) for name in dir(s) if name.startswith(("SESSION_", "CSRF_", "SECURE_", "TRUSTED_"))}
told["DEBUG"] = s.DEBUG
told["sign_in"] = [
    s.ACCOUNT_ADAPTER, s.ACCOUNT_RATE_LIMITS, s.MFA_ADAPTER, s.MFA_FORMS, s.AUTH_PASSWORD_VALIDATORS,
    s.ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR, s.PASSWORD_RESET_TIMEOUT, s.MESSAGE_STORAGE,
]
told["problems"] = [str(problem) for problem in checks.run_checks(include_deployment_checks=True)]
s.ALLOWED_HOSTS = ["tandem.example.com"]
page = Client().get("/health/live", secure=True, headers={"host": "tandem.example.com"})
told["headers"] = dict(page.headers)
print(json.dumps(told, default=str))
"""


@pytest.fixture(scope="module")
def production() -> dict[str, object]:
    run = [sys.executable, "-W", "ignore", "-c", ASK]
    done = subprocess.run(
        run,
        cwd=env.ROOT,
        env={**PRODUCTION, "SECRET_KEY": "k3y-" * 16 + "abcdefgh"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_deployment_checks_find_nothing(production: dict[str, object]) -> None:
    assert production["problems"] == []
    assert production["DEBUG"] is False


def test_cookies_are_for_this_host_over_https_only(production: dict[str, object]) -> None:
    assert (production["SESSION_COOKIE_NAME"], production["CSRF_COOKIE_NAME"]) == (
        "__Host-session",
        "__Host-csrf",
    )
    for kind in ("SESSION", "CSRF"):
        assert production[f"{kind}_COOKIE_SECURE"] is True
        assert production[f"{kind}_COOKIE_PATH"] == "/"
        assert production[f"{kind}_COOKIE_DOMAIN"] is None
        assert production[f"{kind}_COOKIE_SAMESITE"] == "Lax"
    assert production["SESSION_COOKIE_HTTPONLY"] is True


def test_page_carries_the_headers_that_protect_it(production: dict[str, object]) -> None:
    headers = production["headers"]

    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_sign_in_attempts_are_counted_behind_one_proxy(production: dict[str, object]) -> None:
    assert production["TRUSTED_PROXY_COUNT"] == 1


def test_sign_in_is_guarded_in_production_as_in_these_tests(production: dict[str, object]) -> None:
    """The limits themselves are constants of identity.throttle, which tests/security/test_sign_in.py tries out."""
    assert production["sign_in"] == [
        settings.ACCOUNT_ADAPTER,
        settings.ACCOUNT_RATE_LIMITS,
        settings.MFA_ADAPTER,
        settings.MFA_FORMS,
        settings.AUTH_PASSWORD_VALIDATORS,
        settings.ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR,
        settings.PASSWORD_RESET_TIMEOUT,
        settings.MESSAGE_STORAGE,
    ]
    assert settings.PASSWORD_RESET_TIMEOUT == 3600
