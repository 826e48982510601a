"""Archives of a journal as encrypted files of Parquet."""
