"""The verify kind: is what we know of a lead true, may we use it, and do we know it already?

`deriving` computes what rules read beside the facts; `verdicts`, `permissions`, `duplicates` and
`enrichment` each fold a part of the answer. Nothing here asks DNS or the journal: what they said
stands in the facts (`lookup/`), so a replay needs neither.
"""

from functools import cache
from importlib.metadata import version

from dealgate.kinds.verify.deriving import derive
from dealgate.kinds.verify.duplicates import carried_opt_outs, matches, survivor
from dealgate.kinds.verify.enrichment import enrich, size_band
from dealgate.kinds.verify.likeness import Comparable
from dealgate.kinds.verify.lookups import MAIL, with_candidates
from dealgate.kinds.verify.normalizing import normalized
from dealgate.kinds.verify.permissions import contactable, permissions
from dealgate.kinds.verify.terms import VerifyEffect, VerifyParameters
from dealgate.kinds.verify.verdicts import (
    claims,
    data_quality,
    field_verdicts,
    grade,
    presence,
    reasons,
    status,
)
from dealgate.kinds.verify.violations import violations
from dealgate.model import words
from dealgate.model.decision import Conclusion, Evidence
from dealgate.model.kind import Kind
from dealgate.model.lookups import KindLookups, MarkLookup
from dealgate.model.rules import RuleSet
from dealgate.v1 import lead_pb2
from dealgate.v1 import verify_pb2 as pb

LISTS = ("disposable-email-domains", "email-validator", "phonenumbers", "tldextract", "Babel")


def conclude(
    facts: pb.VerifyFacts,
    ruleset: RuleSet[VerifyEffect, VerifyParameters],
    evidence: Evidence[VerifyEffect],
    as_of: int,
) -> Conclusion:
    """Return the VerifyOutcome; its word is verified, risky, unverifiable or invalid."""
    parameters = ruleset.parameters
    present = presence(facts)
    found = claims(evidence, present)
    verdicts = field_verdicts(found, present)
    quality = data_quality(verdicts, parameters)
    allowed = permissions(facts, ruleset, found, verdicts)
    lead = normalized(facts, parameters)
    duplicates = matches(facts, found, parameters)
    outcome = pb.VerifyOutcome(
        verification=lead_pb2.Verification(
            status=status(found),
            contactable_by_email=contactable(allowed[0]),
            contactable_by_phone=contactable(allowed[1]),
            data_quality=quality,
        ),
        fields=verdicts,
        reasons=reasons(found),
        permissions=allowed,
        data_quality_grade=grade(quality, parameters.quality_grades),
        duplicates=duplicates,
        survivor_id=survivor(facts, duplicates) or None,
        carried_opt_outs=carried_opt_outs(facts, duplicates),
        enrichments=enrich(lead, facts, parameters, as_of),
        lead=lead,
        size_band=size_band(lead),
        findings=facts.findings,
        reference_data=reference_data(),
    )
    word = words.of(lead_pb2.VerificationStatus, outcome.verification.status)
    return Conclusion(outcome, word, marks=marks(facts, parameters))


def marks(facts: pb.VerifyFacts, parameters: VerifyParameters) -> tuple[str, ...]:
    """Return what leads like this one are found by in the journal."""
    return Comparable(facts.lead, parameters, facts.default_region or None).marks()


@cache
def reference_data() -> tuple[str, ...]:
    """Return the lists that findings rest on, with their versions."""
    return tuple(f"{name} {version(name)}" for name in LISTS)


VERIFY = Kind(
    name="verify",
    request=pb.VerifyLeadRequest,
    response=pb.VerifyLeadResponse,
    facts=pb.VerifyFacts,
    effect=VerifyEffect,
    parameters=VerifyParameters,
    entity="lead/lead.id",
    check=violations,
    conclude=conclude,
    derive=derive,
    lookups=KindLookups(MAIL, MarkLookup("find_candidates", marks, with_candidates)),
)
