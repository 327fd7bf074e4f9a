"""Local defaults: what a developer's machine needs to run without an .env file."""

from __future__ import annotations

import os

os.environ.setdefault("SECRET_KEY", "development-only")
os.environ.setdefault("FIELD_ENCRYPTION_KEYS", "ZGV2ZWxvcG1lbnQtb25seS0wMDAwMDAwMDAwMDAwMDA=")
os.environ.setdefault("XERO_CLIENT_ID", "tandem-sandbox")
os.environ.setdefault("XERO_CLIENT_SECRET", "tandem-sandbox-secret")
os.environ.setdefault("XERO_WEBHOOK_KEYS", "tandem-sandbox-webhook-key")
for _name in ("XERO_LOGIN_URL", "XERO_IDENTITY_URL", "XERO_API_URL", "XERO_WEB_URL"):
    os.environ.setdefault(_name, "http://localhost:9100")

from config.settings.base import *  # noqa: E402

DEBUG = True
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
