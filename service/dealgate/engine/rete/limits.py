"""What a child may take, known on both sides: it loads nothing, so that a child starts at once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Deadlines in seconds, and the calls or bytes after which a child is replaced."""

    start: float = 20.0
    build: float = 10.0
    call: float = 2.0
    calls: int = 1_000_000
    resident: int = 256 * 2**20
