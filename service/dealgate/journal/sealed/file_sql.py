"""Statements of the key store in SQLite."""

BATCH = 10_000
SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tenants (
    tenant TEXT NOT NULL, version INTEGER NOT NULL, wrapped BLOB NOT NULL,
    PRIMARY KEY (tenant, version)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS subjects (
    pseudonym BLOB PRIMARY KEY, tenant TEXT NOT NULL, type TEXT NOT NULL, name BLOB, wrapped BLOB,
    made_at INTEGER NOT NULL, erased_at INTEGER
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS subjects_by_name ON subjects (tenant, name)
    WHERE name IS NOT NULL;
"""
KEEP_META = "INSERT OR IGNORE INTO meta VALUES (?, ?)"
CHANGE_META = "INSERT OR REPLACE INTO meta VALUES (?, ?)"
KEEP_TENANT = "INSERT OR IGNORE INTO tenants (tenant, version, wrapped) VALUES (?, ?, ?)"
CHANGE_TENANT = "INSERT OR REPLACE INTO tenants (tenant, version, wrapped) VALUES (?, ?, ?)"
TENANT = "SELECT version, wrapped FROM tenants WHERE tenant = ? ORDER BY version"
TENANTS = "SELECT DISTINCT tenant FROM tenants ORDER BY 1"
KEEP = """
    INSERT INTO subjects (pseudonym, tenant, type, name, wrapped, made_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant, name) WHERE name IS NOT NULL DO NOTHING
"""
BY_NAME = "SELECT pseudonym, wrapped FROM subjects WHERE tenant = ? AND name = ?"
BY_PSEUDONYM = """
    SELECT pseudonym, wrapped FROM subjects
    WHERE tenant = ? AND pseudonym = ? AND wrapped IS NOT NULL
"""
SUBJECTS = f"""
    SELECT pseudonym, wrapped FROM subjects
    WHERE tenant = ? AND pseudonym > ? AND wrapped IS NOT NULL ORDER BY pseudonym LIMIT {BATCH}
"""  # noqa: S608 - a constant
CHANGE_SUBJECT = "UPDATE subjects SET wrapped = ?2 WHERE pseudonym = ?1 AND wrapped IS NOT NULL"
# Erasing is idempotent, and also applies to a pseudonym that a restored store does not know yet.
ERASE = """
    INSERT INTO subjects (pseudonym, tenant, type, made_at, erased_at) VALUES (?1, ?2, ?3, ?4, ?4)
    ON CONFLICT (pseudonym) DO UPDATE SET name = NULL, wrapped = NULL, erased_at = ?4
    WHERE wrapped IS NOT NULL
"""
NEXT = """
    INSERT INTO meta VALUES (?, '1')
    ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + 1
"""
