"""The convert kind: may this lead become an opportunity, what is missing, and what to expect?

It is a gate. A lead that has been converted is ALREADY_CONVERTED before anything else, so that a
retry after success does no harm. What nurtures it wins over what is missing; what could not be
judged, or went wrong, is missing: unknown is never yes.
"""

from collections.abc import Sequence
from decimal import Decimal

from dealgate.kinds.convert import answers
from dealgate.kinds.convert.funnel import expected, lift
from dealgate.kinds.convert.needs import Need, Said, said_by
from dealgate.kinds.convert.terms import ConvertEffect, ConvertParameters
from dealgate.kinds.convert.violations import sound_violations, violations
from dealgate.model import exchange, words
from dealgate.model.brief import Brief
from dealgate.model.decision import Conclusion, Evidence, Written
from dealgate.model.instants import nanoseconds
from dealgate.model.kind import Kind
from dealgate.model.lead_facts import read_lead
from dealgate.model.numbers import numbers_within
from dealgate.model.presence import is_told
from dealgate.model.rules import RuleSet
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
    parameters, said = ruleset.parameters, evidence.once(said_by)
    filled = _filled(facts)
    targets = ruleset.once(_targets)
    unmapped = [name for name in filled if name not in targets]
    decision, reasons, missing = pb.CONVERT_DECISION_ALREADY_CONVERTED, b"", list[bytes]()
    if not facts.deal.id:
        reasons = said.reasons
        missing = _missing(facts, parameters, said, unmapped)
        decision = _decision(said, lacks=bool(missing))
    breached = _is_breached(facts, as_of)
    data = b"".join(
        (
            answers.DECISION(decision),
            reasons,
            *missing,
            _expected(facts, parameters),
            *[answers.mapping(name, targets[name]) for name in filled if name in targets],
            *map(answers.UNMAPPED_FIELDS, unmapped),
            *map(answers.CREATES, _creates(facts, decision)),
            b"" if breached is None else answers.FIRST_CONTACT_BREACHED(breached),
            answers.conversions(facts),
        )
    )
    word = words.of(pb.ConvertDecision, decision)
    return Conclusion(Written(pb.ConvertOutcome, data), word)


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
        said, targets = evidence.once(said_by), ruleset.once(_targets)
        blocks = parameters.unmapped_fields_block
        is_blocked = blocks and any(name not in targets for name in _filled(facts))
        decision = _decision(said, lacks=is_blocked or bool(said.needs))
    numbers = numbers_within("expected", expected(facts.funnel, parameters))
    return Brief(words.of(pb.ConvertDecision, decision), numbers)


def _decision(said: Said, *, lacks: bool) -> pb.ConvertDecision.ValueType:
    """Return the decision; `lacks`: something is not known yet."""
    if said.nurtures:
        return pb.CONVERT_DECISION_NURTURE
    is_open = lacks or said.is_open
    return pb.CONVERT_DECISION_NEEDS_DATA if is_open else pb.CONVERT_DECISION_CONVERT


def _missing(
    facts: pb.ConvertFacts, parameters: ConvertParameters, said: Said, unmapped: Sequence[str]
) -> list[bytes]:
    """Write each fact that is missing once: by rank, then by what it is worth, then by name."""
    needs = said.needs
    if parameters.unmapped_fields_block and unmapped:
        lost = [Need(f"custom_fields.{name}", UNMAPPED, "", 99) for name in unmapped]
        needs = {**needs, **{need.field: need for need in lost}}
    if not needs:
        return []
    told = facts.item_evidence
    worth = {path: lift(path, told, parameters) for path in needs} if told else {}
    ranked = [*needs.values()]
    if len(ranked) > 1:
        ranked.sort(key=lambda need: (need.rank, _least(worth.get(need.field)), need.field))
    return [
        answers.need(*need, worth.get(need.field), unknown=_is_unknown(facts, need))
        for need in ranked
    ]


def _is_unknown(facts: pb.ConvertFacts, need: Need) -> bool:
    """Tell whether a fact is not known; that a field would be lost is known."""
    return bool(need.rule_id) and not is_told(facts, need.field)


def _expected(facts: pb.ConvertFacts, parameters: ConvertParameters) -> bytes:
    if not facts.funnel:
        return answers.nothing_expected()
    return answers.expected(expected(facts.funnel, parameters))


def _least(observed: Interval | None) -> Decimal:
    """What is worth more comes first; what nobody observed comes last, -1 being the least."""
    return Decimal(1) if observed is None else -observed.value


def _filled(facts: pb.ConvertFacts) -> list[str]:
    """Return the lead's own fields that have a value, as far as is known."""
    return [field.name for field in facts.custom_fields if field.is_filled or not _is_known(field)]


def _targets(ruleset: RuleSet[ConvertEffect, ConvertParameters]) -> dict[str, str]:
    return dict(ruleset.parameters.field_mapping)


def _is_known(field: pb.CustomField) -> bool:
    return field.HasField("is_filled")


def _is_breached(facts: pb.ConvertFacts, as_of: int) -> bool | None:
    contact = facts.first_contact
    if not contact.HasField("due_at"):
        return None
    reached = nanoseconds(contact.made_at) if contact.HasField("made_at") else as_of
    return reached > nanoseconds(contact.due_at)


def _creates(facts: pb.ConvertFacts, decision: pb.ConvertDecision.ValueType) -> list[str]:
    if decision != pb.CONVERT_DECISION_CONVERT:
        return []
    targets = (("account", facts.account), ("contact", facts.contact))
    return [*(name for name, target in targets if target.is_new), "opportunity"]


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
