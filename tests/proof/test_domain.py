"""Mistakes planted in shipped rule sets: pipelines without a way, scores out of reach."""

import re
from pathlib import Path

import pytest

from dealgate.kinds import KINDS
from dealgate.model.faults import Fault
from dealgate.model.rules import AnyRuleSet
from dealgate.proof.checking import analysed
from dealgate.proof.prover import Prover
from dealgate.proof.stages import Moves, machine_of, stage_words
from dealgate.rulebook.ruleset import read_ruleset
from dealgate.rulebook.source import Source
from dealgate.rulebook.strict_yaml import read_yaml
from tests.proof.proving import CHECKER

LATER = (
    "Id. Decision Makers",
    "Perception Analysis",
    "Proposal/Price Quote",
    "Negotiation/Review",
    "Closed Won",
)
RULES = Path(__file__).parents[2] / "rules"


def shipped(name: str, version: int, *changes: tuple[str, str], more: str = "") -> AnyRuleSet:
    """Return a shipped rule set with some of its text changed, and more rules at its end."""
    text = (RULES / name / f"v{version}.yaml").read_text()
    for pattern, instead in changes:
        text, times = re.subn(pattern, instead, text)
        assert times
    faults: list[Fault] = []
    document = read_yaml(Source(f"rules/{name}/v{version}.yaml", text + more), faults)
    assert document is not None
    found = read_ruleset(document, KINDS[name], version, CHECKER, faults)
    assert faults == []
    assert found is not None
    return found


def told(of: AnyRuleSet) -> list[str]:
    """Return what is found, without places and facts."""
    found = analysed(of, KINDS[of.kind]).findings
    return [f"{each.severity.value}: {each.subject} {each.message}" for each in found]


def blocking(when: str, code: str = "NO_WAY") -> str:
    """Return a rule that blocks."""
    return f"  - id: no-way\n    when: {when}\n    then: {{block: {code}}}\n    because: Because.\n"


def cut_off(stage: str) -> str:
    """Return how it is told that no stage from which a move leads there can be reached."""
    start = "can never be reached from Prospecting"
    return f"fault: stage {stage} {start}: every way to it is blocked before"


def unreachable(stage: str) -> str:
    """Return how it is told that a stage cannot be reached."""
    start = "can never be reached from Prospecting"
    return f"fault: stage {stage} {start}: moves to it are blocked by no-way"


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        (
            blocking('target_stage == "Id. Decision Makers"'),
            [unreachable("Id. Decision Makers")],
        ),
        (
            blocking('opportunity.stage_name == "Needs Analysis" && target_stage != "x"'),
            [
                "fault: stage Needs Analysis is a dead end: every move out of it is blocked",
                unreachable("Value Proposition"),
                *map(cut_off, LATER),
            ],
        ),
        (
            blocking('opportunity.stage_name == "Perception Analysis" && target_stage != lost'),
            ["fault: stage Perception Analysis leads nowhere: no deal in it can be won any more"],
        ),
        (blocking('target_stage == "Closed Won"'), [unreachable("Closed Won")]),
        (blocking("opportunity.amount.units > 100000"), []),
        (blocking('target_stage == "Closed Won" && opportunity.custom_terms'), []),
        (blocking('target_stage == "Closed Won"', "STAGE_SKIPPED"), []),
    ],
    ids=["unreachable", "dead end", "nowhere", "never won", "large", "custom", "set aside"],
)
def test_moves_that_rules_always_block(rule: str, wanted: list[str]) -> None:
    """A stage is out of reach if every move to it is blocked on all facts, not only on some."""
    found = told(shipped("advance", 2, more=rule))
    assert [each for each in found if "stage" in each.split()[1]] == wanted


@pytest.mark.parametrize(
    ("version", "when"),
    [
        (2, 'opportunity.stage_name == "Needs Analysis" && target_stage != "x"'),
        (2, 'opportunity.stage_name != target_stage && target_stage == "Proposal/Price Quote"'),
        (3, 'opportunity.stage_name == "Deal Registration" && target_stage == "Closed Won"'),
        (3, "target_stage.startsWith(opportunity.stage_name)"),
    ],
)
def test_stages_that_rules_do_not_tell_apart_are_proved_once(version: int, when: str) -> None:
    """What is possible between two of them is what is possible between each of them."""
    of, kind = shipped("advance", version, more=blocking(when)), KINDS["advance"]
    prover, machine = Prover(of, kind, stage_words(of, kind)), machine_of(kind)
    assert machine is not None
    for pipeline in machine.pipelines(of.parameters).all.values():
        moves = Moves(prover, machine, pipeline)
        for (source, target), is_possible in moves._moves.items():
            within = moves._between(*(pipeline.by_name[name] for name in (source, target)))
            alone = prover.point([within], moves._blocking) is not None
            assert alone == is_possible, (source, target)


def test_a_rule_about_a_stage_of_another_pipeline() -> None:
    """A partner's deal can be there, although a deal that names no pipeline cannot."""
    when = 'opportunity.stage_name == "Deal Registration" && target_stage == "Partner Proposal"'
    assert told(shipped("advance", 3, more=blocking(when))) == []


def test_overrides_of_what_nothing_blocks_with() -> None:
    """A waiver with a misspelt code sets nothing aside."""
    found = told(shipped("advance", 2, (r"waive: \[STAGE_SKIPPED\]", "waive: [STAGE_SKIPT]")))
    assert found == [
        "warning: rule overridden-by-a-leader sets STAGE_SKIPT aside, which nothing blocks with"
    ]


def test_a_stage_that_is_none() -> None:
    """Stages are compared with the names that the pipeline gives them."""
    found = told(shipped("advance", 2, (r"won: \"Closed Won\"", 'won: "Closed won"')))
    assert found[0].startswith('fault: fact wins compares target_stage with "Closed won", which')
    assert "fault: rule not-signed can never fire: `wins` is never true" in found


def test_a_country_that_is_none() -> None:
    """Countries are compared with the codes that the service takes: UK is not one of them."""
    found = told(shipped("score", 2, (r'"US", "GB"', '"US", "UK"')))
    why = "is not an ISO 3166-1 alpha-2 code; write two capital letters such as DE"
    what = 'compares lead.country with "UK", which it can never be'
    assert found == [f"fault: rule core-market {what}: {why}"]


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ([(r"cap: 40", "cap: 15")], "engagement 1 is never reached: it takes 75, and engagement"),
        (
            [(r"cap: 40", "cap: 1"), (r"fit: 60, engagement: 40", "fit: 10, engagement: 90")],
            "fault: threshold is never reached: it is 75, and the composite at most",
        ),
    ],
)
def test_scores_out_of_reach(changes: list[tuple[str, str]], wanted: str) -> None:
    """What caps and weights leave must suffice for the grades that are given names."""
    bonus = (r"then: \{axis: engagement, points: 20\}", "then: {axis: engagement, points: 1}")
    assert any(wanted in each for each in told(shipped("score", 2, bonus, *changes)))


def test_a_best_lead_that_cannot_be() -> None:
    """Fit is measured by the best of every dimension, so one lead should be able to be that."""
    best = r"(when: lead.company.employees >= 1000 && lead.company.employees < 5000)"
    found = told(shipped("score", 2, (best, r"\1 && lead.seniority == SENIORITY_VP")))
    assert any("fit never reaches 100" in each for each in found)


def test_a_new_stage_that_no_list_names_is_a_fault() -> None:
    """Added to the parameters alone it let a deal pass every gate, and all was green (A1)."""
    new = (
        '- {name: "Technical Validation", probability: 72, forecast_category: best_case, '
        "may_be_skipped: true}"
    )
    found = told(
        shipped("advance", 2, (r'(    - \{name: "Proposal/Price Quote")', rf"    {new}\n\1"))
    )
    assert any("stage Technical Validation" in one and "no list" in one for one in found)


def test_what_the_service_computes_may_be_compared_with_any_value() -> None:
    """No caller may tell the day, so what the kind refuses of it says nothing of its values."""
    rule = """
  - id: later
    when: today > date("2026-01-01")
    then: {disposition: nurture, code: LATE-01}
    because: It is later than that.
"""
    ruleset = shipped("qualify", 1, more=rule)
    findings = analysed(ruleset, KINDS["qualify"]).findings
    assert not [each for each in findings if each.subject == "rule later"]
