"""Statements of the key store in PostgreSQL; its tables are in a schema of their own."""

BATCH = 10_000
SCHEMA = (
    "CREATE SCHEMA IF NOT EXISTS dealgate_keys",
    """CREATE TABLE IF NOT EXISTS dealgate_keys.meta (
        name TEXT COLLATE "C" PRIMARY KEY, value TEXT NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS dealgate_keys.tenants (
        tenant TEXT COLLATE "C" NOT NULL, version INTEGER NOT NULL, wrapped BYTEA NOT NULL,
        PRIMARY KEY (tenant, version)
    )""",
    """CREATE TABLE IF NOT EXISTS dealgate_keys.subjects (
        pseudonym BYTEA PRIMARY KEY, tenant TEXT COLLATE "C" NOT NULL, type TEXT NOT NULL,
        name BYTEA, wrapped BYTEA, made_at BIGINT NOT NULL, erased_at BIGINT
    )""",
    """CREATE UNIQUE INDEX IF NOT EXISTS subjects_by_name
        ON dealgate_keys.subjects (tenant, name) WHERE name IS NOT NULL""",
)
IS_THERE = "SELECT to_regclass('dealgate_keys.subjects_by_name') IS NOT NULL"
META = "SELECT value FROM dealgate_keys.meta WHERE name = %s"
# Until the end of the transaction nobody replaces tenants' keys.
META_HELD = META + " FOR SHARE"
FIRST_META = "INSERT INTO dealgate_keys.meta VALUES (%s, %s) ON CONFLICT DO NOTHING"
KEEP_META = """
    INSERT INTO dealgate_keys.meta VALUES (%s, %s)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""
NEXT = """
    INSERT INTO dealgate_keys.meta AS kept VALUES (%s, '1')
    ON CONFLICT (name) DO UPDATE SET value = (kept.value::bigint + 1)::text
"""
KEEP_TENANT = "INSERT INTO dealgate_keys.tenants VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
CHANGE_TENANT = """
    INSERT INTO dealgate_keys.tenants VALUES (%s, %s, %s)
    ON CONFLICT (tenant, version) DO UPDATE SET wrapped = excluded.wrapped
"""
TENANT = "SELECT version, wrapped FROM dealgate_keys.tenants WHERE tenant = %s ORDER BY version"
TENANTS = "SELECT DISTINCT tenant FROM dealgate_keys.tenants ORDER BY 1"
KEEP = """
    INSERT INTO dealgate_keys.subjects (pseudonym, tenant, type, name, wrapped, made_at)
    VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (tenant, name) WHERE name IS NOT NULL DO NOTHING
"""
BY_NAMES = """
    SELECT name, pseudonym, wrapped FROM dealgate_keys.subjects
    WHERE tenant = %s AND name = ANY(%s)
"""
BY_PSEUDONYMS = """
    SELECT pseudonym, wrapped FROM dealgate_keys.subjects
    WHERE tenant = %s AND pseudonym = ANY(%s) AND wrapped IS NOT NULL
"""
SUBJECTS = f"""
    SELECT pseudonym, wrapped FROM dealgate_keys.subjects
    WHERE tenant = %s AND pseudonym > %s AND wrapped IS NOT NULL ORDER BY pseudonym LIMIT {BATCH}
"""  # noqa: S608 - a constant
CHANGE_SUBJECT = """
    UPDATE dealgate_keys.subjects SET wrapped = %s WHERE pseudonym = %s AND wrapped IS NOT NULL
"""
ERASE = """
    INSERT INTO dealgate_keys.subjects AS kept (pseudonym, tenant, type, made_at, erased_at)
    VALUES (%(pseudonym)s, %(tenant)s, %(type)s, %(at)s, %(at)s)
    ON CONFLICT (pseudonym) DO UPDATE SET name = NULL, wrapped = NULL, erased_at = %(at)s
    WHERE kept.wrapped IS NOT NULL
"""
COUNT = "SELECT count(wrapped), count(*) FROM dealgate_keys.subjects"
# In this order everybody locks.
TABLES = "dealgate_keys.meta, dealgate_keys.tenants, dealgate_keys.subjects"
