"""Folds what rules of a declared kind claim into one outcome."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from google.protobuf.message import Message

from dealgate.model.decision import AnyEvidence, Conclusion
from dealgate.model.declaration import OPEN, Declaration
from dealgate.model.fields import put
from dealgate.model.proofs import Stake
from dealgate.model.property_reading import fill
from dealgate.model.property_values import read_text
from dealgate.model.rules import AnyRuleSet
from dealgate.model.terms import Terms

NUMBERS: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "sum": sum, "min": min, "max": max, "first": lambda values: values[0]
}  # fmt: skip


class NoParameters(Terms):
    """A declared kind has none: constants of its rules say as much."""


class Folding:
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
            may_change = any(getattr(then, name) is not None for then in waiting)
            if name == declaration.word:
                setattr(outcome, name, word)
                may_change = is_open
            else:
                self._fold(outcome, name, evidence, may_change=may_change)
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

    def _fold(
        self, outcome: Message, name: str, evidence: AnyEvidence, *, may_change: bool
    ) -> None:
        """Fold the claims to one field; a number that may still change is left out."""
        fold = self._declaration.folds[name]
        claims = [
            value for hit in evidence.fired if (value := getattr(hit.rule.then, name)) is not None
        ]
        if fold == "collect":
            getattr(outcome, name).extend(self._collected(name, claims))
        elif claims and not may_change:
            self._set(outcome, name, NUMBERS[fold](claims))

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
