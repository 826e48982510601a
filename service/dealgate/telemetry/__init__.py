"""OpenTelemetry; wraps ports, and is called by none."""
