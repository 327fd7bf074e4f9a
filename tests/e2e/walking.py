"""Getting about a page with the Tab key, as who has no mouse does."""

from __future__ import annotations

from typing import Any

from tests.e2e.browser import Locator

LONGEST_WALK = 400
SEEN = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const here = document.activeElement, box = here.getBoundingClientRect();
  const first = here.getClientRects()[0] ?? box;
  const top = document.elementFromPoint(first.x + first.width / 2, first.y + first.height / 2);
  return top !== null && (here.contains(top) || top.contains(here));
}"""


def walk_to(target: Locator, *, press: str) -> None:
    """Press Tab until it has the focus, then this key. Whatever has the focus on the way is in sight, and nothing that
    stays at hand lies on it."""
    page: Any = target.page
    for _ in range(LONGEST_WALK):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            continue  # past the last one; it begins anew
        assert page.evaluate(SEEN), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if target.evaluate("(element) => element === document.activeElement"):
            page.keyboard.press(press)
            return
    raise AssertionError(f"Tab does not lead to {target}")
