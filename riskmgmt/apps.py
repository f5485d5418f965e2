from django.apps import AppConfig


class RiskManagementConfig(AppConfig):
    name = "riskmgmt"
    label = "riskmgmt"
    verbose_name = "Risk management"
    default_auto_field = "django.db.models.BigAutoField"
