"""Tests: a fast hasher, no broker, mail in memory, and nothing that leaves the machine."""

from __future__ import annotations

from config import env
from config.settings.dev import *

# The role that owns the tables makes each test database, and puts on the working role for the tests themselves
# (`core.testing.working`).
env.required(
    "MIGRATION_DATABASE_URL", "A role that may create databases and put on DATABASE_URL's: CONTRIBUTING.md"
)
DATABASES = {"default": {**DATABASES["default"], **MIGRATION_DATABASE}}

DEBUG = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {"polling_interval": 0.02}
CACHES = {
    name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}
    for name in ("default", "process")
}
RATE_LIMIT_STORAGE = "memory://"
LOGGING = {"version": 1, "disable_existing_loggers": False}
WHITENOISE_AUTOREFRESH = True  # static files come from their sources: nothing was collected
WHITENOISE_USE_FINDERS = True
