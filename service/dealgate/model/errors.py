"""Everything Dealgate refuses or fails to do, as one tree.

    DealgateError
    ├── BadQuestion            the caller's facts or options are wrong
    ├── Unauthenticated        nobody knows who calls
    ├── Forbidden              the caller may not have this
    ├── UnknownRuleSet         no such version, or no release at that instant
    │   └── NotServed          no rules of that kind at all
    ├── SwitchedOff            the operator has not switched this on
    ├── NotSound               rule files have faults, so nothing is released
    ├── UnknownDecision        no decision with that id
    ├── RecordDamaged          that decision was recorded, and can no longer be read
    ├── SubjectErased          what a decision rested on was about somebody who was erased
    ├── RuleSetUnusable        the rule set exists but cannot decide this
    │   ├── NotReleased        a draft was asked to decide
    │   ├── ReleaseRefused     a release may not be made
    │   ├── RulesFailed        rules went wrong and the kind cannot do without them
    │   └── ScopesOverlap      several scopes apply, and nothing says which decides
    ├── KeyReused              an idempotency key came back with another body
    ├── ResultExists           a decision has another result already
    ├── TurnTaken              another decision of a series came first: read again, then ask again
    ├── Stale                  a correction is not of the newest revision
    ├── ActivityChanged        an activity's id came back with other contents
    ├── EntityFull             no more is kept of an entity
    ├── PositionLost           a resume token leads nowhere in this journal
    ├── Overloaded             try later: a queue is full
    ├── Unavailable            try later: an engine or the journal is out of order
    ├── RulesBehind            try later, or elsewhere: rules that the caller has seen are missing
    ├── TimedOut               this took longer than it may; a repeat would, too
    ├── Expired                the caller's deadline passed before its turn came
    ├── TooLarge               this needs more memory than it may; a repeat would, too
    ├── OperatorError          for operators and authors of rules, never for callers
    │   ├── SinkUnusable       streams/port.py: an address that nothing can be published to
    │   ├── SourceUnusable     inbox/port.py: an address that nothing can be consumed from
    │   ├── StateUnusable      journal/signals/port.py: cannot keep the state of signals
    │   ├── JournalUnusable    journal/errors.py: the file cannot serve as a journal
    │   ├── RulebookFaults     rulebook/faults.py: files that cannot be used, with every fault
    │   ├── TooMuch            insight/traffic.py: more decisions than one insight may read
    │   ├── NotExported        desk/exchange.py: a workbook that no export has written
    │   ├── OfAnotherTenant    foresight/parquet.py: a folder of somebody else's exported decisions
    │   ├── NoExample          desk/drafting/rules.py: no case shows a new rule alone
    │   ├── UnusableCertificate  wire/tls.py: PEM files that cannot be served
    │   ├── AccessUnusable     assemble/access.py: what verifies tokens is not installed
    │   ├── Unfit              learn/firing.py: samples that a rule set cannot judge
    │   ├── NotEmpty           desk/starter.py: a folder that must be empty is not
    │   └── NotACheckout       cli/kind_files.py: a checkout lacks a file that all have
    └── Defect                 a fault of ours
        ├── AlreadyRecorded    journal/errors.py: a decision id was given twice
        ├── BookmarkMoved      journal/bookmarks.py: two processes publish by one bookmark
        ├── SinkFailed         streams/port.py: a sink did not take what it was sent
        ├── SourceFailed       inbox/port.py: a source cannot be read just now
        ├── StateFailed        journal/signals/port.py: the state of signals is out of order
        └── Crashed            work aside ended without an answer

Signals that one room sends itself (CelError, MissingFact, TooHard, Lost, …) are not part of it:
nobody outside the room catches or sees them.

Each error keeps the arguments of its constructor as `args`, so that it travels between processes,
and words itself. `reason` is what programs know it by (`ErrorInfo.reason`): it stays when a class
is renamed. The inner rooms know no status code; `wire/status.py` gives each its own. A message is
written for the caller: it names fields and cures, and never holds a fact's value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from dealgate.model.changes import Diagnostic


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

    reason: ClassVar[str] = "INTERNAL"


class BadQuestion(DealgateError):
    """The question cannot be judged as it was put; holds every violation, not just the first."""

    reason = "BAD_QUESTION"

    def __init__(self, violations: Sequence[Violation]) -> None:
        """`violations` is not empty."""
        self.violations = tuple(violations)
        super().__init__(self.violations)

    def __str__(self) -> str:
        """Say what is wrong with the first field, and name the others, as many as anyone reads.

        Many clients and logs cannot decode the details of a status: this is all that they show.
        """
        first, *_ = self.violations
        fields = dict.fromkeys(violation.field for violation in self.violations)
        rest = [field for field in fields if field != first.field]
        number = f"{len(fields)} invalid field{'' if len(fields) == 1 else 's'}"
        said = first.description[:LONGEST]
        more = ", …" if len(rest) > FIELDS_NAMED else ""
        others = f"; {', '.join(rest[:FIELDS_NAMED])}{more}" if rest else ""
        return f"{number}: {first.field} {said}{others}"


# The message of a status is cut at about 1 KiB, whatever it names.
FIELDS_NAMED = 100
LONGEST = 300  # characters of a description


class Unauthenticated(DealgateError):
    """The caller shows nothing that says who it is, or something that is not valid."""

    reason = "UNAUTHENTICATED"


class Forbidden(DealgateError):
    """The caller is known, and nothing allows it what it asks for."""

    reason = "FORBIDDEN"


class UnknownRuleSet(DealgateError):
    """No rule set can decide."""

    reason = "UNKNOWN_RULE_SET"


class NotServed(UnknownRuleSet):
    """This server decides nothing of that kind."""

    reason = "NOT_SERVED"


class SwitchedOff(DealgateError):
    """The operator of this server has not switched this on; the message says how."""

    reason = "SWITCHED_OFF"


class NotSound(DealgateError):
    """Rule files have faults, so nothing is released."""

    reason = "NOT_SOUND"

    def __init__(self, result: Sequence[Diagnostic]) -> None:
        """`found` is not empty: every fault, with its place."""
        self.found = tuple(result)
        super().__init__(self.found)

    def __str__(self) -> str:
        """Count the faults."""
        return f"{len(self.found)} fault(s) in rule files; nothing was released"


class UnknownDecision(DealgateError):
    """No decision has this id."""

    reason = "UNKNOWN_DECISION"


class RecordDamaged(DealgateError):
    """What was recorded under this id or key can no longer be read; asking again does not help."""

    reason = "RECORD_DAMAGED"


class SubjectErased(DealgateError):
    """A decision cannot be returned, decided again, or explained.

    `erased` stand for the ids of its subjects.
    """

    reason = "SUBJECT_ERASED"

    def __init__(self, decision_id: str, erased: Sequence[str]) -> None:
        """Both are shown to the caller."""
        super().__init__(decision_id, erased)
        self.decision_id = decision_id
        self.erased = erased

    def __str__(self) -> str:
        """Name the decision, and who was erased."""
        return (
            f"decision {self.decision_id} is about a subject that was erased "
            f"({', '.join(self.erased)}): its facts no longer exist"
        )


class RuleSetUnusable(DealgateError):
    """The rule set `subject` ("qualify@2") cannot decide; `fault` says why."""

    reason = "RULE_SET_UNUSABLE"

    def __init__(self, subject: str, fault: str) -> None:
        """Both are shown to the caller."""
        super().__init__(subject, fault)
        self.subject = subject
        self.fault = fault

    def __str__(self) -> str:
        """Name the rule set first."""
        return f"{self.subject}: {self.fault}"


class NotReleased(RuleSetUnusable):
    """A draft never decides."""

    reason = "NOT_RELEASED"


class ReleaseRefused(RuleSetUnusable):
    """A release may not be made as it was wanted; nothing was written."""

    reason = "RELEASE_REFUSED"


class RulesFailed(RuleSetUnusable):
    """Rules went wrong on these facts, and this kind has no closed answer to fall back to."""

    reason = "RULES_FAILED"


class ScopesOverlap(RuleSetUnusable):
    """Several scopes apply to these facts, and none comes before the others."""

    reason = "SCOPES_OVERLAP"

    def __init__(self, scopes: Sequence[str]) -> None:
        """`scopes` are those that apply."""
        fault = "each applies to these facts; `dealgate check` shows where scopes overlap"
        super().__init__(f"scopes {', '.join(scopes)}", fault)
        self.args = (scopes,)


class KeyReused(DealgateError):
    """An idempotency key came back with another body."""

    reason = "KEY_REUSED"


class ResultExists(DealgateError):
    """A decision has another result already, and this one corrects nothing."""

    reason = "RESULT_EXISTS"


class TurnTaken(DealgateError):
    """The decision was to be the next of a series, but another has become that."""

    reason = "TURN_TAKEN"


class Stale(DealgateError):
    """A correction names a revision that is not the newest any more."""

    reason = "STALE"


class ActivityChanged(DealgateError):
    """An activity's id came back with other contents."""

    reason = "ACTIVITY_CHANGED"

    def __init__(self, entity: str) -> None:
        """`entity` is who did it."""
        super().__init__(entity)
        self.entity = entity

    def __str__(self) -> str:
        """Name the cure."""
        return (
            f"an activity of {self.entity} already exists under this id with other contents; "
            "send it unchanged, or use another id"
        )


class EntityFull(DealgateError):
    """No more is kept of an entity."""

    reason = "ENTITY_FULL"

    def __init__(self, entity: str, fault: str) -> None:
        """`fault` is what there would be: "more than 10000 activities"."""
        super().__init__(entity, fault)
        self.entity = entity
        self.fault = fault

    def __str__(self) -> str:
        """Name the cure."""
        return f"of {self.entity} {self.fault} would be kept; send less, or delete its facts first"


class PositionLost(DealgateError):
    """A position of another journal, or of one that was restored to a time before it.

    What was recorded in between is lost: the caller has to start again, knowing that.
    """

    reason = "POSITION_LOST"


class Later(DealgateError):
    """This can be asked again after `retry_after` seconds."""

    def __init__(self, message: str, retry_after: float) -> None:
        """The delay is a hint to the caller."""
        super().__init__(message, retry_after)
        self.message = message
        self.retry_after = retry_after

    def __str__(self) -> str:
        """The delay travels apart from the words."""
        return self.message


class Overloaded(Later):
    """A bounded queue is full."""

    reason = "OVERLOADED"


class Unavailable(Later):
    """A part that a decision needs is out of order."""

    reason = "UNAVAILABLE"


class RulesBehind(Later):
    """The caller has seen rules that this server does not have, or not yet."""

    reason = "RULES_BEHIND"


class TimedOut(DealgateError):
    """Work was ended after the `seconds` that it may take."""

    reason = "TIMED_OUT"

    def __init__(self, work: str, seconds: float) -> None:
        """`work` names it for the caller: "insight"."""
        super().__init__(work, seconds)
        self.work = work
        self.seconds = seconds

    def __str__(self) -> str:
        """Name the bound, and the cure."""
        return f"{self.work}: timed out after {self.seconds:g} s; send a smaller request"


class Expired(DealgateError):
    """The caller's deadline passed before its turn came; nothing was begun."""

    reason = "EXPIRED"


class TooLarge(DealgateError):
    """Work was ended because it needs more than the `megabytes` of memory that it may take."""

    reason = "TOO_LARGE"

    def __init__(self, work: str, megabytes: int) -> None:
        """`work` names it for the caller: "insight"."""
        super().__init__(work, megabytes)
        self.work = work
        self.megabytes = megabytes

    def __str__(self) -> str:
        """Name the bound, and the cure."""
        return f"{self.work}: needs more than {self.megabytes} MB; send a smaller request"


class OperatorError(DealgateError):
    """For operators and authors of rules; may name files, and quote them."""

    reason = "OPERATOR_ERROR"


class Defect(DealgateError):
    """A fault of ours: callers learn no more than that, the log says the rest."""

    reason = "DEFECT"


class Crashed(Defect):
    """Work aside ended without an answer: a stranger's exception, or the end of its process."""

    reason = "CRASHED"

    def __init__(self, work: str, cause: str, frames: str = "") -> None:
        """`cause` names an exception's type or a signal; `frames` tell where, without values."""
        super().__init__(work, cause, frames)
        self.work = work
        self.cause = cause
        self.frames = frames

    def __str__(self) -> str:
        """Without the frames: they are for the log."""
        return f"{self.work}: {self.cause}"
