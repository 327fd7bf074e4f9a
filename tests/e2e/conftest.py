"""One demo and one browser for all browser tests; for each test fresh tabs, watched for complaints.

Nothing of playwright is imported here at the top: without it the tests are skipped, each module with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config.demo.people import ACME, ADMINISTRATOR, NORTHWIND, Person
from tests.e2e.running_demo import RunningDemo, running_demo

if TYPE_CHECKING:
    from tests.e2e.bookkeeper import Bookkeeper
    from tests.e2e.browser import Browser, BrowserContext, Page, Watch
    from tests.e2e.tandem import Tandem

ADMIN = Person(ADMINISTRATOR, "Administrator")
PEOPLE = {"olivia": ACME.super_user, "sam": ACME.staff, "nora": NORTHWIND.super_user, "admin": ADMIN}
SLUGS = {ACME.super_user: "acme-studio", ACME.staff: "acme-studio", NORTHWIND.super_user: "northwind-design"}


@pytest.fixture(scope="package")
def demo() -> Iterator[RunningDemo]:
    with running_demo() as running:
        yield running


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    from tests.e2e.browser import open_browser  # noqa: PLC0415  (skips where there is none)

    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="package")
def sessions(demo: RunningDemo, browser: Browser) -> Callable[[Person], dict]:
    """Signs a person in once, and answers the cookies."""
    from tests.e2e.tandem import Tandem  # noqa: PLC0415

    known: dict[Person, dict] = {}

    def session_of(person: Person) -> dict:
        if person not in known:
            with browser.new_context() as context:
                Tandem(context.new_page(), demo.site, SLUGS.get(person, "")).sign_in(person.email)
                known[person] = context.storage_state()
        return known[person]

    return session_of


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fails the test when a page wrote an error into its console."""
    from tests.e2e.browser import Watch  # noqa: PLC0415

    watching = Watch()
    yield watching
    assert watching.complaints == []


@pytest.fixture
def new_tab(browser: Browser, watch: Watch, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens a tab of its own browser profile; as somebody who is signed in, when a session is given."""
    contexts: list[BrowserContext] = []

    def open_tab(session: dict | None = None) -> Page:
        from tests.e2e.browser import PATIENCE_MS  # noqa: PLC0415

        contexts.append(browser.new_context(storage_state=session, viewport={"width": 1440, "height": 900}))
        contexts[-1].set_default_timeout(PATIENCE_MS)
        page = contexts[-1].new_page()
        watch.over(page)
        return page

    yield open_tab
    for context in contexts:
        context.close()


@pytest.fixture
def person(
    demo: RunningDemo, sessions: Callable[[Person], dict], new_tab: Callable[..., Page]
) -> Callable[[Person], Tandem]:
    """A person of the demo, signed in."""
    from tests.e2e.tandem import Tandem  # noqa: PLC0415

    return lambda who: Tandem(new_tab(sessions(who)), demo.site, SLUGS[who])


@pytest.fixture(scope="package")
def books(demo: RunningDemo, browser: Browser, sessions: Callable[[Person], dict]) -> str:
    """Acme Studio is connected to Maple Florist and every choice is made; the organisation's slug."""
    from tests.e2e.tandem import Tandem  # noqa: PLC0415

    with browser.new_context(storage_state=sessions(ACME.super_user)) as context:
        olivia = Tandem(context.new_page(), demo.site, SLUGS[ACME.super_user])
        olivia.connect("Maple Florist")
        olivia.choose_accounts(rate="15% GST on Income")
    return "maple-florist"


@pytest.fixture(scope="package")
def world(
    demo: RunningDemo, browser: Browser, sessions: Callable[[Person], dict], books: str
) -> dict[str, str]:
    """Acme Studio after a busy year."""
    from tests.e2e.bookkeeper import Bookkeeper  # noqa: PLC0415
    from tests.e2e.edges import build_edges  # noqa: PLC0415
    from tests.e2e.tandem import Tandem  # noqa: PLC0415
    from tests.e2e.world import build_world  # noqa: PLC0415

    with (
        browser.new_context(storage_state=sessions(ACME.super_user)) as context,
        browser.new_context() as other,
    ):
        olivia = Tandem(context.new_page(), demo.site, SLUGS[ACME.super_user])
        robin = Bookkeeper(other.new_page(), demo.sandbox, books)
        return build_world(olivia, robin) | build_edges(olivia, robin)


@pytest.fixture(scope="package")
def profiles(
    browser: Browser, sessions: Callable[[Person], dict]
) -> Iterator[Callable[[str], BrowserContext]]:
    """A browser profile for each person by their first name, kept for all tests; any other name is not signed in."""
    known: dict[str, BrowserContext] = {}

    def profile_of(name: str) -> BrowserContext:
        if name not in known:
            session = sessions(PEOPLE[name]) if name in PEOPLE else None
            known[name] = browser.new_context(storage_state=session, reduced_motion="reduce")
        return known[name]

    yield profile_of
    for context in known.values():
        context.close()


@pytest.fixture
def tab_of(profiles: Callable[[str], BrowserContext], watch: Watch) -> Iterator[Callable[[str], Page]]:
    """Opens a tab of somebody who only looks."""
    pages: list[Page] = []

    def open_tab(name: str) -> Page:
        pages.append(profiles(name).new_page())
        watch.over(pages[-1])
        return pages[-1]

    yield open_tab
    for page in pages:
        page.close()


@pytest.fixture
def olivia(books: str, person: Callable[[Person], Tandem]) -> Tandem:
    """Acme Studio's super user; her workspace is in step with Maple Florist."""
    return person(ACME.super_user)


@pytest.fixture
def robin(demo: RunningDemo, books: str, new_tab: Callable[..., Page]) -> Bookkeeper:
    """Maple Florist's bookkeeper."""
    from tests.e2e.bookkeeper import Bookkeeper  # noqa: PLC0415

    return Bookkeeper(new_tab(), demo.sandbox, books)
