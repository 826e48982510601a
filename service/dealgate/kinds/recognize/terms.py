"""What the authors of recognition rules may write: effects and conventions."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dealgate.model.fiscal import FiscalCalendar
from dealgate.model.rounding import Rounding
from dealgate.model.terms import Code, Terms

Treatment = Literal["separate_contract", "prospective", "cumulative_catch_up"]
ProrationName = Literal[
    "daily",
    "monthly",
    "equal_periods",
    "month_evenly",
    "full_months",
    "half_month",
    "first_and_last",
]

AccountName = Literal[
    "receivable",
    "revenue",
    "deferred_revenue",
    "contract_asset",
    "refund_liability",
    "return_asset",
    "cost_of_sales",
    "inventory",
    "interest_income",
    "interest_expense",
    "tax_payable",
    "bad_debt_expense",
    "allowance",
    "contract_cost",
    "contract_cost_expense",
    "impairment_loss",
    "accrued_commission",
]
AccountCode = Annotated[str, Field(min_length=1, max_length=64)]

# Which list a claim is about; the others speak about whatever they are judged for.
LISTS = {
    "hold": {""},
    "combine": {"lines"},
    "net": {"lines"},
    "as_priced": {"lines"},
    "breakage": {"lines"},
    "constrain": {"variable"},
    "assign": {"variable", "discounts"},
    "treat": {"modifications"},
    "unite": {"contracts"},
    "expense": {"costs"},
}


class RecognizeEffect(Terms):
    """One claim: about the contract, a line, an amount, a modification, or another contract."""

    hold: Code | None = Field(None, description="There is no contract yet: nothing is revenue")
    combine: Code | None = Field(None, description="The line is not a separate obligation")
    net: Code | None = Field(None, description="We are the agent: the supplier's part is not ours")
    as_priced: Code | None = Field(
        None, description="Each stretch of a ramp earns its own price, not an even part"
    )
    breakage: Code | None = Field(
        None, description="What a cancelled line leaves unserved is earned on its last day"
    )
    constrain: Code | None = Field(
        None, description="Of the variable amount only what is certain counts"
    )
    assign: Code | None = Field(
        None, description="The discount or variable amount goes to its own lines alone"
    )
    treat: Treatment | None = Field(None, description="How the modification is accounted for")
    unite: Code | None = Field(None, description="The contract and the first one are one (25-9)")
    expense: Code | None = Field(None, description="The cost is an expense at once, and no asset")
    warn: Code | None = Field(None, description="Somebody should look at it")
    inform: Code | None = Field(None, description="Good to know")

    @property
    def code(self) -> str:
        """What it is called in the reasons."""
        return next(str(value).upper() for _, value in self if value is not None)

    @property
    def shapes(self) -> bool:
        """Whether the schedule would be another one with it."""
        return self.warn is None and self.inform is None

    @model_validator(mode="after")
    def _one_claim(self) -> Self:
        if sum(claim is not None for _, claim in self) != 1:
            raise ValueError(f"claim one of {', '.join(type(self).model_fields)}")
        return self


class RecognizeParameters(Terms):
    """The conventions; a caller may choose another rounding, and a line another proration."""

    rounding: Rounding = Field(
        "cumulative",
        description="How schedules are rounded; with largest_remainder a later change of the "
        "contract can move a cent of an earlier period",
    )
    proration: ProrationName = Field("daily", description="How a ratable price is divided")
    fiscal: FiscalCalendar = Field(
        FiscalCalendar(), description="The fiscal years by which remaining revenue is reported"
    )
    accounts: Mapping[AccountName, AccountCode] = Field(
        {}, description="Your codes for accounts; a question may give others"
    )
