"""The pipelines as a stage machine, for proofs: which moves their own laws leave to the rules."""

from collections.abc import Sequence

from dealgate.kinds.advance.pipeline import move
from dealgate.kinds.advance.terms import AdvanceEffect, AdvanceParameters
from dealgate.model.pipelines import Pipeline, Pipelines, Stage
from dealgate.model.proofs import KindProofs, StageMachine
from dealgate.v1 import advance_pb2 as pb

ALLOWED = {pb.STAGE_MOVE_FORWARD, pb.STAGE_MOVE_BACKWARD, pb.STAGE_MOVE_LOSE}


def _pipelines(parameters: AdvanceParameters) -> Pipelines:
    return parameters.ways


def _allows(source: Stage, target: Stage, stages: Sequence[Stage]) -> bool:
    return move(source, target, Pipeline("", stages)) in ALLOWED


PROOFS: KindProofs[AdvanceEffect, AdvanceParameters] = KindProofs(
    machine=StageMachine(
        source="opportunity.stage_name",
        target="target_stage",
        pipelines=_pipelines,
        allows=_allows,
        own_codes={"STAGE_SKIPPED", "BACK_TO_PRE_QUALIFIED", "REASON_REQUIRED"},
    )
)
