"""The demo's desk: what in earnest would be on somebody's phone and in their mailbox."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from config.demo.mailbox import latest
from config.demo.people import ADMINISTRATOR, administrators_code


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Every mail Tandem has sent, the latest first, and the administrator's code of this moment."""
    facts = {
        "mails": latest(settings.EMAIL_FILE_PATH),
        "administrator": ADMINISTRATOR,
        "code": administrators_code(),
    }
    return render(request, "demo/desk.html", facts)
