from django.apps import AppConfig
from django.core.checks import Tags, register

from config.checks import role_is_held_by_the_walls


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        register(role_is_held_by_the_walls, Tags.database)
