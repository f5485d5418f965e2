"""Row-level security stands behind `.for_actor()`."""

from django.db import migrations

from core.tenancy import enable_rls


class Migration(migrations.Migration):
    dependencies = [("marketdata", "0008_charts_and_datafeed_tokens")]

    operations = [
        enable_rls("marketdata_chartlayout", "marketdata_chartdrawing", "marketdata_datafeedtoken"),
    ]
