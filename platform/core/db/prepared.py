"""Queries that the ORM compiles once per process instead of at every call, and that are asked several at a time.

On the way of an order Django takes longer to write its SQL than PostgreSQL to answer it. A `Prepared` query is
written with the ORM like any other and compiled once, with marks in place of its arguments; a call puts values
where the marks were. What comes back is what the queryset would give: instances with their relations, or rows
of values. `ask` sends several questions in one round trip.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

from core.db import writes
from core.db.pipeline import Statement

Row = TypeVar("Row")

# Values that no query holds of itself; each argument gets one of its kind.
_MARKS: dict[type, Callable[[int], Any]] = {
    UUID: lambda number: UUID(int=0xFACADE_0000 + number),
    int: lambda number: 2_000_000_011 + number,
    str: lambda number: f"\N{BLACK STAR}{number}\N{BLACK STAR}",
    date: lambda number: date(9990, 1, number + 1),
    datetime: lambda number: datetime(9990, 1, number + 1, tzinfo=UTC),
}

# How a backend may spell a value: as it is, or, in SQLite, as text.
_SPELLINGS: tuple[Callable[[Any], Any], ...] = (
    lambda value: value,
    lambda value: value.hex if isinstance(value, UUID) else value,
    lambda value: connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value,
    str,
)


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where an argument goes among the parameters, and how it is spelt there."""

    place: int
    name: str
    spell: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Plan:
    queryset: QuerySet[Any, Any]
    compiler: SQLCompiler
    sql: str
    parameters: tuple[Any, ...]
    slots: tuple[_Slot, ...]
    converters: Any


class Question(Generic[Row]):
    """A prepared query with its arguments, not asked yet."""

    def __init__(self, plan: _Plan, values: dict[str, Any]) -> None:
        # What two questions have in common that are the same.
        self.name = (id(plan), *sorted(values.items()))
        parameters = list(plan.parameters)
        for slot in plan.slots:
            parameters[slot.place] = slot.spell(values[slot.name])
        self.statement = Statement(plan.sql, parameters)
        self._plan = plan

    def rows(self, answer: Sequence[tuple[Any, ...]]) -> list[Row]:
        """What the queryset makes of the database's answer."""
        if not answer:
            return []
        compiler = copy(self._plan.compiler)
        # Compiled by one thread, read by any.
        compiler.connection = connection
        vars(compiler)["execute_sql"] = lambda *_, **__: [answer]
        vars(compiler)["get_converters"] = lambda _: self._plan.converters
        queryset = self._plan.queryset.all()
        vars(queryset.query)["get_compiler"] = lambda *_, **__: compiler
        return list(queryset)


class Prepared(Generic[Row]):
    """A query as a function of its arguments, each named with its type: `Prepared(build, account_id=UUID)`.

    `build` is called once, with marks; it must use every argument as the plain value of a filter or expression.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]], **kinds: type) -> None:
        self._build = build
        self._kinds = kinds
        self._plans: dict[str, _Plan] = {}

    def __call__(self, **values: Any) -> list[Row]:
        """Ask now, unless the question was asked ahead."""
        question = self.question(**values)
        ahead = writes.answers_ahead()
        if ahead is not None and question.name in ahead:
            return question.rows(ahead.pop(question.name))
        return ask(question)[0]

    def first(self, **values: Any) -> Row | None:
        """The first row. Nothing limits the query, so it should have one at most."""
        return next(iter(self(**values)), None)

    def question(self, **values: Any) -> Question[Row]:
        """To be asked together with others."""
        plan = self._plans.get(connection.vendor)
        if plan is None:
            plan = self._plans[connection.vendor] = self._compile()
        return Question(plan, values)

    def _compile(self) -> _Plan:
        marks = {name: _MARKS[kind](number) for number, (name, kind) in enumerate(self._kinds.items())}
        queryset = self._build(**marks)
        compiler = queryset.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        slots = tuple(_slots(parameters, marks))
        missing = marks.keys() - {slot.name for slot in slots}
        if missing:
            raise ValueError(f"the query does not use {', '.join(sorted(missing))} as a plain value")
        columns = [column for column, *_ in (compiler.select or ())]
        return _Plan(queryset, compiler, sql, tuple(parameters), slots, compiler.get_converters(columns))


def ask(*questions: Question[Any]) -> list[list[Any]]:
    """The rows of each question, in their order. Later ones see what earlier ones waited for, such as a lock."""
    answers = writes.sent_with([question.statement for question in questions])
    return [question.rows(answer) for question, answer in zip(questions, answers, strict=True)]


@contextmanager
def asked_ahead(*questions: Question[Any]) -> Iterator[None]:
    """Ask several questions in one round trip now; who asks one of them in the block gets that answer, once.

    For services that lock first and read what they locked behind it. The first write that is sent in the block
    forgets the answers that nobody has fetched, since it may have changed them.
    """
    answers = writes.sent_with([question.statement for question in questions])
    ahead = {question.name: answer for question, answer in zip(questions, answers, strict=True)}
    with writes.answered_ahead(ahead):
        yield


def _slots(parameters: Sequence[Any], marks: dict[str, Any]) -> Iterator[_Slot]:
    for place, parameter in enumerate(parameters):
        for name, mark in marks.items():
            spell = next((spell for spell in _SPELLINGS if _is(parameter, spell(mark))), None)
            if spell is not None:
                yield _Slot(place, name, spell)
                break


def _is(parameter: Any, mark: Any) -> bool:
    return type(parameter) is type(mark) and bool(parameter == mark)
