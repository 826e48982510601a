"""What the lead and each of its fields are worth: the gravest claim counts.

Unknown is never good. A rule that could not be judged, or went wrong, leaves what it would have
claimed open: the field, and the lead if the rule claims a status, are unverifiable at best. What
rules say about a field that is not there counts nothing: it is missing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction
from typing import get_args

from dealgate.kinds.verify.terms import (
    FurtherField,
    Grades,
    UsualField,
    VerifyEffect,
    VerifyParameters,
)
from dealgate.model import words
from dealgate.model.decision import Evidence, Failed, Fired, Undecided
from dealgate.model.ratio import Ratio
from dealgate.model.rules import Location, RuleSet
from dealgate.v1 import lead_pb2
from dealgate.v1 import verify_pb2 as pb

FIELDS: Sequence[str] = get_args(UsualField)
FURTHER_FIELDS: Sequence[str] = get_args(FurtherField)
GRAVEST = ("invalid", "unverifiable", "risky", "unchecked")
# A value that may be wrong is worth half; a wrong one no more than none. What one is worth that
# nobody looked at, the rule set says.
WORTH: Mapping[int, Fraction] = {
    pb.VERDICT_VALID: Ratio(1),
    pb.VERDICT_RISKY: Ratio(1, 2),
    pb.VERDICT_UNVERIFIABLE: Ratio(1, 2),
}


@dataclass(frozen=True, slots=True)
class Claim:
    """What one rule says, or what it leaves open."""

    effect: VerifyEffect
    rule_id: str
    because: str
    elements: tuple[int, ...]
    is_open: bool
    index: Location


def claims(evidence: Evidence[VerifyEffect], present: Mapping[str, bool]) -> Sequence[Claim]:
    """Return what rules say of the lead, in file order; no verdicts on fields not there.

    A finding that is only filed under a field is reported whether or not the field is there.
    """
    found = [*_claims(evidence.fired, is_open=False)]
    found += [*_claims(evidence.undecided, is_open=True), *_claims(evidence.failed, is_open=True)]
    about = [one for one in found if one.effect.verdict is None or _is_there(one, present)]
    return sorted(about, key=lambda item: item.index)


def presence(facts: pb.VerifyFacts) -> dict[str, bool]:
    """Return which fields hold a value that is more than a placeholder."""
    lead, findings = facts.lead, facts.findings
    given = {
        "lead.last_name": bool(lead.last_name),
        "lead.email": bool(lead.email),
        "lead.phone": bool(lead.phone),
        "lead.title": bool(lead.title),
        "lead.country": bool(lead.country),
        "lead.lead_source": bool(lead.lead_source),
        "lead.company.name": bool(lead.company.name),
        "lead.company.domain": bool(lead.company.domain),
        "lead.company.industry": bool(lead.company.industry),
        "lead.company.employees": lead.company.employees > 0,
        "lead.first_name": bool(lead.first_name),
        "lead.website": bool(lead.website),
        "lead.state": bool(lead.state),
        "lead.postal_code": bool(lead.postal_code),
    }
    return {path: there and path not in findings.placeholders for path, there in given.items()}


def status(claims: Sequence[Claim]) -> lead_pb2.VerificationStatus.ValueType:
    """Return the gravest status claimed; VERIFIED if there is none."""
    names = ["unverifiable" if one.is_open else one.effect.status for one in claims if _status(one)]
    worst = min((name for name in names if name), key=GRAVEST.index, default="verified")
    return words.number_of(lead_pb2.VerificationStatus, worst)


def field_verdicts(
    claims: Sequence[Claim], present: Mapping[str, bool], looked_at: AbstractSet[str]
) -> list[pb.FieldVerdict]:
    """Return what each field is worth: valid only if some rule looks at it, and none objects."""
    about: dict[str | None, list[Claim]] = {}
    for claim in claims:
        if claim.effect.verdict is not None:
            about.setdefault(claim.effect.field, []).append(claim)
    return [
        _verdict(path, about.get(path, ()), "valid" if path in looked_at else "unchecked")
        if present[path]
        else pb.FieldVerdict(field=path, verdict=pb.VERDICT_MISSING)
        for path in (*FIELDS, *[path for path in FURTHER_FIELDS if path in looked_at])
    ]


def looked_at(ruleset: RuleSet[VerifyEffect, VerifyParameters]) -> frozenset[str]:
    """Return the fields that rules have a verdict on, whatever the lead."""
    effects = (rule.then for rule in ruleset.rules)
    return frozenset(
        effect.field for effect in effects if effect.field and effect.verdict is not None
    )


class Quality:
    """The quality of the data: the weighted share of what is good, by a rule set's weights."""

    def __init__(self, ruleset: RuleSet[VerifyEffect, VerifyParameters]) -> None:
        """All is counted in the parts that a half and `unchecked_share` are whole numbers of."""
        parameters = ruleset.parameters
        unchecked: Fraction = Ratio(parameters.unchecked_share)
        self._part = 2 * unchecked.denominator
        worths = {**WORTH, pb.VERDICT_UNCHECKED: unchecked}
        self._worths = {verdict: int(worth * self._part) for verdict, worth in worths.items()}
        self._weights = {str(path): n for path, n in parameters.quality_weights.items()}
        self._whole = self._part * sum(self._weights.values())

    def of(self, verdicts: Iterable[pb.FieldVerdict]) -> int:
        """Return it from 0 to 100, half up."""
        worths, weights = self._worths, self._weights
        worth = sum([worths.get(one.verdict, 0) * weights.get(one.field, 0) for one in verdicts])
        return (200 * worth + self._whole) // (2 * self._whole)


def grade(quality: int, grades: Grades) -> str:
    """Return A to D."""
    reached = [name for name in ("A", "B", "C") if quality >= getattr(grades, name)]
    return reached[0] if reached else "D"


def reasons(claims: Sequence[Claim]) -> list[pb.VerifyReason]:
    """Return what the rules said, candidates and accounts aside: those have their own answers."""
    return [
        pb.VerifyReason(
            code=one.effect.code,
            message=one.because,
            field=one.effect.field or "",
            rule_id=one.rule_id,
            undecided=one.is_open,
        )
        for one in claims
        if (one.effect.match, one.effect.cap, one.effect.account) == (None, None, None)
    ]


def _claims(
    hits: Iterable[Fired[VerifyEffect] | Undecided[VerifyEffect] | Failed[VerifyEffect]],
    *,
    is_open: bool,
) -> Iterator[Claim]:
    for one in hits:
        rule = one.rule
        yield Claim(rule.then, rule.id, rule.because, one.elements, is_open, rule.location)


def _status(claim: Claim) -> bool:
    return claim.effect.status is not None


def _is_there(claim: Claim, present: Mapping[str, bool]) -> bool:
    return present.get(claim.effect.field or "", True)


def _verdict(path: str, about: Sequence[Claim], best: str) -> pb.FieldVerdict:
    if not about:
        return pb.FieldVerdict(field=path, verdict=words.number_of(pb.Verdict, best))
    names = ["unverifiable" if one.is_open else str(one.effect.verdict) for one in about]
    worst = min(names, key=GRAVEST.index, default=best)
    return pb.FieldVerdict(
        field=path,
        verdict=words.number_of(pb.Verdict, worst),
        codes=list(dict.fromkeys(one.effect.code for one in about)),
    )
