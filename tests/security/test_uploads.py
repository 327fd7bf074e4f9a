"""Bodies nobody asked for: refused by their length wherever they are sent, and never kept."""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

from core import uploads
from tests.architecture.pages import all_pages
from tests.architecture.world import World, make_world

HUGE = str(200 * 1024 * 1024)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


class Counted(BytesIO):
    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(size)
        self.taken += len(piece)
        return piece


def _post(path: str, length: str, **told: str) -> tuple[int, int, bytes]:
    """The answer's code, the bytes read for it, and what it says."""
    stream = Counted(b"--x\r\n" + b"x" * 2_000_000)
    kind = "multipart/form-data; boundary=x"
    answer = Client().generic(
        "POST", path, CONTENT_TYPE=kind, CONTENT_LENGTH=length, **{"wsgi.input": stream}, **told
    )
    return answer.status_code, stream.taken, answer.content


@pytest.mark.long
def test_upload_to_any_page_is_refused_before_it_is_read(world: World) -> None:
    answers = {page.name: _post(page.path(world), HUGE)[:2] for page in all_pages()}
    assert {name: answer for name, answer in answers.items() if answer != (413, 0)} == {}


@pytest.mark.parametrize("length", [str(uploads.LARGEST_BODY + 1), HUGE, "9" * 400, "-1", "many"])
def test_length_that_is_too_large_or_none_is_refused(length: str) -> None:
    assert _post("/accounts/login/", length)[:2] == (413, 0)


def test_refusal_is_a_sentence_for_people_and_nothing_for_machines() -> None:
    assert _post("/accounts/login/", HUGE, HTTP_ACCEPT="text/html")[2] == uploads.TOO_LARGE.encode()
    assert _post("/webhooks/xero/", HUGE)[2] == b""


@pytest.mark.django_db
def test_file_in_a_form_is_dropped_and_never_on_the_disk(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small enough for a form, and yet no page wants it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None
    monkeypatch.setattr(uploads, "_length", lambda request: 0)
    file = SimpleUploadedFile("large.bin", b"x" * 8_000_000)

    answer = Client().post("/accounts/login/", {"login": "a@example.com", "password": "x", "file": file})

    assert answer.status_code == 200
    assert not answer.wsgi_request.FILES
    assert list(tmp_path.iterdir()) == []
