"""A conflict of each kind, settled in all ways: both sides end as it was shown, and it does not come back by itself."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from accounting.enums import ConflictState, LinkState, Resolution
from accounting.models import Conflict, Connection, Operation
from accounting.sync.resolve import CannotResolve, ConflictClosed, ConflictMoved, rehearse, resolve
from accounting.sync.together import choices_of
from catalogue.models import TaxRate
from invoices.services import update_invoice
from tests.accounting.apart import CONTACT, ENDED, KINDS, Apart, linked_customer, linked_invoice, said
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.customers import make_customer
from tests.sampling import mostly_long
from workspaces.models import User
from xero_sandbox.handle import Handle

pytestmark = pytest.mark.long

Sync = Callable[[], None]
ALL_OF = {Resolution.KEEP_OURS: "ours", Resolution.TAKE_THEIRS: "theirs"}


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


@pytest.fixture
def apart(connected: Connection, bookkeeper: Bookkeeper, sync: Sync, gst: TaxRate) -> Apart:
    return linked_invoice(connected, bookkeeper, sync, gst)


@pytest.fixture
def contact(connected: Connection, bookkeeper: Bookkeeper, sync: Sync) -> Apart:
    return linked_customer(connected, bookkeeper, sync, make_customer(connected.workspace, city="Nelson"))


def _settled_as_shown(apart: Apart, conflict: Conflict, picks: dict[str, str], by: User) -> None:
    shown = said(rehearse(conflict=conflict, picks=picks, seen=conflict.version))
    resolve(conflict=conflict, choice=Resolution.MERGE, picks=picks, seen=conflict.version, by=by)
    apart.sync()
    apart.hear()
    assert (apart.here(), apart.there()) == (shown, shown), picks
    _is_over(apart)


def _is_over(apart: Apart) -> None:
    assert not Conflict.objects.filter(state=ConflictState.OPEN).exists()
    assert not Operation.objects.exists()
    assert apart.link.state != LinkState.OUT_OF_SYNC


def _ways(conflict: Conflict) -> list[dict[str, str]]:
    names = choices_of(conflict)
    return [
        dict(zip(names, sides, strict=True))
        for sides in itertools.product(ALL_OF.values(), repeat=len(names))
    ]


PICKS = {
    "total": 2, "tax": 4, "dates": 2, "line count": 4, "line deleted": 2, "line content": 4, "two at once": 16,
}  # fmt: skip
"""In how many ways each kind of conflict can be settled by picking."""
WAYS = [(kind, way) for kind in KINDS for way in range(PICKS[kind])]


@pytest.mark.parametrize("picked", mostly_long(WAYS, quick=[(kind, 1) for kind in KINDS]))
def test_picks_end_on_both_sides_as_they_were_shown(
    apart: Apart, super_user: User, picked: tuple[str, int]
) -> None:
    kind, way = picked
    conflict = apart.open(*KINDS[kind])
    ways = _ways(conflict)
    assert len(ways) == PICKS[kind]
    _settled_as_shown(apart, conflict, ways[way], super_user)


@pytest.mark.parametrize("way", mostly_long(range(8), quick=(1, 6)))
def test_picked_fields_of_a_contact_end_on_both_sides_as_they_were_shown(
    contact: Apart, super_user: User, way: int
) -> None:
    conflict = contact.open(*CONTACT)
    ways = _ways(conflict)
    assert len(ways) == 8
    _settled_as_shown(contact, conflict, ways[way], super_user)


@pytest.mark.parametrize(("choice", "side"), ALL_OF.items())
@pytest.mark.parametrize("kind", mostly_long(KINDS, quick=("total", "line content")))
def test_whole_version_ends_on_both_sides_and_stays(
    apart: Apart, super_user: User, kind: str, choice: Resolution, side: str
) -> None:
    conflict = apart.open(*KINDS[kind])
    wanted = getattr(conflict, side)
    resolve(conflict=conflict, choice=choice, seen=conflict.version, by=super_user)
    apart.sync()
    apart.hear()
    assert apart.here() == apart.there()
    assert (apart.here()["total"], apart.here()["due_date"]) == (wanted["total"], wanted["due_date"])
    _is_over(apart)


@pytest.mark.parametrize(
    ("kind", "choice"),
    [
        ("voided there", Resolution.TAKE_THEIRS),  # Xero would not take ours
        ("voided here", Resolution.KEEP_OURS),
        ("voided here", Resolution.TAKE_THEIRS),
    ],
)
def test_removed_on_one_side_stands_as_a_whole(
    apart: Apart, super_user: User, kind: str, choice: Resolution
) -> None:
    conflict = apart.open(*ENDED[kind])
    assert choices_of(conflict) == ()
    with pytest.raises(CannotResolve, match="as a whole"):
        resolve(conflict=conflict, choice=Resolution.MERGE, picks={}, seen=1, by=super_user)
    resolve(conflict=conflict, choice=choice, seen=conflict.version, by=super_user)
    apart.sync()
    apart.hear()
    assert not Conflict.objects.filter(state=ConflictState.OPEN).exists()


def test_all_of_one_side_is_that_side(apart: Apart, super_user: User) -> None:
    conflict = apart.open(*KINDS["line content"])
    picks = dict.fromkeys(choices_of(conflict), "theirs")
    resolve(conflict=conflict, choice=Resolution.MERGE, picks=picks, seen=1, by=super_user)
    conflict.refresh_from_db()
    assert (conflict.resolution, conflict.picks) == (Resolution.TAKE_THEIRS, {})


def test_settled_by_picks_remembers_them_and_what_they_came_to(apart: Apart, super_user: User) -> None:
    conflict = apart.open(*KINDS["line content"])
    quantity, price = choices_of(conflict)
    picks = {quantity: "ours", price: "theirs"}
    resolve(conflict=conflict, choice=Resolution.MERGE, picks={**picks, "x": "ours"}, seen=1, by=super_user)
    conflict.refresh_from_db()
    assert (conflict.resolution, conflict.picks) == (Resolution.MERGE, picks)
    assert conflict.result["net"] == "2086.87"


@pytest.mark.parametrize("side", ["", "both", None])
def test_missing_pick_settles_nothing(apart: Apart, super_user: User, side: str | None) -> None:
    conflict = apart.open(*KINDS["line content"])
    quantity, price = choices_of(conflict)
    picks: dict[str, str | None] = {quantity: "ours", price: side}
    with pytest.raises(CannotResolve, match="Pick a side"):
        resolve(conflict=conflict, choice=Resolution.MERGE, picks=picks, seen=1, by=super_user)
    conflict.refresh_from_db()
    assert conflict.state == ConflictState.OPEN


def test_what_our_side_refuses_is_told_and_settles_nothing(apart: Apart, super_user: User) -> None:
    """Each side has deleted another line: leaving out both leaves none."""
    conflict = apart.open(
        lambda apart: apart.rework(lambda lines: lines[:1]),
        lambda apart: apart.edit_lines(lambda rows: rows[1:]),
    )
    before = apart.here()
    first, second = choices_of(conflict)
    picks = {first: "theirs", second: "ours"}
    for settle in (
        lambda: rehearse(conflict=conflict, picks=picks, seen=1),
        lambda: resolve(conflict=conflict, choice=Resolution.MERGE, picks=picks, seen=1, by=super_user),
    ):
        with pytest.raises(CannotResolve, match="at least one line"):
            settle()
    conflict.refresh_from_db()
    assert (conflict.state, apart.here()) == (ConflictState.OPEN, before)


def test_rehearsal_writes_nothing(apart: Apart) -> None:
    conflict = apart.open(*KINDS["line count"])
    before = (apart.here(), apart.link.base, apart.link.otherwise, list(Operation.objects.values()))
    first, second = choices_of(conflict)
    rehearse(conflict=conflict, picks={first: "ours", second: "theirs"}, seen=1)
    conflict.refresh_from_db()
    assert (apart.here(), apart.link.base, apart.link.otherwise, list(Operation.objects.values())) == before
    assert conflict.state == ConflictState.OPEN


def test_picks_of_an_earlier_version_settle_nothing(apart: Apart, super_user: User) -> None:
    conflict = apart.open(*KINDS["dates"])
    update_invoice(invoice=apart.record, reference="later", by=None)
    with pytest.raises(ConflictMoved):
        resolve(conflict=conflict, choice=Resolution.MERGE, picks={"due_date": "ours"}, seen=1, by=super_user)
    with pytest.raises(ConflictMoved):
        rehearse(conflict=conflict, picks={"due_date": "ours"}, seen=1)
    conflict.refresh_from_db()
    assert (conflict.state, conflict.version) == (ConflictState.OPEN, 2)


def test_picks_of_what_was_settled_meanwhile_settle_nothing(apart: Apart, super_user: User) -> None:
    conflict = apart.open(*KINDS["dates"])
    resolve(conflict=conflict, choice=Resolution.KEEP_OURS, seen=1, by=super_user)
    with pytest.raises(ConflictClosed):
        rehearse(conflict=conflict, picks={"due_date": "theirs"}, seen=1)


def test_xero_moved_on_after_the_picks_opens_a_new_conflict(apart: Apart, super_user: User) -> None:
    conflict = apart.open(*KINDS["line content"])
    quantity, price = choices_of(conflict)
    resolve(
        conflict=conflict, choice=Resolution.MERGE, picks={quantity: "ours", price: "theirs"}, seen=1, by=super_user
    )  # fmt: skip
    apart.edit_lines(lambda rows: [{**rows[0], "UnitAmount": 1}, *rows[1:]])
    apart.sync()
    assert Conflict.objects.get(state=ConflictState.OPEN).theirs["lines"][0]["unit_amount"] == "1"


def test_line_that_only_xero_had_keeps_its_id_there(apart: Apart, super_user: User) -> None:
    conflict = apart.open(*KINDS["line count"])
    before = [line["LineItemID"] for line in apart.bookkeeper.invoice(apart.link.remote_id)["LineItems"]]
    picks = dict.fromkeys(choices_of(conflict), "ours") | {choices_of(conflict)[1]: "theirs"}
    resolve(conflict=conflict, choice=Resolution.MERGE, picks=picks, seen=1, by=super_user)
    apart.sync()
    lines = apart.bookkeeper.invoice(apart.link.remote_id)["LineItems"]
    assert [line["Description"] for line in lines] == ["Design", "Print", "Courier", "Parking"]
    assert {*before} < {line["LineItemID"] for line in lines}


@pytest.mark.parametrize(
    "values",
    [
        {"resolution": Resolution.MERGE, "picks": {}, "result": {"v": 2}},
        {"resolution": Resolution.MERGE, "picks": {"due_date": "ours"}, "result": {}},
        {"resolution": Resolution.KEEP_OURS, "picks": {"due_date": "ours"}},
        {"resolution": Resolution.TAKE_THEIRS, "result": {"v": 2}},
    ],
)
def test_database_takes_picks_with_what_was_put_together_only(
    apart: Apart, super_user: User, values: dict[str, object]
) -> None:
    conflict = apart.open(*KINDS["dates"])
    resolve(conflict=conflict, choice=Resolution.KEEP_OURS, seen=1, by=super_user)
    with pytest.raises(IntegrityError, match="put_together_has_picks"), transaction.atomic():
        Conflict.objects.filter(pk=conflict.pk).update(**values)
