from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "identity"

    def ready(self) -> None:
        from identity import receivers  # noqa: PLC0415  (models: only once the apps are loaded)

        receivers.connect()
