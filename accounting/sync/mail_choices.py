"""A person chooses what to be mailed about problems."""

from __future__ import annotations

from django.db import transaction

from accounting.models import MailChoice, MailRule
from workspaces.audit import log_workspace_action
from workspaces.models import User, Workspace


@transaction.atomic
def choose_mail(*, workspace: Workspace, rule: MailRule, by: User) -> None:
    """From now on this person is mailed by this rule."""
    MailChoice.objects.update_or_create(workspace=workspace, user=by, defaults={"rule": rule})
    told = f"Chose what to be mailed about problems: {rule.label.lower()}"
    log_workspace_action(workspace, "problems.mail_chosen", told, by)
