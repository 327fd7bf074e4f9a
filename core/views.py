"""The living page of the design system."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.samples import SampleForm, StrictSampleForm

WRONG = {"name": "", "terms": "", "date": "2026-13-45", "amount": "twelve", "discount": "140", "email": "no"}
FILLED = {
    "name": "Kōwhai & Sons",
    "terms": "net",
    "date": "2026-11-20",
    "amount": "1234.50",
    "discount": "2.5",
    "channel": "email",
    "paid": True,
}
TONES = ["neutral", "info", "success", "warning", "danger", "progress"]


@dataclass(frozen=True)
class DiffRow:
    """A row of the sample difference."""

    label: str
    base: str
    ours: str
    theirs: str
    ours_changed: bool = False
    theirs_changed: bool = False


DIFF = [
    DiffRow("Due date", "20 Nov 2026", "27 Nov 2026", "20 Nov 2026", ours_changed=True),
    DiffRow("Reference", "PO 4411", "PO 4411", "PO 4411-B", theirs_changed=True),
    DiffRow("Line 1: Design", "10 × 150.00", "12 × 150.00", "10 × 165.00", True, True),
    DiffRow("Total", "NZ$1,725.00", "NZ$2,070.00", "NZ$1,897.50", True, True),
    DiffRow("Notes", "", "Thank you", "", ours_changed=True),
]


@require_safe
def design(request: HttpRequest) -> HttpResponse:
    """Every component in every state, in both themes. For administrators, and for everybody while developing."""
    if not (settings.DEBUG or getattr(request.user, "is_staff", False)):
        raise Http404
    if "toasts" in request.GET:
        _sample_messages(request)
    return render(request, "design/page.html", {"panels": [_panel("light"), _panel("dark")]})


def _panel(theme: str) -> dict[str, Any]:
    def ids(name: str) -> str:
        return f"{theme}-{name}-%s"

    return {
        "theme": theme,
        "icons": _icon_names(),
        "tones": TONES,
        "blank": SampleForm(auto_id=ids("blank")),
        "filled": SampleForm(FILLED, auto_id=ids("filled")),
        "wrong": StrictSampleForm(WRONG, auto_id=ids("wrong")),
        "rows": _rows(),
        "diff": DIFF,
        "page": Paginator(range(312), 25).page(6),
        "first_page": Paginator(range(3), 25).page(1),
        "instant": datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
        "date": date(2026, 11, 20),
        "progress": {"none": 0, "some": 133, "all": 412},
    }


def _icon_names() -> list[str]:
    sprite = settings.BASE_DIR / "static" / "icons" / "sprite.svg"
    return re.findall(r'<symbol id="([^"]+)"', sprite.read_text())


def _rows() -> list[dict[str, Any]]:
    long_name = "Waikato Regional Association of Independent Orchardists and Growers Incorporated"
    return [
        {
            "number": "INV-0044",
            "name": "Kōwhai & Sons",
            "tone": "success",
            "state": "Synced",
            "total": Decimal("1234.5"),
        },
        {
            "number": "INV-0043",
            "name": "Harbour Studio",
            "tone": "progress",
            "state": "Sending",
            "total": Decimal("90"),
        },
        {
            "number": "INV-0042",
            "name": long_name,
            "tone": "danger",
            "state": "Needs attention",
            "total": Decimal("1048576.1"),
        },
        {
            "number": "INV-0041",
            "name": "Pip",
            "tone": "warning",
            "state": "Out of sync",
            "total": Decimal("-12"),
        },
    ]


def _sample_messages(request: HttpRequest) -> None:
    messages.info(request, "Your session lasts until you close the browser.")
    messages.success(request, "Invoice INV-0042 was saved.")
    messages.warning(request, "The token of this connection has to be refreshed soon.")
    messages.error(request, "Tandem cannot be reached. What you typed is still here.")
