"""The convert kind: may this lead become an opportunity, what is missing, and what to expect?

It is a gate. A lead that has been converted is ALREADY_CONVERTED before anything else, so that a
retry after success does no harm. What nurtures it wins over what is missing; what could not be
judged, or went wrong, is missing: unknown is never yes.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from dealgate.kinds.convert.funnel import add_lift, expected, lift
from dealgate.kinds.convert.terms import ConvertEffect, ConvertParameters
from dealgate.kinds.convert.violations import sound_violations, violations
from dealgate.model import exchange, words
from dealgate.model.brief import Brief
from dealgate.model.decision import Conclusion, Evidence, Failed, Undecided
from dealgate.model.instants import nanoseconds
from dealgate.model.kind import Kind
from dealgate.model.lead_facts import read_lead
from dealgate.model.numbers import numbers_within
from dealgate.model.presence import is_told
from dealgate.model.rules import Rule, RuleSet
from dealgate.model.statistics import Interval
from dealgate.model.zones import today_message
from dealgate.v1 import convert_pb2 as pb

UNMAPPED = "FIELD_UNMAPPED"


def derive(facts: pb.ConvertFacts, parameters: ConvertParameters, as_of: int) -> pb.ConvertFacts:
    """Return the facts as rules read them: amounts in one currency, days of one place."""
    known = pb.ConvertFacts()
    known.CopyFrom(facts)
    read_lead(known.lead)
    exchange.convert(known, parameters.currency)
    known.today.CopyFrom(today_message(facts.time_zone or parameters.time_zone, as_of))
    return known


def conclude(
    facts: pb.ConvertFacts,
    ruleset: RuleSet[ConvertEffect, ConvertParameters],
    evidence: Evidence[ConvertEffect],
    as_of: int,
) -> Conclusion:
    """Return the ConvertOutcome; its word is the decision, such as "needs_data"."""
    parameters = ruleset.parameters
    mapped, unmapped = _mapped(facts, parameters)
    outcome = pb.ConvertOutcome(
        expected=expected(facts.funnel, parameters),
        field_mappings=mapped,
        unmapped_fields=unmapped,
        first_contact_breached=_is_breached(facts, as_of),
        conversions=facts.conversions,
    )
    if facts.deal.id:
        outcome.decision = pb.CONVERT_DECISION_ALREADY_CONVERTED
    else:
        outcome.reasons.extend(_reasons(evidence))
        outcome.missing.extend(_missing(facts, parameters, evidence, unmapped))
        outcome.decision = _decision(evidence, lacks=bool(outcome.missing))
    if outcome.decision == pb.CONVERT_DECISION_CONVERT:
        outcome.creates.extend(_creates(facts))
    word = words.of(pb.ConvertDecision, outcome.decision)
    return Conclusion(outcome, word)


def brief(
    facts: pb.ConvertFacts,
    ruleset: RuleSet[ConvertEffect, ConvertParameters],
    evidence: Evidence[ConvertEffect],
    as_of: int,
) -> Brief:
    """Return the decision and what is expected as `conclude` does."""
    del as_of
    parameters, decision = ruleset.parameters, pb.CONVERT_DECISION_ALREADY_CONVERTED
    if not facts.deal.id:
        blocked = parameters.unmapped_fields_block and bool(_mapped(facts, parameters)[1])
        lacks = blocked or next(_items(facts, evidence), None) is not None
        decision = _decision(evidence, lacks=lacks)
    numbers = numbers_within("expected", expected(facts.funnel, parameters))
    return Brief(words.of(pb.ConvertDecision, decision), numbers)


def _decision(evidence: Evidence[ConvertEffect], *, lacks: bool) -> pb.ConvertDecision.ValueType:
    """Return the decision; `lacks`: there is something that nobody told yet."""
    if any(hit.rule.then.nurture for hit in evidence.fired):
        return pb.CONVERT_DECISION_NURTURE
    is_open = any(not one.rule.then.inform for one in _open(evidence))
    return pb.CONVERT_DECISION_NEEDS_DATA if lacks or is_open else pb.CONVERT_DECISION_CONVERT


def _open(
    evidence: Evidence[ConvertEffect],
) -> Sequence[Undecided[ConvertEffect] | Failed[ConvertEffect]]:
    """Return the rules that could not be judged, or went wrong."""
    return [*evidence.undecided, *evidence.failed]


def _reasons(evidence: Evidence[ConvertEffect]) -> list[pb.ConvertReason]:
    found: list[tuple[Rule[ConvertEffect], bool]] = [(one.rule, False) for one in evidence.fired]
    found += [(one.rule, True) for one in _open(evidence)]
    return [
        pb.ConvertReason(
            code=rule.then.code,
            message=rule.because,
            field=rule.then.field,
            rule_id=rule.id,
            undecided=is_open,
        )
        for rule, is_open in sorted(found, key=lambda pair: pair[0].location)
    ]


def _missing(
    facts: pb.ConvertFacts,
    parameters: ConvertParameters,
    evidence: Evidence[ConvertEffect],
    unmapped: Sequence[str],
) -> list[pb.ConversionNeed]:
    """Return each fact once: by rank, then by what it is worth, then by name."""
    items: dict[str, pb.ConversionNeed] = {}
    for item in sorted(_items(facts, evidence), key=lambda entry: (entry.rank, entry.rule_id)):
        items.setdefault(item.field, item)
    if parameters.unmapped_fields_block:
        for name in unmapped:
            path = f"custom_fields.{name}"
            items[path] = pb.ConversionNeed(field=path, code=UNMAPPED, rank=99)
    worth = {path: lift(path, facts.item_evidence, parameters) for path in items}
    for path, item in items.items():
        add_lift(item, worth[path])
    return sorted(
        items.values(), key=lambda entry: (entry.rank, _least(worth[entry.field]), entry.field)
    )


def _least(observed: Interval | None) -> Decimal:
    """What is worth more comes first; what nobody observed comes last, -1 being the least."""
    return Decimal(1) if observed is None else -observed.value


def _items(
    facts: pb.ConvertFacts, evidence: Evidence[ConvertEffect]
) -> Iterator[pb.ConversionNeed]:
    for hit in evidence.fired:
        if hit.rule.then.need:
            yield _item(facts, hit.rule, hit.rule.then.field)
    for one in _open(evidence):
        if not one.rule.then.inform:
            lacking = one.missing if isinstance(one, Undecided) else (one.rule.then.field,)
            for path in lacking:
                yield _item(facts, one.rule, path)


def _item(facts: pb.ConvertFacts, rule: Rule[ConvertEffect], path: str) -> pb.ConversionNeed:
    return pb.ConversionNeed(
        field=path,
        code=rule.then.code,
        rule_id=rule.id,
        rank=rule.then.rank,
        unknown=not is_told(facts, path),
    )


def _mapped(
    facts: pb.ConvertFacts, parameters: ConvertParameters
) -> tuple[list[pb.FieldMapping], list[str]]:
    """Return where filled fields go, and which of them would be lost."""
    filled = [
        custom_field.name
        for custom_field in facts.custom_fields
        if custom_field.is_filled or not _is_known(custom_field)
    ]
    targets = parameters.field_mapping
    mapped = [pb.FieldMapping(source=one, target=targets[one]) for one in filled if one in targets]
    return mapped, [one for one in filled if one not in targets]


def _is_known(field: pb.CustomField) -> bool:
    return field.HasField("is_filled")


def _is_breached(facts: pb.ConvertFacts, as_of: int) -> bool | None:
    contact = facts.first_contact
    if not contact.HasField("due_at"):
        return None
    reached = nanoseconds(contact.made_at) if contact.HasField("made_at") else as_of
    return reached > nanoseconds(contact.due_at)


def _creates(facts: pb.ConvertFacts) -> list[str]:
    targets = {"account": facts.account.is_new, "contact": facts.contact.is_new}
    return [*(name for name, is_new in targets.items() if is_new), "opportunity"]


CONVERT = Kind(
    name="convert",
    request=pb.ConvertLeadRequest,
    response=pb.ConvertLeadResponse,
    facts=pb.ConvertFacts,
    effect=ConvertEffect,
    parameters=ConvertParameters,
    entity="lead/lead.id",
    check=violations,
    check_sound=sound_violations,
    conclude=conclude,
    brief=brief,
    derive=derive,
    derive_reads=("currency", "time_zone"),
)
