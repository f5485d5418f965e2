"""How many orders of a combination were larger than the book that the compiled kernel replays for them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("backtests", "0008_option_models")]

    operations = [
        migrations.AddField(
            model_name="cell",
            name="outsized_orders",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="larger than the book of their minute; null where the engine traded them",
                null=True,
            ),
        ),
    ]
