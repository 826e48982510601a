"""What became of decisions: insights computed from recorded decisions and results, with DuckDB."""
