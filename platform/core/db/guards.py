"""Migration operations by which the database itself keeps history from being rewritten."""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython
from django.db.migrations.state import StateApps

_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION sauda_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


def append_only(*tables: str) -> RunPython:
    """Refuse UPDATE and DELETE of these tables, whoever asks. TRUNCATE stays: test runs empty tables with it."""

    def guard(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(_POSTGRESQL_FUNCTION, None)
            for table in tables:
                schema_editor.execute(
                    f"CREATE TRIGGER {table}_rows BEFORE UPDATE OR DELETE ON {table} "
                    "FOR EACH ROW EXECUTE FUNCTION sauda_append_only()"
                )
            return
        for table in tables:
            for event in ("UPDATE", "DELETE"):
                schema_editor.execute(
                    f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )

    def release(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        for table in tables:
            if schema_editor.connection.vendor == "postgresql":
                schema_editor.execute(f"DROP TRIGGER {table}_rows ON {table}")
            else:
                for event in ("update", "delete"):
                    schema_editor.execute(f"DROP TRIGGER {table}_no_{event}")

    return RunPython(guard, release)
