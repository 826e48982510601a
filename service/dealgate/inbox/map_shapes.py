"""The shapes of mapping files."""

from typing import Any, Literal

from pydantic import Field

from dealgate.rulebook.shapes import Condition, Shape, Words


class CaseShape(Shape):
    """A payload, and what becomes of it."""

    case: Words = Field(description="What this case shows, as a sentence")
    payload: Any = Field(description="The payload, as JSON has it")
    facts: dict[str, Any] | None = Field(None, description="Facts that it has, among others")
    event: dict[str, Words] = Field({}, description="Attributes that the event has, among others")
    cleared: list[Words] | None = Field(None, description="Exactly the facts that it clears")
    ignored: Literal["true"] | None = Field(None, description="That the event is ignored")
    rejected: Words | None = Field(None, description="The reason it is rejected by: MAPPING_FAILED")


class MapShape(Shape):
    """The whole file."""

    because: Words = Field(description="Whose payloads these are, and what they become")
    ask: Words | None = Field(None, description="A kind, process_lead or process_deal")
    tell: Literal["lead", "company", "opportunity", "customer", "activity"] | None = Field(
        None, description="What the server keeps of a payload (entity state), instead of a question"
    )
    about: Condition = Field(None, description="Whose activity it is, such as lead/512")
    absent: Literal["kept", "cleared"] = Field(
        "kept", description="What becomes of facts of an entity that a payload does not say"
    )
    payload: Any = Field(description="What is read of the JSON, by key; [ … ] is a list")
    event: dict[Literal["id", "source", "type", "subject", "time"], Condition] = Field(
        {}, description="Attributes of the event: expressions; left out: those that it came with"
    )
    when: Condition = Field(None, description="A condition; what it does not hold for is ignored")
    as_of: Condition = Field(None, description="The instant to decide at")
    given: dict[str, Any] = Field({}, description="Facts that are the same for every event")
    facts: dict[str, Any] = Field(min_length=1, description="Facts: an expression for each")
    cases: list[CaseShape] = Field([], description="Payloads to try")
