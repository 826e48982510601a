"""Instants that options name."""

from dealgate.cli.shown import give_up
from dealgate.rulebook.instants import nanoseconds


def instant_of(option: str, text: str) -> int:
    """Return an instant, or the beginning of a UTC date, in ns since the epoch, or leave."""
    instant = nanoseconds(text, date_too=True)
    if instant is None:
        give_up(f"{option} {text}: not a UTC timestamp; use the form 2026-01-31T12:00:00Z")
    return instant
