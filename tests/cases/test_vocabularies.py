"""Every name of a parameter, and every value that rules tell apart, is the fact of some case."""

from dataclasses import replace
from pathlib import Path

import pytest

from dealgate.cases.fact_values import value_at, values_at, with_value
from dealgate.cases.findings import Findings, coverage_of
from dealgate.cases.vocabularies import Vocabularies
from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.model.codes import Code
from dealgate.rulebook.cases import load_cases
from dealgate.rulebook.loading import load_catalog
from dealgate.v1.forecast_pb2 import ForecastFacts
from tests import shipped
from tests.cases.asking import case, coverage, rule, told, written

ADVANCE = {"advance": KINDS["advance"]}
STAGE = "{{name: {}, probability: 40, forecast_category: pipeline}}"
ENDS = """\
    - {name: Won, probability: 100, forecast_category: closed, closed: won}
    - {name: Lost, probability: 0, forecast_category: omitted, closed: lost}
"""
HEAD = "ruleset: advance\nversion: 1\nowner: sales\nbecause: First.\n"
RULE = """\
rules:
  - id: discounted
    when: opportunity.discount > decimal("0.2")
    then: {block: DISCOUNT}
    because: It costs too much.
"""


def _stages(*names: str, above: str = "  stages:\n") -> str:
    return above + "".join(f"    - {STAGE.format(name)}\n" for name in names) + ENDS


def _moves(*moves: tuple[str, str], more: str = "") -> str:
    """Return a case for each move; what each fires does not matter here."""
    return "cases:\n" + "".join(
        f"  - case: {number}, {source} to {target}\n    as_of: 2026-06-01T00:00:00Z\n"
        f"    facts: {{opportunity: {{id: O1, owner_id: R1, stage_name: {source}{more}}},"
        f" target_stage: {target}, actor: {{id: R1, role: SALES_ROLE_REP}}}}\n    fired: []\n"
        for number, (source, target) in enumerate(moves)
    )


def _unseen(folder: Path, parameters: str, cases: str) -> Findings:
    home = folder / "advance"
    home.mkdir(parents=True)
    (home / "v1.yaml").write_text(f"{HEAD}parameters:\n{parameters}{RULE}")
    (home / "v1.cases.yaml").write_text(cases)
    catalog = load_catalog(folder, ADVANCE, CelChecker())
    (file,) = load_cases(folder, ADVANCE, catalog.all())
    return coverage_of(folder, KINDS["advance"], file)


def _values(findings: Findings) -> list[str]:
    values = [each for each in findings.missing if each.identity.code is Code.VALUE_UNSEEN]
    return [finding.fault.message for finding in values]


def test_stage_that_no_case_leaves_from_is_named(tmp_path: Path) -> None:
    """A gate that forgets a new stage shows only where a deal leaves from it."""
    moves = [("Open", "Checked"), ("Open", "Won"), ("Won", "Open"), ("Lost", "Lost")]
    found = _unseen(tmp_path, _stages("Open", "Checked"), _moves(*moves))
    assert _values(found) == [
        'parameters.stages: no case has "Checked" as opportunity.stage_name',
    ]


def test_stage_that_another_pipeline_has_too_is_wanted_in_each(tmp_path: Path) -> None:
    """Deals of one pipeline show nothing of the other, though their stages have the same names."""
    two = "  default_pipeline: short\n  pipelines:\n" + "".join(
        f"    {name}:\n      stages:\n" + _stages(*stages, above="").replace("    - ", "        - ")
        for name, stages in {"short": ["Open"], "long": ["Open", "Checked"]}.items()
    )
    ends = [("Open", "Won"), ("Won", "Lost"), ("Lost", "Open")]
    cases = _moves(*ends) + _moves(*ends, ("Open", "Checked"), more=", pipeline: long")[7:].replace(
        "case: ", "case: long "
    )
    assert _values(_unseen(tmp_path, two, cases)) == [
        'parameters.pipelines: no case has "short" as opportunity.pipeline',
        'parameters.pipelines.long.stages: no case has "Checked" as opportunity.stage_name',
    ]


@pytest.mark.parametrize("after", range(8))
def test_stage_that_is_put_into_shipped_rules_is_told(after: int) -> None:
    """Wherever an author puts a stage, the cases that there are do not leave from it."""
    file = shipped.cases_of("advance", 2)
    kind, parameters = KINDS["advance"], file.ruleset.parameters
    new = parameters.stages[after].model_copy(update={"name": "Technical Validation"})
    stages = (*parameters.stages[: after + 1], new, *parameters.stages[after + 1 :])
    ruleset = replace(
        file.ruleset, parameters=parameters.model_copy(update={"stages": stages}), rules=()
    )
    cases = [each for each in file.cases if not kind.check(each.facts, parameters, each.as_of)]
    told = [each.message for each in Vocabularies(kind, ruleset, cases[:100]).unseen]
    new_stage = 'parameters.stages: no case has "Technical Validation" as'
    assert f"{new_stage} opportunity.stage_name" in told
    assert f"{new_stage} target_stage" in told


IN = "lead.seniority in [{}]"


def test_constants_that_no_condition_tells_apart_are_one_region(tmp_path: Path) -> None:
    """What stands in the same lists is alike; a constant that one of two lists has is not."""
    rules = rule("either", IN.format("SENIORITY_VP, SENIORITY_DIRECTOR")) + rule(
        "more", IN.format("SENIORITY_VP, SENIORITY_DIRECTOR, SENIORITY_MANAGER")
    )
    cases = "cases:\n" + case("director", "{lead: {seniority: SENIORITY_DIRECTOR}}", "fired: []")
    values = [line for line in told(coverage(written(tmp_path, rules, cases))) if "has" in line]
    assert values == [
        "12:5 rules.more: no case has SENIORITY_MANAGER as lead.seniority",
    ]


def test_value_that_the_kind_refuses_is_not_wanted(tmp_path: Path) -> None:
    """A deal of no case can be in a stage that cases may not be in."""
    cases = "cases:\n" + case("one", "{lead: {company: {country: DE}}}", "fired: []")
    rules = rule("odd", 'lead.company.country in ["DE", "UK"] || lead.company.country == "UK"')
    assert not [line for line in told(coverage(written(tmp_path, rules, cases))) if "UK as" in line]


def test_values_are_found_and_changed_at_their_locations() -> None:
    """A path goes through every element of a list, a location through one."""
    facts = ForecastFacts()
    for name in ("Open", "Won"):
        facts.opportunities.add().stage_name = name
    path = "opportunities[].stage_name"
    assert dict(values_at(facts, path)) == {
        "opportunities[0].stage_name": "Open",
        "opportunities[1].stage_name": "Won",
    }
    changed = with_value(facts, "opportunities[1].stage_name", "Lost")
    assert value_at(changed, "opportunities[1].stage_name") == "Lost"
    assert value_at(facts, "opportunities[1].stage_name") == "Won"
    assert value_at(facts, "opportunities[7].stage_name") is None
    assert value_at(facts, "opportunities[0].nothing.there") is None
