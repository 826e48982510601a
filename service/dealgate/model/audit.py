"""Who did, saw or was refused what: entries of the audit log, which the journal keeps."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Audited:
    """One entry.

    `at` is in nanoseconds since the epoch; `method` an RPC or command; `decision_id` "" if it was
    about none, or several; `outcome` "allowed", "refused", or what changed; `unnoted` how many of
    the same sort came before, more often than are noted.
    """

    at: int
    principal: str
    tenant: str
    method: str
    outcome: str
    decision_id: str = ""
    detail: str = ""
    unnoted: int = 0

    def written(self) -> Mapping[str, Any]:
        """Return it for JSON, without what is empty."""
        return {name: value for name, value in asdict(self).items() if value not in {"", 0}}

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> "Audited":
        """Return what `written` made; raises TypeError on anything else."""
        empty = {"principal": "", "tenant": "", "method": "", "outcome": "", "at": 0}
        return cls(**{**empty, **entry})
