"""What the person who is signed in is mailed about problems of this workspace."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounting.forms.mail import MailForm
from accounting.models import MailRule
from accounting.queries.mail_rules import mail_rule_of
from accounting.sync.mail_choices import choose_mail
from workspaces.permissions import super_user_required


@require_http_methods(["GET", "HEAD", "POST"])
@super_user_required
def problem_mail(request: HttpRequest) -> HttpResponse:
    """Choose it. Nobody but super users is mailed."""
    if request.method != "POST":
        chosen = mail_rule_of(workspace=request.workspace, user=request.user)
        return render(request, "accounting/problem_mail.html", {"form": MailForm(initial={"rule": chosen})})
    form = MailForm(request.POST)
    if not form.is_valid():
        return render(request, "accounting/problem_mail.html", {"form": form}, status=422)
    choose_mail(workspace=request.workspace, rule=MailRule(form.cleaned_data["rule"]), by=request.user)
    messages.success(request, "Saved. You are mailed by this from now on.")
    return redirect("accounting:problems", request.workspace.slug)
