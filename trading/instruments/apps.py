from django.apps import AppConfig
from django.db.models.signals import post_migrate


class InstrumentsConfig(AppConfig):
    name = "trading.instruments"
    label = "instruments"
    verbose_name = "Instruments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .services.calendar import calendar_load_after_migrate

        # As Django does for permissions: present after every migrate, and again after a test's flush.
        post_migrate.connect(calendar_load_after_migrate, sender=self)
