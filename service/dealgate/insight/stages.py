"""Stage conversion and time in stage of opportunities."""

from collections.abc import Sequence

from dealgate.insight.deals import Sighting, sightings
from dealgate.insight.numbers import SMALL_SAMPLE, LeftOut, basis, measure
from dealgate.insight.passages import Passages, conversions, times
from dealgate.insight.survival import quartiles
from dealgate.insight.traffic import Traffic
from dealgate.insight.window import window_of
from dealgate.model.instants import DAY, nanoseconds
from dealgate.v1 import insight_pb2 as pb
from dealgate.v1.advance_pb2 import AdvanceDecision, AdvanceStageResponse, StageMove

SOURCES = (
    (
        "a stage is entered when the opportunity's history says so, or when AdvanceStage allowed "
        "the move; the last stage also by a result WON"
    ),
    "ended: a result LOST, or a move out of the pipeline that was allowed",
)
CONVERSION = (
    (
        "cohort: of opportunities that entered the stage in the window, those that have passed on "
        "by as_of; open ones are in the denominator and shown separately"
    ),
    "period: of opportunities that left the stage in the window, those that passed on",
    "an opportunity seen in a later stage has passed through all before it; re-entries count once",
    *SOURCES,
)
TIME = (
    (
        "from entering the stage, in the window, to entering any later one or ending; open ones "
        "are censored at as_of"
    ),
    "quartiles by the product limit of Kaplan and Meier; none if the curve has not come down to it",
    *SOURCES,
)
LEFT_OUT = {"STAGE_UNKNOWN": "entries into stages that were not requested"}


def stage_conversion(
    request: pb.GetStageConversionRequest, traffic: Traffic, now: int
) -> pb.GetStageConversionResponse:
    """Return how opportunities pass from stage to stage."""
    window, left_out = window_of(request.window, now), LeftOut(LEFT_OUT)
    passages = _passages(traffic, request.stages, left_out)
    cohort, period = conversions(passages, request.stages, window)
    return pb.GetStageConversionResponse(
        basis=basis(window, traffic, CONVERSION, left_out), cohort=cohort, period=period
    )


def time_in_stage(
    request: pb.GetTimeInStageRequest, traffic: Traffic, now: int
) -> pb.GetTimeInStageResponse:
    """Return how long opportunities stay in each open stage."""
    window, left_out = window_of(request.window, now), LeftOut(LEFT_OUT)
    passed = times(_passages(traffic, request.stages, left_out), window)
    stages = [_time(stage, passed.get(rank, [])) for rank, stage in enumerate(request.stages[:-1])]
    return pb.GetTimeInStageResponse(basis=basis(window, traffic, TIME, left_out), stages=stages)


def _time(stage: str, durations: Sequence[tuple[int, bool]]) -> pb.StageTime:
    left = sum(over for _, over in durations)
    shown = pb.StageTime(
        stage=stage,
        entered=len(durations),
        left=left,
        open=len(durations) - left,
        is_small_sample=len(durations) < SMALL_SAMPLE,
    )
    unknown = "too many are still in it" if durations else "nobody entered it in the window"
    fields = (shown.p25_days, shown.median_days, shown.p75_days)
    for field, stage_time in zip(fields, quartiles(durations), strict=True):
        field.CopyFrom(measure(None if stage_time is None else stage_time / DAY, unknown))
    return shown


def _passages(traffic: Traffic, stages: Sequence[str], left_out: LeftOut) -> Passages:
    passages, ranks = Passages(), {stage: rank for rank, stage in enumerate(stages)}
    unknown: set[tuple[str, str]] = set()
    for sighting in sightings(traffic):
        for stage, at in _entries(sighting):
            if stage in ranks:
                passages.enter(sighting.subject, ranks[stage], at)
            else:
                unknown.add((sighting.subject, stage))
        _note_end(passages, sighting, len(stages) - 1)
    left_out.add("STAGE_UNKNOWN", len(unknown))
    return passages


def _entries(sighting: Sighting) -> list[tuple[str, int]]:
    """Return the stages that a sighting says were entered, and when."""
    history = sighting.opportunity.history
    entries = [(c.stage_name, nanoseconds(c.at)) for c in history if c.HasField("at")]
    moved = _allowed(sighting)
    if moved is not None and moved != StageMove.STAGE_MOVE_LOSE:
        entries.append((sighting.facts.target_stage, sighting.decision.as_of))
    return entries


def _note_end(passages: Passages, sighting: Sighting, last: int) -> None:
    if sighting.result is not None and sighting.result.type == "WON":
        passages.enter(sighting.subject, last, sighting.result.happened_at)
    if sighting.result is not None and sighting.result.type == "LOST":
        passages.end(sighting.subject, sighting.result.happened_at)
    elif _allowed(sighting) == StageMove.STAGE_MOVE_LOSE:
        passages.end(sighting.subject, sighting.decision.as_of)


def _allowed(sighting: Sighting) -> "StageMove.ValueType | None":
    """Return the move that a decision allowed; None: it allowed none, or is about none."""
    if sighting.decision.kind != "advance" or sighting.decision.outcome != "allow":
        return None
    outcome = AdvanceStageResponse.FromString(sighting.decision.answer).outcome
    allowed = outcome.decision == AdvanceDecision.ADVANCE_DECISION_ALLOW
    return outcome.move if allowed else None
