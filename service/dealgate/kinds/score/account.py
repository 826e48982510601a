"""The score of an account: those of its leads, this one and the others', folded into one."""

from collections.abc import Sequence

from dealgate.kinds.score.scores import Grades, Score
from dealgate.kinds.score.terms import AccountTerms
from dealgate.model.checks import at_most, has_happened, required, required_id, unique_ids
from dealgate.model.errors import Violation
from dealgate.model.instants import DAY, nanoseconds
from dealgate.model.ratio import Ratio
from dealgate.v1 import score_pb2 as pb

LEADS_MAX = 1000
FULL = 100


def account_violations(facts: pb.ScoreFacts, as_of: int) -> list[Violation]:
    """Return what is wrong with the leads of the account."""
    leads = facts.account_leads
    if not leads:
        return []
    violations = at_most("account_leads", leads, LEADS_MAX)
    violations += unique_ids("account_leads", (one.lead_id for one in leads), "lead_id")
    for index, one in enumerate(leads):
        path = f"account_leads[{index}]"
        violations += required_id(f"{path}.lead_id", one.lead_id)
        violations += required(f"{path}.engagement", one.HasField("engagement"))
        violations += has_happened(f"{path}.scored_at", one.scored_at, as_of)
        if one.lead_id and one.lead_id == facts.lead.id:
            violations.append(Violation(f"{path}.lead_id", "is this lead, which counts anyway"))
    return violations


def folded(
    own: Score,
    facts: pb.ScoreFacts,
    grades: Grades,
    terms: AccountTerms,
    as_of: int,
) -> pb.AccountScore:
    """Return the account's score; `own` is what this lead came to."""
    fresh = [
        account_lead
        for account_lead in facts.account_leads
        if not _is_old(account_lead, terms.max_age_days, as_of)
    ]
    fits = [] if own.fit is None else [own.fit]
    fits += [one.fit for one in fresh if one.HasField("fit")]
    engagements = [own.sure.engagement, *(one.engagement for one in fresh)]
    score = pb.AccountScore(
        engagement=_fold(engagements, terms.engagement),
        leads=len(engagements),
        engaged_leads=sum(one >= terms.engaged_from for one in engagements),
        leads_too_old=len(facts.account_leads) - len(fresh),
    )
    if fits:
        score.fit = _fold(fits, terms.fit)
    grade = grades.grade(score.fit if fits else None, score.engagement)
    if grade.composite is not None:
        score.composite, score.reaches_threshold = grade.composite, grade.reaches
    score.grade, score.priority = grade.text, grade.priority
    return score


def _is_old(lead: pb.AccountLead, days: int, as_of: int) -> bool:
    return lead.HasField("scored_at") and as_of - nanoseconds(lead.scored_at) > days * DAY


def _fold(scores: Sequence[int], how: str) -> int:
    if how == "max":
        return max(scores)
    if how == "sum":
        return min(sum(scores), FULL)
    return int(Ratio(sum(scores), len(scores)) + Ratio(1, 2))
