"""Work that must not hold up the event loop."""
