"""`python -m tests.e2e.screenshots DIR [words]`: a picture of every page (whose name has the words), in light and dark,
wide and narrow, of a demo that is started for it."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from config.demo.people import ACME, ADMINISTRATOR, NORTHWIND
from tests.e2e.audit import NARROW, WIDE, dress
from tests.e2e.bookkeeper import Bookkeeper
from tests.e2e.browser import Browser, Page, open_browser
from tests.e2e.edges import build_edges, send_what_was_saved_before
from tests.e2e.places import PLACES, SENT, UNCHOSEN, UNCONNECTED, Place
from tests.e2e.running_demo import RunningDemo, running_demo
from tests.e2e.tandem import Tandem
from tests.e2e.world import World, build_world

PEOPLE = {
    "olivia": (ACME.super_user.email, "acme-studio"),
    "sam": (ACME.staff.email, "acme-studio"),
    "nora": (NORTHWIND.super_user.email, "northwind-design"),
    "admin": (ADMINISTRATOR, ""),
    "nobody": ("", ""),
}


class Photographer:
    """Takes pictures of places, as whoever may see them."""

    def __init__(self, browser: Browser, demo: RunningDemo, folder: Path) -> None:
        self.demo, self.folder = demo, folder
        self.people = {name: self._person(browser, *who) for name, who in PEOPLE.items()}

    def _person(self, browser: Browser, email: str, slug: str) -> Tandem:
        person = Tandem(browser.new_context(reduced_motion="reduce").new_page(), self.demo.site, slug)
        if email:
            person.sign_in(email)
        return person

    def take(self, places: Sequence[Place], world: World) -> None:
        for place in places:
            page = self.people[place.who].page
            for size in (WIDE, NARROW):
                dress(page, "light", size)
                place.open(page, self.demo.site, self.demo.sandbox, world)
                self._take_both(page, place.name, size)

    def _take_both(self, page: Page, name: str, size: dict[str, int]) -> None:
        for scheme in ("light", "dark"):
            dress(page, scheme, size)
            file = re.sub(r"\W+", "-", name) + f"-{size['width']}-{scheme}.png"
            page.screenshot(path=self.folder / file, full_page=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("words", nargs="?", default="")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)

    def wanted(places: Sequence[Place]) -> list[Place]:
        return [place for place in places if options.words in place.name]

    with running_demo() as demo, open_browser() as browser:
        photographer = Photographer(browser, demo, options.folder)
        nora, olivia = photographer.people["nora"], photographer.people["olivia"]
        photographer.take(wanted(UNCONNECTED), {})
        nora.connect("Harbour Studio")
        photographer.take(wanted(UNCHOSEN), {})
        nora.open("settings/accounting/xero/")
        nora.choose_accounts(rate="20% (VAT on Income)")
        harbour = Bookkeeper(photographer.people["nobody"].page, demo.sandbox, "harbour-studio")
        send_what_was_saved_before(nora, harbour)
        photographer.take(wanted(SENT), {})
        olivia.connect("Maple Florist")
        olivia.choose_accounts(rate="15% GST on Income")
        robin = Bookkeeper(photographer.people["nobody"].page, demo.sandbox, "maple-florist")
        photographer.take(wanted(PLACES), build_world(olivia, robin) | build_edges(olivia, robin))


if __name__ == "__main__":
    main()
