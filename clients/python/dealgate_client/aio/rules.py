"""The catalog of rule sets, for asyncio."""

import datetime as dt
from collections.abc import AsyncGenerator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Unpack

import grpc

from dealgate_client.aio.caller import Caller
from dealgate_client.calls import Call, patient
from dealgate_client.failures import failed
from dealgate_client.v1.impact_pb2 import AssessImpactRequest, AssessImpactResponse
from dealgate_client.v1.rule_service_pb2 import (
    ApproveReleaseRequest,
    ApproveReleaseResponse,
    CatalogSummary,
    CheckRuleSetRequest,
    CheckRuleSetResponse,
    GetRuleSetRequest,
    GetRuleSetResponse,
    ListRuleSetsRequest,
    ReleaseRuleSetRequest,
    ReleaseRuleSetResponse,
    RuleSetSummary,
)
from dealgate_client.v1.rule_service_pb2_grpc import RuleServiceStub
from dealgate_client.values import optional_timestamp

if TYPE_CHECKING:
    from dealgate_client.v1.rule_service_pb2_grpc import RuleServiceAsyncStub


class RuleCalls(Caller):
    """The calls of RuleService."""

    async def list_rule_sets(
        self, kind: str = "", **call: Unpack[Call]
    ) -> Sequence[RuleSetSummary]:
        """Return every version of every rule set, or those of one kind, by kind and version."""
        request = ListRuleSetsRequest(kind=kind)
        answer = await self._call(self._rules.ListRuleSets, request, call)
        return answer.rule_sets

    async def get_catalog(self, **call: Unpack[Call]) -> CatalogSummary:
        """Return the catalog that the server decides by, and what came of the last change of it.

        Servers that share its digest decide alike.
        """
        # The rule sets of no kind: the catalog comes along whatever is asked for.
        request = ListRuleSetsRequest(kind="-")
        answer = await self._call(self._rules.ListRuleSets, request, call)
        return answer.catalog

    async def get_rule_set(
        self,
        kind: str,
        version: int | None = None,
        *,
        as_of: dt.datetime | None = None,
        **call: Unpack[Call],
    ) -> GetRuleSetResponse:
        """Return one version with its rules; without `version` the one that decides at `as_of`.

        Raises RuleSetNotFound.
        """
        request = GetRuleSetRequest(kind=kind, version=version, as_of=optional_timestamp(as_of))
        return await self._call(self._rules.GetRuleSet, request, call)

    async def check_rule_set(
        self, files: Mapping[str, str], deleted: Sequence[str] = (), **call: Unpack[Call]
    ) -> CheckRuleSetResponse:
        """Judge changed rule files, by path ("qualify/v3.yaml"), with those the server has.

        Nothing is written. Takes seconds; `timeout` is a minute unless the call names its own.
        """
        request = CheckRuleSetRequest(files=files, deleted=deleted)
        return await self._call(self._rules.CheckRuleSet, request, patient(call))

    async def assess_impact(
        self,
        kind: str,
        version: int,
        *,
        against: int | None = None,
        evaluated_from: dt.datetime | None = None,
        sample_size: int = 0,
        window_days: int = 0,
        treated_outcomes: Sequence[str] = (),
        **call: Unpack[Call],
    ) -> AsyncGenerator[AssessImpactResponse, None]:
        """Assess what a version, usually a draft, would have made of recorded decisions.

        Yields how far the server is; the last has the `impact`. Compares with the version that
        decides now unless `against` names another. No deadline unless `timeout` is given, and a
        stream that broke is not retried. Raises RuleSetNotFound. Close the generator to cancel it.
        """
        request = AssessImpactRequest(
            kind=kind,
            rule_set_version=version,
            against_version=against,
            evaluated_from=optional_timestamp(evaluated_from),
            sample_size=sample_size,
            window_days=window_days,
            treated_outcomes=treated_outcomes,
        )
        stream = self._rules.AssessImpact(
            request, timeout=call.get("timeout"), metadata=self._manner.metadata(call)
        )
        try:
            async for response in stream:
                yield response
        except grpc.RpcError as error:
            raise failed(error) from error
        finally:
            stream.cancel()

    async def release_rule_set(
        self,
        kind: str,
        version: int | None,
        *,
        because: str,
        by: str,
        effective_from: dt.datetime | None = None,
        dry_run: bool = False,
        **call: Unpack[Call],
    ) -> ReleaseRuleSetResponse:
        """Release a version; None: go back to the one before. Without `effective_from`: now.

        Never repeated by itself. `timeout` is a minute unless the call names its own. Raises
        Denied if the server makes no releases, PreconditionFailed with every fault in the rules,
        or with why this release may not be made.
        """
        request = ReleaseRuleSetRequest(
            kind=kind,
            version=version,
            effective_from=optional_timestamp(effective_from),
            because=because,
            released_by=by,
            dry_run=dry_run,
        )
        method = self._rules.ReleaseRuleSet
        return await self._call(method, request, patient(call), repeatable=dry_run)

    async def approve_release(
        self, kind: str, version: int, digest: str, **call: Unpack[Call]
    ) -> ApproveReleaseResponse:
        """Sign a release that waits for signatures, as who the server knows to call.

        `digest` is that of the version that was looked at: `RuleSetSummary.digest`. Never repeated
        by itself. `timeout` is a minute unless the call names its own. Raises Denied, and
        PreconditionFailed with why it may not be approved.
        """
        request = ApproveReleaseRequest(kind=kind, version=version, digest=digest)
        method = self._rules.ApproveRelease
        return await self._call(method, request, patient(call), repeatable=False)

    @cached_property
    def _rules(self) -> "RuleServiceAsyncStub":
        return RuleServiceStub(self._connection.channel)
