"""How the schema of a journal came to be, in steps that alembic applies in order."""
