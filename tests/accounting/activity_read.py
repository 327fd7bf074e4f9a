"""Reading what the activity tells, on its page and in its file."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.test import Client

from tests.accounting.pages import url
from workspaces.models import Workspace


def shown(client: Client, workspace: Workspace, /, **query: Any) -> list[str]:
    page = client.get(url("activity", workspace), query).context["page"]
    return [event.message for event in page.events]


def table(client: Client, workspace: Workspace, /, **query: Any) -> list[dict[str, str]]:
    text = client.get(url("activity_csv", workspace), query).getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def told(client: Client, workspace: Workspace, /, **query: Any) -> list[str]:
    return [row["In words"] for row in table(client, workspace, **query)]
