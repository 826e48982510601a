"""Claims: what the rules say about the contract, its lines, amounts and modifications."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from dealgate.kinds.recognize.terms import LISTS, RecognizeEffect, RecognizeParameters, Treatment
from dealgate.model.decision import Evidence, Fired, Undecided
from dealgate.model.refusal import refuse_failed, refuse_wrong_list
from dealgate.model.rules import Rule, RuleSet
from dealgate.v1 import gate_pb2 as gate
from dealgate.v1 import recognize_pb2 as pb


@dataclass(slots=True)
class Claims:
    """Who is claimed what, by place in its list (`lines`, `variable`, …), and by which rule.

    `treatments` holds None where a rule that would decide cannot be judged; `open` the facts
    that it lacks.
    """

    held: bool = False
    of: dict[tuple[str, str], dict[int, str]] = field(default_factory=dict)
    treatments: dict[int, tuple[Treatment, str] | None] = field(default_factory=dict)
    open: list[gate.MissingItem] = field(default_factory=list)
    reasons: list[pb.RevenueReason] = field(default_factory=list)
    provisional: bool = False

    def about(self, claim: str, over: str = "lines") -> dict[int, str]:
        """Return the code of the claim by place in the list `over`."""
        return self.of.setdefault((claim, over), {})


def claimed(
    ruleset: RuleSet[RecognizeEffect, RecognizeParameters], evidence: Evidence[RecognizeEffect]
) -> Claims:
    """Return the claims of the rules, in the order of the file: the first about a place stands.

    Of a rule that cannot be judged the cautious side is taken: no contract, a constrained
    amount, an expense, an open treatment; what else would shape the schedule makes it provisional.
    Raises RulesFailed if a rule went wrong or claims about a list that it is not judged over.
    """
    refuse_failed(ruleset, evidence)
    refuse_wrong_list(ruleset, evidence, LISTS)
    claims = Claims()
    for one in _in_order(ruleset, evidence):
        _take(claims, one)
    return claims


def _in_order(
    ruleset: RuleSet[RecognizeEffect, RecognizeParameters], evidence: Evidence[RecognizeEffect]
) -> Iterator[Fired[RecognizeEffect] | Undecided[RecognizeEffect]]:
    """With `each` one rule may both have fired and lack facts, about different elements."""
    places = ruleset.order
    both: list[Fired[RecognizeEffect] | Undecided[RecognizeEffect]] = [
        *evidence.fired,
        *evidence.undecided,
    ]
    yield from sorted(both, key=lambda one: places.get(one.rule.id, 0))


def _take(claims: Claims, one: Fired[RecognizeEffect] | Undecided[RecognizeEffect]) -> None:
    effect = one.rule.then
    sure = isinstance(one, Fired)
    if not sure and not effect.shapes:
        return
    if effect.treat:
        # Of the rules that treat a modification the first one counts, and it alone is a reason.
        elements = [element for element in one.elements if element not in claims.treatments]
        if not elements:
            return
        one = replace(one, elements=tuple(elements))
    claims.reasons.append(_reason(one))
    if effect.hold:
        claims.held = True
    elif effect.treat:
        _treat(claims, one, effect.treat)
    elif effect.shapes and (sure or effect.constrain or effect.expense):
        _mark(claims, one)
    elif effect.unite and isinstance(one, Undecided):
        claims.open += [missing(path, "COMBINATION_UNKNOWN", one.rule) for path in one.missing]
    if not sure:
        claims.provisional = True


def _treat(
    claims: Claims, one: Fired[RecognizeEffect] | Undecided[RecognizeEffect], treatment: Treatment
) -> None:
    for element in one.elements:
        sure = isinstance(one, Fired)
        claims.treatments[element] = (treatment, one.rule.id) if sure else None
        if isinstance(one, Undecided):
            claims.open += [missing(path, "TREATMENT_UNKNOWN", one.rule) for path in one.missing]


def _mark(claims: Claims, one: Fired[RecognizeEffect] | Undecided[RecognizeEffect]) -> None:
    rule = one.rule
    name = next(name for name, value in rule.then if value is not None)
    marks = claims.about(name, rule.each.items.source if rule.each else "")
    for place in one.elements:
        marks.setdefault(place, rule.then.code)


def missing(path: str, code: str, rule: Rule[RecognizeEffect] | None = None) -> gate.MissingItem:
    """Return a fact that has to be told first."""
    return gate.MissingItem(field=path, unknown=True, code=code, rule_id=rule.id if rule else "")


def _reason(one: Fired[RecognizeEffect] | Undecided[RecognizeEffect]) -> pb.RevenueReason:
    effect = one.rule.then
    quiet = isinstance(one, Fired) and not (effect.warn or effect.hold)
    message = one.rule.because
    if isinstance(one, Undecided):
        message += f" (Not known: {', '.join(one.missing)}.)"
    return pb.RevenueReason(
        code=effect.code,
        severity=gate.REASON_SEVERITY_INFO if quiet else gate.REASON_SEVERITY_WARN,
        message=message,
        rule_id=one.rule.id,
        elements=one.elements,
        undecided=isinstance(one, Undecided),
    )
