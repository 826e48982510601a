"""What may be asked of an insight: everything that is wrong with a request."""

from collections.abc import Collection, Sequence
from typing import Any

from dealgate.model.amounts import currency_code
from dealgate.model.checks import required
from dealgate.model.errors import Violation
from dealgate.model.instants import nanoseconds
from dealgate.model.malformed import malformed
from dealgate.v1 import insight_pb2 as pb

FEWEST_STAGES, MOST_STAGES = 2, 50


def violations(request: Any, kinds: Collection[str]) -> list[Violation]:
    """Return everything that is wrong with a request; `kinds` are those of decisions."""
    faults = malformed(request)
    if not any(fault.field.startswith("window.") for fault in faults):
        faults += _window(request.window)
    fields = {field.name for field in request.DESCRIPTOR.fields}
    if "currency_code" in fields and request.currency_code:
        faults += currency_code("currency_code", request.currency_code)
    if "stages" in fields:
        faults += _stages(request.stages)
    if "kind" in fields:
        faults += _kind(request, kinds)
    return faults


def _window(window: pb.InsightWindow) -> list[Violation]:
    if not (window.HasField("since") and window.HasField("before")):
        return []
    wrong = nanoseconds(window.since) >= nanoseconds(window.before)
    return [Violation("window.before", "must be after window.since")] if wrong else []


def _stages(stages: Sequence[str]) -> list[Violation]:
    if not FEWEST_STAGES <= len(stages) <= MOST_STAGES:
        wrong = (
            f"must be {FEWEST_STAGES} to {MOST_STAGES} stages, in their order; unset: the rules'"
        )
        return [Violation("stages", wrong)]
    return [
        Violation(f"stages[{index}]", "is empty or there twice")
        for index, stage in enumerate(stages)
        if not stage or stage in stages[:index]
    ]


def _kind(request: pb.GetRuleEffectivenessRequest, kinds: Collection[str]) -> list[Violation]:
    violations = required("kind", request.kind)
    if request.kind and request.kind not in kinds:
        known = ", ".join(sorted(kinds))
        violations.append(Violation("kind", f"is not a kind of decision; the kinds are: {known}"))
    if request.HasField("rule_set_version") and request.rule_set_version < 1:
        violations.append(Violation("rule_set_version", "must be 1 or more; unset it for any"))
    return violations
