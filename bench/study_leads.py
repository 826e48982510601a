"""X Education: every lead is scored, then qualified by that score; what did it do in the end?"""

from collections.abc import Sequence

from bench import xeducation
from bench.feeding import Reading
from bench.local_server import ROOT
from bench.reports import dirt, distribution, outcomes, ranking
from bench.study import Study
from dealgate_client import (
    Disposition,
    HoldReason,
    Priority,
    QualifyFacts,
    QualifyOutcome,
    ScoreOutcome,
    VerifyOutcome,
)

CURE = "visits counted as 0 and names that are no country are left out"
DRAFTS = {
    99: ROOT / "bench" / "drafts" / "score_x_education.yaml",
    98: ROOT / "bench" / "drafts" / "score_x_education_odds.yaml",
}
BY_HAND, CALIBRATED = DRAFTS


async def run(study: Study) -> int:
    """Return how many decisions were recorded."""
    rows = xeducation.read(study.folder)
    typed = Reading(xeducation.to_verify, xeducation.to_verify)
    verified = await study.ask("VerifyLead", rows, typed, xeducation.AS_OF)
    dirt(study.console, "VerifyLead", verified.dirt, "nothing is left out")
    _report_verification(study, [answer.outcome for answer in verified.answers])
    reading = Reading(xeducation.recorded, xeducation.cleaned)
    scored = await study.ask("ScoreLead", rows, reading, xeducation.AS_OF)
    scores = [answer.outcome for answer in scored.answers]
    pairs = list(zip(rows, scores, strict=True))
    reading_scored = Reading(_with_score, _with_score)
    qualified = await study.ask("QualifyLead", pairs, reading_scored, xeducation.AS_OF)
    screened = Reading(_screened, _screened)
    checked = await study.ask("QualifyLead, screened", pairs, screened, xeducation.AS_OF)
    dirt(study.console, "ScoreLead", scored.dirt, CURE)
    bought = [xeducation.converted(row) for row in rows]
    _report_scores(study, scores, bought)
    await _drafts(study, rows)
    for title, fed in (("as recorded", qualified), ("if screening had found nothing", checked)):
        _report_dispositions(study, title, [answer.outcome for answer in fed.answers], bought)
    asked = (verified, scored, qualified, checked)
    return sum(len(fed.answers) for fed in asked)


def _report_verification(study: Study, answers: Sequence[VerifyOutcome]) -> None:
    """Say what is not understood: names that are no country's, and what rules object to."""
    unknown = [one.lead.country_text for one in answers if one.lead.country_text]
    distribution(study.console, "Countries that are not understood", unknown)
    codes = [reason.code for one in answers for reason in one.reasons]
    distribution(study.console, "What verification says", codes)


async def _drafts(study: Study, rows: Sequence[xeducation.Row]) -> None:
    """Judge two drafts, made by looking at the leads with even numbers, by the others.

    One was written by hand; the other has points that `dealgate calibrate` learnt.
    """
    unseen = [row for row in rows if int(row["Lead Number"]) % 2]
    bought = [xeducation.converted(row) for row in unseen]
    by_hand = await _asked(study, unseen, BY_HAND)
    title = "Drafts for this business, on the half of the leads they were not made from"
    outcomes(study.console, title, [score.grade for score in by_hand], bought)
    calibrated = await _asked(study, unseen, CALIBRATED)
    told = [float(score.calibrated.probability.value) for score in calibrated]
    ranking(study.console, title, {"by hand": _ranks(by_hand), "calibrated": told}, bought)


async def _asked(study: Study, rows: Sequence[xeducation.Row], draft: int) -> list[ScoreOutcome]:
    reading = Reading(xeducation.cleaned, xeducation.cleaned)
    title = f"ScoreLead, draft {draft}"
    fed = await study.ask(title, rows, reading, xeducation.AS_OF, draft)
    return [answer.outcome for answer in fed.answers]


def _ranks(scores: Sequence[ScoreOutcome]) -> list[float]:
    """Return the composites; where fit is unknown, what engagement alone would make of it."""
    return [
        score.composite if score.HasField("composite") else score.engagement / 2 for score in scores
    ]


def _with_score(pair: tuple[xeducation.Row, ScoreOutcome]) -> QualifyFacts:
    return xeducation.to_qualify(*pair)


def _screened(pair: tuple[xeducation.Row, ScoreOutcome]) -> QualifyFacts:
    return xeducation.if_screened(*pair)


def _report_scores(study: Study, scores: Sequence[ScoreOutcome], bought: Sequence[bool]) -> None:
    grades = [score.grade for score in scores]
    priorities = [Priority.Name(score.priority) for score in scores]
    outcomes(study.console, "Conversions by grade", grades, bought)
    outcomes(study.console, "Conversions by priority", priorities, bought)
    ranks: dict[str, list[float]] = {
        "composite": _ranks(scores),
        "fit (unknown: 0)": [score.fit for score in scores],
        "engagement": [score.engagement for score in scores],
    }
    ranking(
        study.console,
        "The shipped rules, which are for selling software to companies",
        ranks,
        bought,
    )


def _report_dispositions(
    study: Study, title: str, answers: Sequence[QualifyOutcome], bought: Sequence[bool]
) -> None:
    names = [Disposition.Name(answer.disposition) for answer in answers]
    outcomes(study.console, f"Conversions by disposition, {title}", names, bought)
    codes = [code for answer in answers for code in answer.reason_codes]
    distribution(study.console, f"Reason codes, {title}", codes)
    held = [HoldReason.Name(why) for answer in answers for why in answer.hold_reasons]
    distribution(study.console, f"Why leads are on hold, {title}", held)
    rules = [rule for answer in answers for rule in answer.holding_rule_ids]
    distribution(study.console, f"Rules that hold them, {title}", rules)
