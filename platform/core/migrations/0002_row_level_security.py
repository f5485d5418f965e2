from django.db import migrations

from core.tenancy import enable_rls


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [enable_rls("core_streamhead", "core_streamevent")]
