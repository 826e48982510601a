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
    indexes = ruleset.order
    both: list[Fired[RecognizeEffect] | Undecided[RecognizeEffect]] = [
        *evidence.fired,
        *evidence.undecided,
    ]
    yield from sorted(both, key=lambda item: indexes.get(item.rule.id, 0))


def _take(claims: Claims, hit: Fired[RecognizeEffect] | Undecided[RecognizeEffect]) -> None:
    effect = hit.rule.then
    sure = isinstance(hit, Fired)
    if not sure and not effect.shapes:
        return
    if effect.treat:
        # Of the rules that treat a modification the first one counts, and it alone is a reason.
        elements = [element for element in hit.elements if element not in claims.treatments]
        if not elements:
            return
        hit = replace(hit, elements=tuple(elements))
    claims.reasons.append(_reason(hit))
    if effect.hold:
        claims.held = True
    elif effect.treat:
        _treat(claims, hit, effect.treat)
    elif effect.shapes and (sure or effect.constrain or effect.expense):
        _mark(claims, hit)
    elif effect.unite and isinstance(hit, Undecided):
        claims.open += [missing(path, "COMBINATION_UNKNOWN", hit.rule) for path in hit.missing]
    if not sure:
        claims.provisional = True


def _treat(
    claims: Claims, hit: Fired[RecognizeEffect] | Undecided[RecognizeEffect], treatment: Treatment
) -> None:
    for element in hit.elements:
        sure = isinstance(hit, Fired)
        claims.treatments[element] = (treatment, hit.rule.id) if sure else None
        if isinstance(hit, Undecided):
            claims.open += [missing(path, "TREATMENT_UNKNOWN", hit.rule) for path in hit.missing]


def _mark(claims: Claims, hit: Fired[RecognizeEffect] | Undecided[RecognizeEffect]) -> None:
    rule = hit.rule
    name = next(name for name, value in rule.then if value is not None)
    marks = claims.about(name, rule.each.items.source if rule.each else "")
    for index in hit.elements:
        marks.setdefault(index, rule.then.code)


def missing(path: str, code: str, rule: Rule[RecognizeEffect] | None = None) -> gate.MissingItem:
    """Return a fact that must be known first."""
    return gate.MissingItem(field=path, unknown=True, code=code, rule_id=rule.id if rule else "")


def _reason(hit: Fired[RecognizeEffect] | Undecided[RecognizeEffect]) -> pb.RevenueReason:
    effect = hit.rule.then
    quiet = isinstance(hit, Fired) and not (effect.warn or effect.hold)
    message = hit.rule.because
    if isinstance(hit, Undecided):
        message += f" (Not known: {', '.join(hit.missing)}.)"
    return pb.RevenueReason(
        code=effect.code,
        severity=gate.REASON_SEVERITY_INFO if quiet else gate.REASON_SEVERITY_WARN,
        message=message,
        rule_id=hit.rule.id,
        elements=hit.elements,
        undecided=isinstance(hit, Undecided),
    )
