"""What people are mailed about problems."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from workspaces.models import WorkspaceOwned


class MailRule(models.TextChoices):
    """What a person is mailed about problems."""

    MORNING = "morning", "What holds up money at once, the rest each morning"
    AT_ONCE = "at_once", "Everything at once"
    MONEY = "money", "Only what holds up money"


class MailChoice(WorkspaceOwned):
    """What one person wants to be mailed about the problems of one workspace. Without one it is the first rule."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    rule = models.CharField(max_length=10, choices=MailRule.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="one_mail_choice_a_person"),
            models.CheckConstraint(condition=Q(rule__in=MailRule.values), name="mail_choice_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.rule}"
