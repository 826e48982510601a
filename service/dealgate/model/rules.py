"""Rules as the engine takes them: read, typed and checked, but not yet compiled."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, Generic, TypeAlias, TypeVar

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from pydantic import BaseModel

from dealgate.model.challengers import Challenger
from dealgate.model.location import Location as Location  # noqa: PLC0414  # named with rules

# Covariant: who reads rules of any kind reads a kind's rules too.
Effect_co = TypeVar("Effect_co", bound=BaseModel, covariant=True)
Parameters_co = TypeVar("Parameters_co", bound=BaseModel, covariant=True)
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Expression:
    """A CEL expression that parsed and type-checked.

    `ast` is a serialized `cel.expr.CheckedExpr`; `type` its type in CEL's notation
    ("bool", "list(string)", "google.type.Money"). `enum` names the constants that its value is
    one of, if it is an enum's: CEL itself calls that type "int".
    """

    source: str
    type: str
    ast: bytes = field(repr=False)
    location: Location
    enum: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExpressionFault:
    """What is wrong with an expression at `offset` (code points from its start), and the cure."""

    offset: int
    message: str
    hint: str = ""


class ExpressionFaults(Exception):
    """An expression that does not parse or type-check, with every fault found."""

    def __init__(self, faults: Sequence[ExpressionFault]) -> None:
        """`faults` is not empty."""
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Checked:
    """What the checker found an expression to be: see `Expression` for what the fields say."""

    type: str
    ast: bytes = field(repr=False)
    enum: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Each:
    """Judge a rule once per element of a list: `variable` is bound to each element of `items`."""

    variable: str
    items: Expression


@dataclass(frozen=True, slots=True)
class Rule(Generic[Effect_co]):
    """If `when` holds, claim `then`. Without `when` it always holds."""

    id: str
    when: Expression | None
    then: Effect_co
    because: str
    location: Location
    each: Each | None = None


class HitPolicy(Enum):
    """Which rows of a decision table claim, as DMN names it."""

    UNIQUE = "unique"
    FIRST = "first"
    ANY = "any"
    PRIORITY = "priority"
    RULE_ORDER = "rule order"
    OUTPUT_ORDER = "output order"
    SUM = "collect sum"
    MIN = "collect min"
    MAX = "collect max"
    COUNT = "collect count"


# Their first column of claims is ranked by `priority:`.
RANKED = {HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER}
# Each of their rows claims for itself.
SEPARATE = {HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER}
COLLECTING = {HitPolicy.SUM, HitPolicy.MIN, HitPolicy.MAX, HitPolicy.COUNT}


@dataclass(frozen=True, slots=True)
class Table(Generic[Effect_co]):
    """A decision table or scorecard: rules that share their `columns`, under one hit policy.

    Each row is a rule whose `when` is the conjunction of its cells. The rows stand among the rule
    set's `rules` too, after the rules of the YAML file, where their ids begin with the table's:
    "company-size/large". All rows are judged over the same `each`, if there is one.

    `output` is the path in the effect of the column that the policy looks at, ("cap", "points"):
    what is collected, or what `priority` ranks, highest first; by it the rows of `output order` are
    sorted. `because` is the reason of rows
    that give none, and of what is collected. `allowed` has what cells may name, by their header.
    """

    id: str
    hit: HitPolicy
    columns: Sequence[Expression]
    rows: Sequence[Rule[Effect_co]]
    location: Location
    output: tuple[str, ...] = ()
    priority: Sequence[Any] = ()
    because: str = ""
    allowed: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def collects(self) -> bool:
        """Whether its rows are folded into one claim."""
        return self.hit in COLLECTING

    def value(self, row: Rule[Any]) -> Any:
        """Return what a row says in the `output` column."""
        claim = row.then
        for name in self.output:
            claim = getattr(claim, name)
        return claim


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which questions the rules of a scope decide, and what they are made from.

    `base` is the version of the kind's own rules that they narrow. They decide for `tenant` alone,
    if there is one, and where `applies` holds, if there is such a rule. If it is not known whether
    it holds, the kind's own rules decide, unless the scope `refuses` to have that guessed.
    """

    scope: str
    base: int
    applies: Rule[Any] | None
    tenant: str = ""
    refuses: bool = False

    def is_visible_to(self, tenant: str) -> bool:
        """Whether this tenant may know of the scope."""
        return self.tenant in {"", tenant}


# A rule set, facts as rules see them, the instant, and names → the values that are known.
Told: TypeAlias = Callable[["AnyRuleSet", Message, int, Iterable[str]], Mapping[str, Any]]


@dataclass(frozen=True)
class RuleSet(Generic[Effect_co, Parameters_co]):
    """One kind's rules at one version.

    `message` describes the facts message that its expressions read. `constants` need no facts;
    `facts` are named intermediate facts in dependency order, so
    each may read those before it; `parameters` is the kind's own model. `fixed` are the paths of
    facts that cannot change, such as a contract's language: no flip changes them. `changeable` are
    those that can, although the contract says otherwise.
    `properties` are those that its expressions read ("lead.partner_tier"); the `vocabulary` that
    declares them lives as long as the rule set does. `as_sent` tells that none is read, so that
    facts may be judged as they are sent. `narrowing`: of the rules of a scope. `told`, of a kind
    whose outcome says some of them, returns what named facts come to. `telling` are tables that
    tell named facts by a hit policy that promises how their rows meet; they claim nothing.
    """

    kind: str
    version: int
    owner: str
    because: str
    digest: str
    message: Descriptor
    constants: Mapping[str, Expression]
    facts: Mapping[str, Expression]
    rules: Sequence[Rule[Effect_co]]
    parameters: Parameters_co
    location: Location
    tables: Sequence[Table[Effect_co]] = ()
    telling: Sequence[Table[Any]] = ()
    fixed: Sequence[str] = ()
    changeable: Sequence[str] = ()
    vocabulary: object = None
    properties: Sequence[str] = ()
    as_sent: bool = False
    narrowing: Narrowing | None = None
    told: Told | None = None

    @property
    def scope(self) -> str:
        """The scope that these rules are for; "": they are the kind's own."""
        return "" if self.narrowing is None else self.narrowing.scope

    @property
    def shelf(self) -> str:
        """`qualify`, or `qualify/dach` of the rules of a scope: what its versions count by."""
        return shelf_of(self.kind, self.scope)

    @property
    def name(self) -> str:
        """`qualify@2`, or `qualify/dach@2`."""
        return f"{self.shelf}@{self.version}"

    @cached_property
    def _made(self) -> dict[Any, Any]:
        return {}

    def once(self, make: Callable[[Any], Made]) -> Made:
        """Return what `make` works out of this rule set; it is kept with the rule set."""
        made: Made | None = self._made.get(make)
        if made is None:
            made = self._made[make] = make(self)
        return made

    @cached_property
    def order(self) -> Mapping[str, int]:
        """The place in file order of every rule, and of every table: that of its first row."""
        rules = {rule.id: location for location, rule in enumerate(self.rules)}
        return rules | {table.id: rules[table.rows[0].id] for table in self.tables}


def shelf_of(kind: str, scope: str) -> str:
    """Return the name that the versions of a kind, or of a scope of it, count by."""
    return f"{kind}/{scope}" if scope else kind


# For those who need not know what a rule may claim.
AnyRule: TypeAlias = Rule[Any]
AnyTable: TypeAlias = Table[Any]
AnyRuleSet: TypeAlias = RuleSet[Any, Any]


@dataclass(frozen=True, slots=True)
class Release:
    """From `effective_from` (nanoseconds since the epoch) on, `version` decides.

    A `challenger` is tried beside it until the next release. `signatures` are in base64, by the
    names of those who signed; a line is the same release with and without them.
    """

    version: int
    effective_from: int
    sha256: str
    by: str
    because: str
    challenger: Challenger | None = None
    signatures: Mapping[str, str] = field(default_factory=dict, compare=False, hash=False)

    @property
    def versions(self) -> Sequence[int]:
        """The versions that decide by this line."""
        return (
            (self.version,) if self.challenger is None else (self.version, self.challenger.version)
        )
