"""The ruling of a gate: findings and approvals become a decision and what is still to be done."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from google.protobuf.message import Message

from dealgate.model import words
from dealgate.model.gates.approvals import Consent, required_approvals
from dealgate.model.gates.findings import BLOCK, INFO, GateFinding
from dealgate.model.presence import is_told
from dealgate.model.quick import quick
from dealgate.v1 import gate_pb2 as pb

Word: TypeAlias = Literal["allow", "block", "requires_approval"]


@quick
@dataclass(frozen=True, slots=True)
class Ruling:
    """What a gate decides, and the parts of its answer that every gate has."""

    word: Word
    reasons: Sequence[pb.AdvanceReason]
    missing: Sequence[pb.MissingItem]
    approvals: Sequence[pb.RequiredApproval]
    waived_codes: Sequence[str]
    next_actions: Sequence[str]

    def tell(self, outcome: Any) -> None:
        """Add all but the word to a gate's outcome: its fields are called the same."""
        outcome.reasons.extend(self.reasons)
        if self.missing:
            outcome.missing.extend(self.missing)
        if self.approvals:
            outcome.approvals.extend(self.approvals)
        if self.waived_codes:
            outcome.waived_codes.extend(self.waived_codes)
        if self.next_actions:
            outcome.next_actions.extend(self.next_actions)


def ruled(
    facts: Message, consent: Consent, findings: Sequence[GateFinding], waived: AbstractSet[str]
) -> Ruling:
    """Return the decision, its reasons, and what is missing.

    A block whose code is among `waived` informs instead. Approvals are never waived.
    """
    set_aside = [finding for finding in findings if finding.is_set_aside(waived)] if waived else []
    standing = findings
    if set_aside:
        standing = [finding for finding in findings if not finding.is_set_aside(waived)]
    blocks = [finding for finding in standing if finding.severity == BLOCK]
    approvals = required_approvals(consent, findings)
    needed = [approval for approval in approvals if not approval.given]
    return Ruling(
        word=_word(blocked=bool(blocks), needed=bool(needed)),
        reasons=[_reason(finding, waived) for finding in findings],
        missing=_missing(facts, consent, blocks, needed),
        approvals=approvals,
        waived_codes=[*dict.fromkeys(finding.code for finding in set_aside)],
        next_actions=[*dict.fromkeys(_actions(standing, needed))],
    )


def ruled_briefly(
    consent: Consent, findings: Sequence[GateFinding], waived: AbstractSet[str]
) -> Word:
    """Return the decision alone."""
    blocked = any(
        finding.severity == BLOCK and not finding.is_set_aside(waived) for finding in findings
    )
    approvals = () if blocked else required_approvals(consent, findings)
    return _word(blocked=blocked, needed=any(not approval.given for approval in approvals))


def _word(*, blocked: bool, needed: bool) -> Word:
    return "block" if blocked else "requires_approval" if needed else "allow"


def _reason(finding: GateFinding, waived: AbstractSet[str]) -> pb.AdvanceReason:
    return pb.AdvanceReason(
        code=finding.code,
        severity=INFO if finding.is_set_aside(waived) else finding.severity,
        message=finding.message,
        field=finding.field,
        rule_id=finding.rule_id,
        elements=finding.elements,
        undecided=finding.undecided,
    )


def _missing(
    facts: Message,
    consent: Consent,
    blocks: Sequence[GateFinding],
    needed: Sequence[pb.RequiredApproval],
) -> list[pb.MissingItem]:
    items: dict[str, pb.MissingItem] = {}
    for block in blocks:
        for path in block.missing:
            items.setdefault(path, _item(path, block, unknown=True))
        if block.rule_id and block.field and not block.missing:
            items.setdefault(
                block.field, _item(block.field, block, unknown=not is_told(facts, block.field))
            )
    if needed and consent.approvals and not consent.deal.owner_id:
        path, code = "opportunity.owner_id", needed[0].codes[0]
        items.setdefault(path, pb.MissingItem(field=path, unknown=True, code=code))
    return list(items.values())


def _item(path: str, finding: GateFinding, *, unknown: bool) -> pb.MissingItem:
    return pb.MissingItem(field=path, unknown=unknown, code=finding.code, rule_id=finding.rule_id)


def _actions(
    standing: Sequence[GateFinding], needed: Sequence[pb.RequiredApproval]
) -> Iterator[str]:
    for finding in standing:
        yield from [finding.next] if finding.next else []
        yield from (f"Tell {path}." for path in finding.missing)
    for approval in needed:
        role = words.of(pb.SalesRole, approval.role)
        yield f"Ask for approval: {role.replace('_', ' ')}."
