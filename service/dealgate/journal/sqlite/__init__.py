"""The embedded journal: SQLite with group commit."""
