import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    initial = True

    dependencies = [("instruments", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Candle",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "instrument_id", "start", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="instruments.instrument",
                    ),
                ),
                ("start", models.DateTimeField()),
                ("open", models.DecimalField(decimal_places=4, max_digits=14)),
                ("high", models.DecimalField(decimal_places=4, max_digits=14)),
                ("low", models.DecimalField(decimal_places=4, max_digits=14)),
                ("close", models.DecimalField(decimal_places=4, max_digits=14)),
                ("volume", models.BigIntegerField(default=0)),
                ("oi", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(
                            low__gt=0,
                            high__gte=F("low"),
                            open__gte=F("low"),
                            open__lte=F("high"),
                            close__gte=F("low"),
                            close__lte=F("high"),
                        ),
                        name="candle_prices_are_possible",
                    ),
                    models.CheckConstraint(
                        condition=Q(volume__gte=0, oi__gte=0), name="candle_volume_not_negative"
                    ),
                ],
            },
        ),
    ]
