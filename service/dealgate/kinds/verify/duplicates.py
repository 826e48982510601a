"""Which candidates are the same person, and which of them is to be kept."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from google.type.decimal_pb2 import Decimal as DecimalMessage

from dealgate.kinds.verify.terms import VerifyParameters
from dealgate.kinds.verify.verdicts import Claim
from dealgate.model.instants import nanoseconds
from dealgate.model.points import plain
from dealgate.v1 import verify_pb2 as pb
from dealgate.v1.lead_pb2 import Lead


def matches(
    facts: pb.VerifyFacts, found: Sequence[Claim], parameters: VerifyParameters
) -> list[pb.DuplicateMatch]:
    """Return the candidates that match, the most similar first, then by id.

    A candidate that a rule could not be judged on is never ruled out: a person looks.
    """
    matching = [_match(index, facts, found, parameters) for index in range(len(facts.candidates))]
    kept = [one for one in matching if one.tier]
    return sorted(kept, key=lambda one: (-Decimal(one.score.value or 0), one.id))


def survivor(facts: pb.VerifyFacts, found: Sequence[pb.DuplicateMatch]) -> str:
    """Return the id to keep; "" if the lead has no certain duplicates."""
    group = [*_group(facts, found)]
    return min(group, key=_seniority).id if len(group) > 1 else ""


def carried_opt_outs(
    facts: pb.VerifyFacts, found: Sequence[pb.DuplicateMatch]
) -> list[pb.Channel.ValueType]:
    """Return what any of the lead and its certain duplicates asked us to stop."""
    group = [*_group(facts, found)]
    if len(group) == 1:
        return []
    stopped = {one.channel for one in facts.opt_outs}
    if any(one.has_opted_out_of_email for one in group):
        stopped.add(pb.CHANNEL_EMAIL)
    if any(one.do_not_call for one in group):
        stopped.add(pb.CHANNEL_PHONE)
    return sorted(stopped)


def _group(facts: pb.VerifyFacts, found: Sequence[pb.DuplicateMatch]) -> Iterator[Lead]:
    certain = {one.id for one in found if one.tier == pb.DUPLICATE_TIER_AUTO}
    yield facts.lead
    yield from (candidate for candidate in facts.candidates if candidate.id in certain)


def _seniority(lead: Lead) -> tuple[bool, int, str]:
    """The oldest comes first; a lead whose age nobody knows is not taken for old."""
    return not lead.HasField("created_at"), nanoseconds(lead.created_at), lead.id


def _match(
    index: int, facts: pb.VerifyFacts, found: Sequence[Claim], parameters: VerifyParameters
) -> pb.DuplicateMatch:
    speaking = [one for one in found if one.effect.match is not None and index in one.elements]
    certain = [one for one in speaking if not one.is_open]
    best = max((one.effect.match for one in certain if one.effect.match), default=None)
    return pb.DuplicateMatch(
        id=facts.candidates[index].id,
        score=None if best is None else DecimalMessage(value=plain(best)),
        tier=_tier(best, parameters, is_open=any(one.is_open for one in speaking)),
        rule_ids=[one.rule_id for one in certain or speaking],
        codes=[one.effect.code for one in certain or speaking],
    )


def _tier(
    best: Decimal | None, parameters: VerifyParameters, *, is_open: bool
) -> pb.DuplicateTier.ValueType:
    tiers = parameters.duplicate_tiers
    if best is not None and best >= tiers.auto:
        return pb.DUPLICATE_TIER_AUTO
    looked_at = is_open or (best is not None and best >= tiers.review)
    return pb.DUPLICATE_TIER_REVIEW if looked_at else pb.DUPLICATE_TIER_UNSPECIFIED
