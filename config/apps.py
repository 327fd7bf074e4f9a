from django.apps import AppConfig
from django.core.checks import Tags, register

from config.checks import role_is_held_by_row_security


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        register(role_is_held_by_row_security, Tags.database)
