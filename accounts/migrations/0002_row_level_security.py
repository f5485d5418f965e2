"""The database's own guards: tenants apart, history unchangeable, no organisation without an owner."""

from django.db import migrations

from core.db.guards import append_only, checked_at_commit, refuse_row
from core.tenancy import enable_rls

NO_OWNER_LEFT = """
    EXISTS (SELECT 1 FROM accounts_organisation WHERE id = OLD.organisation_id)
    AND NOT EXISTS (
        SELECT 1 FROM accounts_membership WHERE organisation_id = OLD.organisation_id AND role = 'owner'
    )
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        enable_rls(
            "accounts_membership",
            "accounts_invitation",
            "accounts_apikey",
            "accounts_auditentry",
            "accounts_audithead",
        ),
        append_only("accounts_auditentry"),
        refuse_row(
            "audit_head_moves_on",
            table="accounts_audithead",
            event="UPDATE",
            when="NEW.seq IS DISTINCT FROM OLD.seq + 1",
        ),
        refuse_row("audit_head_stays", table="accounts_audithead", event="DELETE"),
        checked_at_commit(
            "membership_owner_remains",
            table="accounts_membership",
            event="UPDATE OR DELETE",
            when="OLD.role = 'owner'",
            violated=NO_OWNER_LEFT,
            message="'an organisation keeps at least one owner'",
        ),
    ]
