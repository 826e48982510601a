"""The verify kind: is what we know of a lead true, may we use it, and do we know it already?

`deriving` computes what rules read beside the facts; `verdicts`, `permissions`, `duplicates` and
`enrichment` each fold a part of the answer. Nothing here asks DNS or the journal: what they said
stands in the facts (`lookup/`), so a replay needs neither.
"""

from functools import cache
from importlib.metadata import version

from dealgate.kinds.verify import lists
from dealgate.kinds.verify.accounts import belongs_to, certain
from dealgate.kinds.verify.deriving import derive
from dealgate.kinds.verify.duplicates import closed_channels, matches, survivor
from dealgate.kinds.verify.enrichment import size_band
from dealgate.kinds.verify.likeness import Comparable
from dealgate.kinds.verify.lookups import MAIL, with_earlier
from dealgate.kinds.verify.normalizing import concluded
from dealgate.kinds.verify.permissions import Permissions, contactable
from dealgate.kinds.verify.stops import stopped_for_everything
from dealgate.kinds.verify.terms import VerifyEffect, VerifyParameters
from dealgate.kinds.verify.verdicts import (
    Quality,
    claims,
    field_verdicts,
    grade,
    looked_at,
    presence,
    reasons,
    status,
)
from dealgate.kinds.verify.violations import sound_violations, violations
from dealgate.model import words
from dealgate.model.brief import Brief
from dealgate.model.decision import Conclusion, Evidence
from dealgate.model.kind import Kind
from dealgate.model.lookups import KindLookups, MarkLookup
from dealgate.model.rules import RuleSet
from dealgate.v1 import lead_pb2
from dealgate.v1 import verify_pb2 as pb

LISTS = (
    "disposable-email-domains",
    "email-validator",
    "holidays",
    "phonenumbers",
    "tldextract",
)


def conclude(
    facts: pb.VerifyFacts,
    ruleset: RuleSet[VerifyEffect, VerifyParameters],
    evidence: Evidence[VerifyEffect],
    as_of: int,
) -> Conclusion:
    """Return the VerifyOutcome; its word is verified, risky, unverifiable or invalid."""
    del as_of
    parameters = ruleset.parameters
    present = presence(facts)
    said = claims(evidence, present)
    verdicts = field_verdicts(said, present, ruleset.once(looked_at))
    quality = ruleset.once(Quality).of(verdicts)
    duplicates = matches(facts, said, parameters)
    closed = closed_channels(facts, duplicates)
    allowed = Permissions(facts, ruleset, said, verdicts, closed).all()
    stopped = {*closed, *stopped_for_everything(facts.findings.opt_outs)}
    lead = concluded(facts, parameters, stopped)
    accounts = belongs_to(facts, said, parameters)
    if certain(accounts) and not lead.company.id:
        lead.company.id = certain(accounts)
    outcome = pb.VerifyOutcome(
        verification=lead_pb2.Verification(
            status=status(said),
            contactable_by_email=contactable(allowed[0]),
            contactable_by_phone=contactable(allowed[1]),
            data_quality=quality,
        ),
        fields=verdicts,
        reasons=reasons(said),
        permissions=allowed,
        data_quality_grade=grade(quality, parameters.quality_grades),
        duplicates=duplicates,
        survivor_id=survivor(facts, duplicates) or None,
        carried_opt_outs=sorted(stopped) if survivor(facts, duplicates) else [],
        enrichments=facts.findings.enrichments,
        lead=lead,
        size_band=size_band(lead),
        findings=facts.findings,
        reference_data=reference_data(),
        accounts=accounts,
        account_id=certain(accounts) or None,
    )
    outcome.findings.ClearField("enrichments")
    found_by = marks(facts, parameters) + _account_marks(lead, facts, parameters)
    word = words.of(lead_pb2.VerificationStatus, outcome.verification.status)
    return Conclusion(outcome, word, marks=found_by)


def brief(
    facts: pb.VerifyFacts,
    ruleset: RuleSet[VerifyEffect, VerifyParameters],
    evidence: Evidence[VerifyEffect],
    as_of: int,
) -> Brief:
    """Return the status and the quality of the data as `conclude` does."""
    del as_of
    present = presence(facts)
    said = claims(evidence, present)
    quality = ruleset.once(Quality).of(field_verdicts(said, present, ruleset.once(looked_at)))
    word = words.of(lead_pb2.VerificationStatus, status(said))
    return Brief(word, {"verification.data_quality": float(quality)})


def marks(facts: pb.VerifyFacts, parameters: VerifyParameters) -> tuple[str, ...]:
    """Return what leads like this one are found by in the journal."""
    return _comparable(facts, parameters).marks()


def looked_up_by(facts: pb.VerifyFacts, parameters: VerifyParameters) -> tuple[str, ...]:
    """Return the marks of what the facts ask to be found."""
    leads = marks(facts, parameters) if facts.find_candidates else ()
    return leads + (account_marks(facts, parameters) if facts.find_accounts else ())


def account_marks(facts: pb.VerifyFacts, parameters: VerifyParameters) -> tuple[str, ...]:
    """Return what leads of the same account as this one are found by in the journal."""
    return _comparable(facts, parameters).account_marks()


@cache
def reference_data() -> tuple[str, ...]:
    """Return the lists that findings rest on, with their versions."""
    return (*(f"{name} {version(name)}" for name in LISTS), *lists.sources())


def _comparable(facts: pb.VerifyFacts, parameters: VerifyParameters) -> Comparable:
    return Comparable(facts.lead, parameters, facts.default_region or None)


def _account_marks(
    lead: lead_pb2.Lead, facts: pb.VerifyFacts, parameters: VerifyParameters
) -> tuple[str, ...]:
    """Only a lead whose account is known helps others find theirs."""
    return account_marks(facts, parameters) if lead.company.id else ()


# What follows from parameters, and is read in their stead.
DERIVED_FROM = ("own_countries", "placeholders_by_path")
# What `conclude` alone reads; versions that differ in nothing else derive the same.
CONCLUDED = {
    "quality_weights",
    "unchecked_share",
    "quality_grades",
    "duplicate_tiers",
    "account_tiers",
}

VERIFY = Kind(
    name="verify",
    request=pb.VerifyLeadRequest,
    response=pb.VerifyLeadResponse,
    facts=pb.VerifyFacts,
    effect=VerifyEffect,
    parameters=VerifyParameters,
    entity="lead/lead.id",
    check=violations,
    check_sound=sound_violations,
    conclude=conclude,
    brief=brief,
    derive=derive,
    derive_reads=(*DERIVED_FROM, *sorted({*VerifyParameters.model_fields} - CONCLUDED)),
    lookups=KindLookups(
        MAIL, MarkLookup(("find_candidates", "find_accounts"), looked_up_by, with_earlier)
    ),
)
