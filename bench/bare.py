"""What the inbox is held against, behind the same middleware, settings and server."""

from __future__ import annotations

from django.conf import settings

from config.wsgi import application

__all__ = ["application"]
settings.ROOT_URLCONF = "bench.bare_urls"
