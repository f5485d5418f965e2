"""Migration operations by which the database itself keeps history from being rewritten, and sums right."""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython
from django.db.migrations.operations import RunSQL
from django.db.migrations.state import StateApps

from core.tenancy import postgres_sql

_REFUSE = """
CREATE OR REPLACE FUNCTION sauda_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


def append_only(*tables: str, truncate: bool = True) -> RunPython:
    """Refuse UPDATE and DELETE of these tables, whoever asks; with `truncate=False`, TRUNCATE on PostgreSQL too."""

    def guard(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        if schema_editor.connection.vendor != "postgresql":
            for table in tables:
                for event in ("UPDATE", "DELETE"):
                    schema_editor.execute(
                        f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                    )
            return
        schema_editor.execute(_REFUSE, None)
        for table in tables:
            schema_editor.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION sauda_append_only()"
            )
            if not truncate:
                schema_editor.execute(
                    f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION sauda_append_only()"
                )

    def release(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        postgresql = schema_editor.connection.vendor == "postgresql"
        for table in tables:
            for name in ("append_only", "no_truncate") if postgresql else ("no_update", "no_delete"):
                where = f" ON {table}" if postgresql else ""
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}{where}")

    return RunPython(guard, release)


def append_only_restored(*tables: str) -> RunPython:
    """Put `append_only` back where a migration before this one has changed such a table.

    SQLite changes a table by copying it, and its triggers stay behind with the old one. PostgreSQL keeps them.
    """

    def restore(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        if schema_editor.connection.vendor == "postgresql":
            return
        for table in tables:
            for event in ("update", "delete"):
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{event}")
        append_only(*tables).code(apps, schema_editor)

    return RunPython(restore, RunPython.noop)


def refuse_row(name: str, *, table: str, event: str, when: str = "true") -> RunSQL:
    """Refuse on PostgreSQL what `append_only` would, but only for rows that meet the SQL condition `when`."""
    return postgres_sql(
        f"{_REFUSE};"
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
        f"FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION sauda_append_only();",
        f"DROP TRIGGER {name} ON {table}",
    )


def checked_at_commit(
    name: str, *, table: str, event: str, violated: str, message: str, when: str = "true"
) -> RunSQL:
    """A deferred constraint trigger on PostgreSQL, for what only the whole transaction can fulfil.

    `violated` is an SQL condition and `message` an SQL text, both over the row's NEW or OLD; `when` picks the rows.
    The check looks across tenants on its own account, because at commit the scope of the writer may be gone.
    """
    return postgres_sql(
        f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE scope text := current_setting('sauda.tenant', true);
        BEGIN
            PERFORM set_config('sauda.tenant', '*', false);
            IF {violated} THEN
                RAISE EXCEPTION USING MESSAGE = {message}, ERRCODE = 'check_violation', CONSTRAINT = '{name}';
            END IF;
            PERFORM set_config('sauda.tenant', coalesce(scope, ''), false);
            RETURN NULL;
        END $$;
        CREATE CONSTRAINT TRIGGER {name} AFTER {event} ON {table}
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}();
        """,
        f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}();",
    )
