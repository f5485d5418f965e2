from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    label = "config"
    verbose_name = "Configuration"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make this installation's Celery application the one that `enqueue_on_commit` sends through."""
        from config import celery  # noqa: F401
