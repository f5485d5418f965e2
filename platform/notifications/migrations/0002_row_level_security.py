from django.db import migrations

from core.tenancy import enable_rls


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial")]
    operations = [enable_rls("notifications_notification")]
