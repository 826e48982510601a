"""Evidence that recurs is the evidence that would be made anew, and nothing grows by keeping it."""

import pickle
from collections.abc import Sequence

import pytest

from dealgate.engine import recurring
from dealgate.engine.evidence import Judgement
from dealgate.engine.hits import Hits
from dealgate.engine.native import Program, compile_ruleset
from dealgate.engine.recurring import Recurring
from dealgate.language.values import Unknown, Value
from dealgate.model.decision import AnyEvidence, Evidence
from tests.shipped import cases_of


def compiled(kind: str) -> tuple[Program, list[tuple[list[Judgement], Sequence[Value]]]]:
    """Return a shipped rule set's program, and what its rules came to in some of its cases."""
    file = cases_of(kind, 2)
    program = compile_ruleset(file.ruleset)
    cases = [case for case in file.cases if case.error is None][:20]
    return program, [program.judge(case.facts, case.as_of) for case in cases]


@pytest.mark.parametrize("kind", ["route", "advance", "score"])
def test_evidence_that_recurs_is_equal_to_what_would_be_made(kind: str) -> None:
    """With tables and lists, missing facts and none: the second time as the first."""
    program, came_to = compiled(kind)
    hits = Hits(program.ruleset)
    for judgements, values in came_to * 2:
        assert program.gather(judgements, values, ()) == hits.evidence(judgements, values, ())


def test_the_same_evidence_is_made_once() -> None:
    """What follows from it is then worked out once, too; equal evidence is no reason to."""
    program, came_to = compiled("advance")
    judgements, values = came_to[0]
    first, again = (program.gather([*judgements], values, ()) for _ in range(2))
    assert first is again
    asked: list[AnyEvidence] = []

    def length(evidence: AnyEvidence) -> int:
        asked.append(evidence)
        return len(evidence.fired)

    assert [first.once(length), again.once(length)] == [len(first.fired)] * 2
    assert asked == [first]


def test_what_was_worked_out_stays_in_its_process() -> None:
    """Evidence that travels is equal, and takes along nothing that follows from it."""
    evidence: AnyEvidence = Evidence(missing=("lead.email",), facts_read=2)
    evidence.once(lambda _: "worked out")
    assert pickle.loads(pickle.dumps(evidence)) == evidence


def test_evidence_that_does_not_recur_is_kept_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once as much as is kept at most came and went unused, none is kept any more."""
    monkeypatch.setattr(recurring, "MOST_KEPT", 3)
    file = cases_of("advance", 2)
    rule = next(rule for rule in file.ruleset.rules if rule.each is None)
    kept = Recurring([rule], lambda *_: Evidence())
    usual = [Unknown(("usual",))]
    assert kept.gather(usual, (), ()) is kept.gather(usual, (), ())
    for number in range(4):
        kept.gather([Unknown((str(number),))], (), ())
    assert kept.gather(usual, (), ()) is not kept.gather(usual, (), ())
