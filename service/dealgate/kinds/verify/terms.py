"""What the authors of verify rules may write: effects and parameters."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dealgate.model.terms import Code, Days, Terms

VerdictName = Literal["invalid", "unverifiable", "risky"]
StatusName = Literal["invalid", "unverifiable", "risky"]
ChannelName = Literal["email", "phone"]
FieldName = Literal[
    "lead.last_name",
    "lead.email",
    "lead.phone",
    "lead.title",
    "lead.country",
    "lead.lead_source",
    "lead.company.name",
    "lead.company.domain",
    "lead.company.industry",
    "lead.company.employees",
]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]
Word = Annotated[str, Field(min_length=1, max_length=100)]
Share = Annotated[Decimal, Field(ge=0, le=1, decimal_places=4)]
Grade = Annotated[int, Field(ge=1, le=100)]


class VerifyEffect(Terms):
    """What a rule finds: of the lead, a field, a channel, or a candidate; at least its code."""

    code: Code = Field(description="The finding, for people and reports: EMAIL_DISPOSABLE")
    status: StatusName | None = Field(None, description="Of the lead; the gravest claimed counts")
    field: FieldName | None = Field(None, description="The field it is about")
    verdict: VerdictName | None = Field(None, description="Of `field`; the gravest counts")
    permit: ChannelName | None = Field(None, description="We may use this channel")
    forbid: ChannelName | None = Field(None, description="We may not, whatever else permits it")
    match: Share | None = Field(
        None, description="How surely the candidate (`each: {d: findings.candidates}`) is the lead"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.verdict is not None and self.field is None:
            raise ValueError("verdict: belongs to a field; name it")
        if self.match is not None and (self.status or self.verdict or self.permit or self.forbid):
            raise ValueError("match: is a claim about a candidate, and stands alone")
        if self.permit is not None and self.forbid is not None:
            raise ValueError("permit and forbid: write two rules")
        return self


class Grades(Terms):
    """From which data quality on a grade is given; below the last it is D."""

    A: Grade = 90
    B: Grade = 75
    C: Grade = 60

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.A > self.B > self.C:
            raise ValueError("A, B and C: each must be more than the next")
        return self


class Tiers(Terms):
    """From which score on a match is merged, or looked at; below neither it is left out."""

    auto: Share = Decimal("0.95")
    review: Share = Decimal("0.8")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.auto <= self.review:
            raise ValueError("auto: must be more than review")
        return self


class VerifyParameters(Terms):
    """The lists and numbers beside the rules."""

    role_accounts: frozenset[Word] = Field(description="Addresses nobody in particular reads")
    free_domains: frozenset[Word] = Field(description="Domains where anybody gets an address")
    placeholders: frozenset[Word] = Field(
        description="What people type to be left alone, in lower case; counts as missing"
    )
    country_names: Mapping[Word, Country] = Field(
        default_factory=dict, description="Names of countries, in lower case, that CLDR lacks"
    )
    domain_aliases: Mapping[Word, Word] = Field(
        default_factory=dict, description="Registrable domains that are another's: its old name"
    )
    fold_gmail: bool = Field(
        default=False, description="Compare gmail.com addresses without dots and tags"
    )
    quality_weights: Annotated[
        Mapping[FieldName, Annotated[int, Field(ge=1, le=100)]], Field(min_length=1)
    ] = Field(description="What each field adds to data quality")
    quality_grades: Grades = Grades()
    duplicate_tiers: Tiers = Tiers()
    stale_after_days: Mapping[Word, Days] = Field(
        default_factory=dict, description="How old an offered value may be, by field"
    )
    replace_lesser: bool = Field(
        default=False,
        description="Replace a value by one from a source trusted more; else only fill gaps",
    )
