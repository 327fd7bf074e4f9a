"""Production: only stricter values, no new names."""

from __future__ import annotations

from config import env

for _name, _hint in {
    "DATABASE_URL": "The Postgres to use, as an ordinary role: postgres://tandem:password@host:5432/tandem",
    "REDIS_URL": "The broker and cache: redis://host:6379/0. Worker and web are separate processes and need it.",
    "SITE_URL": "Where people and Xero reach Tandem: https://tandem.example.com",
    "FIELD_ENCRYPTION_KEYS": "Make one with: python manage.py make_encryption_key",
}.items():
    env.required(_name, _hint)

from config.settings.base import *  # noqa: E402
from config.settings.base import ALLOWED_HOSTS, LOG_SECRETS  # noqa: E402

ALLOWED_HOSTS = [*ALLOWED_HOSTS, "localhost"]  # health probes come from the machine itself
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^webhooks/xero/$", r"^health/"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 1)  # or all people share one limit of attempts
SECURE_HSTS_SECONDS = env.number("SECURE_HSTS_SECONDS", 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"
LOGGING = logs.configure(level=LOG_LEVEL, file=LOG_FILE, json=True, secrets=LOG_SECRETS)
