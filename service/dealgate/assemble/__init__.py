"""Settings in, server out: the only place where rooms are joined."""
