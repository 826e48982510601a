"""A journal around any journal, which is told nothing personal in the clear."""
