"""The shapes of what kind.yaml says, for validation and for rules/schema.json."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from dealgate.rulebook.properties import NAME, PropertyShape
from dealgate.rulebook.shapes import Shape, Words

KIND_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}", re.ASCII)
LISTS = ("list(bool)", "list(int)", "list(decimal)", "list(text)")
OUTCOMES = ("enum", "text", "bool", "int", "decimal", "money", *LISTS)
FOLDS: Mapping[str, tuple[str, ...]] = {
    "gravest": ("enum",),
    "first": ("enum", "text", "bool", "int", "decimal"),
    "collect": ("enum", "text"),
    "sum": ("int", "decimal"),
    "min": ("int", "decimal"),
    "max": ("int", "decimal"),
    "bands": ("enum",),
    "split": ("decimal", "money"),
    "fact": (
        *("bool", "int", "decimal", "text", "money"),
        *LISTS,
    ),
}
Fold = Literal["gravest", "first", "collect", "sum", "min", "max", "bands", "split", "fact"]


class FactShape(PropertyShape):
    """One fact."""

    required: bool = Field(default=False, description="Whether a question must have it: an id")


class OutcomeShape(PropertyShape):
    """One field of the outcome."""

    type: Literal[OUTCOMES] = Field(  # type: ignore[valid-type]
        description="What it holds; money: of a split, or a named fact; lists: of named facts"
    )
    fold: Fold = Field(
        description="How many claims become one; gravest: of the values, the first that is claimed"
    )
    of: Words | None = Field(None, description="Of bands: the number that they are of")
    bands: dict[str, Decimal] = Field(
        {}, description="From how much on it has each value: {a: 80, b: 60, c: 0}"
    )
    among: list[Words] = Field([], description="Of a split: the sums that are its weights")
    whole: Words | None = Field(None, description="Of a split of money: the path of the amount")


class EntityShape(Shape):
    """What a decision is about."""

    type: Annotated[str, Field(pattern=NAME.pattern)] = Field(
        description="What sort of thing it is, such as quote"
    )
    id: Words = Field(description="The path of its id in the facts: quote.id")


class OutcomesShape(Shape):
    """The outcome."""

    word: Words = Field(description="The field that names the outcome")
    fields: dict[str, OutcomeShape] = Field(
        min_length=1, description="What the answer says, by name"
    )
    clamp: dict[str, str] = Field({}, description="Numbers that are at most another: {uplift: cap}")


class KindShape(Shape):
    """The whole file."""

    kind: Words = Field(description="Its name, which is that of its folder")
    because: Words = Field(description="The question that it answers")
    entity: EntityShape = Field(description="What a decision is about")
    facts: dict[str, Any] = Field(min_length=1, description="What may be known, by name")
    limits: dict[str, Annotated[int, Field(ge=1, le=10_000)]] = Field(
        {}, description="The most elements of each list"
    )
    outcome: OutcomesShape = Field(description="What a decision answers")
    unknown: Words = Field(description="The word if what is undecided could be graver: hold")
    nothing: Words = Field(description="The word if no rule claims one: hold")
