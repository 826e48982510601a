"""A kind of the proof's own, over the specimen's facts: rule sets and tables from YAML."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict

from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.model.checks import non_negative, within
from dealgate.model.decision import Conclusion
from dealgate.model.errors import Violation
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind, Kind
from dealgate.model.malformed import malformed
from dealgate.model.rules import AnyRuleSet, Expression, HitPolicy, Table
from dealgate.proof.prover import Prover
from dealgate.rulebook.ruleset import read_ruleset
from dealgate.rulebook.source import Source
from dealgate.rulebook.strict_yaml import read_yaml
from tests.engine.building import HERE, rule_set
from tests.engine.specimen import FACTS, Facts

HEAD = "ruleset: specimen\nversion: 1\nowner: sales\nbecause: For the proof's tests.\n"
COUNTRIES = ("DE", "FR", "US")
CHECKER = CelChecker()


class Effect(BaseModel):
    """A rule says something."""

    model_config = ConfigDict(extra="forbid")

    say: str = ""


class Parameters(BaseModel):
    """Nothing to set."""

    model_config = ConfigDict(extra="forbid")


def check(facts: Any, _parameters: Parameters, _as_of: int) -> Sequence[Violation]:
    """A thing has an id's worth of a stage; counts are not negative, ratios are shares."""
    return [*malformed(facts), *_of_thing("thing", facts.thing), *_stage(facts)]


def _of_thing(path: str, thing: Any) -> Iterator[Violation]:
    yield from non_negative(f"{path}.count", thing.count)
    yield from within(f"{path}.ratio", thing.ratio, 0, 1)


def _stage(facts: Any) -> Iterator[Violation]:
    if facts.HasField("stage") and facts.stage not in COUNTRIES:
        yield Violation("stage", f"is none of {', '.join(COUNTRIES)}")


def _conclude(*_: Any) -> Conclusion:
    raise NotImplementedError("the proof asks for no outcome")


SPECIMEN: AnyKind = Kind(
    name="specimen",
    request=KINDS["score"].request,
    response=KINDS["score"].response,
    facts=Facts,
    effect=Effect,
    parameters=Parameters,
    entity="thing/thing.name",
    check=check,
    conclude=_conclude,
)


def ruleset(text: str) -> AnyRuleSet:
    """Read the rest of a rule file that has no faults: `rules:` and what stands before it."""
    faults: list[Fault] = []
    document = read_yaml(Source("rules/specimen/v1.yaml", HEAD + text), faults)
    assert document is not None
    found = read_ruleset(document, SPECIMEN, 1, CHECKER, faults)
    assert faults == []
    assert found is not None
    return found


def rules(*conditions: str, head: str = "", say: str = "rule-{}") -> AnyRuleSet:
    """Return rules r0, r1, … with these conditions, each with an effect of its own."""
    text = head + "rules:\n"
    for number, condition in enumerate(conditions):
        text += f"  - id: r{number}\n    when: |\n      {condition}\n"
        text += f"    then: {{say: {say.format(number)}}}\n    because: Because.\n"
    return ruleset(text)


def claiming(conditions: Sequence[str], claims: Sequence[str]) -> AnyRuleSet:
    """Return rules r0, r1, … with these conditions and what each says; made without a file."""
    names = [f"r{number}" for number in range(len(conditions))]
    built = rule_set(CHECKER, dict(zip(names, conditions, strict=True)))
    pairs = zip(built.rules, claims, strict=True)
    said = [replace(rule, then=Effect(say=claim)) for rule, claim in pairs]
    return replace(built, rules=said, parameters=Parameters())


def prover(*conditions: str, head: str = "") -> Prover:
    """Return a prover of rules with these conditions."""
    return Prover(rules(*conditions, head=head), SPECIMEN)


def tabled(of: AnyRuleSet, hit: HitPolicy, columns: Sequence[str] = ()) -> AnyRuleSet:
    """Return the rule set with all its rules as the rows of one table."""
    made = [_column(column) for column in columns]
    return replace(of, tables=(Table("prices", hit, made, of.rules, of.location),))


def _column(source: str) -> Expression:
    found = CHECKER.check(source, facts=FACTS, variables={}, expected=None)
    return Expression(source, found.type, found.ast, HERE)
