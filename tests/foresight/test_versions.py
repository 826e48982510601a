"""The kernel: an outcome in brief says what the whole of it says."""

import pytest

from dealgate.engine.native import compile_ruleset
from dealgate.foresight.measures import numbers_of
from dealgate.judge import judged
from dealgate.kinds import KINDS
from tests.foresight.recording import cases
from tests.shipped import catalog

# Facts alone decide these: no rule can move them.
UNMOVED = {
    "qualify": {"bant.confirmed", "meddpicc.sum"},
    "score": {
        "fit_dimensions_known",
        "fit_dimensions",
        "fit_attainable",
        "fit_at_least",
        "fit_at_most",
        "engagement_at_least",
        "engagement_at_most",
        "engagement_number",
    },
}


@pytest.mark.parametrize("kind", sorted(name for name, kind in KINDS.items() if kind.brief))
def test_in_brief_it_is_the_same(kind: str) -> None:
    """On the facts of every shipped case, by every version: the word, and the numbers."""
    said = 0
    for ruleset in catalog().all():
        if ruleset.kind != kind:
            continue
        program = compile_ruleset(ruleset)
        for question in cases(kind)[::3]:
            verdict = judged(KINDS[kind], program, question.facts, question.as_of)
            if verdict.conclusion is None:
                continue
            brief = KINDS[kind].brief
            assert brief is not None
            told = brief(verdict.known, ruleset, verdict.evidence, question.as_of)
            if told is None:
                continue
            whole = numbers_of(verdict.conclusion.outcome)
            left_out = {name: whole[name] for name in whole.keys() - told.numbers.keys()}
            assert told.word == verdict.conclusion.word
            assert whole == {**left_out, **told.numbers}
            assert left_out.keys() <= UNMOVED[kind]
            said += 1
    assert said > 50
