"""The sandbox's pages as a browser meets them."""

from __future__ import annotations

import re
from typing import Any

import requests

from xero_sandbox.handle import Handle

BASE = "/o/maple-florist"


def get(sandbox: Handle, path: str, **options: Any) -> requests.Response:
    return requests.get(f"{sandbox.url}{path}", timeout=5, **options)


def post(sandbox: Handle, path: str, form: Any = None, **options: Any) -> requests.Response:
    return requests.post(f"{sandbox.url}{path}", data=form or {}, timeout=5, **options)


def said(reply: requests.Response) -> list[str]:
    return re.findall(r'<p class="notice[^>]*>([^<]+)', reply.text)
