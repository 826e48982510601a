"""What an explanation says of the rules: which decided, which nearly fired, what was missing."""

import dataclasses
import io

from rich.console import Console

from dealgate.cli.explained import Painter, ShownExplanation
from dealgate.engine.native import NativeEngine
from dealgate.explain.explaining import Explained, explain
from dealgate.explain.flip_results import Bounds
from dealgate.explain.verdicts import WhatIfJudge
from dealgate.model.decision import Truth
from dealgate.model.rules import HitPolicy, Table
from dealgate.v1 import qualify_pb2 as pb
from tests.engine.building import HERE, Points
from tests.explain.build import judge


def scores(**known: int) -> pb.QualifyFacts:
    """Return facts with these scores."""
    return pb.QualifyFacts(scores=pb.LeadScores(**known))


def explained(judging: WhatIfJudge, facts: pb.QualifyFacts) -> Explained:
    """Return the explanation of what is decided on these facts."""
    verdict = judging.judge(facts)
    assert verdict is not None
    return explain(judging, facts, verdict, Bounds(tries=500))


def shown(judging: WhatIfJudge, facts: pb.QualifyFacts, *, everything: bool) -> str:
    """Return the explanation as people read it."""
    painter = Painter(
        ShownExplanation(judging, facts, explained(judging, facts)), everything=everything
    )
    console = Console(file=io.StringIO(), width=100, record=True)
    console.print(painter.tree(None))
    return console.export_text()


def test_only_what_the_outcome_needs_has_decided() -> None:
    """Of two rules that fire, the kind takes the first; the other changed nothing."""
    judging = judge({"a": "scores.fit > 1", "b": "scores.fit > 2", "c": "scores.engagement > 1"})
    found = explained(judging, scores(fit=3))
    assert [one.rule.id for one in found.decided] == ["a"]
    assert [one.rule.id for one in found.fired] == ["b"]
    assert [one.rule.id for one in found.undecided] == ["c"]


def test_nearly_means_one_of_several_conditions() -> None:
    """Not a rule that asks one thing only, nor one that lacks two; however parts are grouped."""
    judging = judge(
        {
            "one": "scores.fit > 5",
            "near": "scores.fit > 5 && (scores.engagement > 1 && scores.composite > 1)",
            "far": "scores.fit > 5 && scores.engagement > 5 && scores.composite > 1",
            "either": "scores.composite > 1 && (scores.fit > 5 || scores.engagement > 5)",
        }
    )
    found = explained(judging, scores(fit=3, engagement=3, composite=3))
    assert [one.rule.id for one in found.nearly] == ["near", "either"]


def test_a_part_that_was_never_reached_is_judged_too() -> None:
    """Whoever asks what else was in the way is not told "not looked at"."""
    judging = judge({"r": "scores.fit > 5 && scores.engagement > 5"})
    whole = explained(judging, scores(fit=3, engagement=3)).judged["r"].whole
    assert whole is not None
    assert [part.truth for part in whole.parts] == [Truth.FALSE, Truth.FALSE]
    assert whole.parts[1].readings[0].value == "3"


def test_a_named_fact_is_opened_once() -> None:
    """Where it is first mentioned; from then on its mark is enough."""
    judging = judge(
        {"a": "fits && scores.engagement > 5", "b": "fits && scores.engagement > 6"},
        facts={"fits": "scores.fit > 1 && scores.fit < 9"},
    )
    text = shown(judging, scores(fit=3, engagement=3), everything=True)
    assert text.count("scores.fit < 9") == 1
    assert text.count("yes  fits") == 2


def test_missing_facts_that_matter_are_told_from_those_that_do_not() -> None:
    """One alone leads elsewhere; another only with more; a third does nothing."""
    judging = judge(
        {
            "a": "scores.fit > 1",
            "b": "has(scores.engagement) && scores.engagement > 1 && scores.composite > 1",
        }
    )
    found = {one.path: one for one in explained(judging, pb.QualifyFacts()).missing}
    assert (found["scores.fit"].flips_to, found["scores.fit"].rules) == (("a",), ("a",))
    assert (found["scores.composite"].flips_to, found["scores.composite"].rules) == ((), ())


def test_a_rule_that_went_wrong_says_why() -> None:
    """The operation's fault stands beside the condition."""
    judging = judge({"r": "10 / scores.fit > 1"})
    assert "divide by zero" in shown(judging, scores(fit=0), everything=False)


def test_a_table_that_claims_for_its_rows_is_explained_by_them() -> None:
    """`collect sum`: the claim is the table's, the conditions are those of the rows that hold."""
    judging = judge({"t/0": "scores.fit > 1", "t/1": "scores.fit > 2", "t/2": "scores.fit > 9"})
    ruleset = judging.program.ruleset
    rows = [dataclasses.replace(rule, then=Points(points=1)) for rule in ruleset.rules]
    table = Table("t", HitPolicy.SUM, (), rows, HERE, ("points",), (), "Added up.")
    counted = dataclasses.replace(ruleset, rules=rows, tables=(table,), digest="counted")
    summing = dataclasses.replace(judging, program=NativeEngine().prepare(counted))
    found = explained(summing, scores(fit=3))
    assert (found.verdict.word, found.deciding_ids) == ("t", ["t/0", "t/1"])
    text = shown(summing, scores(fit=3), everything=True)
    assert "t  Added up." in text
    assert "yes  scores.fit > 2" in text
    assert "to none" in text
