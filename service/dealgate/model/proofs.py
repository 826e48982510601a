"""What a kind declares so that more can be proved of its rules than holds for rules of any kind.

A kind knows no prover: what it needs to know of facts it asks an `Oracle`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel

from dealgate.model.codes import Code, Severity
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
class KindProofs(Generic[Effect, Parameters]):
    """What is proved of the rules of one kind alone; `subject` names it if that cannot be."""

    subject: str
    unreached: Callable[[RuleSet[Effect, Parameters], Oracle], Iterable[Unreached]]


AnyProofs = KindProofs[Any, Any]
