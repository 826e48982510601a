"""Dealgate: a rules-driven decision service for sales operations."""

__version__ = "0.1.0"
