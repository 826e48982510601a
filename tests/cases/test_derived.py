"""Claims about rules that read what their kind derives: proof judges what rules see."""

from dealgate.cases.mutation.mutants import mutants
from dealgate.cases.mutation.survivors import Bench
from dealgate.engine.native import NativeEngine
from dealgate.explain.verdicts import Judge
from dealgate.kinds import KINDS
from dealgate.rulebook.cases import load_cases
from tests.kinds import build
from tests.kinds.verifying import facts, shipped
from tests.shipped import RULES

VERIFY = {"verify": KINDS["verify"]}


def test_facts_are_judged_with_what_follows_from_them() -> None:
    """A recorded decision is explained, and taken again, on the caller's facts alone."""
    judge = Judge(KINDS["verify"], NativeEngine().prepare(shipped()), build.AS_OF)
    verdict = judge.judge(facts(email="ada@mailinator.com", phone="+493012345678"))
    assert verdict is not None
    assert "disposable-address" in [one.rule.id for one in verdict.evidence.fired]


async def test_a_parameter_that_findings_rest_on_is_noticed() -> None:
    """Disturbed, it changes what the facts are, before any rule is judged."""
    (file,) = [one for one in load_cases(RULES, VERIFY, [shipped()]) if one.ruleset == shipped()]
    bench = Bench(KINDS["verify"], file)
    (mutant,) = [
        one
        for one in mutants(shipped())
        if one.part == "parameters" and "fold_gmail" in map(str, one.path)
    ]
    assert bench.noticed(mutant) is not None
