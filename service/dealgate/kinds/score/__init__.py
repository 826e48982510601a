"""The score kind: how well a lead fits, how engaged it is, and whom to call first.

Claims of rules (`claims`) are folded into points (`tally`) and scores (`scores`), those of several
leads into their account's (`account`); what rules and parameters may say is in `terms`. Source of
the default arithmetic: rules/score/README.md.
"""

from collections.abc import Sequence

from google.protobuf.message import Message

from dealgate.kinds.score.account import account_violations, folded
from dealgate.kinds.score.answers import contributions, named, written
from dealgate.kinds.score.brief import brief
from dealgate.kinds.score.claims import Claim, Claims
from dealgate.kinds.score.odds import calibrated
from dealgate.kinds.score.reach import PROOFS
from dealgate.kinds.score.scores import FADED, scorers_of
from dealgate.kinds.score.straight import Straight
from dealgate.kinds.score.terms import ScoreEffect, ScoreParameters
from dealgate.model import leads
from dealgate.model.activity_facts import measured_violations, read_activities
from dealgate.model.bounds import out_of_bounds
from dealgate.model.decision import Conclusion, Evidence, Written
from dealgate.model.encoding import message_field
from dealgate.model.errors import Violation
from dealgate.model.exchange import convert, exchange_violations, has_no_exchange
from dealgate.model.kind import Kind
from dealgate.model.lead_facts import read_lead
from dealgate.model.malformed import malformed
from dealgate.model.refusal import refuse_failed
from dealgate.model.rules import RuleSet
from dealgate.v1 import score_pb2 as pb

_calibrated = message_field(pb.ScoreOutcome, "calibrated")
_conversions = message_field(pb.ScoreOutcome, "conversions")
_named_scores = message_field(pb.ScoreOutcome, "named_scores")
_account = message_field(pb.ScoreOutcome, "account")


def check(facts: pb.ScoreFacts, _: ScoreParameters, as_of: int) -> Sequence[Violation]:
    """Return everything wrong with the facts at `as_of` (nanoseconds since the epoch)."""
    return [
        *malformed(facts),
        *out_of_bounds(facts),
        *_violations(facts, as_of),
    ]


def check_sound(facts: pb.ScoreFacts, _: ScoreParameters, as_of: int) -> Sequence[Violation]:
    """Return what is wrong with facts that are sound in themselves."""
    return () if _is_usual(facts, as_of) else _violations(facts, as_of)


def _violations(facts: pb.ScoreFacts, as_of: int) -> Sequence[Violation]:
    return [
        *leads.lead_violations(facts.lead, as_of),
        *leads.activity_violations(facts.activities, as_of),
        *leads.history_violations(facts.history, as_of),
        *measured_violations(facts.activities),
        *exchange_violations(facts, as_of),
        *account_violations(facts, as_of),
    ]


def _is_usual(facts: pb.ScoreFacts, as_of: int) -> bool:
    """Tell at one look that nothing is wrong with a question, as is nearly always so."""
    return (
        has_no_exchange(facts)
        and not facts.account_leads
        and not (facts.HasField("history") and leads.history_violations(facts.history, as_of))
        and leads.is_usual_lead(facts.lead, as_of)
        and leads.are_usual_activities(facts.activities, as_of)
    )


def derive(facts: pb.ScoreFacts, parameters: ScoreParameters, as_of: int) -> pb.ScoreFacts:
    """Return the facts as rules read them: amounts in one currency, joined activities measured."""
    known = pb.ScoreFacts()
    known.CopyFrom(facts)
    read_lead(known.lead)
    read_activities(known.activities, as_of)
    convert(known, parameters.currency)
    return known


def conclude(
    facts: pb.ScoreFacts,
    ruleset: RuleSet[ScoreEffect, ScoreParameters],
    evidence: Evidence[ScoreEffect],
    as_of: int,
) -> Conclusion:
    """Fold the claims into a ScoreOutcome; its word is the grade.

    Raises RulesFailed if a rule went wrong: a score with a rule left out is another score.
    """
    refuse_failed(ruleset, evidence)
    usual = ruleset.once(Straight).conclusion(facts, evidence, as_of)
    return _concluded(facts, ruleset, evidence, as_of) if usual is None else usual


def _concluded(
    facts: pb.ScoreFacts,
    ruleset: RuleSet[ScoreEffect, ScoreParameters],
    evidence: Evidence[ScoreEffect],
    as_of: int,
) -> Conclusion:
    """Fold the claims, whatever is missing."""
    claims = ruleset.once(Claims.of).claimed(facts, evidence, as_of)
    scorers = ruleset.once(scorers_of)
    score = scorers[0].scored(claims, evidence)
    told = contributions(score.claims, score.sure.counted, score.certain)
    parts = [written(scorers[0], score, told, _missing(claims, evidence))]
    calibration, account = ruleset.parameters.calibration, ruleset.parameters.account
    if calibration is not None:
        parts.append(_calibrated(_bytes(calibrated(calibration, evidence))))
    parts += [_conversions(_bytes(conversion)) for conversion in facts.conversions]
    for scorer in scorers[1:]:
        parts.append(_named_scores(named(scorer, scorer.scored(claims, evidence))))
    if account is not None and facts.account_leads:
        parts.append(_account(_bytes(folded(score, facts, scorers[0].grades, account, as_of))))
    return Conclusion(Written(pb.ScoreOutcome, b"".join(parts)), score.grade.text)


def _missing(claims: Sequence[Claim], evidence: Evidence[ScoreEffect]) -> list[str]:
    if not evidence.undecided and None not in map(FADED, claims):
        return []
    ageless = {f"activities[{claim.element}].at" for claim in claims if claim.faded is None}
    return sorted(ageless.union(*[undecided.missing for undecided in evidence.undecided]))


def _bytes(message: Message) -> bytes:
    return message.SerializeToString(deterministic=True)


SCORE = Kind(
    name="score",
    request=pb.ScoreLeadRequest,
    response=pb.ScoreLeadResponse,
    facts=pb.ScoreFacts,
    effect=ScoreEffect,
    parameters=ScoreParameters,
    entity="lead/lead.id",
    check=check,
    check_sound=check_sound,
    conclude=conclude,
    derive=derive,
    derive_reads=("currency",),
    brief=brief,
    proofs=PROOFS,
)
