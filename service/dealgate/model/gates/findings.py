"""Findings: what the rules of a gate say, whether they fired, were undecided, or failed."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from dealgate.model.decision import AnyFailed, Evidence, Fired, Undecided
from dealgate.model.gates.effects import GateEffect, Role
from dealgate.model.quick import quick
from dealgate.model.rules import AnyRuleSet
from dealgate.v1 import gate_pb2 as pb

INFO, WARN, BLOCK = pb.REASON_SEVERITY_INFO, pb.REASON_SEVERITY_WARN, pb.REASON_SEVERITY_BLOCK


@quick
@dataclass(frozen=True, slots=True)
class GateFinding:
    """One thing that speaks for or against what is asked.

    `missing` are the paths of unknown facts, `field` the fact that is not as it should be, `roles`
    who has to approve, `next` what to do. `asks_approval` is also true while it is unknown whether
    an approval is needed. `rule_id` is empty for what the kind itself forbids.
    """

    code: str
    severity: pb.ReasonSeverity.ValueType
    message: str
    field: str = ""
    rule_id: str = ""
    elements: Sequence[int] = ()
    undecided: bool = False
    missing: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()
    asks_approval: bool = False
    next: str = ""

    def is_set_aside(self, waived: AbstractSet[str]) -> bool:
        """Whether an override turns this block into information; approvals have none."""
        return self.severity == BLOCK and not self.asks_approval and self.code in waived


def findings(ruleset: AnyRuleSet, evidence: Evidence[GateEffect]) -> list[GateFinding]:
    """Return what the rules say, in the order of the file."""
    return [*evidence.once(ruleset.once(_reader))]


def _reader(ruleset: AnyRuleSet) -> Callable[[Evidence[GateEffect]], list[GateFinding]]:
    """Return how evidence on a rule set is read."""
    ranks = ruleset.order

    def read(evidence: Evidence[GateEffect]) -> list[GateFinding]:
        findings = [
            *(_fired(entry) for entry in evidence.fired if not entry.rule.then.waive),
            *(
                _undecided(entry)
                for entry in evidence.undecided
                if entry.rule.then.unknown != "ignore"
            ),
            *(_failed(entry) for entry in evidence.failed),
        ]
        return sorted(findings, key=lambda finding: ranks[finding.rule_id])

    return read


def waivers(evidence: Evidence[GateEffect]) -> set[str]:
    """Return the codes that overrides set aside."""
    return set(evidence.once(_waived))


def _waived(evidence: Evidence[GateEffect]) -> list[str]:
    return [code for entry in evidence.fired for code in entry.rule.then.waive]


def block(
    code: str, message: str, *, field: str = "", missing: tuple[str, ...] = (), next_: str = ""
) -> GateFinding:
    """Return what the kind itself forbids."""
    return GateFinding(code, BLOCK, message, field=field, missing=missing, next=next_)


def _fired(hit: Fired[GateEffect]) -> GateFinding:
    effect = hit.rule.then
    return GateFinding(
        code=effect.code,
        severity=_severity(effect),
        message=hit.rule.because,
        field=effect.field,
        rule_id=hit.rule.id,
        elements=hit.elements,
        roles=effect.roles,
        next=effect.next,
    )


def _undecided(entry: Undecided[GateEffect]) -> GateFinding:
    effect = entry.rule.then
    claims = effect.unknown == "claim"
    return GateFinding(
        code=effect.code,
        severity=_severity(effect) if claims else BLOCK,
        message=f"{entry.rule.because} (Not known: {', '.join(entry.missing)}.)",
        field=effect.field,
        rule_id=entry.rule.id,
        elements=entry.elements,
        undecided=True,
        missing=entry.missing,
        roles=effect.roles if claims else (),
        asks_approval=effect.require is not None,
        next=effect.next,
    )


def _failed(entry: AnyFailed) -> GateFinding:
    return GateFinding(
        code="RULE_FAILED",
        severity=BLOCK,
        message=f"The rule could not be judged: {entry.error}.",
        rule_id=entry.rule.id,
        elements=entry.elements,
        undecided=True,
        next="Tell the owner of the rule set.",
    )


def _severity(effect: GateEffect) -> pb.ReasonSeverity.ValueType:
    """A required approval informs: whether it stops anything depends on who gave it."""
    if effect.block:
        return BLOCK
    return WARN if effect.warn else INFO
