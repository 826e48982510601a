"""A kind of decision: all that may differ between one kind and another."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, cast

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from pydantic import BaseModel

from dealgate.model.brief import Brief
from dealgate.model.decision import Conclusion, Entity, Evidence
from dealgate.model.errors import Violation
from dealgate.model.fields import descriptor_of, message_of
from dealgate.model.lookups import KindLookups
from dealgate.model.proofs import KindProofs
from dealgate.model.properties import Arrival
from dealgate.model.rules import RuleSet
from dealgate.model.soundness import Hold, is_sound
from dealgate.model.texts import told
from dealgate.model.vocabulary import Vocabulary

Facts = TypeVar("Facts", bound=Message)
Effect = TypeVar("Effect", bound=BaseModel)
Parameters = TypeVar("Parameters", bound=BaseModel)


class BothForms(Protocol):
    """Turns facts as they are sent into facts as rules read them, and back (`widening.py`)."""

    @property
    def base(self) -> "AnyKind":
        """The kind as its code defines it."""

    @property
    def vocabulary(self) -> Vocabulary:
        """What the rules folder declares."""

    @property
    def arrival(self) -> Arrival:
        """What becomes of properties that are not as declared."""

    @property
    def meaning(self) -> str:
        """What kind.yaml says of a kind without code; empty for others."""

    def admitted(
        self, facts: Any, parameters: Any, as_of: int, hold: Hold
    ) -> tuple[Any, Sequence[Violation]]:
        """Return the facts as they are sent, and what is wrong with them; see `Kind.admitted`."""

    def sent(self, facts: Any) -> Any:
        """Return facts as callers send them."""

    def seen(self, facts: Any) -> Any:
        """Return facts as rules read them."""

    def plain(self, facts: Any) -> Any:
        """Return facts as the kind's own code reads them."""

    def read(self, data: bytes) -> Any:
        """Return recorded facts as rules read them."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[Facts, Effect, Parameters]):
    """A type of decision.

    Its `facts` message says what may be known, `effect` what a rule may claim (`then:`), and
    `parameters` which numbers its authors may set (`parameters:`). `entity` says what a decision
    is about: its type, and the path of its id in the facts ("opportunity/opportunity.id").
    `check` returns everything wrong with the facts beyond their types, such as an event after
    the instant judged at. `conclude` folds the evidence into an outcome; it is pure, so the
    same facts, rule set and instant give the same bytes. Both take that instant last, in
    nanoseconds since the epoch. `request` and `response` are the messages of its RPC.

    `check_sound`, if a kind has it, is what its `check` says of facts that are sound in themselves
    (`soundness.py`): without looking again for what is malformed or out of bounds.

    `derive`, if a kind has it, returns the facts with what can be computed from them added, such
    as the domain of an address: rules and `conclude` see those, the journal keeps what the caller
    sent, and a replay computes them again. It is pure and leaves its argument as it is.
    `derive_reads` names the parameters that it reads, None: any; versions that agree on those
    derive the same. `lookups`
    says what may be looked up before, in a journal or by DNS: that becomes part of the facts;
    `proofs` what can be proved of its rules beyond what can be of any. `brief`, if a kind has it,
    says in brief what `conclude` says, and costs less; None: only `conclude` can.

    `widening`, of a kind whose rules read declared properties, turns facts as they are sent into
    `facts`, which rules read, and back. Every method takes either form. A kind that is declared
    answers its `outcome` as `write_outcome` writes it and `read_outcome` reads it;
    `tells` are its fields that named facts of the rules say, with their types.
    """

    name: str
    request: type[Message]
    response: type[Message]
    facts: type[Facts]
    effect: type[Effect]
    parameters: type[Parameters]
    entity: str
    check: Callable[[Facts, Parameters, int], Sequence[Violation]]
    conclude: Callable[[Facts, RuleSet[Effect, Parameters], Evidence[Effect], int], Conclusion]
    check_sound: Callable[[Facts, Parameters, int], Sequence[Violation]] | None = None
    derive: Callable[[Facts, Parameters, int], Facts] | None = None
    derive_reads: Sequence[str] | None = None
    lookups: KindLookups[Facts, Parameters] | None = None
    proofs: KindProofs[Effect, Parameters] | None = None
    brief: Callable[[Facts, RuleSet[Effect, Parameters], Evidence[Effect], int], Brief | None] | (
        None
    ) = None
    widening: "BothForms | None" = None
    outcome: type[Message] | None = None
    write_outcome: Callable[[Message], bytes] | None = None
    read_outcome: Callable[[Message], Message] | None = None
    tells: Mapping[str, str] = field(default_factory=dict)

    def entity_of(self, facts: Facts) -> Entity:
        """Return what a decision on these facts is about."""
        type_, id_of = _entity(self.entity)
        if self.outcome is not None:
            facts = self.seen(facts)
        return Entity(type_, id_of(facts))

    def admitted(
        self, facts: Facts, parameters: Parameters, as_of: int, hold: Hold | None = None
    ) -> tuple[Facts, Sequence[Violation]]:
        """Return the facts without texts that show nothing, and what is wrong with them.

        What is read of them is given to `hold`, for whoever reads it again.
        """
        hold = hold or list[Any]().append
        if self.widening is not None:
            return self.widening.admitted(facts, parameters, as_of, hold)
        if is_sound(facts, hold=hold):
            return facts, (self.check_sound or self.check)(facts, parameters, as_of)
        facts = told(facts)
        return facts, self.check(facts, parameters, as_of)

    def known(self, facts: Facts, parameters: Parameters, as_of: int) -> Facts:
        """Return the facts as rules see them: without texts that show nothing."""
        return self.derived(told(facts), parameters, as_of)

    def derived_as_sent(self, facts: Message, parameters: Parameters, as_of: int) -> Message:
        """As `derived`, for rules that read no declared property: their types are not needed."""
        way = self.widening
        if way is None:
            return self.derived(cast("Facts", facts), parameters, as_of)
        known: Message = way.base.derived(way.plain(facts), parameters, as_of)
        return known

    def seen(self, sent: Message) -> Facts:
        """Return facts as they are sent as rules read them, with nothing derived."""
        return cast("Facts", sent if self.widening is None else self.widening.seen(sent))

    @property
    def outcome_type(self) -> Descriptor:
        """What outcomes are declared to be."""
        if self.outcome is not None:
            return descriptor_of(self.outcome)
        return message_of(descriptor_of(self.response).fields_by_name["outcome"])

    def outcome_in(self, answer: bytes) -> Message:
        """Return the outcome of a recorded answer."""
        response: Any = self.response.FromString(answer)
        told: Message = response.outcome
        return told if self.read_outcome is None else self.read_outcome(told)

    @property
    def sent_facts(self) -> type[Message]:
        """The message of facts as they are sent."""
        return self.facts if self.widening is None else self.widening.base.facts

    def read(self, data: bytes) -> Facts:
        """Return recorded facts as rules read them, with nothing derived."""
        if self.widening is not None:
            return cast("Facts", self.widening.read(data))
        return self.facts.FromString(data)

    def derives_alike(self, old: Parameters, new: Parameters) -> bool:
        """Tell whether it is known that the same is derived by both, of any facts."""
        names = self.derive_reads
        return names is not None and all(getattr(old, at) == getattr(new, at) for at in names)

    def derived(self, facts: Facts, parameters: Parameters, as_of: int) -> Facts:
        """Return admitted facts as rules see them."""
        return facts if self.derive is None else self.derive(facts, parameters, as_of)


@cache
def _entity(text: str) -> tuple[str, Callable[[Message], str]]:
    type_, path = text.split("/")
    return type_, attrgetter(path)


AnyKind: TypeAlias = Kind[Any, Any, Any]
