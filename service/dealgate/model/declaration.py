"""What kind.yaml declares: the facts of a kind, its outcome, and how claims are folded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypeAlias

from dealgate.model.declared_messages import Group
from dealgate.model.properties import Property
from dealgate.model.splitting import Split

FACT = "fact"
OPEN = "open"  # the outcome's fields that an undecided rule could still change
Bands: TypeAlias = tuple[str, Sequence[tuple[Decimal, str]]]


@dataclass(frozen=True, slots=True)
class Declaration:
    """What kind.yaml says.

    `folds` has the fold of each field of the outcome; `word` is the one that names it, its values
    gravest first. `unknown` is the word if what is undecided could be graver,
    `nothing` if no rule claims any; `clamp` holds a number at or below another. `meaning` is all of
    it but reasons: the digest of a version covers that. `bands` are of fields that no rule claims:
    the number that each follows from, and from how much on it has which value, highest first;
    `splits` of those that divide a whole.
    """

    name: str
    because: str
    entity: str
    facts: Group
    required: Sequence[str]
    limits: Mapping[str, int]
    word: str
    outcome: Mapping[str, Property]
    folds: Mapping[str, str]
    unknown: str
    nothing: str
    clamp: Mapping[str, str] = field(default_factory=dict)
    meaning: str = ""
    bands: Mapping[str, Bands] = field(default_factory=dict)
    splits: Mapping[str, Split] = field(default_factory=dict)

    @property
    def told(self) -> Mapping[str, str]:
        """The fields that named facts of the rules say, with their types."""
        told = {name: self.outcome[name] for name, fold in self.folds.items() if fold == FACT}
        return {name: f"list({of.type})" if of.many else of.type for name, of in told.items()}

    @property
    def claimed(self) -> Mapping[str, Property]:
        """The fields that rules claim; others follow from them."""
        follow = {*self.bands, *self.splits, *self.told}
        return {name: of for name, of in self.outcome.items() if name not in follow}

    @property
    def answered(self) -> Group:
        """The fields of an outcome as it is answered."""
        fields: dict[str, Property | Group] = {
            name: replace(of, many=of.many or self.folds[name] == "collect")
            for name, of in self.outcome.items()
        }
        for name, split in self.splits.items():
            fields[name] = split.fields(self.outcome[name])
        fields[OPEN] = Property(
            OPEN, "text", many=True, because="What undecided rules could change."
        )
        return Group(fields)
