"""The settings of a workspace: its name, its currency, and where its days are counted."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.forms import as_typed
from core.htmx import is_partial, trigger
from workspaces.forms import WorkspaceForm
from workspaces.permissions import super_user_required
from workspaces.services import update_workspace
from workspaces.zones import SUGGESTIONS, find_zones, get_zone, named_today, say_zone

NOT_KNOWN = "This time zone is not known here. Choose one in Settings > Workspace."


@require_http_methods(["GET", "HEAD", "POST"])
@super_user_required
def settings(request: HttpRequest) -> HttpResponse:
    """See and change them."""
    data = request.POST if request.method == "POST" else None
    form = WorkspaceForm(data, workspace=request.workspace)
    if form.is_valid():
        form.save(by=request.user)
        messages.success(request, "The workspace was saved.")
        return redirect("workspaces:settings", request.workspace.slug)
    return render(request, "workspaces/settings.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@super_user_required
def suggest_zones(request: HttpRequest) -> HttpResponse:
    """The options of the combobox of time zones for what is typed so far."""
    text = as_typed(request.GET.get("q"))
    found = find_zones(text, most=SUGGESTIONS + 1)
    context = {"text": text, "zones": found[:SUGGESTIONS], "has_more": len(found) > SUGGESTIONS}
    return render(request, "workspaces/zones.html", context)


@require_safe
@super_user_required
def offer_zone(request: HttpRequest) -> HttpResponse:
    """One line that offers the browser's time zone, while nobody has chosen one and it is another than UTC."""
    zone = get_zone(named_today(request.GET.get("zone", "")))
    if request.workspace.time_zone or zone is None or zone.pk == "UTC":
        return HttpResponse(status=204)
    return render(request, "workspaces/zone_offer.html", {"zone": zone})


@require_POST
@super_user_required
def choose_zone(request: HttpRequest) -> HttpResponse:
    """What was answered to the offer. Who came too late, because somebody has chosen meanwhile, is told what."""
    chosen = request.workspace.time_zone
    if not chosen:
        chosen = named_today(request.POST.get("time_zone", ""))
        try:
            update_workspace(workspace=request.workspace, time_zone=chosen, by=request.user)
        except ValidationError:
            chosen = ""
    level = "success" if chosen else "error"
    text = (
        f"Days are counted in {say_zone(chosen)}. Settings > Workspace changes it." if chosen else NOT_KNOWN
    )
    if is_partial(request):
        return trigger(HttpResponse(""), toast={"level": level, "text": text})
    messages.add_message(request, messages.SUCCESS if chosen else messages.ERROR, text)
    return redirect("workspaces:settings", request.workspace.slug)
