"""The catalog of rule sets, blocking."""

import datetime as dt
from collections.abc import Sequence
from functools import cached_property
from typing import Unpack

from dealgate_client.blocking.caller import Caller
from dealgate_client.calls import Call
from dealgate_client.v1.rule_service_pb2 import (
    GetRuleSetRequest,
    GetRuleSetResponse,
    ListRuleSetsRequest,
    RuleSetSummary,
)
from dealgate_client.v1.rule_service_pb2_grpc import RuleServiceStub
from dealgate_client.values import optional_timestamp


class RuleCalls(Caller):
    """The calls of RuleService."""

    def list_rule_sets(self, kind: str = "", **call: Unpack[Call]) -> Sequence[RuleSetSummary]:
        """Return every version of every rule set, or those of one kind, by kind and version."""
        request = ListRuleSetsRequest(kind=kind)
        return self._call(self._rules.ListRuleSets, request, call).rule_sets

    def get_rule_set(
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
        return self._call(self._rules.GetRuleSet, request, call)

    @cached_property
    def _rules(self) -> RuleServiceStub:
        return RuleServiceStub(self._channel)
