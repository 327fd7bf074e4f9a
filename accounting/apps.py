from django.apps import AppConfig


class AccountingConfig(AppConfig):
    name = "accounting"

    def ready(self) -> None:
        from accounting import receivers  # noqa: PLC0415  (models must be loaded first)

        receivers.connect()
