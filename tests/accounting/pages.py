"""Reading what a page shows."""

from __future__ import annotations

import html
import re
from typing import Any

from django.urls import reverse

from workspaces.models import Workspace

TOAST = re.compile(r'<p class="toast__text">(.*?)</p>', re.S)


def notices(response: Any) -> list[str]:
    """The notices shown on the page, as people read them."""
    page = response.content.decode().split('<template id="toast-templates">')[0]
    found = [html.unescape(re.sub(r"<[^>]+>", "", text)).strip() for text in TOAST.findall(page)]
    return [text for text in found if text]


def words(response: Any) -> str:
    """The text of a page, without its markup, each run of spaces as one."""
    text = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def url(name: str, workspace: Workspace, *args: Any) -> str:
    """The URL of one of the accounting pages of this workspace."""
    return reverse(f"accounting:{name}", args=[workspace.slug, *args])
