"""A corporate action that was applied to positions is history: PostgreSQL itself refuses to change or delete it."""

from django.db import migrations

from core.db.guards import refuse_row


class Migration(migrations.Migration):
    dependencies = [("instruments", "0004_corporate_actions")]

    operations = [
        refuse_row(
            "corporate_action_applied",
            table="instruments_corporateaction",
            event="UPDATE OR DELETE",
            when="OLD.applied_at IS NOT NULL",
        ),
    ]
