"""What each person wants to be mailed about problems."""

from __future__ import annotations

from accounting.models import MailChoice, MailRule
from workspaces.models import User, Workspace
from workspaces.queries import super_users_of


def mail_rule_of(*, workspace: Workspace, user: User) -> MailRule:
    """What this person chose, else the first rule."""
    mine = MailChoice.objects.filter(workspace=workspace, user=user).first()
    return MailRule(mine.rule) if mine else MailRule.MORNING


def mail_rules(workspace: Workspace) -> dict[User, str]:
    """Who may be mailed, and what they chose."""
    chosen = dict(MailChoice.objects.filter(workspace=workspace).values_list("user", "rule"))
    return {user: chosen.get(user.pk, MailRule.MORNING) for user in super_users_of(workspace)}
