"""Leads to verify, rules to verify them by, and what the shipped rule set finds."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from dealgate.kinds.verify import VERIFY
from dealgate.kinds.verify.terms import VerifyParameters
from dealgate.model.decision import AnyEvidence
from dealgate.model.rules import AnyRuleSet
from dealgate.v1 import verify_pb2 as pb
from dealgate.v1.lead_pb2 import Company, Lead
from tests.kinds import build
from tests.shipped import ENGINE, catalog

PARAMETERS: Mapping[str, Any] = {
    "role_accounts": ["info", "sales"],
    "free_domains": ["gmail.com", "gmx.de"],
    "placeholders": ["n/a", "test", "select", "asdf"],
    "country_names": {"holland": "NL"},
    "domain_aliases": {"acme-old.com": "acme.de"},
    "quality_weights": {"lead.email": 20, "lead.phone": 10, "lead.company.name": 3},
    "stale_after_days": {"lead.title": 90},
}


def parameters(**changes: Any) -> VerifyParameters:
    """Return small lists, with what you change."""
    return VerifyParameters.model_validate({**PARAMETERS, **changes})


def facts(**lead: Any) -> pb.VerifyFacts:
    """Return a lead with these fields; `company` is its company's name."""
    name = lead.pop("company", None)
    company = None if name is None else Company(name=name)
    return pb.VerifyFacts(lead=Lead(id="L1", company=company, **lead))


def findings(given: pb.VerifyFacts, **changes: Any) -> pb.VerifyFindings:
    """Return what is computed from the facts."""
    return VERIFY.known(given, parameters(**changes), build.AS_OF).findings


@cache
def shipped(version: int = 2) -> AnyRuleSet:
    """Return the shipped rule set."""
    return catalog().version("verify", version)


async def verified(given: pb.VerifyFacts, version: int = 2) -> pb.VerifyOutcome:
    """Return what the shipped rules make of the facts."""
    ruleset = shipped(version)
    assert VERIFY.check(given, ruleset.parameters, build.AS_OF) == []
    known = VERIFY.known(given, ruleset.parameters, build.AS_OF)
    evidence = await ENGINE.fire(ruleset, known, build.AS_OF, explain=False)
    return concluded(known, ruleset, evidence)


def concluded(
    known: pb.VerifyFacts, ruleset: AnyRuleSet, evidence: AnyEvidence
) -> pb.VerifyOutcome:
    """Return the outcome of that evidence."""
    outcome = VERIFY.conclude(known, ruleset, evidence, build.AS_OF).outcome
    assert isinstance(outcome, pb.VerifyOutcome)
    return outcome
