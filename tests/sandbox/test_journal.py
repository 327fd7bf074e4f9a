from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import requests

from tests.sandbox.conftest import Api, Desk
from xero_sandbox.config import SandboxConfig
from xero_sandbox.handle import Handle
from xero_sandbox.server import start_in_thread


def opened(folder: Path) -> Handle:
    return start_in_thread(SandboxConfig(data_dir=folder))


def fill(handle: Handle) -> tuple[dict, dict]:
    """Some documents through the API; answers the tokens and the dump."""
    tokens = handle.connect()
    with requests.Session() as session:
        desk = Desk(Api(handle, tokens, session))
        contact = desk.contact("Ann Archer", Addresses=[{"AddressType": "POBOX", "City": "Nelson"}])
        invoice = desk.invoice(
            CurrencyCode="USD", CurrencyRate=0.61, Contact={"ContactID": contact["ContactID"]}
        )
        payment = desk.pay(invoice, 40)
        desk.api.one("POST", f"Payments/{payment['PaymentID']}", {"Status": "DELETED"})
        desk.pay(invoice, 20)
    books = handle.books()
    books.put(replace(books.organisation, period_lock_date=date(2026, 1, 31)))
    return tokens, handle.dump()


def test_restart_keeps_documents_connections_and_tokens(tmp_path: Path) -> None:
    with opened(tmp_path) as handle:
        tokens, before = fill(handle)

    with opened(tmp_path) as handle:
        assert handle.dump() == before
        assert handle.books().organisation.period_lock_date == date(2026, 1, 31)
        headers = {"Authorization": f"Bearer {tokens['access_token']}", "xero-tenant-id": tokens["tenant_id"]}
        url = f"{handle.url}/api.xro/2.0/Organisation"
        assert requests.get(url, headers=headers, timeout=5).status_code == 200
        assert handle.sandbox.tokens.refresh(tokens["refresh_token"])


def test_restart_goes_on_stamping_and_counting(tmp_path: Path) -> None:
    with opened(tmp_path) as handle:
        fill(handle)
        last = max(row.updated for row in handle.books().invoices.all())
        sequence = len(handle.webhooks.captured)

    with opened(tmp_path) as handle:
        books = handle.books()
        assert books.put(next(iter(books.invoices.all()))).updated > last
        assert sequence
        assert '"firstEventSequence": 1,' not in handle.webhooks.captured[0].body.decode()


def test_torn_last_line_loses_that_flush_only(tmp_path: Path) -> None:
    with opened(tmp_path) as handle:
        _, before = fill(handle)
    with (tmp_path / "journal.jsonl").open("a") as file:
        file.write(
            '[["',
        )

    with opened(tmp_path) as handle:
        assert handle.dump() == before


def test_reset_empties_the_file_as_well(tmp_path: Path) -> None:
    with opened(tmp_path) as handle:
        fill(handle)
        handle.reset()

    with opened(tmp_path) as handle:
        assert handle.dump()["Invoices"] == []


def test_seeded_invoices_stand_in_every_state(tmp_path: Path) -> None:
    with start_in_thread(SandboxConfig(seed_invoices=True)) as handle:
        statuses = sorted(item["Status"] for item in handle.dump("harbour-studio")["Invoices"])

    assert statuses == ["AUTHORISED", "AUTHORISED", "DRAFT", "PAID"]


def test_more_organisations_can_be_asked_for() -> None:
    with start_in_thread(SandboxConfig(organisations=4)) as handle:
        slugs = [books.organisation.slug for books in handle.store.books.values()]

    assert slugs == ["maple-florist", "harbour-studio", "maple-florist-3", "harbour-studio-4"]
