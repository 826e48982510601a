"""The journal of many servers: PostgreSQL, with group commit in each."""
