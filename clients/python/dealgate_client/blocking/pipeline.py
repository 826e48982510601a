"""Decisions about open opportunities, blocking."""

from collections.abc import Iterable
from functools import cached_property
from typing import Unpack

from dealgate_client.blocking.caller import Caller
from dealgate_client.calls import Options, decision_options
from dealgate_client.v1.advance_pb2 import (
    Actor,
    AdvanceFacts,
    AdvanceStageRequest,
    AdvanceStageResponse,
    Approval,
    Closure,
    ExitChecklist,
)
from dealgate_client.v1.opportunity_pb2 import Opportunity
from dealgate_client.v1.pipeline_service_pb2_grpc import PipelineServiceStub


class PipelineCalls(Caller):
    """The calls of PipelineService."""

    def advance_stage(
        self,
        *,
        opportunity: Opportunity,
        target_stage: str,
        actor: Actor | None = None,
        expected_version: int | None = None,
        reason: str | None = None,
        approvals: Iterable[Approval] = (),
        checklist: ExitChecklist | None = None,
        closure: Closure | None = None,
        **options: Unpack[Options],
    ) -> AdvanceStageResponse:
        """Ask whether an opportunity may move to `target_stage`, and what it lacks if not.

        `opportunity` needs an id and the stage it is in; `options` are those of `Choices` and
        `Call`. Raises DealgateError.
        """
        facts = AdvanceFacts(
            opportunity=opportunity,
            target_stage=target_stage,
            actor=actor,
            expected_version=expected_version,
            reason=reason,
            approvals=approvals,
            checklist=checklist,
            closure=closure,
        )
        request = AdvanceStageRequest(facts=facts, options=decision_options(options))
        return self._decide(self._pipeline.AdvanceStage, request, options)

    @cached_property
    def _pipeline(self) -> PipelineServiceStub:
        return PipelineServiceStub(self._channel)
