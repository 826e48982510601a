"""Decisions and results on their way out, as CloudEvents, to brokers, webhooks and files."""
