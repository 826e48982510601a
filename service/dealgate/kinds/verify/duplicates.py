"""Which candidates are the same person, and which of them is to be kept."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

from google.type.decimal_pb2 import Decimal as DecimalMessage

from dealgate.kinds.verify.stops import stopped_channels
from dealgate.kinds.verify.terms import Tiers, VerifyParameters
from dealgate.kinds.verify.verdicts import Claim
from dealgate.model.instants import nanoseconds
from dealgate.model.points import plain
from dealgate.v1 import verify_pb2 as pb
from dealgate.v1.lead_pb2 import Lead

Tier: TypeAlias = pb.DuplicateTier.ValueType


def matches(
    facts: pb.VerifyFacts, claims: Sequence[Claim], parameters: VerifyParameters
) -> list[pb.DuplicateMatch]:
    """Return the candidates that match, the most similar first, then by id.

    A candidate that a rule could not be judged on is never ruled out: a person looks. What speaks
    against one counts however much speaks for it.
    """
    tiers = parameters.duplicate_tiers
    matching = [_match(index, facts, claims, tiers) for index in range(len(facts.candidates))]
    kept = [match for match in matching if match.tier]
    return sorted(kept, key=lambda match: (-Decimal(match.score.value or 0), match.id))


def survivor(facts: pb.VerifyFacts, duplicates: Sequence[pb.DuplicateMatch]) -> str:
    """Return the id to keep; "" if the lead has no certain duplicates."""
    group = [*_group(facts, duplicates)]
    return min(group, key=_seniority).id if len(group) > 1 else ""


def closed_channels(
    facts: pb.VerifyFacts, duplicates: Sequence[pb.DuplicateMatch]
) -> Mapping[pb.Channel.ValueType, Sequence[str]]:
    """Return the channels that certain duplicates opted out of, with the rules that matched them.

    What one of them asked us to stop, all of them did: they are one person.
    """
    certain = {
        duplicate.id: duplicate
        for duplicate in duplicates
        if duplicate.tier == pb.DUPLICATE_TIER_AUTO
    }
    sequences: dict[pb.Channel.ValueType, list[str]] = {}
    for lead in facts.candidates:
        if lead.id in certain:
            for channel in stopped_channels(lead.has_opted_out_of_email, lead.do_not_call):
                sequences.setdefault(channel, []).extend(certain[lead.id].rule_ids)
    return sequences


def tier_of(best: Decimal | None, tiers: Tiers, *, is_open: bool) -> Tier:
    """Return what may be done with a match as sure as this, or one that is left open."""
    if best is not None and best >= tiers.auto:
        return pb.DUPLICATE_TIER_AUTO
    looked_at = is_open or (best is not None and best >= tiers.review)
    return pb.DUPLICATE_TIER_REVIEW if looked_at else pb.DUPLICATE_TIER_UNSPECIFIED


def _group(facts: pb.VerifyFacts, duplicates: Sequence[pb.DuplicateMatch]) -> Iterator[Lead]:
    certain = {duplicate.id for duplicate in duplicates if duplicate.tier == pb.DUPLICATE_TIER_AUTO}
    yield facts.lead
    yield from (candidate for candidate in facts.candidates if candidate.id in certain)


def _seniority(lead: Lead) -> tuple[bool, int, str]:
    """The oldest comes first; a lead whose age nobody knows is not taken for old."""
    return not lead.HasField("created_at"), nanoseconds(lead.created_at), lead.id


def _match(
    index: int, facts: pb.VerifyFacts, claims: Sequence[Claim], tiers: Tiers
) -> pb.DuplicateMatch:
    speaking = [
        claim for claim in claims if claim.effect.match is not None and index in claim.elements
    ]
    against = [
        claim for claim in claims if claim.effect.cap is not None and index in claim.elements
    ]
    certain = [one for one in speaking if not one.is_open]
    best = max((one.effect.match for one in certain if one.effect.match), default=None)
    tier = tier_of(best, tiers, is_open=any(one.is_open for one in speaking))
    return pb.DuplicateMatch(
        id=facts.candidates[index].id,
        score=None if best is None else DecimalMessage(value=plain(best)),
        tier=_capped(tier, against),
        rule_ids=[one.rule_id for one in certain or speaking],
        codes=[one.effect.code for one in certain or speaking],
        against_codes=list(dict.fromkeys(one.effect.code for one in against if not one.is_open)),
    )


def _capped(tier: Tier, against: Sequence[Claim]) -> Tier:
    """What might speak against it, and could not be judged, leaves it to a person."""
    if any(one.effect.cap == "none" and not one.is_open for one in against):
        return pb.DUPLICATE_TIER_UNSPECIFIED
    return pb.DUPLICATE_TIER_REVIEW if against and tier else tier
