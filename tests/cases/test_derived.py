"""Claims about rules that read what their kind derives: proof judges what rules see."""

from dealgate.cases.mutation.mutants import mutants
from dealgate.cases.mutation.survivors import Bench
from dealgate.explain.verdicts import WhatIfJudge
from dealgate.kinds import KINDS
from tests.kinds import build
from tests.kinds.verifying import facts, shipped
from tests.shipped import ENGINE, cases_of


def test_facts_are_judged_with_what_follows_from_them() -> None:
    """A recorded decision is explained, and taken again, on the caller's facts alone."""
    judge = WhatIfJudge(KINDS["verify"], ENGINE.prepare(shipped()), build.AS_OF)
    verdict = judge.judge(facts(email="ada@mailinator.com", phone="+493012345678"))
    assert verdict is not None
    assert "disposable-address" in [one.rule.id for one in verdict.evidence.fired]


async def test_a_parameter_that_findings_rest_on_is_noticed() -> None:
    """Disturbed, it changes what the facts are, before any rule is judged."""
    bench = Bench(KINDS["verify"], cases_of("verify", shipped().version))
    (mutant,) = [
        one
        for one in mutants(shipped())
        if one.part == "parameters" and "fold_gmail" in map(str, one.path)
    ]
    assert bench.noticed(mutant) is not None
