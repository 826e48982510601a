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
)

CURE = "visits counted as 0 and names that are no country are left out"
DRAFT, DRAFT_FILE = 99, ROOT / "bench" / "drafts" / "score_x_education.yaml"


async def run(study: Study) -> int:
    """Return how many decisions were recorded."""
    rows = xeducation.read(study.folder)
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
    await _draft(study, rows)
    for title, fed in (("as recorded", qualified), ("if screening had found nothing", checked)):
        _report_dispositions(study, title, [answer.outcome for answer in fed.answers], bought)
    return len(scored.answers) + len(qualified.answers) + len(checked.answers)


async def _draft(study: Study, rows: Sequence[xeducation.Row]) -> None:
    """Judge a draft, written by looking at the leads with even numbers, by the others."""
    unseen = [row for row in rows if int(row["Lead Number"]) % 2]
    reading = Reading(xeducation.cleaned, xeducation.cleaned)
    fed = await study.ask("ScoreLead, a draft", unseen, reading, xeducation.AS_OF, DRAFT)
    bought = [xeducation.converted(row) for row in unseen]
    scores = [answer.outcome for answer in fed.answers]
    title = "A draft for this business, on the half of the leads it was not written by"
    outcomes(study.console, title, [score.grade for score in scores], bought)
    ranking(study.console, title, {"composite": _ranks(scores)}, bought)


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
