"""PostgreSQL's own guards: tenants apart, history unchangeable, no organisation without an owner."""

from django.db import migrations

from core.db.guards import append_only
from core.tenancy import enable_rls, postgres_sql

HEAD_MOVES_ON = """
CREATE FUNCTION accounts_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_head_moves_on BEFORE UPDATE ON accounts_audithead
    FOR EACH ROW WHEN (NEW.seq IS DISTINCT FROM OLD.seq + 1) EXECUTE FUNCTION accounts_audit_refuse();
CREATE TRIGGER audit_head_stays BEFORE DELETE ON accounts_audithead
    FOR EACH ROW EXECUTE FUNCTION accounts_audit_refuse();
"""

HEAD_MOVES_ON_REVERSE = """
DROP TRIGGER audit_head_stays ON accounts_audithead;
DROP TRIGGER audit_head_moves_on ON accounts_audithead;
DROP FUNCTION accounts_audit_refuse();
"""

# The check looks across tenants on its own account, because at commit the scope of the writer may be gone.
AN_OWNER_REMAINS = """
CREATE FUNCTION accounts_owner_remains() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE scope text := current_setting('sauda.tenant', true);
BEGIN
    PERFORM set_config('sauda.tenant', '*', false);
    IF NOT EXISTS (SELECT 1 FROM accounts_membership
                   WHERE organisation_id = OLD.organisation_id AND role = 'owner')
       AND EXISTS (SELECT 1 FROM accounts_organisation WHERE id = OLD.organisation_id) THEN
        RAISE EXCEPTION 'an organisation keeps at least one owner'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_owner_remains';
    END IF;
    PERFORM set_config('sauda.tenant', coalesce(scope, ''), false);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER membership_owner_remains AFTER UPDATE OR DELETE ON accounts_membership
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.role = 'owner')
    EXECUTE FUNCTION accounts_owner_remains();
"""

AN_OWNER_REMAINS_REVERSE = """
DROP TRIGGER membership_owner_remains ON accounts_membership;
DROP FUNCTION accounts_owner_remains();
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
        postgres_sql(HEAD_MOVES_ON, HEAD_MOVES_ON_REVERSE),
        postgres_sql(AN_OWNER_REMAINS, AN_OWNER_REMAINS_REVERSE),
    ]
