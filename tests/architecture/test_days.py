"""A day is asked for in one place: everything else says whose day it means."""

from __future__ import annotations

import ast
import re

import pytest
from django.contrib import admin
from django.db.models import DateField, DateTimeField

from tests.architecture.source import HOUSE, ROOT, Module, calls_of, modules_of, stale, where

# The clocks that answer a day, or an instant without a zone, as they are written at the end of a call's name.
CLOCKS = re.compile(r"(^|\.)(localdate|today|utcnow|localtime|gmtime|ctime|fromtimestamp|utcfromtimestamp)$")
NOW_HERE = re.compile(r"(^|\.)datetime\.now$")
IN_SQL = {"TruncDate", "CurrentDate", "ExtractDay"}
LOOK_UP = re.compile(r"__date(__|$)")

ASKING = {"workspaces.days"}
"""Who calls `today` by this name asks the one function."""

# Call, by file -> why it is no day of a workspace
ALLOWED = {
    "core/clock.py: (at or timezone.now()).astimezone(zone).date": "the one place itself",
    "core/templatetags/display.py: timezone.localtime": "writes an instant in the active zone; |ago is no due date",
    "accounting/providers/xero/wire.py: _instant(value, key).date": (
        "Xero writes a calendar date as midnight UTC of that date"
    ),
}


def _imports_today(module: Module) -> bool:
    nodes = (node for node in ast.walk(module.tree) if isinstance(node, ast.ImportFrom))
    return any(node.module in ASKING and any(alias.name == "today" for alias in node.names) for node in nodes)


def _is_day(name: str, call: ast.Call, module: Module) -> bool:
    if name == "today":
        return not _imports_today(module)
    if name.endswith(").date") or re.search(r"(now|moment|instant|_at|there)\w*\.date$", name):
        return True
    return bool(CLOCKS.search(name) or NOW_HERE.search(name) or name.split(".")[-1] in IN_SQL)


def _days_of(module: Module) -> dict[str, str]:
    """The calls that answer a day, each with where it stands."""
    calls = [(name, call) for name, call in calls_of(module) if _is_day(name, call, module)]
    keywords = [
        (f"{name}({keyword.arg}=)", call)
        for name, call in calls_of(module)
        for keyword in call.keywords
        if keyword.arg and LOOK_UP.search(keyword.arg)
    ]
    return {f"{module.path}: {name}": where(module, call) for name, call in [*calls, *keywords]}


def _found(*packages: str) -> dict[str, str]:
    return {name: at for module in modules_of(*packages) for name, at in _days_of(module).items()}


def test_no_code_asks_another_clock_for_a_day() -> None:
    found = _found(*HOUSE)
    assert {name: at for name, at in found.items() if name not in ALLOWED} == {}


def test_allowed_clocks_are_all_read() -> None:
    assert stale(ALLOWED, set(_found(*HOUSE))) == []


@pytest.mark.parametrize(
    "line",
    [
        "timezone.localdate()",
        "dt.date.today()",
        "date.today()",
        "today()",
        "timezone.now().date()",
        "now.date()",
        "invoice.sent_at.date()",
        "dt.datetime.now()",
        "datetime.now(dt.UTC)",
        "datetime.utcnow()",
        "time.localtime()",
        "Payment.objects.filter(created_at__date=day)",
        "Payment.objects.annotate(day=TruncDate('created_at'))",
    ],
)
def test_every_way_to_ask_another_clock_is_seen(line: str) -> None:
    assert _days_of(Module("somewhere", "somewhere.py", line))


def test_workspaces_own_day_may_be_asked() -> None:
    text = "from workspaces.days import today\ntoday(workspace)"
    assert _days_of(Module("somewhere", "somewhere.py", text)) == {}


def test_templates_do_not_ask_for_the_day() -> None:
    asking = re.compile(r"{%\s*now\b|\|date(?!:'U')\b")
    assert [
        str(path) for path in (ROOT / "templates").rglob("*.html") if asking.search(path.read_text())
    ] == []


def test_administrators_filter_no_calendar_date_by_their_own_today() -> None:
    """Their pages cross workspaces; the filter's "Today" would be UTC's. They walk by year, month and day instead."""
    filters = [
        (admin_of.model, name)
        for admin_of in admin.site._registry.values()
        for name in admin_of.list_filter
        if isinstance(name, str) and "__" not in name
    ]
    kinds = [(model, name, model._meta.get_field(name)) for model, name in filters]
    assert [
        f"{model.__name__}.{name}"
        for model, name, field in kinds
        if isinstance(field, DateField) and not isinstance(field, DateTimeField)
    ] == []
