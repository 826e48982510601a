"""The kernel: an outcome in brief says what the whole of it says."""

import pytest

from dealgate.engine.native import compile_ruleset
from dealgate.foresight.concluding import TREATED
from dealgate.judge import judged
from dealgate.kinds import KINDS
from dealgate.model.errors import BadQuestion
from dealgate.model.numbers import numbers_of
from tests.foresight.recording import cases
from tests.shipped import catalog

# Facts alone decide these: no rule can move them.
UNMOVED = {
    "attribute": {"amount", "reporting_amount", "reporting.rate", "reporting.rate_date"},
    "verify": {"lead.created_at"},
    "close": {"gap_days", "items_total", "co_termination_date", "term_end_date"},
    "health": {"overridden.until"},
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


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_in_brief_it_is_the_same(kind: str) -> None:
    """On the facts of shipped cases, all by the newest version: the word, and the numbers."""
    said, silent, newest = 0, 0, max(one.version for one in catalog().all() if one.kind == kind)
    for ruleset in catalog().all():
        if ruleset.kind != kind:
            continue
        program = compile_ruleset(ruleset)
        for question in cases(kind)[:: 1 if ruleset.version == newest else 5]:
            try:
                verdict = judged(KINDS[kind], program, question.facts, question.as_of)
            except BadQuestion:  # an older version may not know what a newer one may be told
                continue
            if verdict.conclusion is None:
                continue
            brief = KINDS[kind].brief
            assert brief is not None
            told = brief(verdict.known, ruleset, verdict.evidence, question.as_of)
            if told is None:
                silent += 1
                continue
            whole = numbers_of(verdict.conclusion.outcome)
            left_out = {name: whole[name] for name in whole.keys() - told.numbers.keys()}
            assert told.word == verdict.conclusion.word
            assert whole == {**left_out, **told.numbers}
            assert {name.partition(",")[0] for name in left_out} <= UNMOVED.get(kind, set())
            said += 1
    assert said > 30
    assert silent < said / 5


@pytest.mark.parametrize("kind", sorted(TREATED))
def test_what_is_acted_upon_is_what_the_kind_says(kind: str) -> None:
    """Each word of the usual treatments is said on some shipped case."""
    newest = max((one for one in catalog().all() if one.kind == kind), key=lambda one: one.version)
    program, said = compile_ruleset(newest), set[str]()
    for question in cases(kind):
        verdict = judged(KINDS[kind], program, question.facts, question.as_of)
        said |= {verdict.conclusion.word} if verdict.conclusion else set()
    assert said >= TREATED[kind]
