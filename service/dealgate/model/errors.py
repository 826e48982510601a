"""Everything Dealgate refuses to do, as one tree.

    DealgateError
    ├── BadQuestion            the caller's facts or options are wrong
    ├── UnknownRuleSet         no such kind, version, or release at that instant
    ├── NotAllowed             the operator has not switched this on
    ├── NotSound               rule files have faults, so nothing is released
    ├── UnknownDecision        no decision with that id
    ├── RecordDamaged          that decision was recorded, and can no longer be read
    ├── RuleSetUnusable        the rule set exists but cannot decide this
    │   ├── NotReleased        a draft was asked to decide
    │   ├── ReleaseRefused     a release may not be made
    │   └── RulesFailed        rules went wrong and the kind cannot do without them
    ├── KeyReused              an idempotency key came back with another body
    ├── ResultExists           a decision has another result already
    ├── TurnTaken              another decision came first: read again, then ask again
    ├── Overloaded             try later: a queue is full
    └── Unavailable            try later: an engine or the journal is out of order

The inner rooms know no status code; `wire/status.py` gives each its own. A message is
written for the caller: it names places and cures, and never holds a fact's value.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dealgate.model.changes import Found


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong with a question.

    `field` is the path in the facts ("lead.company.employees", "touches[3].at"), or in the
    request if it does not belong to the facts ("options.as_of").
    """

    field: str
    description: str


class DealgateError(Exception):
    """The root. `str(error)` is safe to show to the caller."""


class BadQuestion(DealgateError):
    """The question cannot be judged as it was put; holds every violation, not just the first."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        """`violations` is not empty."""
        fields = ", ".join(violation.field for violation in violations)
        super().__init__(f"{len(violations)} invalid field(s): {fields}")
        self.violations = tuple(violations)


class UnknownRuleSet(DealgateError):
    """There is no rule set to decide with."""


class NotAllowed(DealgateError):
    """The operator of this server has not switched this on; the message says how."""


class NotSound(DealgateError):
    """Rule files have faults, so nothing is released."""

    def __init__(self, found: Sequence[Found]) -> None:
        """`found` is not empty: every fault, with its place."""
        super().__init__(f"{len(found)} fault(s) in rule files; nothing was released")
        self.found = tuple(found)


class UnknownDecision(DealgateError):
    """No decision has this id."""


class RecordDamaged(DealgateError):
    """What was recorded under this id or key can no longer be read; asking again does not help."""


class RuleSetUnusable(DealgateError):
    """The rule set `subject` ("qualify@2") cannot decide; `reason` says why."""

    def __init__(self, subject: str, reason: str) -> None:
        """Both are shown to the caller."""
        super().__init__(f"{subject}: {reason}")
        self.subject = subject
        self.reason = reason


class NotReleased(RuleSetUnusable):
    """A draft never decides."""


class ReleaseRefused(RuleSetUnusable):
    """A release may not be made as it was wanted; nothing was written."""


class RulesFailed(RuleSetUnusable):
    """Rules went wrong on these facts, and this kind has no closed answer to fall back to."""


class KeyReused(DealgateError):
    """An idempotency key came back with another body."""


class ResultExists(DealgateError):
    """A decision has another result already, and this one corrects nothing."""


class TurnTaken(DealgateError):
    """The decision or correction was to be the next of a series, but another has become that."""


class Overloaded(DealgateError):
    """A bounded queue is full; `retry_after` is in seconds."""

    def __init__(self, message: str, retry_after: float) -> None:
        """The delay is a hint to the caller."""
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(DealgateError):
    """A part that a decision needs is out of order; `retry_after` is in seconds."""

    def __init__(self, message: str, retry_after: float) -> None:
        """The delay is a hint to the caller."""
        super().__init__(message)
        self.retry_after = retry_after
