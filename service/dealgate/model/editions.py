"""Which catalog is in use since when, and what came of changes in the rules folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from dealgate.model.faults import Fault

# Who reads editions says what it needs of a catalog.
Catalog_co = TypeVar("Catalog_co", covariant=True)


class Outcome(StrEnum):
    """What came of a change in the rules folder."""

    TAKEN = "taken"
    REFUSED = "refused"
    REVERTED = "reverted"


@dataclass(frozen=True, slots=True)
class Reload:
    """What came of the last change and when (ns).

    `faults` are why it was refused; of one that was taken, the drafts and stray files left out.
    `seconds` is how long the folder was read, checked and compiled.
    """

    at: int
    outcome: Outcome
    faults: Sequence[Fault] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Edition(Generic[Catalog_co]):
    """A catalog that was taken into use at `taken_at` (ns); numbers grow by one.

    `seen` is the fingerprint of the folder it was read from.
    """

    number: int
    catalog: Catalog_co
    taken_at: int
    seen: str = ""


class Editions(Protocol[Catalog_co]):
    """The catalog in use, and what came of the last change in the rules folder."""

    @property
    def edition(self) -> Edition[Catalog_co]:
        """Read it once for all that must belong together."""

    @property
    def last(self) -> Reload:
        """At first: of reading the folder."""
