"""A deal to close, by hand: won for 24,000.00 euro over a year."""

from google.protobuf import text_format

from dealgate.kinds.close import CLOSE
from dealgate.model.decision import AnyEvidence, Evidence
from dealgate.v1 import close_pb2 as pb
from tests.kinds import build

AS_OF = build.AS_OF
SOUND = """
    opportunity { id: "O" owner_id: "R" amount { currency_code: "EUR" units: 24000 } }
    ending: DEAL_ENDING_WON
    contract {
        kind: CONTRACT_KIND_NEW term_months: 12
        start_date { year: 2026 month: 7 day: 1 } end_date { year: 2027 month: 6 day: 30 }
        total { currency_code: "EUR" units: 24000 }
    }
    items { id: "1" total { currency_code: "EUR" units: 24000 } }
"""


def deal(text: str = "") -> pb.CloseFacts:
    """Return the deal with `text` merged in."""
    question = pb.CloseFacts()
    text_format.Merge(SOUND, question)
    text_format.Merge(text, question)
    return question


def closed(
    question: pb.CloseFacts, evidence: AnyEvidence | None = None, **parameters: object
) -> pb.CloseOutcome:
    """Check the facts, conclude, and return the outcome."""
    rules = build.ruleset(CLOSE, [], parameters)
    assert CLOSE.check(question, rules.parameters, AS_OF) == []
    outcome = CLOSE.conclude(question, rules, evidence or Evidence(), AS_OF).outcome
    assert isinstance(outcome, pb.CloseOutcome)
    return outcome


def codes(outcome: pb.CloseOutcome) -> list[str]:
    """Return the codes of all reasons."""
    return [reason.code for reason in outcome.reasons]
