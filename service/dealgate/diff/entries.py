"""What differs between two versions: entries, each with examples."""

from dataclasses import dataclass, field

from dealgate.diff.areas import Region
from dealgate.model.rules import AnyRuleSet
from dealgate.proof.witness import Witness

ADDED, REMOVED, CHANGED, MOVED, REWORDED = "added", "removed", "changed", "moved", "reworded"


@dataclass(frozen=True, slots=True)
class RegionExample:
    """A region, and what each version answers on facts in it; without a witness, nothing.

    `old` and `new` are the outcomes in one word; `details` are the fields that differ if it is
    the same word.
    """

    region: Region
    witness: Witness | None = None
    old: str = ""
    new: str = ""
    details: tuple[str, ...] = ()

    @property
    def parts(self) -> bool:
        """Whether the two versions answer otherwise."""
        return self.old != self.new or bool(self.details)


@dataclass(frozen=True, slots=True)
class Entry:
    """One difference: of a "rule", "constant", "fact", "parameter", "table", or of "answers".

    `lines` say it in words; `because` says what its author says, where that changed. `unknown`
    says why the facts on which the versions part are not known.
    """

    sort: str
    name: str
    change: str
    lines: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    shown: tuple[RegionExample, ...] = ()
    more: int = 0
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs from `old` to `new`."""

    old: AnyRuleSet
    new: AnyRuleSet
    entries: tuple[Entry, ...] = field(default=())

    @property
    def is_none(self) -> bool:
        """Whether both mean the same: at most, the same is said in other words."""
        return all(entry.change == REWORDED for entry in self.entries)
