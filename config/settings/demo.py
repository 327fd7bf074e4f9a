"""The demo: everything on one machine, over plain HTTP on localhost, with the pages of production.

`config.demo` puts the values into the environment (ports, the database, keys of its own) before it
lets Django read them here.
"""

from __future__ import annotations

from config import env
from config.settings.base import *

ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
STATIC_ROOT = None  # files come straight from the apps' folders: nothing to collect, nothing to wait for
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
ROOT_URLCONF = "config.demo.urls"
TEMPLATES[0]["OPTIONS"]["context_processors"].append("config.demo.context.desk")
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = env.required("DEMO_MAIL", "Start the demo with: python3 run.py demo")
