"""Prepared statements in one round trip, on libpq's pipeline mode.

psycopg's cursors do the same with an object, a parse of the text and a send to the socket for each statement; an
order has some thirty, and spent more time there than PostgreSQL on the answers. Here a statement's text is told to
the server once a connection, its parameters' types follow from where they stand in it, and all that is sent leaves
in one piece.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

from psycopg import Connection, errors
from psycopg.adapt import PyFormat, Transformer
from psycopg.generators import fetch_many, send
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus

if TYPE_CHECKING:
    from psycopg.abc import PQGen
    from psycopg.pq.abc import PGresult

Answer = list[tuple[Any, ...]]

COMMIT = "COMMIT"
# A statement of which the server knows nothing any more, or another shape than it had: tell all of them anew.
_FORGOTTEN = (errors.InvalidSqlStatementName, errors.FeatureNotSupported)
_PLACEHOLDER = re.compile("%[s%]")


class Wire:
    """One connection with the statements that it has been told."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection
        self._names: dict[str, bytes] = {}
        self._numbers = count(1)

    def run(self, statements: Sequence[tuple[str, Sequence[Any]]]) -> list[Answer | None]:
        """The rows of each statement (`%s` for a parameter), None for one that returns none.

        The first that fails raises psycopg's error for it; none behind it runs. Outside of a transaction that the
        connection has been told to begin, all of them are one.
        """
        connection = self._connection
        with connection.lock:
            connection._check_connection_ok()
            results = connection.wait(self._exchange(statements))
        loader = Transformer(connection)
        return [_rows(loader, result) for result in results]

    def _exchange(self, statements: Sequence[tuple[str, Sequence[Any]]]) -> "PQGen[list[PGresult]]":
        """Send everything, then collect what came of it; the connection is out of pipeline mode afterwards."""
        pgconn = self._connection.pgconn
        pgconn.enter_pipeline_mode()
        is_done = False
        try:
            told = self._send(statements)
            yield from send(pgconn)
            results = []
            while True:
                for result in (yield from fetch_many(pgconn)):
                    results.append(result)
                if results[-1].status == ExecStatus.PIPELINE_SYNC:
                    break
            is_done = True
        finally:
            if is_done:
                pgconn.exit_pipeline_mode()
            elif pgconn.status != ConnStatus.BAD:
                # Answers are still on their way, and nobody could tell any more whose they are.
                pgconn.finish()
        return list(self._checked(told, results))

    def _send(self, statements: Sequence[tuple[str, Sequence[Any]]]) -> list[str | None]:
        """Queue the statements; for each answer that will come the text that it tells the server, None for others."""
        pgconn = self._connection.pgconn
        dumper = Transformer(self._connection)
        told: list[str | None] = []
        if pgconn.transaction_status == TransactionStatus.IDLE and not self._connection.autocommit:
            pgconn.send_query_params(b"BEGIN", None)
            told.append("")
        fresh: dict[str, bytes] = {}
        for sql, parameters in statements:
            name = self._names.get(sql) or fresh.get(sql)
            if name is None:
                name = fresh[sql] = b"sauda_%d" % next(self._numbers)
                pgconn.send_prepare(name, _numbered(sql).encode())
                told.append(sql)
            values = dumper.dump_sequence(parameters, [PyFormat.TEXT] * len(parameters))
            pgconn.send_query_prepared(name, values)
            told.append(None)
        pgconn.pipeline_sync()
        self._fresh = fresh
        return told

    def _checked(self, told: Sequence[str | None], results: Sequence["PGresult"]) -> Iterator["PGresult"]:
        """The results of what was asked; remembers what the server has been told, also when something else failed."""
        failure = None
        for sql, result in zip(told, results, strict=False):
            if result.status == ExecStatus.FATAL_ERROR:
                failure = failure or errors.error_from_result(result, encoding=self._connection.info.encoding)
            elif result.status == ExecStatus.PIPELINE_ABORTED:
                continue
            elif sql is None:
                yield result
            elif sql:
                self._names[sql] = self._fresh[sql]
        if isinstance(failure, _FORGOTTEN):
            self._names.clear()
        if failure is not None:
            raise failure


def _numbered(sql: str) -> str:
    """The text as PostgreSQL takes it, with $1, $2 … for parameters."""
    numbers = count(1)
    return _PLACEHOLDER.sub(lambda found: "%" if found[0] == "%%" else f"${next(numbers)}", sql)


def _rows(loader: Transformer, result: "PGresult") -> Answer | None:
    if result.status != ExecStatus.TUPLES_OK:
        return None
    loader.set_pgresult(result)
    return loader.load_rows(0, result.ntuples, tuple)
