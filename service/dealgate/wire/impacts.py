"""The impact of a version over the wire: AssessImpact."""

from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from dealgate.model.errors import BadQuestion, Violation
from dealgate.model.kind import AnyKind
from dealgate.model.malformed import malformed
from dealgate.v1 import impact_pb2 as pb
from dealgate.wire.calls import Call, parsed

SAMPLE_LIMIT, WINDOW_LIMIT, OUTCOMES_LIMIT = 100_000, 3660, 100


class Assess(Protocol):
    """Assesses an impact, part by part, aside."""

    def __call__(
        self, request: pb.AssessImpactRequest, tenant: str
    ) -> AsyncIterator[pb.AssessImpactResponse]:
        """Yield how far it is, and last the impact; raises UnknownRuleSet and Overloaded."""


class Impacts:
    """Answers AssessImpact."""

    def __init__(self, kinds: Mapping[str, AnyKind], assess: Assess) -> None:
        """`kinds` are those that may be asked about."""
        self._kinds = kinds
        self._assess = assess

    async def assess(self, messages: AsyncIterator[bytes], call: Call) -> AsyncIterator[bytes]:
        """Answer the one request of the stream."""
        async for data in messages:
            request = parsed(pb.AssessImpactRequest, data)
            call.allow(request.kind.partition("/")[0])
            violations = self._violations(request)
            if violations:
                raise BadQuestion(violations)
            async for answer in self._assess(request, call.tenant):
                yield answer.SerializeToString()
            return

    def _violations(self, request: pb.AssessImpactRequest) -> list[Violation]:
        violations = malformed(request)
        if request.kind.partition("/")[0] not in self._kinds:
            known = ", ".join(sorted(self._kinds))
            wrong = f"is not a kind of decision; the kinds are: {known}"
            violations.append(Violation("kind", wrong))
        if request.rule_set_version < 1:
            violations.append(Violation("rule_set_version", "must be 1 or more"))
        if request.HasField("against_version") and request.against_version < 1:
            violations.append(Violation("against_version", "must be 1 or more; or leave it out"))
        for name, most in (("sample_size", SAMPLE_LIMIT), ("window_days", WINDOW_LIMIT)):
            if not 0 <= getattr(request, name) <= most:
                violations.append(Violation(name, f"must be 0 to {most:,}"))
        if len(request.treated_outcomes) > OUTCOMES_LIMIT:
            violations.append(Violation("treated_outcomes", f"at most {OUTCOMES_LIMIT}"))
        return violations
