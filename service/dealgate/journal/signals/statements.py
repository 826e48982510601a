"""The tables that hold the state of signals, and statements that every database reads."""

# ruff: noqa: S608 - statements are built from constants, and from nothing else

EVENT = "tenant = ? AND key = ?"
ENTITY = "tenant = ? AND entity = ?"
WAITING = f"{ENTITY} AND body IS NOT NULL"

TIMES = "SELECT newest, watermark FROM signal_watermarks WHERE tenant = ?"
RAISE = """
INSERT INTO signal_watermarks VALUES (?, ?, ?)
ON CONFLICT (tenant) DO UPDATE SET newest = excluded.newest, watermark = excluded.watermark
"""
KNOWN = f"SELECT count(*) FROM signal_events WHERE {EVENT}"
COUNT_WAITING = f"SELECT count(*) FROM signal_events WHERE {WAITING}"
STATES = f"SELECT states FROM signal_entities WHERE {ENTITY}"
COUNT = "SELECT count(*) FROM signal_entities WHERE tenant = ?"
BEGIN = "INSERT INTO signal_entities VALUES (?, ?, '{}', NULL)"
ARRIVE = "INSERT INTO signal_events VALUES (?, ?, ?, ?, ?, ?)"
DROP_PAST = "DELETE FROM signal_events WHERE tenant = ? AND body IS NULL AND at < ?"
DUE = """
SELECT entity FROM signal_events WHERE tenant = ? AND body IS NOT NULL AND at < ?
UNION SELECT entity FROM signal_entities WHERE tenant = ? AND wake IS NOT NULL AND wake <= ? LIMIT ?
"""
DUE_EVENTS = f"""
SELECT key, at, entity, feed, body FROM signal_events WHERE {WAITING} AND at < ? ORDER BY at, key
"""
DROP_BODIES = f"UPDATE signal_events SET body = NULL WHERE {WAITING} AND at < ?"
# What has come to nothing goes, unless more of it waits for its time.
LEAVE = f"""
DELETE FROM signal_entities WHERE {ENTITY} AND NOT EXISTS (
    SELECT * FROM signal_events AS events WHERE events.tenant = signal_entities.tenant
    AND events.entity = signal_entities.entity AND body IS NOT NULL
) RETURNING 1
"""
ADVANCE = f"UPDATE signal_entities SET states = ?, wake = ? WHERE {ENTITY}"
FIRE = """
INSERT INTO signal_firings (tenant, id, entity, signal, request_type, request)
VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (tenant, id) DO NOTHING
"""
UNTOLD = """
SELECT id, entity, signal, request_type, request, number FROM signal_firings
WHERE tenant = ? ORDER BY number LIMIT ?
"""
TOLD = "DELETE FROM signal_firings WHERE tenant = ? AND number = ?"
ALL_WAITING = "SELECT count(*) FROM signal_events WHERE tenant = ? AND body IS NOT NULL"
ALL_UNTOLD = "SELECT count(*) FROM signal_firings WHERE tenant = ?"
FORGET = tuple(
    f"DELETE FROM {table} WHERE {ENTITY} RETURNING 1"
    for table in ("signal_events", "signal_entities", "signal_firings")
)

TABLES = (
    "signal_schema (version {number} PRIMARY KEY)",
    """signal_watermarks (
        tenant {text} PRIMARY KEY, newest {number} NOT NULL, watermark {number} NOT NULL
    ){plain}""",
    """signal_events (
        tenant {text} NOT NULL, key {text} NOT NULL, at {number} NOT NULL, entity {text} NOT NULL,
        feed {text} NOT NULL, body {data}, PRIMARY KEY (tenant, key)
    ){plain}""",
    """signal_entities (
        tenant {text} NOT NULL, entity {text} NOT NULL, states {text} NOT NULL, wake {number},
        PRIMARY KEY (tenant, entity)
    ){plain}""",
    """signal_firings (
        number {counted}, tenant {text} NOT NULL, id {text} NOT NULL, entity {text} NOT NULL,
        signal {data} NOT NULL, request_type {text} NOT NULL, request {data} NOT NULL,
        UNIQUE (tenant, id)
    )""",
)
INDEXES = (
    "signal_events_due ON signal_events (tenant, at) WHERE body IS NOT NULL",
    "signal_events_of ON signal_events (tenant, entity, at)",
    "signal_events_past ON signal_events (tenant, at) WHERE body IS NULL",
    "signal_entities_due ON signal_entities (tenant, wake) WHERE wake IS NOT NULL",
    "signal_firings_of ON signal_firings (tenant, entity)",
)
FORMAT = 2


UNLESS = "WHERE NOT EXISTS (SELECT * FROM signal_schema)"
VERSION = "SELECT max(version) FROM signal_schema"


def tables(**types: str) -> tuple[str, ...]:
    """Return what creates the tables where types have these names, unless they are there.

    `counted` is a number that the database gives; `plain` ends a table that has its key alone.
    """
    return (
        *(f"CREATE TABLE IF NOT EXISTS {table.format(**types)}" for table in TABLES),
        *(f"CREATE INDEX IF NOT EXISTS {index}" for index in INDEXES),
        f"INSERT INTO signal_schema SELECT {FORMAT} {UNLESS}",
    )
