"""A score in one pass is the score that takes three, whatever is asked."""

from random import Random
from typing import Any

from dealgate.kinds import KINDS
from dealgate.kinds import score as kind
from dealgate.kinds.score.straight import Straight
from dealgate.model.soundness import is_sound
from tests.kinds.strange_facts import changed
from tests.shipped import ENGINE, cases_of


def test_one_pass_comes_to_what_the_whole_fold_comes_to() -> None:
    """Of 300 strange questions those that take one pass get the same bytes, and the same grade."""
    random, straight, others = Random("one pass"), 0, 0
    score: Any = KINDS["score"]
    for version in (2, 3, 4):
        file = cases_of("score", version)
        ruleset: Any = file.ruleset
        program = ENGINE.prepare(ruleset)
        cases = [case for case in file.cases if case.error is None]
        for _ in range(100):
            case = random.choice(cases)
            facts, as_of = changed(random, case.facts, case.as_of)
            if not is_sound(facts) or score.check_sound(facts, ruleset.parameters, as_of):
                continue
            known = score.derived(facts, ruleset.parameters, as_of)
            evidence: Any = program.fire(known, as_of, explain=False)
            usual = ruleset.once(Straight).conclusion(known, evidence, as_of)
            whole = kind._concluded(known, ruleset, evidence, as_of)
            if usual is None:
                others += 1
                continue
            straight += 1
            assert (usual.data, usual.word) == (whole.data, whole.word)
    assert straight > 20
    assert others > 20
