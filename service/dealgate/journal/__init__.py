"""Remembers every decision."""
