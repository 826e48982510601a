"""X Education: every lead is scored, then qualified by that score; what did it do in the end?"""

from collections.abc import Sequence

from bench import xeducation
from bench.feeding import Reading
from bench.reports import dirt, distribution, outcomes, ranking
from bench.study import Study
from dealgate_client import Disposition, Priority, QualifyFacts, QualifyOutcome, ScoreOutcome

CURE = "visits counted as 0 and names that are no country are left out"


async def run(study: Study) -> int:
    """Return how many decisions were taken."""
    rows = xeducation.read(study.folder)
    reading = Reading(xeducation.recorded, xeducation.cleaned)
    scored = await study.ask("ScoreLead", rows, reading, xeducation.AS_OF)
    scores = [answer.outcome for answer in scored.answers]
    pairs = list(zip(rows, scores, strict=True))
    reading_scored = Reading(_with_score, _with_score)
    qualified = await study.ask("QualifyLead", pairs, reading_scored, xeducation.AS_OF)
    dirt(study.console, "ScoreLead", scored.dirt, CURE)
    bought = [xeducation.converted(row) for row in rows]
    _report_scores(study, scores, bought)
    _report_dispositions(study, [answer.outcome for answer in qualified.answers], bought)
    return len(scored.answers) + len(qualified.answers)


def _with_score(pair: tuple[xeducation.Row, ScoreOutcome]) -> QualifyFacts:
    return xeducation.to_qualify(*pair)


def _report_scores(study: Study, scores: Sequence[ScoreOutcome], bought: Sequence[bool]) -> None:
    grades = [score.grade for score in scores]
    priorities = [Priority.Name(score.priority) for score in scores]
    outcomes(study.console, "Conversions by grade", grades, bought)
    outcomes(study.console, "Conversions by priority", priorities, bought)
    ranks: dict[str, list[float]] = {
        "composite (fit if known, and engagement)": [
            score.composite if score.HasField("composite") else score.engagement / 2
            for score in scores
        ],
        "fit (unknown: 0)": [score.fit for score in scores],
        "engagement": [score.engagement for score in scores],
    }
    ranking(
        study.console, "The score against the conversions, no leaking column used", ranks, bought
    )


def _report_dispositions(
    study: Study, answers: Sequence[QualifyOutcome], bought: Sequence[bool]
) -> None:
    names = [Disposition.Name(answer.disposition) for answer in answers]
    outcomes(study.console, "Conversions by disposition", names, bought)
    codes = [code for answer in answers for code in answer.reason_codes]
    distribution(study.console, "Reason codes", codes)
    lacking = [fact for answer in answers for fact in answer.missing_facts]
    distribution(study.console, "Facts that held a lead back", lacking)
