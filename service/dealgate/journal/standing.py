"""A journal's state: whether decisions can be stored now; changes are logged."""

import logging
from threading import Lock

log = logging.getLogger(__name__)


class JournalHealth:
    """What keeps a journal from being written, if anything does. Used from several threads."""

    def __init__(self, name: str) -> None:
        """`name` is what the operator calls the journal."""
        self._name = name
        self._lock = Lock()
        self._fault: str | None = None

    @property
    def fault(self) -> str | None:
        """Why decisions cannot be kept, for the operator; None: they can be."""
        return self._fault

    def failed(self, fault: str, error: Exception | None = None) -> None:
        """Log that decisions cannot be kept, and why; not for each of thousands a second."""
        with self._lock:
            is_news, self._fault = self._fault is None, fault
        if is_news:
            log.error("journal %s: cannot be written: %s", self._name, fault, exc_info=error)

    def worked(self) -> None:
        """Log that decisions can be kept again, if they could not."""
        with self._lock:
            is_news, self._fault = self._fault is not None, None
        if is_news:
            log.warning("journal %s: can be written again", self._name)
