"""What only a demo has: its desk, with what in earnest would be on somebody's phone and in their mailbox, and an ear
for the sandbox."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounting.enums import ConnectionState
from accounting.models import Connection
from accounting.sync import manual
from config.demo.mailbox import latest
from config.demo.people import ADMINISTRATOR, administrators_code
from workspaces.scope import all_workspaces


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Every mail Tandem has sent, the latest first, and the administrator's code of this moment."""
    facts = {
        "mails": latest(settings.EMAIL_FILE_PATH),
        "administrator": ADMINISTRATOR,
        "code": administrators_code(),
    }
    return render(request, "demo/desk.html", facts)


@csrf_exempt
@require_POST
def xero_recovered(request: HttpRequest) -> HttpResponse:
    """The sandbox ended its faults or moved its clock: what rests tries again now. Xero itself tells nobody, and is
    waited for as long as it said."""
    with all_workspaces("the demo's sandbox recovered for everybody"), transaction.atomic():
        resting = Connection.objects.filter(state=ConnectionState.ACTIVE, paused_at=None, resume_at__gt=Now())
        for connection in resting:
            manual.try_now(connection)
    return HttpResponse(status=204)
