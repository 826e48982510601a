"""Connections to a journal in PostgreSQL, with the settings that durability depends on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import psycopg
from psycopg import conninfo

from dealgate.journal.errors import JournalUnusable

# A schema of our own: a database may serve others, too.
SCHEMA = "dealgate"
SECONDS = 5  # to connect, and for any statement of a commit
# A commit locks, then reads: in a snapshot from before the lock it would miss what another server
# has just committed. So a database whose default is another isolation changes nothing.
OPTIONS = (
    f"-c search_path={SCHEMA} -c statement_timeout=60s -c timezone=UTC"
    r" -c default_transaction_isolation=read\ committed"
)
DURABLE = {
    "fsync": {"on"},
    "full_page_writes": {"on"},
    "synchronous_commit": {"on", "remote_apply"},
}

Connection: TypeAlias = psycopg.Connection[Any]


def without_password(url: str) -> str:
    """Return the URL as libpq reads it, less its password, which goes where libpq looks for it.

    So processes that this one starts can connect, and nothing that travels to them holds it.
    """
    try:
        options = conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise JournalUnusable("the journal's URL is not one that PostgreSQL can read") from error
    password = options.pop("password", None)
    if password is not None:
        os.environ["PGPASSWORD"] = str(password)
    return conninfo.make_conninfo("", **options)


def connect(name: str, password: str | None = None) -> Connection:
    """Connect; raises psycopg.Error. Each statement is a transaction, unless one is begun.

    Without a password libpq finds one, if it needs any.
    """
    return psycopg.connect(
        name,
        password=password,
        autocommit=True,
        connect_timeout=SECONDS,
        application_name="dealgate-journal",
        options=OPTIONS,
        # After a silent loss of the network, replies would never come.
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
        tcp_user_timeout=10_000,
    )


def connect_writing(name: str, password: str | None = None) -> Connection:
    """Connect for writing; raise JournalUnusable if a commit would not be durable."""
    db = connect(name, password)
    with closed_unless_ready(db):
        db.execute("SET synchronous_commit = on")
        # A client that stops in the middle of a commit must not block others for ever.
        db.execute(f"SET idle_in_transaction_session_timeout = '{SECONDS}s'")
        db.execute(f"SET lock_timeout = '{SECONDS}s'")
        for setting, safe in DURABLE.items():
            row = db.execute("SELECT current_setting(%s)", (setting,)).fetchone()
            if row is None or row[0] not in safe:
                raise JournalUnusable(
                    f"this PostgreSQL may lose what it has committed ({setting} is not on); "
                    "set it in postgresql.conf"
                )
    return db


@contextmanager
def closed_unless_ready(db: Connection) -> Iterator[None]:
    """Close the connection if the block, which makes it ready, fails: nobody else would."""
    try:
        yield
    except BaseException:
        db.close()
        raise
