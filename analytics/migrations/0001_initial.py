from decimal import Decimal

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_row_level_security"),
        ("instruments", "0007_names_of_breaker_rules"),
        ("portfolio", "0014_contracts_by_portfolio"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CapitalGainsRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("term", models.CharField(choices=[("SHORT", "Short"), ("LONG", "Long")], max_length=5)),
                ("valid_from", models.DateField()),
                (
                    "rate",
                    models.DecimalField(decimal_places=4, help_text="A fraction: 0.125 is 12.5 %.", max_digits=5),
                ),
                ("exemption", models.DecimalField(decimal_places=2, default=Decimal(0), max_digits=12)),
                (
                    "held_months",
                    models.PositiveSmallIntegerField(
                        default=12, help_text="A gain is long-term when shares were held for longer than this."
                    ),
                ),
                ("source", models.CharField(max_length=200)),
            ],
            options={
                "ordering": ["term", "-valid_from"],
                "constraints": [
                    models.UniqueConstraint(fields=("term", "valid_from"), name="gains_rate_once_per_day"),
                    models.CheckConstraint(
                        condition=models.Q(("rate__gte", 0), ("rate__lte", 1)), name="gains_rate_is_a_fraction"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("exemption__gte", 0)), name="gains_exemption_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JournalEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("day", models.DateField()),
                ("opened_by", models.UUIDField(blank=True, null=True)),
                ("closed_by", models.UUIDField(blank=True, null=True)),
                ("title", models.CharField(max_length=120)),
                ("text", models.TextField(blank=True, max_length=5000)),
                (
                    "rating",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="How well it was done, 1 to 5.", null=True
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portfolio.tradingaccount"
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="instruments.instrument",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "journal entries",
                "ordering": ["-day", "-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="JournalPicture",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "content_type",
                    models.CharField(
                        choices=[("image/png", "PNG"), ("image/jpeg", "JPEG"), ("image/webp", "WebP")],
                        max_length=16,
                    ),
                ),
                ("content", models.BinaryField()),
                ("size", models.PositiveIntegerField(help_text="Bytes.")),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("caption", models.CharField(blank=True, max_length=120)),
                ("created_at", models.DateTimeField()),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pictures",
                        to="analytics.journalentry",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "ordering": ["created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="JournalTag",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("name", models.CharField(max_length=32)),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tags",
                        to="analytics.journalentry",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="PerformanceSnapshot",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("day", models.DateField()),
                ("equity_paise", models.BigIntegerField()),
                ("cash_paise", models.BigIntegerField()),
                ("unrealised_paise", models.BigIntegerField()),
                ("gain_paise", models.BigIntegerField()),
                ("charges_paise", models.BigIntegerField()),
                ("deposits_paise", models.BigIntegerField(default=0)),
                ("withdrawals_paise", models.BigIntegerField(default=0)),
                ("traded_paise", models.BigIntegerField(default=0)),
                ("fills", models.PositiveIntegerField(default=0)),
                ("open_positions", models.PositiveIntegerField(default=0)),
                ("unpriced", models.PositiveIntegerField(default=0)),
                ("taken_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="portfolio.tradingaccount"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "ordering": ["-day", "account"],
            },
        ),
        migrations.CreateModel(
            name="ReportingConventions",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "periods_per_year",
                    models.PositiveSmallIntegerField(default=252, help_text="Trading days that make a year."),
                ),
                (
                    "risk_free",
                    models.DecimalField(
                        decimal_places=5,
                        default=Decimal("0.065"),
                        help_text="A year, as a fraction: 0.065 is 6.5 %.",
                        max_digits=6,
                    ),
                ),
                (
                    "confidence",
                    models.DecimalField(
                        decimal_places=4,
                        default=Decimal("0.95"),
                        help_text="Of the value at risk: 0.95 or 0.99.",
                        max_digits=5,
                    ),
                ),
                (
                    "index_key",
                    models.CharField(
                        default="NSE:NIFTY", help_text="What returns are held against.", max_length=60
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "reporting conventions",
            },
        ),
        migrations.AddIndex(
            model_name="journalentry",
            index=models.Index(fields=["account", "-day", "-created_at"], name="journal_by_account"),
        ),
        migrations.AddIndex(
            model_name="journalentry",
            index=models.Index(fields=["organisation", "-day", "-created_at"], name="journal_by_tenant"),
        ),
        migrations.AddConstraint(
            model_name="journalentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("rating__isnull", True), models.Q(("rating__gte", 1), ("rating__lte", 5)), _connector="OR"
                ),
                name="journal_rating_of_five",
            ),
        ),
        migrations.AddConstraint(
            model_name="journalentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_by__isnull", True), ("opened_by__isnull", True)),
                    models.Q(
                        ("closed_by__isnull", False), ("instrument__isnull", False), ("opened_by__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="journal_trade_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="journalpicture",
            constraint=models.CheckConstraint(
                condition=models.Q(("content_type__in", ["image/png", "image/jpeg", "image/webp"])),
                name="journal_picture_type_known",
            ),
        ),
        migrations.AddIndex(
            model_name="journaltag",
            index=models.Index(fields=["organisation", "name"], name="journal_tag_by_name"),
        ),
        migrations.AddConstraint(
            model_name="journaltag",
            constraint=models.UniqueConstraint(fields=("entry", "name"), name="journal_tag_once_an_entry"),
        ),
        migrations.AddIndex(
            model_name="performancesnapshot",
            index=models.Index(fields=["organisation", "-day"], name="snapshot_by_tenant"),
        ),
        migrations.AddConstraint(
            model_name="performancesnapshot",
            constraint=models.UniqueConstraint(fields=("account", "day"), name="snapshot_once_a_day"),
        ),
        migrations.AddConstraint(
            model_name="performancesnapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "equity_paise",
                        django.db.models.expressions.CombinedExpression(
                            models.F("cash_paise"), "+", models.F("unrealised_paise")
                        ),
                    )
                ),
                name="snapshot_equity_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="performancesnapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("deposits_paise__gte", 0), ("traded_paise__gte", 0), ("withdrawals_paise__gte", 0)
                ),
                name="snapshot_amounts_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="reportingconventions",
            constraint=models.CheckConstraint(
                condition=models.Q(("periods_per_year__gte", 200), ("periods_per_year__lte", 366)),
                name="conventions_year_possible",
            ),
        ),
        migrations.AddConstraint(
            model_name="reportingconventions",
            constraint=models.CheckConstraint(
                condition=models.Q(("risk_free__gte", 0), ("risk_free__lt", 1)),
                name="conventions_risk_free_is_a_fraction",
            ),
        ),
        migrations.AddConstraint(
            model_name="reportingconventions",
            constraint=models.CheckConstraint(
                condition=models.Q(("confidence__gte", Decimal("0.5")), ("confidence__lt", 1)),
                name="conventions_confidence_possible",
            ),
        ),
    ]
