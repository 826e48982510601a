"""What really happened after a decision, as it was reported."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

# Whether a result is a success; those that are neither count in no share.
SUCCESS: Mapping[str, bool] = {
    "WON": True,
    "CONVERTED": True,
    "ACCEPTED": True,
    "RENEWED": True,
    "LOST": False,
    "NOT_CONVERTED": False,
    "REJECTED": False,
    "CHURNED": False,
}


@dataclass(frozen=True, slots=True)
class Result:
    """One revision of a decision's result. Instants are nanoseconds since the epoch, UTC.

    `type` is a name of ResultType without its prefix: "WON". `amount` is in minor units of
    `currency`; None: not known. `revision` counts from 1, and each but the first says `because`.
    """

    tenant: str
    decision_id: str
    revision: int
    type: str
    happened_at: int
    recorded_at: int
    amount: int | None
    currency: str
    reason: str
    recorded_by: str
    because: str

    def says(self, other: "Result") -> bool:
        """Tell whether both say the same, whenever they were recorded."""
        return replace(self, recorded_at=0) == replace(other, recorded_at=0)
