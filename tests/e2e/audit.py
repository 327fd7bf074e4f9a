"""What is wrong with a page: axe's findings in light and dark, wide and narrow, and what does not fit a phone."""

from __future__ import annotations

import json
from typing import Any

from tests.e2e.browser import Axe, Page

WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 360, "height": 800}
LOOKS: list[tuple[str, dict[str, int], dict[str, Any]]] = [
    ("light", WIDE, {}),
    ("dark", WIDE, {"runOnly": ["color-contrast"]}),  # a theme changes colours and nothing else
    ("dark", NARROW, {}),
    ("light", NARROW, {"runOnly": ["color-contrast"]}),
]
SETTLE = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
WIDEST = """() => [...document.querySelectorAll("body *")]
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && element.checkVisibility())
  .slice(0, 3).map((element) => element.cloneNode(false).outerHTML.slice(0, 120))"""


def dress(page: Page, scheme: Any, size: Any) -> None:
    """Give the open page this theme and this width."""
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.evaluate(SETTLE)


def faults_of(page: Page) -> list[str]:
    """Everything wrong with the open page, each in a line."""
    found = []
    for scheme, size, options in LOOKS:
        dress(page, scheme, size)
        look = f"{scheme}, {size['width']} px"
        found += [f"{look}: {told}" for told in _violations(page, options)]
        if not page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"):
            found.append(f"{look}: scrolls sideways because of {page.evaluate(WIDEST)}")
    return found


def _violations(page: Page, options: dict[str, Any]) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    results = page.evaluate("(options) => axe.run(options)", {"resultTypes": ["violations"], **options})
    return [
        f"{violation['id']}: {violation['help']}: {json.dumps(node['html'][:160])} {_why(node)}"
        for violation in results["violations"]
        for node in violation["nodes"]
    ]


def _why(node: dict[str, Any]) -> str:
    return " ".join(check["message"] for check in [*node["any"], *node["all"], *node["none"]])[:200]
