"""Tables in memory, filled with rows and asked in SQL: the one file that knows DuckDB."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from itertools import count, islice
from types import TracebackType
from typing import Any, Self

import duckdb

Row = Sequence[Any]
LIMITS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": "512MB",
    "enable_external_access": "false",
    # Rows in the clear would be left on a disk, by default in the folder that the server runs in.
    "temp_directory": "",
}
BATCH = 10_000
# Amounts in minor units: 64 bits of whole units have up to four decimals more.
AMOUNT = "HUGEINT"


NUMBERS = count()  # of databases


@cache
def _duckdb(
    limits: tuple[tuple[str, str | bool | int | float | list[str]], ...],
) -> duckdb.DuckDBPyConnection:
    """Return DuckDB with these limits: to start it takes longer than most insights."""
    return duckdb.connect(":memory:", config=dict(limits))


class Tables(AbstractContextManager["Tables"]):
    """A database of one insight's own; nothing of it outlives the block."""

    def __enter__(self) -> Self:
        """Open it; it never touches a disk or the network."""
        self._name = f"insight_{next(NUMBERS)}"
        self._db = _duckdb(tuple(LIMITS.items())).cursor()
        self._db.execute(f"ATTACH ':memory:' AS {self._name}")
        self._db.execute(f"USE {self._name}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Forget everything."""
        self._db.execute("USE memory")
        self._db.execute(f"DETACH {self._name}")
        self._db.close()

    def fill(self, name: str, columns: Mapping[str, str], rows: Iterable[Row]) -> None:
        """Make a table with these columns and types, and put `rows` into it; or MemoryError.

        Whole columns go in at once: a statement a row would take a thousand times as long.
        """
        declared = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        self._db.execute(f"CREATE TABLE {name} ({declared})")
        locations = ", ".join(
            f"unnest(${n}::{kind}[])" for n, kind in enumerate(columns.values(), 1)
        )
        left = iter(rows)
        while batch := list(islice(left, BATCH)):
            values = [list(column) for column in zip(*batch, strict=True)]
            with _in_memory():
                self._db.execute(f"INSERT INTO {name} SELECT {locations}", values)  # ours

    def ask(self, statement: str, bindings: Mapping[str, Any] | None = None) -> Sequence[Row]:
        """Return the rows that a statement finds; `bindings` are its $names."""
        with _in_memory():
            return self._db.execute(statement, dict(bindings or {})).fetchall()


@contextmanager
def _in_memory() -> Iterator[None]:
    """Raise MemoryError if there is too little, which DuckDB tells in several ways."""
    try:
        yield
    except duckdb.Error as error:
        if "memory" in str(error).lower():
            raise MemoryError from error
        raise
