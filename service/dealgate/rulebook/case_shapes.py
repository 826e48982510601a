"""The shape of a file of cases, and of the findings that it accepts."""

from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from dealgate.model.codes import ACCEPTABLE, Code
from dealgate.rulebook.shapes import Shape, Words


class CaseShape(Shape):
    """Facts, and what must follow from them."""

    case: Words = Field(description="What this case shows, as a sentence")
    as_of: Words = Field(description="The instant to judge at: 2026-06-01T00:00:00Z")
    base: str | list[str] | None = Field(None, description="Fixtures to start from, later ones win")
    facts: dict[str, Any] = Field({}, description="Facts, by their proto names")
    fired: list[str] | None = Field(None, description="Exactly the rules that fire, in file order")
    undecided: list[str] | None = Field(None, description="Exactly the rules that lack facts")
    failed: list[str] = Field([], description="Exactly the rules that go wrong")
    outcome: dict[str, Any] | None = Field(None, description="What the outcome must contain")
    error: Words | None = Field(None, description="The error that must follow: BadQuestion")
    violations: list[str] | None = Field(None, description="The fields that error must name")


class AcceptedShape(Shape):
    """A finding that is right and meant: a mutant, or what another code says; and why.

    rulebook/acceptance.py knows which keys go together.
    """

    finding: Annotated[
        str | None, WithJsonSchema({"enum": sorted(ACCEPTABLE - {Code.MUTANT_SURVIVES})})
    ] = Field(None, description="The code that `dealgate` printed: rule-unseen-quiet")
    at: Words | None = Field(None, description="The location of the finding: rules.too-small")
    condition: Words | None = Field(None, description="The condition there that no case covers")
    mutant: Words | None = Field(
        None, description="The location of a change that no case detects: rules.too-small.when"
    )
    from_: str | None = Field(
        None, alias="from", description="The original text, before the change"
    )
    to: str | None = Field(
        None, description="The text after the change; unset: the original is left out"
    )
    because: Words = Field(description="Why it is intended")


class CaseFileShape(Shape):
    """A file of cases, beside the rules they try."""

    base: dict[str, dict[str, Any]] = Field({}, description="Named facts to start from")
    accepted: list[AcceptedShape] = Field(
        [], description="Findings that are meant, by code and place"
    )
    remove: list[Words] = Field(
        [], description="In a scope: cases of the narrowed version that do not apply"
    )
    cases: Annotated[list[CaseShape], Field(min_length=1)] = Field(
        description="Facts, each with what must follow from them"
    )
