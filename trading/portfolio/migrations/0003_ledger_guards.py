"""The ledger guards itself: history can not be changed, and no transaction commits unbalanced."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

POSTGRESQL = """
CREATE FUNCTION portfolio_ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER ledger_transaction_append_only BEFORE UPDATE OR DELETE ON portfolio_ledgertransaction
    FOR EACH ROW EXECUTE FUNCTION portfolio_ledger_refuse();
CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE ON portfolio_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION portfolio_ledger_refuse();
CREATE TRIGGER ledger_transaction_no_truncate BEFORE TRUNCATE ON portfolio_ledgertransaction
    FOR EACH STATEMENT EXECUTE FUNCTION portfolio_ledger_refuse();
CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON portfolio_ledgerentry
    FOR EACH STATEMENT EXECUTE FUNCTION portfolio_ledger_refuse();

-- It looks across tenants on its own account, because at commit the scope of the writer may be gone.
CREATE FUNCTION portfolio_ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    scope text := current_setting('sauda.tenant', true);
    total numeric;
BEGIN
    PERFORM set_config('sauda.tenant', '*', false);
    SELECT sum(amount_paise) INTO total FROM portfolio_ledgerentry WHERE transaction_id = NEW.transaction_id;
    IF total IS DISTINCT FROM 0 THEN
        RAISE EXCEPTION 'ledger transaction % is off by % paise', NEW.transaction_id, total
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transaction_balanced';
    END IF;
    PERFORM set_config('sauda.tenant', coalesce(scope, ''), false);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_transaction_balanced AFTER INSERT ON portfolio_ledgerentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION portfolio_ledger_balanced();
"""

POSTGRESQL_REVERSE = """
DROP TRIGGER ledger_transaction_balanced ON portfolio_ledgerentry;
DROP FUNCTION portfolio_ledger_balanced();
DROP TRIGGER ledger_entry_no_truncate ON portfolio_ledgerentry;
DROP TRIGGER ledger_transaction_no_truncate ON portfolio_ledgertransaction;
DROP TRIGGER ledger_entry_append_only ON portfolio_ledgerentry;
DROP TRIGGER ledger_transaction_append_only ON portfolio_ledgertransaction;
DROP FUNCTION portfolio_ledger_refuse();
"""

TABLES = ("portfolio_ledgertransaction", "portfolio_ledgerentry")


def guard(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """SQLite has no deferred triggers: there `verify_ledger` and the balance row's check find an unbalanced one."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL, params=None)
        return
    for table in TABLES:
        for event in ("UPDATE", "DELETE"):
            schema_editor.execute(
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
            )


def unguard(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the triggers away again."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL_REVERSE, params=None)
        return
    for table in TABLES:
        for event in ("update", "delete"):
            schema_editor.execute(f"DROP TRIGGER {table}_no_{event}")


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0002_row_level_security")]

    operations = [migrations.RunPython(guard, unguard)]
