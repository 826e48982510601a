"""How well duplicates are told: precision and recall of VerifyLead on pairs that people labelled.

Usage: python -m bench.identity

`identity.csv` holds pairs of leads of our own making: is it one person or two, and why. AUTO must
never merge two people; AUTO and REVIEW together must find nearly all who are one.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from dealgate.engine.native import Program, compile_ruleset
from dealgate.judge import judged
from dealgate.kinds import KINDS
from dealgate.kinds.verify import VERIFY
from dealgate.language.cel import CelChecker
from dealgate.model.rules import AnyRuleSet
from dealgate.rulebook.loading import load_catalog
from dealgate.v1 import verify_pb2 as pb
from dealgate.v1.lead_pb2 import Company, Lead

HERE = Path(__file__).parent
PAIRS = HERE / "identity.csv"
RULES = HERE.parent / "rules"
AS_OF = 1_795_608_000_000_000_000  # 2026-11-25 12:00 UTC


@dataclass(frozen=True, slots=True)
class Pair:
    """Two leads, whether they are one person, and what may be done with them."""

    why: str
    is_same: bool
    leads: tuple[Lead, Lead]
    tier: pb.DuplicateTier.ValueType


@dataclass(frozen=True, slots=True)
class Quality:
    """Of those merged, how many are one; of those that are one, how many are found."""

    precision: Fraction
    recall: Fraction


def pairs(ruleset: AnyRuleSet) -> list[Pair]:
    """Return every labelled pair, judged by a verify rule set."""
    program = compile_ruleset(ruleset)
    with PAIRS.open(newline="", encoding="utf-8") as file:
        return [_judged(row, program) for row in csv.DictReader(file)]


def quality(judged_pairs: Sequence[Pair]) -> Quality:
    """Return the precision of AUTO, and the recall of AUTO and REVIEW."""
    merged = [one for one in judged_pairs if one.tier == pb.DUPLICATE_TIER_AUTO]
    same = [one for one in judged_pairs if one.is_same]
    return Quality(
        Fraction(sum(one.is_same for one in merged), len(merged)),
        Fraction(sum(bool(one.tier) for one in same), len(same)),
    )


def mistakes(judged_pairs: Sequence[Pair]) -> Iterator[Pair]:
    """Yield the pairs that are merged and two people, or one and not found."""
    for one in judged_pairs:
        if one.is_same != bool(one.tier) and (one.is_same or one.tier == pb.DUPLICATE_TIER_AUTO):
            yield one


def newest() -> AnyRuleSet:
    """Return the newest shipped rule set of verify."""
    catalog = load_catalog(RULES, KINDS, CelChecker())
    versions = [one for one in catalog.all() if one.kind == VERIFY.name]
    return max(versions, key=lambda one: one.version)


def main() -> None:
    """Print precision, recall and every mistake."""
    judged_pairs = pairs(newest())
    found = quality(judged_pairs)
    tiers = [
        pb.DuplicateTier.Name(one.tier).removeprefix("DUPLICATE_TIER_") for one in judged_pairs
    ]
    print(
        f"{len(judged_pairs)} pairs, {sum(one.is_same for one in judged_pairs)} of them one person"
    )
    print({tier: tiers.count(tier) for tier in sorted(set(tiers))})
    print(f"precision of AUTO {float(found.precision):.3f}, recall {float(found.recall):.3f}")
    for one in mistakes(judged_pairs):
        print(f"- {one.why}: {_shown(one.leads[0])} / {_shown(one.leads[1])}")


def _judged(row: dict[str, str], program: Program) -> Pair:
    leads = (_lead(row, "", "L1"), _lead(row, "other_", "L2"))
    facts = pb.VerifyFacts(lead=leads[0], candidates=[leads[1]])
    outcome = judged(VERIFY, program, facts, AS_OF).answer.outcome
    assert isinstance(outcome, pb.VerifyOutcome)
    tier = outcome.duplicates[0].tier if outcome.duplicates else pb.DUPLICATE_TIER_UNSPECIFIED
    return Pair(row["why"], row["same"] == "yes", leads, tier)


def _lead(row: dict[str, str], side: str, identity: str) -> Lead:
    lead = Lead(
        id=identity,
        first_name=row[f"{side}first_name"],
        last_name=row[f"{side}last_name"],
        email=row[f"{side}email"],
        phone=row[f"{side}phone"],
        country=row[f"{side}country"],
    )
    if row[f"{side}company"]:
        lead.company.CopyFrom(Company(name=row[f"{side}company"]))
    return lead


def _shown(lead: Lead) -> str:
    return " ".join(filter(None, (lead.first_name, lead.last_name, lead.email, lead.phone)))


if __name__ == "__main__":
    main()
