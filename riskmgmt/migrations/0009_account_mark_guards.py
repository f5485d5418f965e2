from django.db import migrations

from core.db.guards import refuse_row
from core.tenancy import enable_rls


class Migration(migrations.Migration):
    dependencies = [("riskmgmt", "0008_account_marks")]
    operations = [
        enable_rls("riskmgmt_accountmark", "riskmgmt_limitwarning"),
        refuse_row("riskmgmt_mark_no_update", table="riskmgmt_accountmark", event="UPDATE"),
        # Retention deletes what is old; the last day is nobody's to delete.
        refuse_row(
            "riskmgmt_mark_no_delete",
            table="riskmgmt_accountmark",
            event="DELETE",
            when="OLD.minute > now() - interval '1 day'",
        ),
    ]
