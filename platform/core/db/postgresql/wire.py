"""Prepared statements in one round trip, on libpq's pipeline mode.

psycopg's cursors do the same with an object, a parse of the text and a send to the socket for each statement; an
order has some thirty, and spent more time there than PostgreSQL on the answers. Here a statement's text is told to
the server once a connection, its parameters' types follow from where they stand in it, and all that is sent leaves
in one piece.
"""

import re
from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

from psycopg import Connection, errors
from psycopg.adapt import PyFormat, Transformer
from psycopg.generators import fetch_many, send
from psycopg.pq import ExecStatus, TransactionStatus

if TYPE_CHECKING:
    from psycopg.abc import PQGen
    from psycopg.pq.abc import PGresult

Answer = list[tuple[Any, ...]]
# A statement's text and parameters.
Told = tuple[str, Sequence[Any]]

# A statement of which the server knows nothing any more, or another shape than it had: tell all of them anew.
_FORGOTTEN = (errors.InvalidSqlStatementName, errors.FeatureNotSupported)
_PLACEHOLDER = re.compile("%[s%]")


class Wire:
    """One connection with the statements that it has been told."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection
        self._names: dict[str, bytes] = {}
        self._numbers = count(1)

    def run(self, statements: Sequence[Told]) -> list[Answer | None]:
        """The rows of each statement (`%s` for a parameter), None for one that returns none.

        The first that fails raises psycopg's error for it; none behind it runs. In autocommit all of them are one
        transaction.
        """
        connection = self._connection
        dumper = Transformer(connection)
        # Before anything is sent: a value that cannot be told must not leave half of them behind.
        dumped = [
            (sql, dumper.dump_sequence(parameters, [PyFormat.TEXT] * len(parameters)))
            for sql, parameters in statements
        ]
        with connection.lock:
            connection._check_connection_ok()
            results = connection.wait(self._exchange(dumped))
        loader = Transformer(connection)
        answers: list[Answer | None] = []
        for result in results:
            loader.set_pgresult(result)
            has_rows = result.status == ExecStatus.TUPLES_OK
            answers.append(loader.load_rows(0, result.ntuples, tuple) if has_rows else None)
        return answers

    def _exchange(self, statements: Sequence[Told]) -> "PQGen[list[PGresult]]":
        """Send everything, then collect what comes of it; the connection is out of pipeline mode afterwards."""
        pgconn = self._connection.pgconn
        pgconn.enter_pipeline_mode()
        results: list[PGresult] = []
        try:
            sent = self._send(statements)
            yield from send(pgconn)
            while not results or results[-1].status != ExecStatus.PIPELINE_SYNC:
                found = yield from fetch_many(pgconn)
                if not found:
                    raise errors.OperationalError("the server has closed the connection")
                results += found
        except BaseException:
            # Answers may still be on their way, and nobody could tell any more whose they are.
            pgconn.finish()
            raise
        pgconn.exit_pipeline_mode()
        return self._answers(sent, results)

    def _send(self, statements: Sequence[Told]) -> list[str | None]:
        """Hand the statements to libpq; returns, for each result to come, the text that it tells the server.

        None stands for the result of a statement itself.
        """
        pgconn = self._connection.pgconn
        sent: list[str | None] = []
        if pgconn.transaction_status == TransactionStatus.IDLE and not self._connection.autocommit:
            pgconn.send_query_params(b"BEGIN", None)
            sent.append("BEGIN")
        for sql, values in statements:
            if sql not in self._names:
                self._names[sql] = b"sauda_%d" % next(self._numbers)
                pgconn.send_prepare(self._names[sql], _numbered(sql).encode())
                sent.append(sql)
            pgconn.send_query_prepared(self._names[sql], values)
            sent.append(None)
        pgconn.pipeline_sync()
        return sent

    def _answers(self, sent: Sequence[str | None], results: Sequence["PGresult"]) -> list["PGresult"]:
        """The results of the statements themselves; raises for the first that failed."""
        answers = []
        failure = None
        for sql, result in zip(sent, results, strict=False):
            if result.status in (ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED):
                # A text that was not prepared has to be told again.
                self._names.pop(sql or "", None)
                if result.status == ExecStatus.FATAL_ERROR:
                    failure = errors.error_from_result(result, encoding=self._connection.info.encoding)
            elif sql is None:
                answers.append(result)
        if isinstance(failure, _FORGOTTEN):
            self._names.clear()
        if failure is not None:
            raise failure
        return answers


def _numbered(sql: str) -> str:
    """The text as PostgreSQL takes it, with $1, $2 … for parameters."""
    numbers = count(1)
    return _PLACEHOLDER.sub(lambda found: "%" if found[0] == "%%" else f"${next(numbers)}", sql)
