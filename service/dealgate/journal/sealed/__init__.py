"""A journal around another, which gets nothing personal in the clear."""
