"""A decision explained: part by part, with what was missing and what would have flipped it."""
