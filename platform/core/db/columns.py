"""How a model's values become parameters, worked out once a model instead of at every row."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection, models

# psycopg takes their Python values as they are; Django's own conversion would only hand them back.
_AS_THEY_ARE = {
    "BigIntegerField",
    "BooleanField",
    "CharField",
    "DateField",
    "DateTimeField",
    "DecimalField",
    "ForeignKey",
    "IntegerField",
    "OneToOneField",
    "PositiveBigIntegerField",
    "PositiveIntegerField",
    "PositiveSmallIntegerField",
    "SmallIntegerField",
    "TextField",
    "UUIDField",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its `name` and `type` there, its field's name, and how a row's value is had."""

    name: str
    type: str
    field_name: str
    field: Any
    is_direct: bool

    def value(self, row: models.Model, database: Any, *, adding: bool) -> Any:
        """The value as a parameter; fields that set themselves do so here."""
        if self.is_direct:
            return getattr(row, self.field.attname)
        return self.field.get_db_prep_save(self.field.pre_save(row, adding), database)


@cache
def columns_of(model: type[models.Model], vendor: str, *, with_key: bool = False) -> tuple[Column, ...]:
    """The columns that are written, in the order of the model; `with_key` also one that the database numbers."""
    fields = model._meta.concrete_fields
    return tuple(_column(each, vendor) for each in fields if with_key or not isinstance(each, models.AutoField))


def _column(each: Any, vendor: str) -> Column:
    # Without the length: a cast to varchar(40) cuts silently what the column itself refuses.
    kind = (each.rel_db_type(connection) if each.is_relation else each.db_type(connection)).partition("(")[0]
    sets_itself = getattr(each, "auto_now", False) or getattr(each, "auto_now_add", False)
    is_plain = each.get_internal_type() in _AS_THEY_ARE and type(each).__module__.startswith("django.")
    return Column(
        name=each.column,
        type=kind,
        field_name=each.name,
        field=each,
        is_direct=vendor == "postgresql" and is_plain and not sets_itself,
    )
