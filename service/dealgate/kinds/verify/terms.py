"""What the authors of verify rules may write: effects and parameters."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dealgate.kinds.verify.tables import (
    EDUCATION,
    EXTENSION_WORDS,
    GOVERNMENT,
    LEGAL_FORMS,
    TITLES,
    Titles,
)
from dealgate.model.terms import Code, Days, Terms

VerdictName = Literal["invalid", "unverifiable", "risky", "unchecked"]
StatusName = Literal["invalid", "unverifiable", "risky"]
ChannelName = Literal["email", "phone", "sms", "whatsapp", "post"]
CapName = Literal["review", "none"]
UsualField = Literal[
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
# Answered only if the rule set has a verdict on them.
FurtherField = Literal[
    "lead.first_name",
    "lead.website",
    "lead.state",
    "lead.postal_code",
]
FieldName = Literal[UsualField, FurtherField]
TypedField = Literal[
    "lead.first_name",
    "lead.last_name",
    "lead.title",
    "lead.email",
    "lead.phone",
    "lead.website",
    "lead.country",
    "lead.state",
    "lead.city",
    "lead.postal_code",
    "lead.company.name",
    "lead.company.domain",
    "lead.company.country",
]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]
Word = Annotated[str, Field(min_length=1, max_length=100)]
Words = frozenset[Word]
Share = Annotated[Decimal, Field(ge=0, le=1, decimal_places=4)]
Grade = Annotated[int, Field(ge=1, le=100)]


class VerifyEffect(Terms):
    """What a rule finds: of the lead, a field, a channel, a candidate or an account."""

    code: Code = Field(description="The finding, for people and reports: EMAIL_DISPOSABLE")
    status: StatusName | None = Field(None, description="Of the lead; the gravest claimed counts")
    field: FieldName | None = Field(None, description="The field it is about")
    verdict: VerdictName | None = Field(None, description="Of `field`; the gravest counts")
    permit: ChannelName | None = Field(None, description="We may use this channel")
    forbid: ChannelName | None = Field(None, description="We may not, whatever else permits it")
    match: Share | None = Field(
        None, description="How surely the candidate (`each: {d: findings.candidates}`) is the lead"
    )
    cap: CapName | None = Field(
        None,
        description="Speaks against the candidate: whatever matches it, a person looks (`review`), "
        "or it is somebody else (`none`)",
    )
    account: Share | None = Field(
        None, description="How surely the account (`each: {a: findings.accounts}`) is the lead's"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.verdict is not None and self.field is None:
            raise ValueError("verdict: belongs to a field; name it")
        alone = {"match": self.match, "cap": self.cap, "account": self.account}
        claimed = [name for name, value in alone.items() if value is not None]
        others = self.status or self.verdict or self.permit or self.forbid
        if claimed and (others or len(claimed) > 1):
            kind = "an account" if claimed[0] == "account" else "a candidate"
            raise ValueError(
                f"{claimed[0]}: is a claim about {kind}, and cannot be combined with others"
            )
        if self.permit is not None and self.forbid is not None:
            raise ValueError("permit and forbid: write two rules")
        return self


class Grades(Terms):
    """From which data quality on a grade is given; below the last it is D."""

    A: Grade = Field(default=90, description="The least data quality for an A")
    B: Grade = Field(default=75, description="The least data quality for a B")
    C: Grade = Field(default=60, description="The least data quality for a C; below it is a D")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.A > self.B > self.C:
            raise ValueError("A, B and C: each must be more than the next")
        return self


class Tiers(Terms):
    """From which score on a match is merged, or looked at; below neither it is left out."""

    auto: Share = Field(
        default=Decimal("0.95"), description="From this score on a match is merged without asking"
    )
    review: Share = Field(
        default=Decimal("0.8"),
        description="From this score on somebody looks at a match; below it there is none",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.auto <= self.review:
            raise ValueError("auto: must be more than review")
        return self


class VerifyParameters(Terms):
    """The lists and numbers beside the rules."""

    role_accounts: Words = Field(description="Addresses nobody in particular reads")
    free_domains: Words = Field(
        description="Domains where anybody gets an address: gmx.net, or yahoo.* wherever it is"
    )
    known_free_domains: bool = Field(
        default=False, description="Take those of the list that comes with the service too"
    )
    known_school_domains: bool = Field(
        default=False, description="Take the schools of the list that comes with the service too"
    )
    business_domains: Words = Field(
        default=frozenset(), description="Domains of companies that such a list names wrongly"
    )
    education_domains: Words = Field(
        default_factory=lambda: EDUCATION,
        description="Where schools and universities are: edu, .ac.*",
    )
    government_domains: Words = Field(
        default_factory=lambda: GOVERNMENT,
        description="Where public authorities are: gov, .gov.*, go.jp",
    )
    tag_separators: Mapping[Word, Annotated[str, Field(pattern=r"^[+=-]$")]] = Field(
        default_factory=dict,
        description="By domain, what a tag that changes nothing begins with: outlook.com: +",
    )
    placeholders: Words = Field(
        description="What people type to be left alone, in lower case; counts as missing"
    )
    placeholders_of: Mapping[TypedField, Words] = Field(
        default_factory=dict,
        description="The same in one field alone; of lead.email, the part before the @",
    )
    placeholder_domains: Words = Field(
        default=frozenset(), description="Domains of addresses that nobody has: example.com"
    )
    placeholder_people: Words = Field(
        default=frozenset(), description="Full names that people invent: john doe"
    )
    country_names: Mapping[Word, Country] = Field(
        default_factory=dict, description="Names of countries, in lower case, that CLDR lacks"
    )
    countries: Mapping[Country, Words] = Field(
        default_factory=dict, description="Names of countries that the lists lack, by code"
    )
    phone_extension_words: Words = Field(
        default_factory=lambda: EXTENSION_WORDS,
        description="Words before an extension: ext, Durchwahl",
    )
    titles: Titles = Field(
        default_factory=lambda: TITLES, description="What the words of a job title say"
    )
    nicknames: Mapping[Word, Words] = Field(
        default_factory=dict, description="Short forms of given names that the list lacks"
    )
    legal_forms: Words = Field(
        default_factory=lambda: LEGAL_FORMS,
        description="What says nothing of who a company is: gmbh, s.a.",
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
    unchecked_share: Share = Field(
        default=Decimal(1), description="What a value that nobody looked at is worth of its weight"
    )
    quality_grades: Grades = Field(
        Grades(), description="From which data quality on grades are given"
    )
    duplicate_tiers: Tiers = Field(
        Tiers(), description="From which score on a duplicate is merged or looked at"
    )
    account_tiers: Tiers = Field(
        Tiers(), description="From which score on a lead is linked to an account"
    )
    stale_after_days: Mapping[Word, Days] = Field(
        default_factory=dict, description="How old an offered value may be, by field"
    )
    replace_lesser: bool = Field(
        default=False,
        description="Replace a value by one from a source trusted more; else only fill gaps",
    )

    @cached_property
    def placeholders_by_path(self) -> Mapping[str, frozenset[str]]:
        """Placeholders of one field alone, by any path."""
        return {str(path): words for path, words in self.placeholders_of.items()}

    @cached_property
    def own_countries(self) -> frozenset[tuple[str, str]]:
        """Each name of the rule set's own, with the country's code."""
        return frozenset((name, code) for code, names in self.countries.items() for name in names)
