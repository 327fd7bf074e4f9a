"""The decisions of a dry run, uploaded from a spreadsheet."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounting.forms import DecisionsForm
from accounting.sync.deciding_by_file import decide_by_file
from accounting.views.dry_run import ready_run, show
from core.spreadsheets import UnreadableFile, read_csv
from core.uploads import takes_file
from workspaces.permissions import super_user_required


@takes_file
@require_http_methods(["GET", "HEAD", "POST"])
@super_user_required
def upload(request: HttpRequest) -> HttpResponse:
    """Decide as the rows of the file say. What the page leads to from here is on its own address."""
    if request.method != "POST":
        page = reverse("accounting:dry_run", args=[request.workspace.slug])
        return redirect(f"{page}?{request.GET.urlencode()}")
    run, form = ready_run(), DecisionsForm(request.POST, request.FILES)
    if not form.is_valid():
        return show(request, file_form=form)
    try:
        taken = decide_by_file(run=run, rows=read_csv(form.cleaned_data["file"].read()), by=request.user)
    except UnreadableFile as error:
        form.add_error("file", str(error))
        return show(request, file_form=form)
    return show(request, upload=taken)
