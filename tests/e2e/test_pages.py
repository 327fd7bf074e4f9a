"""Every page, in light and dark, wide and narrow: axe finds nothing, nothing scrolls sideways, no console complains."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.audit import faults_of
from tests.e2e.browser import Page, Watch
from tests.e2e.places import PLACES, Place
from tests.e2e.running_demo import RunningDemo
from tests.e2e.world import World

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_page_is_accessible_fits_and_is_quiet(
    place: Place, tab_of: Callable[[str], Page], watch: Watch, demo: RunningDemo, world: World
) -> None:
    watch.expect("Failed to load resource")  # pages of refused input and of errors have their status

    page = tab_of(place.who)
    place.open(page, demo.site, demo.sandbox, world)

    faults = faults_of(page)
    assert not faults, "\n".join(faults)
