"""The cost of rules on the largest facts that contracts allow, reported before they decide.

Only of versions that are not released: what decides already goes on, within the budget that every
decision has.
"""

from collections.abc import Iterator
from dataclasses import replace

from dealgate.language.cost import SIZE, STEPS, PricedPart, parts_of
from dealgate.model.codes import Code
from dealgate.model.faults import Fault
from dealgate.model.rules import AnyRuleSet
from dealgate.rulebook.source import Source

STEP_SECONDS = 5e-8
HOUR = 3600
LOOPS = (
    "a loop within a loop multiplies: filter the list first, give the inner one a name\n"
    "under `facts:`, or compare ids with == alone, which is looked up"
)
GROWING = "join fewer texts and lists, or compare them one by one"


def dear(ruleset: AnyRuleSet, source: Source) -> Iterator[Fault]:
    """Yield a fault for what can grow too large, and one for what makes the whole too slow."""
    parts = list(parts_of(ruleset))
    large = next((part for part in parts if part.size > SIZE), None)
    if large is not None:
        sized = f"{large.subject}: this can grow to {_count(large.size)} characters or elements"
        yield _fault(large, source, f"{sized}, and a value may have {SIZE:,}", GROWING)
    elif sum(part.steps for part in parts) > STEPS:
        dearest = max(parts, key=lambda part: part.steps)
        message = (
            f"{dearest.subject}: this can take {_time(dearest.steps)} on the largest facts that are"
            f" allowed, and all rules together {_time(STEPS)}"
        )
        yield _fault(dearest, source, message, LOOPS)


def _fault(part: PricedPart, source: Source, message: str, hint: str) -> Fault:
    location = part.expression.location
    if location.file != source.file:
        return Fault(location, message, hint, code=Code.COST_EXCEEDED)
    return replace(source.fault(source.index(location), message, hint), code=Code.COST_EXCEEDED)


def _time(steps: float) -> str:
    seconds = steps * STEP_SECONDS
    if seconds > HOUR:
        return "more than an hour"
    return f"{seconds:,.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


def _count(size: float) -> str:
    return f"{size:,.0f}" if size < 10**12 else "more than a million million"
