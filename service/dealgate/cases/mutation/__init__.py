"""Rules are disturbed one place at a time, and some case must notice."""
