"""A qualification without its message: for those who decide many and keep no answers."""

from dealgate.kinds.qualify import consequences
from dealgate.kinds.qualify.ladder import judged
from dealgate.kinds.qualify.terms import QualifyEffect, QualifyParameters
from dealgate.model.brief import Brief
from dealgate.model.days import EPOCH, day_number
from dealgate.model.decision import Evidence
from dealgate.model.rules import RuleSet
from dealgate.v1 import qualify_pb2 as pb


def brief(
    facts: pb.QualifyFacts,
    ruleset: RuleSet[QualifyEffect, QualifyParameters],
    evidence: Evidence[QualifyEffect],
    as_of: int,
) -> Brief:
    """Return the disposition and its dates as `conclude` does."""
    del as_of
    verdict = judged(evidence, ruleset)
    numbers = {"recycle_count": 0.0}
    if verdict.disposition == "recycle":
        resting = consequences.is_resting(facts)
        history = facts.history
        until = consequences.recycle_until(verdict, facts, ruleset.parameters)
        day = history.recycle_until if resting else until
        numbers["recycle_until"] = float(day_number(day) - EPOCH)
        numbers["recycle_count"] = float(history.recycle_count + (not resting))
    elif verdict.disposition == "nurture" and not consequences.moves_backward(verdict, facts):
        day = consequences.archive_on(facts, ruleset.parameters)
        numbers["archive_on"] = float(day_number(day) - EPOCH)
    return Brief(verdict.disposition.upper(), numbers)
