"""The shapes of the files that declare signals and try them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, Field

from dealgate.rulebook.shapes import Condition, RuleId, Shape, Words

MOST = 100  # matching events that a window can ask for, and the ids of which a signal names
Span = Annotated[str, Field(min_length=2)]
Number = Annotated[Decimal, Field(max_digits=30, decimal_places=12)]


class CountShape(Shape):
    """At least so many matching events within a duration."""

    at_least: Annotated[int, Field(ge=1, le=MOST)] = Field(description="How many; counts included")
    within: Span = Field(description="The duration that ends with the last of them: 24h, 30d")


class AbsenceShape(Shape):
    """No further event for a duration."""

    for_: Span = Field(alias="for", description="How long nothing came: 14d")
    of: Condition = Field(
        None, description="What is waited for, a condition; unset: another event that matches"
    )


class CrossingShape(Shape):
    """A value that comes to a threshold from the other side."""

    of: Condition = Field(description="The value, an expression: outcome.total")
    above: Number | None = Field(None, description="Upwards: it was less, and is this or more")
    below: Number | None = Field(None, description="Downwards: it was more, and is this or less")
    rearm: Number | None = Field(
        None, description="Beyond which it must have been before it can cross again"
    )
    first: bool = Field(default=False, description="Whether a first value beyond it crosses, too")


class AskShape(Shape):
    """A question that is asked when the signal fires."""

    kind: Words = Field(description="A kind, process_lead or process_deal")
    given: dict[str, Any] = Field({}, description="Facts that are always the same")
    facts: dict[str, Any] = Field(min_length=1, description="Facts: an expression for each")


class SignalShape(Shape):
    """The whole file."""

    signal: RuleId = Field(description="Its name, which is that of the file: pricing-visits")
    owner: Words = Field(description="Who answers for it")
    because: Words = Field(description="What it means that it fires")
    on: Words = Field(description="What it is seen in: activity, or the kind of decisions")
    when: Condition = Field(None, description="A condition; unset: every event matches")
    count: CountShape | None = Field(None, description="A number of events within a span of time")
    absence: AbsenceShape | None = Field(None, description="No event for a span of time")
    crossing: CrossingShape | None = Field(None, description="A value that passes a limit")
    cool_down: Span | None = Field(None, description="How long it stays quiet after it fired: 7d")
    ask: AskShape | None = Field(None, description="A question that is asked when it fires")


class EventShape(Shape):
    """An event of a case."""

    at: Words = Field(description="When it happened")
    id: Words | None = Field(None, description="Its id; unset: its own in this list")
    about: Words | None = Field(None, description="What it is about; unset: lead/1")
    activity: dict[str, Any] | None = Field(None, description="An activity")
    outcome: dict[str, Any] | None = Field(None, description="The outcome of a decision")


class FiredShape(Shape):
    """A firing that is expected."""

    at: Words = Field(description="When it fires")
    about: Words | None = Field(None, description="What it is about; unset: lead/1")
    count: int | None = Field(None, description="How many events it counted")
    value: Decimal | None = Field(None, description="The value that crossed")


class SignalCaseShape(Shape):
    """Events, and what must fire."""

    case: Words = Field(description="What this case shows, as a sentence")
    events: list[EventShape] = Field(description="In any order: they are sorted by instant and id")
    until: Words | None = Field(None, description="The instant up to which time passes")
    fires: list[FiredShape] = Field(description="Exactly what fires, in order")
    undecided: int = Field(0, ge=0, description="How often something was not known")


class SignalCasesShape(Shape):
    """The whole file of cases."""

    cases: Annotated[list[SignalCaseShape], Field(min_length=1)] = Field(
        description="Events, each with what the signal must do"
    )


# Where conditions and values stand in a signal's file, and the shapes of what has keys in order.
CONDITIONS = frozenset({("when",), ("absence", "of"), ("crossing", "of")})
ORDERS: Mapping[tuple[str, tuple[str, ...]], type[BaseModel]] = {
    ("signal", ()): SignalShape,
    ("signal", ("count",)): CountShape,
    ("signal", ("absence",)): AbsenceShape,
    ("signal", ("crossing",)): CrossingShape,
    ("signal", ("ask",)): AskShape,
    ("signal cases", ()): SignalCasesShape,
    ("signal cases", ("cases", "*")): SignalCaseShape,
    ("signal cases", ("cases", "*", "events", "*")): EventShape,
    ("signal cases", ("cases", "*", "fires", "*")): FiredShape,
}
