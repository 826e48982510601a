"""Work that must not hold up the event loop: bounded queues in front of threads and processes."""
