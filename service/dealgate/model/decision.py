"""A question, the evidence for its answer, and the decision that holds both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, Generic, TypeAlias, TypeVar

from google.protobuf.message import Message

from dealgate.model.challengers import Challenger
from dealgate.model.errors import Violation
from dealgate.model.from_state import FromState
from dealgate.model.provenance import Provenance
from dealgate.model.quick import quick
from dealgate.model.rules import AnyRule, Effect_co, Rule

Made = TypeVar("Made")


@quick
@dataclass(frozen=True, slots=True)
class Entity:
    """What a decision is about: a type ("lead", "opportunity") and the caller's id."""

    type: str
    id: str

    def __str__(self) -> str:
        """`lead/00Q5e`."""
        return f"{self.type}/{self.id}"


@quick
@dataclass(frozen=True, slots=True)
class Question:
    """What one call asks. Instants are nanoseconds since the epoch, UTC.

    `as_of` is the instant to judge at; `asked_at` is when the server took the call, read once
    from the clock at the edge, where `id` (UUIDv7) was given too. `as_of_given` tells whether the
    caller chose `as_of`. `trace_id` is 32 hexadecimal digits, or empty. `violations` are those
    the edge found in the options; they are reported together with those of the facts.

    `sent` are the facts as the caller sent them, if the edge looked up others and added them to
    `facts`: what makes two questions the same is what was sent.

    `scope` is the one that the caller names, "" the kind's own rules; None: the facts choose.
    `unsettled` are the facts that would have told whether another scope applies.

    `as_sent`: the caller wants no facts added that the server knows; `from_state` are those that
    were.
    """

    id: str
    kind: str
    facts: Message
    as_of: int
    asked_at: int
    as_of_given: bool = False
    version: int | None = None
    tenant: str = "default"
    key: str | None = None
    explain: bool = False
    dry_run: bool = False
    trace_id: str = ""
    violations: tuple[Violation, ...] = ()
    sent: Message | None = None
    scope: str | None = None
    unsettled: tuple[str, ...] = ()
    as_sent: bool = False
    from_state: tuple[FromState, ...] = ()


@quick
@dataclass(frozen=True, slots=True)
class Turn:
    """A place in a series of which each is given once, from 1 on: "round-robin/emea", 7."""

    series: str
    number: int


class Truth(Enum):
    """What a condition came to."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"
    ERROR = "error"
    NOT_EVALUATED = "not evaluated"


@quick
@dataclass(frozen=True, slots=True)
class Fired(Generic[Effect_co]):
    """A rule that applied; with `each`, to these `elements` (from 0), else `elements` is empty.

    If a decision table claims something on behalf of several rows, `rows` are those that held.
    """

    rule: Rule[Effect_co]
    elements: tuple[int, ...] = ()
    rows: tuple[Rule[Effect_co], ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the rules in the file that held: the rows', or else the rule's own."""
        return tuple(row.id for row in self.rows) or (self.rule.id,)


@quick
@dataclass(frozen=True, slots=True)
class Undecided(Generic[Effect_co]):
    """A rule that lacks the facts at these paths, sorted."""

    rule: Rule[Effect_co]
    missing: tuple[str, ...]
    elements: tuple[int, ...] = ()


@quick
@dataclass(frozen=True, slots=True)
class Failed(Generic[Effect_co]):
    """A rule that went wrong; `error` names the fault ("divide by zero") and no value."""

    rule: Rule[Effect_co]
    error: str
    elements: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Operand:
    """A value that a condition read: its text, and the value as a CEL literal (None: none)."""

    text: str
    value: str | None
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a rule, how deep it is nested, and what it came to."""

    text: str
    truth: Truth
    operands: tuple[Operand, ...]
    depth: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """How one rule was judged; `element` (from 0) if it was judged over a list."""

    rule: AnyRule
    truth: Truth
    conditions: tuple[Condition, ...]
    element: int | None = None


@quick
@dataclass(frozen=True, slots=True)
class Evidence(Generic[Effect_co]):
    """What an engine found, in file order.

    `missing` are the paths of all facts that were read and absent, sorted; `facts_read` counts
    the distinct facts the rule set reads, `facts_known` those of them that were present.
    """

    fired: Sequence[Fired[Effect_co]] = ()
    undecided: Sequence[Undecided[Effect_co]] = ()
    failed: Sequence[Failed[Effect_co]] = ()
    missing: tuple[str, ...] = ()
    facts_read: int = 0
    facts_known: int = 0
    explained: Sequence[Explanation] = ()
    _made: dict[Callable[..., Any], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process works out for itself what follows from evidence."""
        return type(self), tuple(getattr(self, at.name) for at in fields(self) if at.init)

    def once(self, make: Callable[["Evidence[Any]"], Made]) -> Made:
        """Return what `make` works out of this evidence; it is kept with the evidence.

        Evidence recurs (`engine/recurring.py`), and nothing of facts may be kept with it.
        """
        made: Made | None = self._made.get(make)
        if made is None:
            made = self._made[make] = make(self)
        return made

    @property
    def fired_ids(self) -> set[str]:
        """The rules in the file that fired: of a table's claim, the rows that held."""
        ids = {hit.rule.id for hit in self.fired if not hit.rows}
        for hit in self.fired:
            if hit.rows:
                ids.update(hit.ids)
        return ids

    @property
    def rule_ids(self) -> frozenset[str]:
        """The rules that fired, could not be judged, or failed."""
        fired = self.fired_ids
        open_ = {entry.rule.id for entry in self.undecided} | {
            entry.rule.id for entry in self.failed
        }
        return frozenset(fired | open_)

    @property
    def completeness(self) -> float:
        """The share in [0, 1] of the facts read that were present; 1 if none are read."""
        return self.facts_known / self.facts_read if self.facts_read else 1.0


# For those who need not know what a rule may claim.
AnyFired: TypeAlias = Fired[Any]
AnyUndecided: TypeAlias = Undecided[Any]
AnyFailed: TypeAlias = Failed[Any]
AnyEvidence: TypeAlias = Evidence[Any]


@quick
@dataclass(frozen=True, slots=True)
class Written:
    """An outcome message that is bytes already, as its deterministic serialization writes it."""

    type: type[Message]
    data: bytes


class Conclusion:
    """A kind's answer: its outcome message, and that outcome in one word for lists and spans.

    A kind that writes its outcome as bytes (`encoding.py`) gives those; the message is read from
    them when somebody asks for it. `marks` are what the decision may be found by later, besides
    its entity; nobody can read a fact from them. `turn`, if given, is taken by this decision or
    by none.
    """

    __slots__ = ("_outcome", "marks", "turn", "word")

    def __init__(
        self,
        outcome: Message | Written,
        word: str,
        marks: tuple[str, ...] = (),
        turn: Turn | None = None,
    ) -> None:
        """See the class."""
        self._outcome = outcome
        self.word = word
        self.marks = marks
        self.turn = turn

    @property
    def outcome(self) -> Message:
        """The outcome as a message."""
        if isinstance(self._outcome, Written):
            self._outcome = self._outcome.type.FromString(self._outcome.data)
        return self._outcome

    @property
    def data(self) -> bytes:
        """The outcome's bytes."""
        if isinstance(self._outcome, Written):
            return self._outcome.data
        return self._outcome.SerializeToString(deterministic=True)


@dataclass(frozen=True, slots=True)
class Trial:
    """A decision's part in an experiment: the challenger, its champion, and who was to answer.

    `other` is what the version that did not answer decided on the same facts; None: the challenger
    refused or failed, `refusal` says by which reason, and the champion answered.
    """

    challenger: Challenger
    champion: int
    is_challenged: bool
    other: "Decision | None"
    refusal: str = ""


@quick
@dataclass(frozen=True, slots=True)
class Decision:
    """A question with its answer, ready to be recorded. Instants are nanoseconds since the epoch.

    `facts` and `answer` are the exact bytes: the facts message, and the response message of the
    kind's RPC. `outcome` is the outcome in one word, `fired` the ids of the rules that fired.
    `body_hash` (SHA-256, 32 bytes) tells whether a repeated key came with the same body.
    `marks` and `turn` are those of its conclusion. `evidence` is there while the decision is new:
    what is read from the journal has it in the answer's bytes alone. By the rules of `scope` it was
    taken ("": by the kind's own). `provenance` is what it was
    made with; None: nobody recorded that. `trial`: its part in an experiment, if it has one.
    `erased` stand for the ids of subjects that were erased: what is personal of theirs is missing.
    """

    id: str
    tenant: str
    kind: str
    entity: Entity
    version: int
    digest: str
    engine: str
    as_of: int
    decided_at: int
    trace_id: str
    facts: bytes
    answer: bytes
    outcome: str
    fired: tuple[str, ...]
    key: str | None
    body_hash: bytes
    marks: tuple[str, ...] = ()
    turn: Turn | None = None
    provenance: Provenance | None = None
    trial: Trial | None = None
    evidence: "AnyEvidence | None" = field(default=None, compare=False, repr=False)
    scope: str = ""
    erased: tuple[str, ...] = ()

    @property
    def is_challengers(self) -> bool:
        """Whether a challenger took it."""
        return self.trial is not None and self.version == self.trial.challenger.version


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """Which recorded decisions to list; None: any. Instants are nanoseconds since the epoch.

    `entity` is written "lead/00Q5e"; `before` is the id of the last decision already seen.
    """

    tenant: str
    entity: str | None = None
    kind: str | None = None
    version: int | None = None
    decided_from: int | None = None
    decided_before: int | None = None
    before: str | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Page:
    """Decisions, newest first; `next_before` goes on from here, None: this was the last page.

    `damaged` are the ids of records on this page that can no longer be read, and that may have
    been what was sought.
    """

    decisions: Sequence[Decision]
    next_before: str | None
    damaged: Sequence[str] = ()
