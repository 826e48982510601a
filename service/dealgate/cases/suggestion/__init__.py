"""Which case is missing: facts near an existing case that show what no case shows."""
