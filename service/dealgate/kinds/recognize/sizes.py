"""Sizes: how long each list may be, and how much work they may make together."""

from collections.abc import Iterable, Iterator

from dealgate.kinds.recognize.plain import Lines
from dealgate.model.checks import at_most
from dealgate.model.errors import Violation
from dealgate.v1 import recognize_pb2 as pb

# Lines times periods, for the contract and every change of it: more takes a second and longer.
WORK_MAX = 40_000
# Credits times credits times lines: each lies on what those before it left.
CREDITS_MAX = 1_000_000
# What a test of a cost takes, in lines times periods, and how many payments take one.
TEST_WORK, PAYMENTS_A_UNIT = 4, 4
CURE = "split the contract"
# Of the question, of each line, of each variable amount, discount and modification.
FACTS = {
    "lines": 500,
    "periods": 480,
    "variable": 500,
    "discounts": 500,
    "modifications": 1000,
    "credits": 5000,
    "invoices": 10_000,
    "booked": 40_000,
    "contracts": 100,
    "costs": 500,
    "bad_debts": 1000,
    "accounts": 100,
}
LINE = {
    "milestones": 10_000,
    "usage": 40_000,
    "custom": 10_000,
    "ramp": 1000,
    "progress": 1000,
    "breakage": 1000,
}
SCENARIOS_MAX = REVISIONS_MAX = 1000
LINES_MAX = FACTS["lines"]


def size_violations(facts: pb.RecognizeFacts, elaborate: Lines) -> Iterator[Violation]:
    """Yield every list that is too long, and all of them if they are too much work together.

    Only `elaborate` lines have lists.
    """
    for name, most in FACTS.items():
        if len(getattr(facts, name)) > most:
            yield from at_most(name, getattr(facts, name), most, CURE)
    for index, line in elaborate:
        for name, most in LINE.items():
            yield from at_most(f"lines[{index}].{name}", getattr(line, name), most, CURE)
        revisions = line.returns.revisions
        yield from at_most(f"lines[{index}].returns.revisions", revisions, REVISIONS_MAX)
    yield from _inner(facts)
    if len(facts.credits) ** 2 * len(facts.lines) > CREDITS_MAX:
        cure = f"times themselves and lines are more than {CREDITS_MAX}; add up those of a day"
        yield Violation("credits", cure)
    if _work(facts, [line for _, line in elaborate]) > WORK_MAX:
        cure = (
            f"costs and payments times periods and changes are more than {WORK_MAX}; "
            "give fewer periods"
        )
        yield Violation("lines", cure)


def work(facts: pb.RecognizeFacts) -> int:
    """Return how much there is to compute: each change of the contract goes through all of it."""
    return _work(facts, facts.lines)


def _work(facts: pb.RecognizeFacts, listing: Iterable[pb.RevenueLine]) -> int:
    """Return that; lines besides those that are `listing` something have no lists."""
    rounds = 1 + len(facts.modifications) + len(facts.credits)
    rounds += sum(amount.HasField("known_on") for amount in facts.variable)
    events = sum(len(getattr(line, name)) for line in listing for name in LINE)
    beside = len(facts.costs) * len(facts.periods)
    beside += TEST_WORK * sum(len(cost.impairment_tests) for cost in facts.costs)
    beside += len(facts.financing.payments) * len(facts.periods) // PAYMENTS_A_UNIT
    return (len(facts.lines) * len(facts.periods) + events) * rounds + beside


def _inner(facts: pb.RecognizeFacts) -> Iterator[Violation]:
    for index, amount in enumerate(facts.variable):
        yield from at_most(f"variable[{index}].scenarios", amount.scenarios, SCENARIOS_MAX)
    for index, discount in enumerate(facts.discounts):
        yield from at_most(f"discounts[{index}].line_ids", discount.line_ids, LINES_MAX)
    for index, change in enumerate(facts.modifications):
        for name in ("changes", "added_line_ids"):
            yield from at_most(f"modifications[{index}].{name}", getattr(change, name), LINES_MAX)
