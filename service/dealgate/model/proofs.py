"""What a kind declares so that more can be proved of its rules than holds for rules of any kind.

A kind knows no prover: what it needs to know of facts it asks an `Oracle`.
"""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel

from dealgate.model.codes import Code, Severity
from dealgate.model.pipelines import Pipelines, Stage
from dealgate.model.rules import AnyRule, RuleSet

Effect = TypeVar("Effect", bound=BaseModel)
Parameters = TypeVar("Parameters", bound=BaseModel)


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
class KindProofs(Generic[Effect, Parameters]):
    """What is proved of the rules of one kind alone."""

    arithmetic: Arithmetic[Effect, Parameters] | None = None
    machine: StageMachine[Parameters] | None = None


AnyProofs = KindProofs[Any, Any]
