"""A kind without code: what kind.yaml declares becomes an ordinary Kind.

Facts are sent, and outcomes answered, as JSON objects (`google.protobuf.Struct`), which is what the
journal keeps: names outlive the order of lines in a file. Rules, proofs and cases see messages.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias, cast

from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.struct_pb2 import Struct
from pydantic import ConfigDict, Field, create_model, model_validator

from dealgate.model.checks import required_id
from dealgate.model.decision import AnyEvidence, Conclusion
from dealgate.model.declared_messages import Group, add_message, read_into, sent_of
from dealgate.model.errors import Violation
from dealgate.model.fields import put
from dealgate.model.kind import AnyKind, Kind
from dealgate.model.proofs import KindProofs, Stake
from dealgate.model.properties import NOTHING, Arrival, Property
from dealgate.model.property_reading import fill
from dealgate.model.property_values import read_text
from dealgate.model.rules import AnyRuleSet
from dealgate.model.splitting import Split
from dealgate.model.terms import Terms
from dealgate.model.texts import told
from dealgate.model.vocabulary import DIGITS, FILES, PACKAGE, Vocabulary, registered
from dealgate.v1.decision_service_pb2 import DecideRequest, DecideResponse

FACT = "fact"
OPEN = "open"  # the outcome's fields that an undecided rule could still change
PYTHON: Mapping[str, Any] = {"bool": bool, "int": int, "decimal": Decimal, "text": str, "enum": str}
KEPT = 4
Bands: TypeAlias = tuple[str, Sequence[tuple[Decimal, str]]]
NUMBERS: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "sum": sum, "min": min, "max": max, "first": lambda values: values[0]
}  # fmt: skip


class NoParameters(Terms):
    """A declared kind has none: constants of its rules say as much."""


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


def declared_kind(declaration: Declaration) -> AnyKind:
    """Return the kind; the same one for the same declaration, as long as somebody holds it."""
    name = "k" + hashlib.sha256(repr(declaration).encode()).hexdigest()[:DIGITS]
    known = registered(name, lambda: Vocabulary(NOTHING, name))
    kind: AnyKind | None = known.made.get("kind")
    if kind is None:
        kind = known.made["kind"] = _made(declaration, known)
    return kind


def _made(declaration: Declaration, known: Vocabulary) -> AnyKind:
    package = f"{PACKAGE}{known.name}.{declaration.name.replace('_', '')}"
    file = FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto3")
    file.dependency.extend(FILES)
    title = "".join(part.title() for part in declaration.name.split("_"))
    answered = declaration.answered
    names = [
        add_message(file, f"{title}Facts", declaration.facts, known.fields),
        add_message(file, f"{title}Outcome", answered, known.fields),
    ]
    known.pool.AddSerializedFile(file.SerializeToString())
    facts, outcome = (
        GetMessageClass(known.pool.FindMessageTypeByName(name.removeprefix("."))) for name in names
    )
    folding = _Folding(declaration, outcome)
    kind: AnyKind = Kind(
        name=declaration.name,
        request=DecideRequest,
        response=DecideResponse,
        facts=facts,
        effect=_effect(title, declaration),
        parameters=NoParameters,
        entity=declaration.entity,
        check=lambda facts, parameters, as_of: way.admitted(facts, parameters, as_of)[1],
        conclude=folding.conclude,
        derive=lambda facts, _parameters, _as_of: way.seen(way.sent(facts)),
        proofs=KindProofs(stakes=folding.stakes, adds=folding.adds),
        widening=(way := DeclaredFacts(declaration, known, facts)),
        outcome=outcome,
        write_outcome=lambda message: _struct(sent_of(message, answered)),
        tells=declaration.told,
        read_outcome=lambda struct: _read_outcome(outcome, struct, answered),
    )
    way.base = kind
    return kind


def _read_outcome(outcome: type[Message], struct: Message, answered: Group) -> Message:
    """Read an outcome that was recorded; what the kind no longer has is left out."""
    message = outcome()
    read_into(message, struct, answered, [], "")
    return message


def _struct(sent: Mapping[str, Any]) -> bytes:
    struct = Struct()
    struct.update(sent)
    return struct.SerializeToString(deterministic=True)


class DeclaredFacts:
    """Turns the JSON object that is sent into the message that rules read, and back."""

    base: AnyKind

    def __init__(
        self, declaration: Declaration, vocabulary: Vocabulary, facts: type[Message]
    ) -> None:
        self.vocabulary = vocabulary
        self.arrival = Arrival.REFUSE
        self._declaration = declaration
        self.meaning = declaration.meaning
        self._facts = facts
        self._kept: dict[int, tuple[Message, Message]] = {}

    def sent(self, facts: Any) -> Any:
        """Return facts as callers send them."""
        if isinstance(facts, Struct):
            return facts
        kept = self._kept.get(id(facts))
        if kept is not None and kept[0] is facts:
            return kept[1]
        struct = Struct()
        struct.update(sent_of(facts, self._declaration.facts))
        return struct

    def seen(self, facts: Any) -> Any:
        """Return facts as rules read them."""
        if not isinstance(facts, Struct):
            return facts
        typed, _ = self._read(facts)
        if len(self._kept) >= KEPT:
            self._kept.clear()
        self._kept[id(typed)] = (typed, facts)
        return typed

    def plain(self, facts: Any) -> Any:
        """Return facts as they are folded: no code reads them."""
        return self.seen(facts)

    def read(self, data: bytes) -> Any:
        """Return recorded facts as rules read them."""
        return self.seen(Struct.FromString(data))

    def admitted(self, facts: Any, parameters: Any, as_of: int) -> tuple[Any, Sequence[Violation]]:
        """Return the facts as they are sent, and what is wrong with them."""
        del parameters, as_of
        sent = told(self.sent(facts))
        typed, wrong = self._read(sent)
        for path in self._declaration.required:
            value: Any = typed
            for step in path.split("."):
                value = getattr(value, step)
            if isinstance(value, str):
                wrong += required_id(path, value)
        for path, most in self._declaration.limits.items():
            listed: Any = typed
            for step in path.split("."):
                listed = getattr(listed, step)
            if len(listed) > most:
                wrong.append(Violation(path, f"has more than {most} entries"))
        return sent, wrong

    def _read(self, sent: Struct) -> tuple[Message, list[Violation]]:
        typed, wrong = self._facts(), list[Violation]()
        read_into(typed, sent, self._declaration.facts, wrong, "")
        return typed, wrong


def _effect(title: str, declaration: Declaration) -> Any:
    """Return what a rule may claim: any of the outcome's fields, at least one."""

    def some(self: Any) -> Any:
        if not self.model_fields_set:
            raise ValueError("claims nothing; claim a field of the outcome")
        return self

    fields: dict[str, Any] = {}
    weights = {name for split in declaration.splits.values() for name in split.among}
    for name, of in declaration.claimed.items():
        type_ = Literal[of.values] if of.values else PYTHON[of.type]
        least = 0 if name in weights else None
        fields[name] = (Annotated[type_ | None, Field(description=of.because, ge=least)], None)
    return create_model(
        f"{title}Effect",
        __config__=ConfigDict(extra="forbid", frozen=True),
        __validators__={"some": cast("Any", model_validator(mode="after")(some))},
        **fields,
    )


class _Folding:
    """Folds what rules claim into one outcome."""

    def __init__(self, declaration: Declaration, outcome: type[Message]) -> None:
        self._declaration = declaration
        self._outcome = outcome

    def conclude(
        self, facts: Message, ruleset: AnyRuleSet, evidence: AnyEvidence, as_of: int
    ) -> Conclusion:
        """Return the outcome; what an undecided rule could still change is named in it."""
        declaration, outcome = self._declaration, self._outcome()
        entries: Sequence[Any] = (*evidence.undecided, *evidence.failed)
        waiting = [entry.rule.then for entry in entries]
        word, is_open = "", False
        if declaration.word not in declaration.bands:
            word, is_open = self._word(evidence, waiting)
        for name in declaration.claimed:
            fold = declaration.folds[name]
            claims = [
                value
                for hit in evidence.fired
                if (value := getattr(hit.rule.then, name)) is not None
            ]
            may_change = any(getattr(then, name) is not None for then in waiting)
            if name == declaration.word:
                setattr(outcome, name, word)
                may_change = is_open
            elif fold == "collect":
                getattr(outcome, name).extend(self._collected(name, claims))
            elif claims and not may_change:
                self._set(outcome, name, NUMBERS[fold](claims))
            if may_change:
                getattr(outcome, OPEN).append(name)
        self._tell(outcome, facts, ruleset, as_of)
        for name, limit in declaration.clamp.items():
            self._clamp(outcome, name, limit)
        for name in declaration.bands:
            self._band(outcome, name)
        for name in declaration.splits:
            self._split(outcome, name, facts)
        word = word or getattr(outcome, declaration.word)
        return Conclusion(outcome, word.upper())

    def stakes(self, effect: Any, _parameters: NoParameters) -> Sequence[Stake]:
        """Return the fields that it competes for; none if it claims one in which all claims count.

        What is undecided leaves a field open, so it keeps back whatever it would win over.
        """
        amounts = []
        for name, value in effect:
            if value is None:
                continue
            stake = self._stake(name, value)
            if stake is None:
                return []
            amounts.append(stake)
        return amounts

    def _stake(self, name: str, value: Any) -> Stake | None:
        if name == self._declaration.word:
            rank = self._declaration.outcome[name].values.index(value)
            return Stake(name, rank, first=False, waits=True)
        fold = self._declaration.folds[name]
        if fold == "first":
            return Stake(name, waits=True)
        if fold in {"min", "max"}:
            return Stake(name, value if fold == "min" else -value, first=False, waits=True)
        return None

    def adds(self, effect: Any) -> bool:
        """Tell whether two such claims are more than one: those of a sum are."""
        folds = self._declaration.folds
        return any(value is not None and folds[name] == "sum" for name, value in effect)

    def _tell(self, outcome: Any, facts: Message, ruleset: AnyRuleSet, as_of: int) -> None:
        """Set what named facts say; one that is not known is open."""
        names = self._declaration.told
        values = ruleset.told(ruleset, facts, as_of, names) if ruleset.told and names else {}
        for name in names:
            if name in values:
                self._set(outcome, name, values[name])
            else:
                getattr(outcome, OPEN).append(name)

    def _band(self, outcome: Any, name: str) -> None:
        """Set a field that follows from a number; without a claim the number is 0."""
        declaration = self._declaration
        source, bands = declaration.bands[name]
        said: Any = getattr(outcome, source)
        number = Decimal((said.value or "0") if hasattr(said, "value") else said)
        band = next((value for least, value in bands if number >= least), "")
        if source in getattr(outcome, OPEN):
            getattr(outcome, OPEN).append(name)
            band = declaration.unknown if name == declaration.word else ""
        elif name == declaration.word:
            band = band or declaration.nothing
        if band:
            setattr(outcome, name, band)

    def _split(self, outcome: Any, name: str, facts: Message) -> None:
        """Divide a whole; it is open while one of its weights is, or the whole is not known."""
        split = self._declaration.splits[name]
        held = {weight: getattr(outcome, weight) for weight in split.among}
        weights = {
            weight: Decimal((value.value or "0") if hasattr(value, "value") else value)
            for weight, value in held.items()
        }
        unknown = split.whole and any(weights.values()) and split.amount(facts) is None
        if unknown or {*split.among} & {*getattr(outcome, OPEN)}:
            getattr(outcome, OPEN).append(name)
            return
        for weight, part in (split.parts(facts, weights) or {}).items():
            put(getattr(getattr(outcome, name), weight), part)

    def _word(self, evidence: AnyEvidence, waiting: Sequence[Any]) -> tuple[str, bool]:
        """Return the gravest word claimed, and whether an undecided rule claims a graver one."""
        declaration = self._declaration
        order = declaration.outcome[declaration.word].values
        ranks = [
            order.index(claim)
            for hit in evidence.fired
            if (claim := getattr(hit.rule.then, declaration.word)) is not None
        ]
        rank = min(ranks, default=len(order))
        claims = [getattr(then, declaration.word) for then in waiting]
        if any(claim is not None and order.index(claim) < rank for claim in claims):
            return declaration.unknown, True
        return (order[rank] if ranks else declaration.nothing), False

    def _collected(self, name: str, claims: Sequence[str]) -> Sequence[str]:
        values = self._declaration.outcome[name].values
        return sorted(set(claims), key=values.index) if values else list(dict.fromkeys(claims))

    def _set(self, outcome: Any, name: str, value: Any) -> None:
        of = self._declaration.outcome[name]
        values = value if of.many else [value]
        if of.type == "decimal":
            values = [read_text("decimal", f"{each:f}") for each in values]
        fill(outcome, of, values if of.many else values[0])

    def _clamp(self, outcome: Any, name: str, limit: str) -> None:
        if outcome.HasField(name) and outcome.HasField(limit):
            of = self._declaration.outcome[name]
            values = [getattr(outcome, name), getattr(outcome, limit)]
            if of.type == "decimal":
                self._set(outcome, name, min(Decimal(value.value) for value in values))
            else:
                self._set(outcome, name, min(values))
        elif limit in getattr(outcome, OPEN) and outcome.HasField(name):
            outcome.ClearField(name)
            getattr(outcome, OPEN).append(name)
