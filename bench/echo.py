"""Books that answer at once and out of nothing: what is measured then is ours alone."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.utils import timezone

from accounting.enums import ConnectionState, Provider
from accounting.models import Connection, Grant
from accounting.port.documents import Kind
from accounting.port.exchange import FrozenRequest, PushReply, PushResult, Verb
from accounting.providers.registry import scope_of
from accounting.providers.xero.client import Settings
from accounting.providers.xero.kinds.base import Codec
from accounting.providers.xero.kinds.registry import codec_of
from accounting.providers.xero.provider import XeroBooks
from accounting.resources.registry import push_order
from accounting.sync import drain
from workspaces.models import Workspace

_NOWHERE = Settings("", "", "http://localhost", "", "", (), ())


class EchoBooks(XeroBooks):
    """Takes every write, without network and without limits, and counts them."""

    size = 50

    def __init__(self) -> None:
        super().__init__(_NOWHERE, access_token="", tenant_id="")
        self.calls = 0

    def nobody_waits(self, background: bool) -> None:
        """There is no limit here."""

    def batch_size(self, kind: Kind, verb: Verb) -> int:
        return self.size

    def send(self, request: FrozenRequest) -> PushReply:
        self.calls += 1
        codec = codec_of(request.kind)
        elements = json.loads(request.body)[codec.envelope]
        return PushReply(tuple(_result(codec, element) for element in elements))


def _result(codec: Codec, element: dict[str, Any]) -> PushResult:
    facts = {codec.id_field: str(uuid.uuid4()), "UpdatedDateUTC": dt.datetime.now(dt.UTC).isoformat()}
    return PushResult(record=codec.record({**element, **facts}))


@contextmanager
def echoing(books: EchoBooks) -> Iterator[EchoBooks]:
    """Every connection is opened with these books."""
    with mock.patch.object(drain, "open_books", return_value=books):
        yield books


def paper_connection(workspace: Workspace, tenant_id: str = "") -> Connection:
    """An active connection of the workspace in scope, to nowhere."""
    return Connection.objects.create(
        workspace=workspace,
        provider=Provider.XERO,
        grant=paper_grant(),
        tenant_id=tenant_id or str(uuid.uuid4()),
        tenant_name="Nowhere",
        state=ConnectionState.ACTIVE,
        connected_at=timezone.now(),
    )


def paper_grant() -> Grant:
    now = timezone.now()
    return Grant.objects.create(
        provider=Provider.XERO,
        remote_user_id=str(uuid.uuid4()),
        access_token="none",
        refresh_token="none",
        expires_at=now + dt.timedelta(days=1),
        refreshed_at=now,
        scopes=list(map(scope_of, push_order())),
    )
