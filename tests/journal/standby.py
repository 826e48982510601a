"""A PostgreSQL that follows another, and can take its place."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from psycopg import conninfo

from tests.journal.postgres import MEMORY, Postgres

PATIENCE = 60
CONFIRMED = "SELECT sync_state FROM pg_stat_replication"


class Standby:
    """A copy of the data of a server, kept up to date by it."""

    def __init__(self, primary: Postgres, folder: Path) -> None:
        """Copy all of it and follow, so that no commit is confirmed before it is here, too."""
        self._folder, self._owner = folder, primary.owner
        self._programs = primary.programs
        host = str(conninfo.conninfo_to_dict(primary.url)["host"])
        self._run("pg_basebackup", "-h", host, "-U", "postgres", "-R", "-c", "fast")
        self.start()
        primary.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
        primary.ask("SELECT pg_reload_conf()")
        until = time.monotonic() + PATIENCE
        while primary.ask(CONFIRMED) != [("sync",)]:
            assert time.monotonic() < until
            time.sleep(0.02)

    def start(self) -> None:
        """Follow the primary."""
        options = f"-h '' -k {self._folder.parent}"
        self._run("pg_ctl", "-w", "-o", options, "-l", str(self._folder / "log"), "start")

    def stop(self) -> None:
        """Follow no longer, as if its machine had failed."""
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def promote(self) -> None:
        """Become a primary, which waits for nobody."""
        settings = self._folder / "postgresql.auto.conf"
        settings.write_text(settings.read_text() + "\nsynchronous_standby_names = ''\n")
        self._run("pg_ctl", "-w", "promote")

    def url_after(self, url: str) -> str:
        """Return a URL of both servers, for whichever of them can be written."""
        first = str(conninfo.conninfo_to_dict(url)["host"])
        both = url.replace(first, f"{first},{self._folder.parent}")
        return f"{both}&target_session_attrs=read-write"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), "-D", str(self._folder), *arguments]
        subprocess.run(command, check=True, user=self._owner, cwd="/", stdout=subprocess.DEVNULL)


@contextmanager
def following(primary: Postgres) -> Iterator[Standby]:
    """Have a standby within the block."""
    with TemporaryDirectory(
        prefix="dealgate-standby-",
        dir=MEMORY if MEMORY.is_dir() else None,
        ignore_cleanup_errors=True,
    ) as folder:
        primary.give(Path(folder))
        standby = Standby(primary, Path(folder) / "data")
        try:
            yield standby
        finally:
            standby.stop()
