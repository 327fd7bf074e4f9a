"""The browser of the browser tests. Importing this skips the importing module where there is none.

REQUIRE_BROWSER=1 turns that skip into a failure; CHROMIUM names the browser to use.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import pytest

REQUIRED = os.environ.get("REQUIRE_BROWSER") == "1"
PATIENCE_MS = 10_000


def _give_up(reason: str) -> NoReturn:
    if REQUIRED:
        pytest.fail(f"REQUIRE_BROWSER=1, but {reason}", pytrace=False)
    pytest.skip(reason, allow_module_level=True)


def _find_chromium() -> str:
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    return found or _give_up("there is no Chromium on this machine")


try:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import Browser, BrowserContext, Locator, Page, Response, expect, sync_playwright
except ImportError:
    _give_up("playwright or axe-playwright-python is not installed (uv sync --group e2e)")

__all__ = [
    "Axe",
    "Browser",
    "BrowserContext",
    "Locator",
    "Page",
    "Response",
    "Watch",
    "expect",
    "open_browser",
]

CHROMIUM = _find_chromium()
FLAGS = [
    "--no-sandbox",  # root, in a container
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
expect.set_options(timeout=PATIENCE_MS)


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A headless Chromium. Django's database cannot be used in this thread meanwhile."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Watch:
    """Everything a page complained about in its console: errors, and breaches of the content policy."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.expected: list[str] = []

    def over(self, page: Page) -> None:
        """Listen to this page from now on."""
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))

    def _note(self, message: Any) -> None:
        told = f"{message.page and message.page.url}: {message.text}"
        is_bad = message.type in ("error", "warning")
        if is_bad and not any(part in told for part in self.expected):
            self.complaints.append(told)

    def expect(self, part: str) -> None:
        """Complaints with these words are what the test is about."""
        self.expected.append(part)
