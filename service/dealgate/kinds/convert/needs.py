"""What rules say of a conversion, whatever the lead: reasons, what is missing, the conclusion."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dealgate.kinds.convert import answers
from dealgate.kinds.convert.terms import ConvertEffect
from dealgate.model.decision import Evidence, Failed, Undecided
from dealgate.model.rules import Rule


class Need(NamedTuple):
    """A fact that a rule misses; no rule: the kind itself does."""

    field: str
    code: str
    rule_id: str
    rank: int


@dataclass(frozen=True, slots=True)
class Said:
    """What follows from evidence. `needs` has each fact once, the most important claim of it first.

    `is_open` tells that something could not be judged, or went wrong.
    """

    reasons: bytes
    needs: Mapping[str, Need]
    nurtures: bool
    is_open: bool


def said_by(evidence: Evidence[ConvertEffect]) -> Said:
    """Return what the rules say."""
    needs: dict[str, Need] = {}
    for need in sorted(_needs(evidence), key=lambda claim: (claim.rank, claim.rule_id)):
        needs.setdefault(need.field, need)
    return Said(
        _reasons(evidence),
        needs,
        any(hit.rule.then.nurture for hit in evidence.fired),
        any(not one.rule.then.inform for one in _open(evidence)),
    )


def _open(
    evidence: Evidence[ConvertEffect],
) -> Sequence[Undecided[ConvertEffect] | Failed[ConvertEffect]]:
    """Return the rules that could not be judged, or went wrong."""
    return [*evidence.undecided, *evidence.failed]


def _reasons(evidence: Evidence[ConvertEffect]) -> bytes:
    """Write why, in the order of the rule file."""
    found: list[tuple[Rule[ConvertEffect], bool]] = [(one.rule, False) for one in evidence.fired]
    found += [(one.rule, True) for one in _open(evidence)]
    found.sort(key=lambda pair: pair[0].location)
    return b"".join(answers.reason(rule, undecided=is_open) for rule, is_open in found)


def _needs(evidence: Evidence[ConvertEffect]) -> Iterator[Need]:
    for hit in evidence.fired:
        if hit.rule.then.need:
            yield _need(hit.rule, hit.rule.then.field)
    for one in _open(evidence):
        if not one.rule.then.inform:
            lacking = one.missing if isinstance(one, Undecided) else (one.rule.then.field,)
            for path in lacking:
                yield _need(one.rule, path)


def _need(rule: Rule[ConvertEffect], path: str) -> Need:
    return Need(path, rule.then.code, rule.id, rule.then.rank)
