"""How much a journal queues, remembers and postpones."""

from dataclasses import dataclass
from datetime import timedelta

from dealgate.journal.chain import Sign


@dataclass(frozen=True, slots=True)
class Limits:
    """The defaults suit a server.

    `queue`: appends that may wait; one more is shed with Overloaded. `key_lifetime`: how long an
    idempotency key is remembered at least, by the `decided_at` of later decisions; a key that was
    forgotten is new, and its question is decided again. `pace`: after a commit of several decisions
    the next one begins no sooner than this after it began. `scan`: candidates one page of `find`
    looks at. The rest say after how many unindexed decisions, records, and pages of log (4 KiB)
    the housekeeper indexes, trains its first dictionary, and checkpoints. `sign` signs the links
    of the journal's chain.
    """

    queue: int = 4096
    pace: timedelta = timedelta(milliseconds=3)
    key_lifetime: timedelta = timedelta(hours=24)
    scan: int = 5000
    index_after: int = 2000
    train_after: int = 1000
    checkpoint_pages: int = 1000
    sign: Sign | None = None

    @property
    def key_nanoseconds(self) -> int:
        """`key_lifetime` in nanoseconds."""
        return self.key_lifetime // timedelta(microseconds=1) * 1000


DEFAULTS = Limits()
