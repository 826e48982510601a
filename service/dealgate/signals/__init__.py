"""Patterns over streams of activities and decisions, in event time: what fires, and when."""
