"""Rule files, and the only room that knows YAML."""
