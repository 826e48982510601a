"""Contracts written as cases write them, and what the shipped rules make of them."""

from functools import cache

from dealgate.engine.native import Program
from dealgate.judge import judged
from dealgate.kinds import KINDS
from dealgate.kinds.recognize import RECOGNIZE
from dealgate.model.errors import BadQuestion
from dealgate.model.faults import Fault
from dealgate.model.money import to_minor
from dealgate.rulebook.messages import read_message
from dealgate.rulebook.source import Source
from dealgate.rulebook.strict_yaml import read_yaml
from dealgate.v1 import recognize_pb2 as pb
from tests.kinds.recognizing import AS_OF, months
from tests.shipped import ENGINE, rulesets

SOUND = "approved: true, collectible: true, financing_months: 0, terminable_without_penalty: false"


@cache
def program(version: int = 0) -> Program:
    """Compile a shipped version of the rules, the newest by default, once."""
    versions = {ruleset.version: ruleset for ruleset in rulesets(RECOGNIZE.name)}
    return ENGINE.prepare(versions[version or max(versions)])


def written(text: str, first: str = "2026-01-01", periods: int = 12) -> pb.RecognizeFacts:
    """Return a contract from YAML; months are its periods, unless it names others.

    `K` in it stands for a contract that is approved, collectible and short.
    """
    faults: list[Fault] = []
    source = Source("facts.yaml", text.replace("contract: K", f"contract: {{id: K, {SOUND}}}"))
    document, facts = read_yaml(source, faults), pb.RecognizeFacts()
    assert document is not None, faults
    read_message(document, facts, "facts", faults)
    assert not faults, [fault.message for fault in faults]
    if not facts.periods:
        facts.periods.extend(months(first, periods))
    return facts


def reckoned(facts: pb.RecognizeFacts, version: int = 0, as_of: int = AS_OF) -> pb.RecognizeOutcome:
    """Return the outcome by the shipped rules; raises BadQuestion."""
    outcome = judged(KINDS["recognize"], program(version), facts, as_of).answer.outcome
    assert isinstance(outcome, pb.RecognizeOutcome)
    if outcome.status == pb.RECOGNITION_STATUS_SCHEDULED:
        assert outcome.reconciliation.balanced
    return outcome


def refused(facts: pb.RecognizeFacts) -> list[str]:
    """Return the fields that are refused."""
    try:
        reckoned(facts)
    except BadQuestion as error:
        return [violation.field for violation in error.violations]
    return []


def schedules(outcome: pb.RecognizeOutcome) -> dict[str, dict[str, int]]:
    """Return what each line earns in each period, in minor units."""
    return {
        one.line_id: {part.period_id: to_minor(part.amount) for part in one.schedule}
        for one in outcome.obligations
    }


def totals(outcome: pb.RecognizeOutcome) -> dict[str, int]:
    """Return what each line is worth, in minor units."""
    return {one.line_id: to_minor(one.total) for one in outcome.obligations}
