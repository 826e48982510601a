"""A challenger: a version that is tried beside the one that a release names."""

from dataclasses import astuple, dataclass
from decimal import Decimal
from typing import cast


@dataclass(frozen=True, slots=True)
class Challenger:
    """Which version is tried, on whom, and by which terms it will be compared.

    It answers the `share` of entities that `seed` assigns to it; None: it decides beside the
    champion and answers nobody (shadow mode). `planned` is the number of entities at which the
    comparison is to be most exact, `matters` the smallest difference of rates that matters, and
    results count for `window_days` after a decision. With a `cap`, in minor units of `currency`,
    money is compared instead of rates.
    """

    version: int
    sha256: str
    seed: str
    share: Decimal | None
    planned: int
    matters: Decimal
    window_days: int
    cap: int | None = None
    currency: str = ""

    @property
    def terms(self) -> tuple[object, ...]:
        """Return what makes it one experiment: everything but the share, which may change."""
        share_at = 3
        values = astuple(self)
        return values[:share_at] + values[share_at + 1 :]

    def written(self) -> list[object]:
        """Return it as a record keeps it."""
        return [str(value) if isinstance(value, Decimal) else value for value in astuple(self)]


def read_challenger(written: list[object]) -> Challenger:
    """Return what `Challenger.written` wrote."""
    version, sha256, seed, share, planned, matters, days, cap, currency = written
    return Challenger(
        cast("int", version),
        str(sha256),
        str(seed),
        None if share is None else Decimal(str(share)),
        cast("int", planned),
        Decimal(str(matters)),
        cast("int", days),
        cast("int | None", cap),
        str(currency),
    )
