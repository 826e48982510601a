"""SQL that SQLite and PostgreSQL both read; `?` stands for a value."""

# Of the tables, and of how facts in them are written.
CLEAR, SEALED = 1, 2
MISMATCH = {
    (CLEAR, SEALED): "holds encrypted facts, and the journal has no keys",
    (
        SEALED,
        CLEAR,
    ): "holds facts in the clear, but the journal is encrypted; use a new store",
}
NEWER = "was written by a newer Dealgate; upgrade this one"
# An instant later than every one before it: writers for a tenant wait here for their turn.
TICK = """
    INSERT INTO fact_clock (tenant, last) VALUES (?, ?) ON CONFLICT (tenant) DO UPDATE SET last =
    CASE WHEN fact_clock.last >= excluded.last THEN fact_clock.last + 1 ELSE excluded.last END
    RETURNING last
"""
ENTITY = "tenant = ? AND type = ? AND id = ?"
# ruff: noqa: S608 - statements are built from constants, and from nothing else
NEWEST = f"""
    SELECT revision, known_at, data, instants FROM fact_revisions
    WHERE {ENTITY} AND known_at <= ? ORDER BY revision DESC LIMIT 1
"""
ADD_REVISION = """
    INSERT INTO fact_revisions (tenant, type, id, revision, known_at, data, instants)
    VALUES (?, ?, ?, ?, ?, ?, ?)
"""
DROP_REVISIONS = f"DELETE FROM fact_revisions WHERE {ENTITY} AND revision <= ?"
KEY = "SELECT hash, revision, known_at FROM fact_keys WHERE tenant = ? AND key = ?"
ADD_KEY = """
    INSERT INTO fact_keys (tenant, key, type, id, revision, known_at, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?)
"""
DROP_KEYS = "DELETE FROM fact_keys WHERE tenant = ? AND known_at < ?"
ACTIVITY = f"SELECT known_at, data FROM fact_activities WHERE {ENTITY} AND activity = ?"
ADD_ACTIVITY = """
    INSERT INTO fact_activities (tenant, type, id, activity, at, known_at, data)
    VALUES (?, ?, ?, ?, ?, ?, ?)
"""
COUNT = f"SELECT count(*) FROM fact_activities WHERE {ENTITY}"
VISIBLE = f"{ENTITY} AND at <= ? AND known_at <= ?"
COUNT_VISIBLE = f"SELECT count(*) FROM fact_activities WHERE {VISIBLE}"
ACTIVITIES = f"""
    SELECT activity, at, known_at, data FROM fact_activities
    WHERE {VISIBLE} AND (at < ? OR (at = ? AND activity < ?))
    ORDER BY at DESC, activity DESC LIMIT ?
"""
ENTITIES = """
    SELECT id FROM (
        SELECT DISTINCT id FROM fact_revisions WHERE tenant = ? AND type = ? AND id > ?
        ORDER BY id LIMIT ?
    ) AS with_facts
    UNION SELECT id FROM (
        SELECT DISTINCT id FROM fact_activities WHERE tenant = ? AND type = ? AND id > ?
        ORDER BY id LIMIT ?
    ) AS with_activities
    ORDER BY id LIMIT ?
"""
ANY_DATA = f"""
    SELECT data FROM (SELECT data FROM fact_revisions WHERE {ENTITY} LIMIT 1) AS of_facts
    UNION ALL SELECT data FROM (SELECT data FROM fact_activities WHERE {ENTITY} LIMIT 1) AS done
    LIMIT 1
"""
COUNT_REVISIONS = f"SELECT count(*) FROM fact_revisions WHERE {ENTITY}"
FORGET = tuple(
    f"DELETE FROM {table} WHERE {ENTITY}"
    for table in ("fact_revisions", "fact_activities", "fact_keys")
)

TYPES = """
    SELECT tenant, type FROM fact_revisions UNION SELECT tenant, type FROM fact_activities
    ORDER BY tenant, type
"""
OF_TYPE = "tenant = ? AND type = ?"
SAME = " AND ".join(f"n.{column} = fact_revisions.{column}" for column in ("tenant", "type", "id"))
OLD_ACTIVITIES = f"""
    DELETE FROM fact_activities WHERE {OF_TYPE} AND known_at < ? AND at < ? RETURNING 1
"""
REPLACED = f"""
    DELETE FROM fact_revisions WHERE {OF_TYPE} AND EXISTS (
        SELECT 1 FROM fact_revisions AS n
        WHERE {SAME} AND n.revision > fact_revisions.revision AND n.known_at < ?
    ) RETURNING 1
"""
QUIET = f"""
    DELETE FROM fact_revisions WHERE {OF_TYPE} AND known_at < ?
    AND NOT EXISTS (
        SELECT 1 FROM fact_revisions AS n WHERE {SAME} AND n.revision > fact_revisions.revision
    )
    AND NOT EXISTS (SELECT 1 FROM fact_activities AS n WHERE {SAME}) RETURNING 1
"""
OLD_KEYS = f"DELETE FROM fact_keys WHERE {OF_TYPE} AND known_at < ?"

TABLES = (
    "fact_schema (version {number} PRIMARY KEY)",
    "fact_clock (tenant {text} PRIMARY KEY, last {number} NOT NULL)",
    """fact_revisions (
        tenant {text} NOT NULL, type {text} NOT NULL, id {text} NOT NULL,
        revision {number} NOT NULL, known_at {number} NOT NULL,
        data {data} NOT NULL, instants {text} NOT NULL,
        PRIMARY KEY (tenant, type, id, revision)
    )""",
    """fact_activities (
        tenant {text} NOT NULL, type {text} NOT NULL, id {text} NOT NULL,
        activity {text} NOT NULL, at {number} NOT NULL, known_at {number} NOT NULL,
        data {data} NOT NULL,
        PRIMARY KEY (tenant, type, id, activity)
    )""",
    """fact_keys (
        tenant {text} NOT NULL, key {text} NOT NULL, type {text} NOT NULL, id {text} NOT NULL,
        revision {number} NOT NULL, known_at {number} NOT NULL, hash {data} NOT NULL,
        PRIMARY KEY (tenant, key)
    )""",
)
INDEXES = (
    "fact_activities_at ON fact_activities (tenant, type, id, at, activity)",
    "fact_keys_entity ON fact_keys (tenant, type, id)",
    "fact_keys_age ON fact_keys (tenant, known_at)",
)


def tables(text: str, number: str, data: str) -> tuple[str, ...]:
    """Return what creates the tables where types have these names, unless they are there."""
    made = [table.format(text=text, number=number, data=data) for table in TABLES]
    return (
        *(f"CREATE TABLE IF NOT EXISTS {table}" for table in made),
        *(f"CREATE INDEX IF NOT EXISTS {index}" for index in INDEXES),
    )
