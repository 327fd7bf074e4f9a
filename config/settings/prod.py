"""Production: only stricter values, no new names."""

from __future__ import annotations

from config import env
from config.settings.base import *
from config.settings.base import FIELD_ENCRYPTION_KEYS

SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^webhooks/xero/$", r"^health/"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.number("SECURE_HSTS_SECONDS", 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"

if not FIELD_ENCRYPTION_KEYS:
    env.text("FIELD_ENCRYPTION_KEYS", hint="Make one with: python manage.py make_encryption_key")
