"""Markup in every text that people, or Xero, may write: a page shows it and never obeys it."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, models
from django.test import Client

from core.testing import rewriting
from tests.architecture.pages import all_pages
from tests.architecture.world import World, make_world
from tests.factories.people import make_administrator, signed_in
from workspaces.models import AuditEntry
from workspaces.scope import all_workspaces

MARK = "zqx"
PAYLOADS = [
    f"<{MARK}>",
    f"<script>{MARK}</script>",
    f"</script><{MARK}>",
    f"</title><{MARK}>",
    f"</textarea><{MARK}>",
    f"</template><{MARK}>",
    f"</option></select><{MARK}>",
    f"--><{MARK}>",
    f"]]><{MARK}>",
    f'"><{MARK}>',
    f"'><{MARK}>",
    f'" {MARK}="1',
    f"' {MARK}='1",
    f"` {MARK}=1",
    f'" on{MARK}="1',
    f'"/{MARK}="1',
    f"<img src=x on{MARK}=1>",
    f"<svg/on{MARK}=1>",
    f"<svg><{MARK}>",
    f"<math><{MARK}>",
    f"<style>{MARK}</style>",
    f"<base {MARK}>",
    f"<form {MARK}>",
    f"<input {MARK}>",
    f"<iframe {MARK}>",
    f"<object {MARK}>",
    f"javascript:{MARK}//",
    f"<a href=javascript:{MARK}>",
    f"<a {MARK}=//x>",
    f"<div hx-get=/x {MARK}>",
    f'" hx-get="/{MARK}" {MARK}="',
    f"<c-icon {MARK} />",
    f"{{{{ {MARK} }}}}<{MARK}>",
    f"{{% {MARK} %}}<{MARK}>",
    f"&lt;{MARK}&gt;<{MARK}>",
    f"&#60;{MARK}&#62;<{MARK}>",
    f"<<{MARK}>>",
    f"<\t{MARK}><{MARK}\n>",
    f"\u003c{MARK}\u003e",
    f"<!--{MARK}--><{MARK}>",
    f"%3C{MARK}%3E<{MARK}>",
]
ROUNDS = 3
ADDRESSES = ("href", "src", "action", "formaction", "data", "poster", "srcdoc")
KEPT_AS_THEY_ARE = {
    "slug",
    "currency",
    "bank_currency",
    "elsewhere",
    "email",
    "password",
    "country",
    "path",
    "method",
    "verb",
    "key",
    "state_hash",
    "session_hash",
    "idempotency_key",
    "code",
    "change",
    "provider",
    "tenant_id",
    "remote_connection_id",
    "successor",
    "paused_by",
    "action",
    "target_kind",
}
"""Columns with a shape of their own (codes, keys, addresses, hashes), which no text of a person or of Xero fills."""


@pytest.fixture
def world(db: None) -> World:
    return make_world()


class _Reader(HTMLParser):
    """What a browser would build that only a payload can have asked for."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [tag, *(name for name, _ in attrs)]
        self.found += [f"<{tag} {name}>" for name in names if MARK in name]
        for name, value in attrs:
            target = "".join((value or "").split()).lower()
            acts = name.startswith(("on", "hx-")) and MARK in target
            if acts or (
                name in ADDRESSES and target.startswith(("javascript:", "data:text", "vbscript:", MARK))
            ):
                self.found.append(f'<{tag} {name}="{value}">')

    def handle_data(self, data: str) -> None:
        if self.lasttag in ("script", "style") and MARK in data and self.rawdata:
            self.found.append(f"<{self.lasttag}>{data[:60]}")

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.found.append(f"<!--{data[:60]}")


def test_reader_finds_what_a_page_without_escaping_would_build() -> None:
    blind = []
    for payload in PAYLOADS:
        reader = _Reader()
        reader.feed(f"<p title=\"{payload}\">{payload}</p><p title='{payload}'>")
        reader.close()
        blind += [] if reader.found else [payload]
    assert [payload for payload in blind if "<" in payload] == []


def _texts(row: models.Model) -> list[models.Field]:
    return [
        field
        for field in row._meta.concrete_fields
        if type(field) in (models.CharField, models.TextField)
        and not field.choices
        and field.name not in KEPT_AS_THEY_ARE
    ]


def _write_into(world: World, number: int) -> int:
    """Put a payload wherever a text may stand; in each round, and in each column, another one. Past the services:
    what Xero or an older release left there counts too."""
    written = 0
    everything = all_workspaces("a test writes into every text")
    with everything, rewriting(AuditEntry), connection.cursor() as cursor:
        for row in world.rows.values():
            for field in _texts(row):
                written += 1
                payload = PAYLOADS[(written + number * 7) % len(PAYLOADS)]
                text = f"{payload}{uuid4().hex[:4]}" if field.name in ("number", "reference") else payload
                text = text if field.max_length else "".join(PAYLOADS)
                statement = f'UPDATE "{row._meta.db_table}" SET "{field.column}" = %s WHERE id = %s'
                cursor.execute(statement, [text[: field.max_length], row.pk])
    return written


def _open_pages(world: World) -> Iterator[tuple[Client, str]]:
    """The workspace's pages for its super user, and the administrators' lists, each with who may open it."""
    administrator = make_administrator()
    for user, of_admin in ((world.super_user, False), (administrator, True)):
        client = signed_in(user)
        for page in all_pages():
            wanted = page.name.endswith("_changelist") if of_admin else page.is_of_workspace
            if wanted and _is_page(client.get(page.path(world))):
                yield client, page.path(world)


def _is_page(response: Any) -> bool:
    """Not a file: what is in a CSV is never read as markup."""
    return response.status_code == 200 and response.headers["Content-Type"].startswith("text/html")


@pytest.mark.long
def test_no_text_becomes_markup_on_any_page(world: World) -> None:
    pages, problems, shown = list(_open_pages(world)), [], 0
    for number in range(ROUNDS):
        assert _write_into(world, number) > 40
        for client, path in pages:
            text = client.get(path).content.decode()
            reader = _Reader()
            reader.feed(text)
            shown += MARK in text
            problems += [f"{path}: {found}" for found in reader.found]
    assert problems == []
    assert shown > ROUNDS * 15
