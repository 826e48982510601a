"""Reports which records can no longer be read: each once, however often it is read."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from dealgate.model.errors import RecordDamaged

MOST = 1000  # damaged records reported; more of them add nothing
log = logging.getLogger(__name__)


class DamageLog:
    """Logs damaged records of one journal."""

    def __init__(self, name: str) -> None:
        """`name` is what the operator calls the journal, without a password."""
        self._name = name
        self._told: set[str] = set()

    def tell(self, damage: RecordDamaged) -> None:
        """Log it, unless it was logged before. From any thread."""
        text = str(damage)
        if text in self._told or len(self._told) >= MOST:
            return
        self._told.add(text)
        log.error("journal %s: %s (%s)", self._name, text, damage.__cause__ or "damaged")

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Log the damage that is met within this block."""
        try:
            yield
        except RecordDamaged as damage:
            self.tell(damage)
            raise
