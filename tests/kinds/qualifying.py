"""Rules to qualify by, one a disposition, and what an engine found about them."""

from collections.abc import Iterable, Mapping
from typing import Any

from dealgate.kinds.qualify import QUALIFY, conclude
from dealgate.kinds.qualify.ladder import ORDER
from dealgate.model.decision import AnyEvidence, Evidence, Failed, Fired, Undecided
from dealgate.model.rules import AnyRule
from dealgate.v1 import lead_pb2, qualify_pb2
from tests.kinds import build

PARAMETERS: Mapping[str, Any] = {
    "currency": "EUR",
    "min_completeness": "0.4",
    "recycle": {
        "ENG-01": {"days": 90},
        "ENG-02": {"days": 60},
        "QUAL-02": {"days": 120, "before_contract_end": 90},
    },
    "recycle_days": 30,
    "nurture_days": 182,
    "sla": {
        "sql": [
            {"milestone": "opportunity", "business_days": 5},
            {"milestone": "discovery", "business_days": 3},
        ],
        "mql": [
            {"milestone": "first_contact", "business_hours": 4},
            {"milestone": "decision", "hours": 48},
        ],
    },
}


def claims(disposition: str, code: str = "CODE-01") -> AnyRule:
    """Return a rule, named after its code, that claims the disposition."""
    then = {"disposition": disposition, "code": code}
    return build.rule(QUALIFY, f"{disposition}-{code}".lower().replace("_", "-"), then)


RULES: dict[str, AnyRule] = {disposition: claims(disposition) for disposition in ORDER}


def found(
    fired: Iterable[str] = (),
    undecided: Iterable[str] = (),
    failed: Iterable[str] = (),
    known: tuple[int, int] = (1, 1),
) -> AnyEvidence:
    """Return evidence of the rules of those dispositions; `known` of so many facts read."""
    return Evidence(
        fired=[Fired(RULES[name]) for name in fired],
        undecided=[Undecided(RULES[name], (f"missing.{name}",)) for name in undecided],
        failed=[Failed(RULES[name], "divide by zero") for name in failed],
        missing=tuple(f"missing.{name}" for name in undecided),
        facts_known=known[0],
        facts_read=known[1],
    )


def qualified(
    evidence: AnyEvidence,
    facts: qualify_pb2.QualifyFacts | None = None,
    as_of: int = build.AS_OF,
    **parameters: Any,
) -> qualify_pb2.QualifyOutcome:
    """Return the outcome of that evidence."""
    facts = facts or qualify_pb2.QualifyFacts(lead=lead_pb2.Lead(id="L1"))
    ruleset = build.ruleset(QUALIFY, list(RULES.values()), {**PARAMETERS, **parameters})
    known = QUALIFY.known(facts, ruleset.parameters, as_of)
    outcome = conclude(known, ruleset, evidence, as_of).outcome
    assert isinstance(outcome, qualify_pb2.QualifyOutcome)
    return outcome


def word(outcome: qualify_pb2.QualifyOutcome) -> str:
    """Return the disposition as rules write it."""
    name = lead_pb2.Disposition.Name(outcome.disposition)
    return name.removeprefix("DISPOSITION_").lower()
