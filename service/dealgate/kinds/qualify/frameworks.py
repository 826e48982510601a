"""What the facts say by BANT and by MEDDPICC, whichever the rules use."""

from dealgate.model import words
from dealgate.v1 import qualify_pb2 as pb

CONFIRMED = (pb.CONFIRMATION_CONVERSATION, pb.CONFIRMATION_WRITING)
ELEMENTS = {
    name: words.number_of(pb.MeddpiccElement, name)
    for name in (
        "metrics",
        "economic_buyer",
        "decision_criteria",
        "decision_process",
        "paper_process",
        "identified_pain",
        "champion",
        "competition",
    )
}


def of_bant(facts: pb.QualifyFacts) -> pb.BantResult:
    """Return what a question says by BANT; most say nothing."""
    return bant(facts.bant) if facts.HasField("bant") else NO_BANT


def of_meddpicc(facts: pb.QualifyFacts) -> pb.MeddpiccResult:
    """Return what a question says by MEDDPICC; most say nothing."""
    return meddpicc(facts.meddpicc) if facts.HasField("meddpicc") else NO_MEDDPICC


def bant(facts: pb.Bant) -> pb.BantResult:
    """Tell which of the four elements are known, and which of those are confirmed."""
    budget, authority, need, timeline = facts.budget, facts.authority, facts.need, facts.timeline
    elements = {
        pb.BANT_ELEMENT_BUDGET: (budget.status or budget.HasField("amount"), budget.confirmed_by),
        pb.BANT_ELEMENT_AUTHORITY: (authority.level, authority.confirmed_by),
        pb.BANT_ELEMENT_NEED: (need.level, need.confirmed_by),
        pb.BANT_ELEMENT_TIMELINE: (timeline.HasField("days"), timeline.confirmed_by),
    }
    confirmed = [
        element for element, (known, how) in elements.items() if known and how in CONFIRMED
    ]
    return pb.BantResult(
        confirmed=len(confirmed),
        confirmed_elements=confirmed,
        missing_elements=[element for element, (known, _) in elements.items() if not known],
    )


def meddpicc(facts: pb.MeddpiccScores) -> pb.MeddpiccResult:
    """Add the eight elements up. The scale's own 0 means unknown, so an unset element is 0."""
    scores = {name: getattr(facts, name) for name in ELEMENTS}
    missing = [name for name, score in scores.items() if score == 0]
    return pb.MeddpiccResult(
        sum=sum(scores.values()),
        missing_elements=[ELEMENTS[name] for name in missing],
    )


NO_BANT, NO_MEDDPICC = bant(pb.Bant()), meddpicc(pb.MeddpiccScores())
