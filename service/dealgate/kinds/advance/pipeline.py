"""The pipeline's own laws: which moves its stages allow, whatever the rules say."""

from collections.abc import Iterator

from dealgate.model.gates.findings import GateFinding, block
from dealgate.model.pipelines import Pipeline, Stage
from dealgate.v1 import advance_pb2 as pb


def move(source: Stage, target: Stage, pipeline: Pipeline) -> pb.StageMove.ValueType:
    """Return what moving from `source` to `target` would be."""
    if source.name == target.name:
        return pb.STAGE_MOVE_NONE
    if source.closed:
        return pb.STAGE_MOVE_REOPEN
    if target.closed == "lost":
        return pb.STAGE_MOVE_LOSE
    if pipeline.ranks[target.name] < pipeline.ranks[source.name]:
        return pb.STAGE_MOVE_BACKWARD
    return pb.STAGE_MOVE_SKIP if skipped(source, target, pipeline) else pb.STAGE_MOVE_FORWARD


def skipped(source: Stage, target: Stage, pipeline: Pipeline) -> list[str]:
    """Return the names of the stages between that may not be left out."""
    ranks = pipeline.ranks
    between = pipeline.stages[ranks[source.name] + 1 : ranks[target.name]]
    return [stage.name for stage in between if not stage.closed and not stage.may_be_skipped]


def pipeline_findings(
    facts: pb.AdvanceFacts, source: Stage, target: Stage, pipeline: Pipeline
) -> Iterator[GateFinding]:
    """Yield what forbids the move; nothing if source and target are the same stage."""
    yield from _version(facts)
    kind = move(source, target, pipeline)
    if kind == pb.STAGE_MOVE_REOPEN:
        yield block(
            "CLOSED_IS_FINAL",
            "A closed deal stays closed.",
            field="opportunity.stage_name",
            next_="Open a new opportunity.",
        )
    elif kind == pb.STAGE_MOVE_SKIP:
        names = ", ".join(skipped(source, target, pipeline))
        yield block(
            "STAGE_SKIPPED",
            f"These stages may not be left out: {names}.",
            field="target_stage",
            next_="Move one stage at a time, or have it overridden.",
        )
    elif kind == pb.STAGE_MOVE_BACKWARD:
        yield from _backward(facts, source, target)


def _version(facts: pb.AdvanceFacts) -> Iterator[GateFinding]:
    if not facts.HasField("expected_version"):
        return
    if not facts.opportunity.HasField("version"):
        yield block(
            "VERSION_UNKNOWN",
            "A version is expected, but the opportunity does not tell its own.",
            missing=("opportunity.version",),
        )
    elif facts.opportunity.version != facts.expected_version:
        yield block(
            "VERSION_CONFLICT",
            "The opportunity has changed since it was read.",
            field="expected_version",
            next_="Read the opportunity again.",
        )


def _backward(facts: pb.AdvanceFacts, source: Stage, target: Stage) -> Iterator[GateFinding]:
    if target.pre_qualified and not source.pre_qualified:
        yield block(
            "BACK_TO_PRE_QUALIFIED",
            "An accepted deal never goes back to a stage before acceptance.",
            field="target_stage",
            next_="Close it as lost, or move it to the first stage after acceptance.",
        )
    if not facts.reason.strip():
        yield block(
            "REASON_REQUIRED",
            "A move backward is recorded with its reason.",
            missing=("reason",),
        )
