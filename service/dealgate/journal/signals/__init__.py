"""What is kept of signals, in a file of SQLite or in PostgreSQL."""
