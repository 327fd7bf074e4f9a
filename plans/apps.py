from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_save


class PlansConfig(AppConfig):
    name = "plans"

    def ready(self) -> None:
        """Every workspace that is made, wherever it is, begins on a plan."""
        post_save.connect(_begin, sender="workspaces.Workspace", dispatch_uid="plans.begin")


def _begin(instance: Any, created: bool, raw: bool = False, **kwargs: Any) -> None:
    from plans.services import begin_subscription  # noqa: PLC0415  (models must be loaded first)

    if created and not raw:
        begin_subscription(workspace=instance, by=None)
