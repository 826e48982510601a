"""What can be wrong with variable amounts, and with what they revise."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from dealgate.kinds.recognize.event_violations import happened
from dealgate.kinds.recognize.variables import estimate
from dealgate.model.checks import required, share
from dealgate.model.days import day_number
from dealgate.model.errors import Violation
from dealgate.model.malformed import plain_decimal
from dealgate.model.money import to_minor
from dealgate.model.zones import latest_day
from dealgate.v1 import recognize_pb2 as pb

# Thirds, given to six decimals, sum to a millionth less than 1.
TOLERANCE = Decimal("0.000001")


def variable_violations(facts: pb.RecognizeFacts, as_of: int) -> Iterator[Violation]:
    """Yield what is wrong with each variable amount; nothing in the facts is malformed."""
    ids = {line.id for line in facts.lines}
    told = {amount.id: index for index, amount in enumerate(facts.variable)}
    revised: set[str] = set()
    for index, amount in enumerate(facts.variable):
        path = f"variable[{index}]"
        yield from required(f"{path}.method", amount.method)
        wrong = [*_scenarios(path, amount)]
        yield from wrong
        if not wrong:
            yield from _certain(f"{path}.certain", amount)
        if amount.line_id and ids and amount.line_id not in ids:
            yield Violation(f"{path}.line_id", "is not the id of a line")
        if amount.HasField("known_on"):
            yield from happened(f"{path}.known_on", amount.known_on, latest_day(as_of))
        if amount.revises:
            yield from _revision(path, amount, facts, told)
            if amount.revises in revised:
                yield Violation(f"{path}.revises", "is revised by another one already")
            revised.add(amount.revises)


def _scenarios(path: str, amount: pb.VariableConsideration) -> Iterator[Violation]:
    yield from required(f"{path}.scenarios", amount.scenarios)
    whole = Decimal(0)
    for index, case in enumerate(amount.scenarios):
        here = f"{path}.scenarios[{index}]"
        yield from required(f"{here}.amount", case.HasField("amount"))
        yield from required(f"{here}.probability", case.HasField("probability"))
        yield from share(f"{here}.probability", case.probability)
        whole += plain_decimal(case.probability) or 0
    if amount.scenarios and abs(whole - 1) > TOLERANCE:
        words = "less" if whole < 1 else "more"
        cure = f"have probabilities that sum to {words} than 1, by more than {TOLERANCE}"
        yield Violation(f"{path}.scenarios", cure)


def _certain(path: str, amount: pb.VariableConsideration) -> Iterator[Violation]:
    if amount.HasField("certain") and amount.method and to_minor(amount.certain) > estimate(amount):
        yield Violation(path, "is more than the estimate; the certain amount is a part of it")


def _revision(
    path: str,
    amount: pb.VariableConsideration,
    facts: pb.RecognizeFacts,
    told: Mapping[str, int],
) -> Iterator[Violation]:
    yield from required(f"{path}.known_on", amount.HasField("known_on"))
    if amount.revises not in told or amount.revises == amount.id:
        yield Violation(f"{path}.revises", "is not the id of another variable amount")
        return
    before = facts.variable[told[amount.revises]]
    if amount.line_id != before.line_id:
        yield Violation(f"{path}.line_id", "differs from that of the amount that it revises")
    late = before.HasField("known_on") and amount.HasField("known_on")
    if late and day_number(amount.known_on) <= day_number(before.known_on):
        yield Violation(f"{path}.known_on", "must come after that of the amount that it revises")
