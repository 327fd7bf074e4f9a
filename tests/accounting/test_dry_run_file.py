"""Decisions edited in a spreadsheet: what can be taken is taken, and the rest is told by its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounting.enums import Verdict
from accounting.models import Connection, Decision, DryRun
from accounting.sync import dry_run
from core.spreadsheets import UnreadableFile, read_csv
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.dry_running import bookkeeper, compared
from tests.factories.customers import make_customer
from workspaces.models import User

__all__ = ["bookkeeper", "compared"]
"""Fixtures."""
Rows = list[dict[str, str]]


@pytest.fixture
def ready(connected: Connection, bookkeeper: Bookkeeper, compared: Callable[[], DryRun]) -> DryRun:
    """One to link, one that may be the same one, one to create."""
    bookkeeper.create_contact(Name="Rimu Roasters", EmailAddress="hi@rimu.nz")
    bookkeeper.create_contact(Name="Somebody Else", EmailAddress="hi@miro.nz")
    make_customer(connected.workspace, name="Rimu Roasters")
    make_customer(connected.workspace, name="Miro Motors", email="hi@miro.nz")
    make_customer(connected.workspace, name="=Only Ours")
    return compared()


def _url(connection: Connection, name: str) -> str:
    return reverse(f"accounting:{name}", args=[connection.workspace.slug])


def _download(client: Client, connection: Connection) -> Rows:
    answer: Any = client.get(_url(connection, "dry_run_csv"))
    text = answer.getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def _upload(client: Client, connection: Connection, rows: Rows, delimiter: str = ",") -> str:
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, fieldnames=list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return _send(client, connection, sheet.getvalue().encode("utf-8-sig"))


def _send(client: Client, connection: Connection, data: bytes) -> str:
    file = SimpleUploadedFile("decisions.csv", data)
    return client.post(_url(connection, "upload_dry_run"), {"file": file}).content.decode()


def _of(rows: Rows, name: str) -> dict[str, str]:
    return next(row for row in rows if row["Record"].endswith(name))


def _verdicts() -> dict[str, str]:
    return dict(Decision.objects.values_list("name", "verdict"))


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_good_rows_are_taken_and_bad_ones_told_by_line(
    super_client: Client, connected: Connection, ready: DryRun, super_user: User, delimiter: str
) -> None:
    rows = _download(super_client, connected)
    _of(rows, "Rimu Roasters")["Decision"] = "leave out"
    _of(rows, "Miro Motors")["Decision"] = "eat"
    _of(rows, "Only Ours")["Decision"] = "Link"
    rows.append({**_of(rows, "Rimu Roasters"), "Id": "x", "Record": "Nobody"})
    rows.append(dict(rows[0]))
    text = _upload(super_client, connected, rows, delimiter)
    assert "1 decision changed, 4 rows not taken" in text
    line = {row["Record"]: place for place, row in enumerate(rows[:3], start=2)}
    assert f"Line {line['Miro Motors']}, Miro Motors: “eat” is no decision." in text
    ours = line["'=Only Ours"]
    assert f"Line {ours}, =Only Ours: Nothing in Xero was found for it" in text
    assert "Line 5, Nobody: This row is of another comparison." in text
    assert "It is in the file twice." in text
    assert _verdicts() == {
        "Rimu Roasters": Verdict.SKIP,
        "Miro Motors": Verdict.ASK,
        "=Only Ours": Verdict.CREATE,
    }
    assert Decision.objects.get(name="Rimu Roasters").decided_by == super_user


def test_row_that_was_decided_since_the_download_comes_back(
    super_client: Client, connected: Connection, ready: DryRun, super_user: User
) -> None:
    rows = _download(super_client, connected)
    row = Decision.objects.get(name="Miro Motors")
    assert dry_run.decide(run=ready, ids=[row.pk], verdict=Verdict.LINK, by=super_user)
    _of(rows, "Miro Motors")["Decision"] = "Create"
    text = _upload(super_client, connected, rows)
    assert "It was decided otherwise since the file was downloaded." in text
    assert _verdicts()["Miro Motors"] == Verdict.LINK


def test_file_links_no_two_to_one(super_client: Client, connected: Connection, ready: DryRun) -> None:
    theirs = Decision.objects.get(name="Rimu Roasters")
    Decision.objects.filter(name="Miro Motors").update(remote_id=theirs.remote_id)
    rows = _download(super_client, connected)
    _of(rows, "Miro Motors")["Decision"] = "Link"
    assert "Another record is linked to the same one in Xero." in _upload(super_client, connected, rows)
    assert _verdicts()["Miro Motors"] == Verdict.ASK
    _of(rows, "Rimu Roasters")["Decision"] = "Create"
    assert "2 decisions changed. Every row was taken." in _upload(super_client, connected, rows)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\xfe\x00", "Save it as CSV in UTF-8"),
        (b"", "The submitted file is empty"),
        (b"a\x00b\n1", "1 row not taken"),
    ],
)
def test_file_that_is_no_table_is_refused_in_words(
    super_client: Client, connected: Connection, ready: DryRun, data: bytes, words: str
) -> None:
    before = _verdicts()
    page = super_client.get(_url(connected, "upload_dry_run"), {"show": "ask"})
    assert page["Location"] == f"{_url(connected, 'dry_run')}?show=ask"
    assert words in _send(super_client, connected, data)
    assert _verdicts() == before


def test_file_that_was_confirmed_meanwhile_changes_nothing(
    super_client: Client, connected: Connection, ready: DryRun
) -> None:
    rows = _download(super_client, connected)
    _of(rows, "Only Ours")["Decision"] = "Leave out"
    assert dry_run.confirm(run=ready, keeps_ours=False)
    _upload(super_client, connected, rows)
    assert _verdicts()["=Only Ours"] == Verdict.CREATE


def test_upload_is_a_super_users_and_asks_for_the_token(
    staff_client: Client, super_user: User, connected: Connection, ready: DryRun
) -> None:
    address = _url(connected, "upload_dry_run")
    assert staff_client.post(address, {}).status_code == 403
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(super_user)
    assert strict.post(address, {"file": SimpleUploadedFile("x.csv", b"Id")}).status_code == 403


def test_cells_are_read_as_they_were_before_they_were_guarded() -> None:
    rows = list(read_csv(b"\xef\xbb\xbfA,B\r\n'=1+1, x \r\n"))
    assert rows == [(2, {"A": "=1+1", "B": "x"})]
    with pytest.raises(UnreadableFile):
        list(read_csv(b"\xff"))
