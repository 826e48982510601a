"""What a kind declares so that more can be proved of its rules than holds for rules of any kind.

A kind knows no prover: what it needs to know of facts it asks an `Oracle`.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from pydantic import BaseModel

from dealgate.model.codes import Code, Severity
from dealgate.model.pipelines import Pipelines, Stage
from dealgate.model.rules import AnyRule, RuleSet

Effect = TypeVar("Effect", bound=BaseModel)
Parameters = TypeVar("Parameters", bound=BaseModel)
Rank: TypeAlias = int | Decimal


class Oracle(Protocol):
    """Knows what is possible on any facts; raises what its prover raises if it cannot tell."""

    def can_fire(self, rules: Sequence[AnyRule]) -> bool:
        """Whether there are facts on which all of these fire at once."""


@dataclass(frozen=True, slots=True)
class Unreached:
    """Something in a rule set that no facts come to: "threshold" "is never reached: …"."""

    subject: str
    message: str
    code: Code
    severity: Severity = Severity.WARNING
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Arithmetic(Generic[Effect, Parameters]):
    """What rules add up to, and what of it nobody reaches; `subject` names it in a report."""

    subject: str
    unreached: Callable[[RuleSet[Effect, Parameters], Oracle], Iterable[Unreached]]


@dataclass(frozen=True, slots=True)
class StageMachine(Generic[Parameters]):
    """Stages that something is moved through, by the rules of a gate.

    `source` and `target` are the facts that name stages; `allows` tells which moves the kind's own
    laws leave to the rules. `own_codes` are what the kind itself blocks with, and an override may
    set aside.
    """

    source: str
    target: str
    pipelines: Callable[[Parameters], Pipelines]
    allows: Callable[[Stage, Stage, Sequence[Stage]], bool]
    own_codes: AbstractSet[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Stake:
    """A part of the outcome that the best of several claims decides alone.

    Claims to the same `part` compete; the lowest `rank` wins. Of equal ones the first in the file
    does if `first`, else they count side by side. A better claim that is undecided keeps this one
    from counting if `waits`, unless its rank is in `unmoved_by`.
    """

    part: Hashable
    rank: Rank = 0
    first: bool = True
    waits: bool = False
    unmoved_by: AbstractSet[Rank] = frozenset()


def no_stakes(_effect: Any, _parameters: Any) -> Sequence[Stake]:
    """Return none: whatever fires counts."""
    return ()


def never_adds(_effect: Any) -> bool:
    """Tell that a second claim to the same effect changes nothing."""
    return False


@dataclass(frozen=True, slots=True)
class KindProofs(Generic[Effect, Parameters]):
    """What is proved of the rules of one kind alone.

    `stakes` returns the parts of the outcome that an effect competes for; none if some of it
    counts whatever else is claimed. `adds` tells of an effect whether it counts as often as it is
    claimed, as points do.
    """

    arithmetic: Arithmetic[Effect, Parameters] | None = None
    machine: StageMachine[Parameters] | None = None
    stakes: Callable[[Effect, Parameters], Sequence[Stake]] = no_stakes
    adds: Callable[[Effect], bool] = never_adds


AnyProofs = KindProofs[Any, Any]
