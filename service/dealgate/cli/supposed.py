"""`dealgate explain --set`: what a decision would be if some facts were different."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dealgate.cli.explained import ShownExplanation
from dealgate.cli.shown import faults_shown, give_up
from dealgate.explain.explaining import explain
from dealgate.explain.flip_results import Bounds
from dealgate.explain.rule_changes import causes
from dealgate.foresight.supposing import NotSupposed, supposed


def supposing(
    shown: ShownExplanation, assignments: Sequence[str], bounds: Bounds
) -> tuple[ShownExplanation, Mapping[str, Any]]:
    """Return the explanation of the supposed facts, and how it differs; or leave."""
    with faults_shown():
        try:
            facts = supposed(shown.facts, list(assignments))
        except NotSupposed as error:
            give_up(f"--set {error}")
    judge = shown.judge
    verdict = judge.judge(facts)
    if verdict is None:
        parameters = judge.program.ruleset.parameters
        wrong = judge.kind.check(facts, parameters, judge.as_of)
        reasons = "\n".join(f"{fault.field}: {fault.description}" for fault in wrong)
        give_up(f"with --set the facts are refused:\n{reasons}", 1)
    before = shown.found.verdict
    told = {
        "set": list(assignments),
        "before": before.word,
        "after": verdict.word,
        "rules": [
            {"rule": change.rule_id, "effect": change.effect, "because": change.because}
            for change in causes(before.evidence, verdict.evidence)
        ],
    }
    return ShownExplanation(judge, facts, explain(judge, facts, verdict, bounds)), told


def what_if_lines(told: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the supposition changes."""
    change = f"{told['before']} becomes {told['after']}"
    stays = f"{told['before']} stays"
    yield f"if {', '.join(told['set'])}: {stays if told['before'] == told['after'] else change}"
    yield from (f"  {rule['rule']} {rule['effect']}" for rule in told["rules"])
    yield ""
