"""What `startproject` writes, dj-stripe, and connections that are kept as ours are.

PEER_DATABASE holds the connection's parameters. PEER_CALLBACK=1 has events handed on instead of kept.
"""

from __future__ import annotations

import json
import os

SECRET_KEY = "bench"
DEBUG = False
ALLOWED_HOSTS = ["localhost"]
USE_TZ = True
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **json.loads(os.environ["PEER_DATABASE"]),
        "CONN_MAX_AGE": 60,
    }
}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "djstripe",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "bench.dj_stripe.urls"
STRIPE_LIVE_MODE = False
STRIPE_TEST_SECRET_KEY = "sk_test_" + "bench" * 8
DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
if os.environ.get("PEER_CALLBACK"):
    DJSTRIPE_WEBHOOK_EVENT_CALLBACK = "bench.dj_stripe.urls.hand_on"
