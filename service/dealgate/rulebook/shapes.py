"""The shapes of the files authors write: one source for validation and for rules/schema.json."""

from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema, create_model

from dealgate.model.kind import AnyKind
from dealgate.model.rules import HitPolicy

EffectShape = TypeVar("EffectShape")
ParametersShape = TypeVar("ParametersShape")

Words = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
RULE_ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"
RuleId = Annotated[str, Field(pattern=RULE_ID)]
RULESET = "The kind of decision that the rules make, as its folder is called"
PARAMETERS = "What authors set besides the rules, as this kind names it"
SCALAR = {"type": ["string", "number", "boolean"]}
# Expressions are judged by rulebook/written.py, which knows more of them than pydantic would.
Condition = Annotated[Any, WithJsonSchema(SCALAR)]
Constant = Annotated[Any, WithJsonSchema({"anyOf": [SCALAR, {"type": "array", "items": SCALAR}]})]

Each = Annotated[dict[str, Condition], Field(min_length=1, max_length=1)] | None


class Shape(BaseModel):
    """What every file has in common: no key that we do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RuleShape(Shape, Generic[EffectShape]):
    """One rule: if `when` holds, claim `then`."""

    id: RuleId = Field(description="Names the situation, not the verdict: too-small")
    each: Each = Field(None, description="Judge once per element of a list: {a: activities}")
    when: Condition = Field(None, description="A CEL condition; without it the rule always fires")
    then: EffectShape = Field(description="What the rule claims when it fires")
    because: Words = Field(description="The reason, as callers will read it")


class TableShape(Shape):
    """A decision table: its rows stand in v2.<id>.csv beside v2.yaml."""

    id: RuleId = Field(
        description="Names what it decides by: company-size, for v2.company-size.csv"
    )
    hit: HitPolicy = Field(description="Which rows claim when several hold")
    gives: Name | None = Field(
        None, description="Names a fact that its column `gives` tells; the table claims nothing"
    )
    values: Annotated[list[Words], Field(min_length=1)] | None = Field(
        None, description="gives: texts, and only these; without it cells are CEL expressions"
    )
    each: Each = Field(None, description="Judge once per element of a list: {a: activities}")
    allowed: dict[Words, Annotated[list[Words], Field(min_length=1)]] = Field(
        {},
        description="What the cells of a column may name: {lead.country: [DE, AT], then.code: …}",
    )
    then: dict[str, Any] = Field({}, description="What all rows claim; columns `then.…` add to it")
    because: Words | None = Field(None, description="The reason of rows that give none")
    priority: Annotated[list[str], Field(min_length=2)] | None = Field(
        None,
        description="hit: priority, output order. The values of the output column, highest first; "
        "unset: in the order of `allowed:`",
    )


class RuleFileShape(Shape, Generic[EffectShape, ParametersShape]):
    """A rule file: one kind's rules at one version."""

    ruleset: str = Field(description=RULESET)
    version: int = Field(ge=1, description="The number in the file's name: 2 in v2.yaml")
    owner: Words = Field(description="Who answers for these rules")
    because: Words = Field(description="Why this version exists")
    parameters: ParametersShape = Field(description=PARAMETERS)
    constants: dict[Name, Constant] = Field(
        {}, description='Plain: a CEL constant. In quotes: text. A list: a list. home: "DE"'
    )
    facts: dict[Name, Condition] = Field({}, description="Named intermediate facts, in any order")
    fixed: list[Words] = Field(
        [], description="Further facts that cannot change, so no flip changes them: scores.fit"
    )
    changeable: list[Words] = Field(
        [], description="Facts that can change here, although they usually cannot: lead.country"
    )
    rules: Annotated[list[RuleShape[EffectShape]], Field(min_length=1)] = Field(
        [], description="Judged in this order"
    )
    tables: Annotated[list[TableShape], Field(min_length=1)] = Field(
        [], description="Decision tables, whose rows are in CSV files; they come after the rules"
    )


class ChallengerShape(Shape):
    """A version tried beside the one that the line releases, by terms agreed before the start."""

    version: int = Field(ge=1, description="The version that is tried; it may be a draft")
    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="What `dealgate digest` prints")
    seed: Annotated[str, Field(min_length=1, max_length=64)] = Field(
        description="Names the experiment, and draws its entities: qualify-2026-q4"
    )
    share: Annotated[Decimal, Field(gt=0, lt=1, decimal_places=6)] | None = Field(
        None,
        description="Its share of entities: 0.1. Unset: it decides in the background and never "
        "answers",
    )
    planned: Annotated[int, Field(ge=10, le=100_000_000)] = Field(
        5000, description="Number of entities at which the comparison is to be most exact"
    )
    matters: Annotated[Decimal, Field(gt=0, le=1, decimal_places=6)] = Field(
        Decimal("0.01"), description="The smallest difference of rates that matters"
    )
    window: Annotated[int, Field(ge=1, le=3650)] = Field(
        90, description="Days after a decision within which results count"
    )
    money_cap: Words | None = Field(
        None, description="Compare money, each success up to this much: EUR 50000"
    )


class ReleaseShape(Shape):
    """One line of releases.yaml: from when a version decides."""

    version: int = Field(ge=1, description="The version that decides from then on")
    from_: str = Field(alias="from", description="2026-01-01 or 2026-01-01T00:00:00Z")
    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="What `dealgate digest` prints")
    by: Words = Field(description="Who released it")
    because: Words = Field(description="Why it decides from then on")
    challenger: ChallengerShape | None = Field(
        None, description="A version tried beside this one, until the next line"
    )
    signatures: dict[Words, Words] = Field(
        {}, description="Who signed this line, and the signature: `dealgate approve` adds them"
    )


def rule_file_shape(kind: AnyKind) -> type[RuleFileShape[Any, Any]]:
    """Return the shape of a rule file of `kind`."""
    effect: type[Any] = kind.effect
    parameters: type[Any] = kind.parameters
    return _rule_file_shape(kind.name, effect, parameters)  # type: ignore[arg-type]  # classes are


@lru_cache(maxsize=64)  # a file is read at every keystroke
def _rule_file_shape(
    name: str, effect: type[BaseModel], parameters: type[BaseModel]
) -> type[RuleFileShape[Any, Any]]:
    shape: Any = RuleFileShape[effect, parameters]  # type: ignore[valid-type]
    fields: dict[str, Any] = {"ruleset": (Literal[name], Field(description=RULESET))}
    if (usual := _usual(parameters)) is not None:
        fields["parameters"] = (parameters, Field(usual, description=PARAMETERS))
    made: type[RuleFileShape[Any, Any]] = create_model(
        f"{name.title()}Rules", __base__=shape, **fields
    )
    return made


def _usual(parameters: type[BaseModel]) -> BaseModel | None:
    """Return the parameters of a file that gives none; None if some have to be given."""
    try:
        return parameters()
    except ValidationError:
        return None
