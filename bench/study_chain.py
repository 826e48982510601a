"""X Education: every fourth lead as it was typed, through verify, score, qualify and route.

Each step is asked with what the one before answered, as a caller would; what is refused on the way
is counted, by field and reason. A visit that is counted as 0 did not happen, and is not sent.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from bench import xeducation
from bench.feeding import Reading
from bench.reports import dirt, distribution
from bench.study import Study
from bench.xeducation_words import known
from dealgate_client import (
    Disposition,
    Lead,
    LeadScores,
    QualifyFacts,
    QualifyOutcome,
    Rep,
    RouteFacts,
    RouteStep,
    ScoreFacts,
    ScoreOutcome,
    Verification,
    VerifyFacts,
)

EVERY = 4
CURE = "nothing had to be"
REPS = [
    Rep(id="ann", teams=["inbound"], is_active=True, has_no_limit=True, languages=["English"]),
    Rep(id="bob", teams=["inbound"], is_active=True, has_no_limit=True, languages=["en-IN", "hi"]),
]


class Verified(NamedTuple):
    """A row, and its lead as VerifyLead gave it back."""

    row: xeducation.Row
    lead: Lead
    verification: Verification


async def run(study: Study) -> int:
    """Return how many decisions were recorded."""
    rows = xeducation.read(study.folder)[::EVERY]
    typed = Reading(_typed, _typed)
    checked = await study.ask("VerifyLead, as typed", rows, typed, xeducation.AS_OF)
    outcomes = [answer.outcome for answer in checked.answers]
    leads = [
        Verified(row, one.lead, one.verification) for row, one in zip(rows, outcomes, strict=True)
    ]
    scored = await study.ask("ScoreLead, verified", leads, Reading(_done, _done), xeducation.AS_OF)
    scores = [answer.outcome for answer in scored.answers]
    pairs = list(zip(leads, scores, strict=True))
    reading = Reading(_to_qualify, _to_qualify)
    qualified = await study.ask("QualifyLead, verified", pairs, reading, xeducation.AS_OF)
    routing = Reading(_to_route, _to_route)
    routed = await study.ask("RouteLead, verified", leads, routing, xeducation.AS_OF)
    steps = {"VerifyLead": checked, "ScoreLead": scored, "QualifyLead": qualified}
    for title, fed in {**steps, "RouteLead": routed}.items():
        dirt(study.console, f"{title}, in the chain", fed.dirt, CURE)
    _report(study, [answer.outcome for answer in qualified.answers], routed.answers)
    return sum(len(fed.answers) for fed in (checked, scored, qualified, routed))


def _report(study: Study, qualified: Sequence[QualifyOutcome], routed: Sequence[object]) -> None:
    names = [Disposition.Name(outcome.disposition) for outcome in qualified]
    distribution(study.console, "Dispositions at the end of the chain", names)
    steps = Counter(RouteStep.Name(answer.outcome.step) for answer in routed)  # type: ignore[attr-defined]
    distribution(study.console, "Who got them", list(steps.elements()))


def _typed(row: xeducation.Row) -> VerifyFacts:
    """Return the lead with its country as people wrote it."""
    lead = xeducation.recorded(row).lead
    if known(row["Country"]):
        lead.country = row["Country"]
    return VerifyFacts(lead=lead)


def _done(verified: Verified) -> ScoreFacts:
    facts = xeducation.cleaned(verified.row)
    facts.lead.CopyFrom(verified.lead)
    return facts


def _to_qualify(pair: tuple[Verified, ScoreOutcome]) -> QualifyFacts:
    verified, outcome = pair
    facts = _done(verified)
    scores = LeadScores(engagement=outcome.engagement)
    if outcome.fit_is_known:
        scores.fit, scores.composite = outcome.fit, outcome.composite
    return QualifyFacts(
        lead=facts.lead,
        activities=facts.activities,
        relationship=facts.relationship,
        verification=verified.verification,
        scores=scores,
    )


def _to_route(verified: Verified) -> RouteFacts:
    return RouteFacts(lead=verified.lead, language="English", reps=REPS)
