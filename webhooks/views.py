"""Where Xero posts. No session, no cookie, no body in the answer (Xero docs: Webhooks, "Responding")."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from webhooks.receive import BadSignature, receive


@csrf_exempt
@require_POST
def xero(request: HttpRequest) -> HttpResponse:
    """200 once stored; 401 for a bad signature. A body over 1 MiB was refused before (`core.uploads`)."""
    try:
        receive(body=request.body, signature=request.headers.get("x-xero-signature", ""))
    except BadSignature:
        return HttpResponse(status=401)
    return HttpResponse(status=200)
