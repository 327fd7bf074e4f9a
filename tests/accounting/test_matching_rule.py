"""By what a dry run links without asking, and what becomes of what it finds nowhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounting.choices import MatchBy, Unmatched
from accounting.enums import Verdict
from accounting.models import Connection, DryRun, Mapping
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.dry_running import bookkeeper, compared, verdicts
from tests.accounting.pages import notices, url, words
from tests.accounting.test_mapping_foreseen import save
from tests.factories.customers import make_customer
from workspaces.models import Workspace

__all__ = ["bookkeeper", "compared"]

BOTH, MAIL, NAME = "Rimu Roasters", "Totara Timber", "Miro Motors"


@pytest.fixture
def found(connected: Connection, bookkeeper: Bookkeeper) -> None:
    """One pair that shares reference, e-mail and name, one that shares the last two, one only the name."""
    for name, there, ours in (
        (
            BOTH,
            {"AccountNumber": "R-1", "EmailAddress": "a@rimu.nz"},
            {"reference": "R-1", "email": "a@rimu.nz"},
        ),
        (MAIL, {"EmailAddress": "ask@totara.nz"}, {"email": "ask@totara.nz"}),
        (NAME, {}, {}),
    ):
        bookkeeper.create_contact(Name=name, **there)
        make_customer(connected.workspace, name=name, **ours)


@pytest.mark.parametrize(
    ("rule", "linked"),
    [
        (MatchBy.ANY, {BOTH, MAIL, NAME}),
        (MatchBy.REFERENCE, {BOTH}),
        (MatchBy.EMAIL, {BOTH, MAIL}),
        (MatchBy.NAME, {BOTH, MAIL, NAME}),
    ],
)
def test_only_what_shares_what_was_chosen_is_linked_and_the_rest_asked(
    found: None, compared: Callable[[], DryRun], rule: MatchBy, linked: set[str]
) -> None:
    Mapping.objects.update(match_by=rule)

    compared()

    told = {name: verdict for name, (verdict, _) in verdicts().items()}
    assert {name for name, verdict in told.items() if verdict == Verdict.LINK} == linked
    assert {name for name, verdict in told.items() if verdict == Verdict.ASK} == {BOTH, MAIL, NAME} - linked


@pytest.mark.parametrize(
    ("rule", "verdict"), [(Unmatched.CREATE, Verdict.CREATE), (Unmatched.ASK, Verdict.ASK)]
)
def test_what_is_found_nowhere_is_created_or_asked(
    connected: Connection,
    compared: Callable[[], DryRun],
    super_client: Client,
    rule: Unmatched,
    verdict: Verdict,
) -> None:
    Mapping.objects.update(unmatched=rule)
    make_customer(connected.workspace, name="Only Ours")

    compared()

    assert verdicts()["Only Ours"] == (verdict, "")
    assert "Only Ours" in words(super_client.get(url("dry_run", connected.workspace)))


def test_rule_is_chosen_on_the_page(
    super_client: Client, workspace: Workspace, connected: Connection
) -> None:
    page = save(super_client, workspace, match_by="reference", unmatched="ask")

    mapping = Mapping.objects.get()
    assert (notices(page), mapping.match_by, mapping.unmatched) == (["Saved."], "reference", "ask")


def test_rule_that_is_none_cannot_be_kept(connected: Connection) -> None:
    with pytest.raises(IntegrityError, match="mapping_matching_known"), transaction.atomic():
        Mapping.objects.update(match_by="luck")
