"""Candle imports become imports of any file of market data: bhavcopies and corporate actions are recorded alike."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [
        ("marketdata", "0002_settlement_prices"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="candleimport", name="candle_import_counts_every_row"),
        migrations.RemoveConstraint(model_name="rejectedcandlerow", name="rejected_candle_row_once"),
        migrations.RenameModel(old_name="CandleImport", new_name="FileImport"),
        migrations.RenameModel(old_name="RejectedCandleRow", new_name="RejectedFileRow"),
        migrations.AddField(
            model_name="fileimport",
            name="kind",
            field=models.CharField(
                choices=[
                    ("CANDLES", "Candles"),
                    ("BHAVCOPY", "Bhavcopy"),
                    ("CORPORATE_ACTIONS", "Corporate actions"),
                ],
                default="CANDLES",
                max_length=20,
            ),
        ),
        migrations.AddField(model_name="fileimport", name="skipped", field=models.PositiveIntegerField(default=0)),
        migrations.AlterField(
            model_name="fileimport", name="outside_session", field=models.PositiveIntegerField(default=0)
        ),
        migrations.AddConstraint(
            model_name="fileimport",
            constraint=models.CheckConstraint(
                condition=Q(
                    rows_read=F("inserted")
                    + F("updated")
                    + F("unchanged")
                    + F("skipped")
                    + F("outside_session")
                    + F("duplicates")
                    + F("rejected")
                ),
                name="file_import_counts_every_row",
            ),
        ),
        migrations.AddConstraint(
            model_name="rejectedfilerow",
            constraint=models.UniqueConstraint(fields=("run", "row_number"), name="rejected_file_row_once"),
        ),
    ]
