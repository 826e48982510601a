"""Properties that a rules folder declares of an entity, beyond what the contracts know of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

from dealgate.model.property_values import NotOfType, measure, read_single, sent_single
from dealgate.model.texts import shows

# What may have properties, by the name that properties.yaml uses, and its messages.
ENTITIES: Mapping[str, Sequence[str]] = {
    "lead": ("Lead",),
    "company": ("Company",),
    "activity": ("Activity",),
    "opportunity": ("Opportunity",),
    "contact": ("OpportunityContact",),
    "account": ("AccountMatch", "AccountCandidate"),
    "customer": ("Customer",),
    "contract": ("SalesContract", "RevenueContract", "HandoffContract"),
    "item": ("ContractItem",),
    "line": ("RevenueLine",),
    "seller": ("Seller",),
    "rep": ("Rep",),
    "closure": ("Closure",),
}
ENTITY_OF = {message: entity for entity, messages in ENTITIES.items() for message in messages}
# What adds words to an enum of the contracts, by the name of the field that holds them.
EXTENDED: Mapping[str, Mapping[str, str]] = {
    "activity": {"type": "ActivityType"},
    "lead": {"lead_source": "LeadSource", "job_function": "JobFunction"},
    "company": {"industry": "Industry"},
    "closure": {"loss_reason": "LossReason"},
}


@dataclass(frozen=True, slots=True)
class Property:
    """One property. `type` is that of one element if `many` are held.

    `values` are those of an enum; `low` and `high` bound what `measure` returns. `absent` is the
    typed value that stands for one nobody sent; None: it is not known then. One that is `fixed`
    cannot change, which explanations heed. `retired` ones are
    still accepted, but drafts may not read them.
    """

    name: str
    type: str
    many: bool = False
    values: tuple[str, ...] = ()
    low: Any = None
    high: Any = None
    bounds: tuple[str, str] = ("", "")
    unit: str = ""
    personal: bool = False
    fixed: bool = False
    absent: Any = None
    because: str = ""

    @property
    def type_name(self) -> str:
        """The type as properties.yaml writes it."""
        return f"list({self.type})" if self.many else self.type

    @property
    def meaning(self) -> Sequence[Any]:
        """What a rule that reads it relies on; the digest of its version covers this."""
        absent = None if self.absent is None else sent_single(self.type, self.absent)
        return [self.type, self.many, self.unit, absent]

    @property
    def told(self) -> str:
        """Say what it is, for people: its type, values, bounds, unit and reason."""
        parts = [self.type_name]
        if self.values:
            parts.append(f"one of {', '.join(self.values)}")
        low, high = self.bounds
        parts += [f"at least {low}"] * bool(low) + [f"at most {high}"] * bool(high)
        parts += [f"unit {self.unit}"] * bool(self.unit) + ["personal"] * self.personal
        parts += ["cannot change"] * self.fixed
        if self.absent is not None:
            parts.append(f"if absent, {sent_single(self.type, self.absent)}")
        return f"{self.because} ({'; '.join(parts)})"

    def wrong(self, value: Any) -> str:
        """Say what is wrong with a value of its type; empty: nothing."""
        if self.values and value not in self.values:
            return f"must be one of {', '.join(self.values)}"
        if self.low is None and self.high is None:
            return ""
        size = measure(self.type, value)
        if self.low is not None and size < self.low:
            return f"must be {self.bounds[0]} or more"
        if self.high is not None and size > self.high:
            return f"must be {self.bounds[1]} or less"
        return ""

    def single(self, value: Any) -> tuple[Any, str]:
        """Return a `google.protobuf.Value` as its type's value, None if it says nothing.

        Beside it stands what is wrong with the value; with one of another type, None too.
        """
        sort = value.WhichOneof("kind")
        if sort is None or sort == "null_value":
            return None, ""
        return self._read(sort, getattr(value, sort))

    def _read(self, sort: str, given: Any) -> tuple[Any, str]:
        if sort == "string_value" and not shows(given):
            return None, ""
        try:
            typed = read_single(self.type, sort, given)
        except NotOfType as error:
            return None, str(error)
        return typed, self.wrong(typed)

    def read(self, value: Any) -> tuple[Any, Sequence[tuple[str, str]]]:
        """As `single`, also for a list; beside it what is wrong, each with its place below it."""
        if not self.many:
            typed, wrong = self.single(value)
            return typed, [("", wrong)] if wrong else ()
        sort = value.WhichOneof("kind")
        if sort is None or sort == "null_value":
            return None, ()
        if sort != "list_value":
            return None, [("", "must be a list")]
        read = [self.single(item) for item in value.list_value.values]
        violations = [(f"[{index}]", wrong) for index, (_, wrong) in enumerate(read) if wrong]
        return [typed for typed, _ in read if typed is not None], violations

    def read_text(self, text: str) -> tuple[Any, Sequence[tuple[str, str]]]:
        """As `read`, for a Value that is this text."""
        if self.many:
            return None, [("", "must be a list")]
        typed, wrong = self._read("string_value", text)
        return typed, [("", wrong)] if wrong else ()

    def sent(self, value: Any) -> Any:
        """Return the JSON value that is read as this one."""
        if self.many:
            return [sent_single(self.type, item) for item in value]
        return sent_single(self.type, value)


class Arrival(Enum):
    """What becomes of properties that are not as declared.

    REFUSE: a violation each. IGNORE: those that are not declared are passed over. RECORDED: nothing
    is asked, because the facts were taken before, by what was declared then.
    """

    REFUSE = "refuse"
    IGNORE = "ignore"
    RECORDED = "recorded"


# By the entity's name in properties.yaml, and by the property's.
Declared: TypeAlias = Mapping[str, Mapping[str, Property]]
NOTHING: Declared = {}
