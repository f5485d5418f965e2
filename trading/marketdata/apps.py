from django.apps import AppConfig


class MarketDataConfig(AppConfig):
    name = "trading.marketdata"
    label = "marketdata"
    verbose_name = "Market data"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the receivers."""
        from . import receivers as _  # noqa: F401
