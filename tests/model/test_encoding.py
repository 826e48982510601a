"""Messages written field by field are what protobuf's own serializer writes."""

from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from dealgate.kinds.score import SCORE
from dealgate.model.answer import Answers
from dealgate.model.decision import Conclusion, Evidence, Failed, Fired, Question, Undecided
from dealgate.model.encoding import integer_field, text_field, varint
from dealgate.model.instants import timestamp
from dealgate.v1 import decision_pb2 as pb
from dealgate.v1 import score_pb2
from tests.kinds import build
from tests.shipped import catalog

IDS = st.text(max_size=40)
ELEMENTS = st.lists(st.integers(0, 300), max_size=5).map(tuple)
PATHS = st.lists(st.text(max_size=30), max_size=3).map(tuple)
INSTANTS = st.integers(-62_135_596_800 * 10**9, 253_402_300_799 * 10**9)
ANY_RULE = build.rule(SCORE, "any", {"axis": "fit", "points": 1, "dimension": "any"})
RULES = st.builds(lambda id_, because: replace(ANY_RULE, id=id_, because=because), IDS, IDS)


@given(st.integers(-(2**63), 2**63 - 1))
def test_integers_are_varints(number: int) -> None:
    """As an int64 field holds them: negative ones take ten bytes."""
    written = Timestamp(seconds=number).SerializeToString()
    assert written == (b"\x08" + varint(number) if number else b"")


@given(
    st.builds(
        Question,
        id=IDS,
        kind=st.just("score"),
        facts=st.just(score_pb2.ScoreFacts()),
        as_of=INSTANTS,
        asked_at=INSTANTS,
        trace_id=IDS,
        dry_run=st.booleans(),
    ),
    st.lists(st.builds(Fired, RULES, ELEMENTS, st.lists(RULES, max_size=3).map(tuple)), max_size=3),
    st.lists(st.builds(Undecided, RULES, PATHS, ELEMENTS), max_size=3),
    st.lists(st.builds(Failed, RULES, IDS, ELEMENTS), max_size=3),
    PATHS,
    st.integers(0, 9),
)
def test_an_answer_is_what_protobuf_would_write(
    question: Question,
    fired: list[Any],
    undecided: list[Any],
    failed: list[Any],
    missing: tuple[str, ...],
    known: int,
) -> None:
    """Header, evidence and outcome, byte for byte, whatever the texts, lists and instants."""
    ruleset = replace(catalog().version("score", 2), rules=[hit.rule for hit in fired[:2]])
    evidence = Evidence(fired, undecided, failed, missing, 9, known)
    outcome = score_pb2.ScoreOutcome(fit=3, grade="A1")
    answers = Answers(SCORE, ruleset, "native/0")
    decision = answers.answered(question, evidence, Conclusion(outcome, "A1"))
    header = pb.DecisionHeader(
        decision_id="" if question.dry_run else question.id,
        kind=ruleset.kind,
        rule_set_name=ruleset.kind,
        rule_set_version=ruleset.version,
        rule_set_digest=ruleset.digest,
        trace_id=question.trace_id,
        as_of=timestamp(question.as_of),
        evaluated_at=timestamp(question.asked_at),
        evidence=written(evidence),
        missing_facts=missing,
        completeness=evidence.completeness,
        engine="native/0",
    )
    response = score_pb2.ScoreLeadResponse(header=header, outcome=outcome)
    assert decision.answer == response.SerializeToString(deterministic=True)


def written(evidence: Any) -> pb.Evidence:
    """Return evidence as a message, built the plain way."""
    return pb.Evidence(
        fired=[
            pb.FiredRule(
                rule_id=hit.rule.id,
                because=hit.rule.because,
                elements=hit.elements,
                rows=[pb.FiredRow(rule_id=row.id, because=row.because) for row in hit.rows],
            )
            for hit in evidence.fired
        ],
        undecided=[
            pb.UndecidedRule(
                rule_id=hit.rule.id,
                because=hit.rule.because,
                missing_facts=hit.missing,
                elements=hit.elements,
            )
            for hit in evidence.undecided
        ],
        failed=[
            pb.FailedRule(
                rule_id=hit.rule.id,
                because=hit.rule.because,
                error=hit.error,
                elements=hit.elements,
            )
            for hit in evidence.failed
        ],
    )


def test_a_field_is_written_by_a_writer_of_its_type() -> None:
    """A text is no number: who mixes them up is told when the writer is made."""
    with pytest.raises(TypeError, match="rule_set_version"):
        text_field(pb.DecisionHeader, "rule_set_version")
    with pytest.raises(TypeError, match="engine"):
        integer_field(pb.DecisionHeader, "engine")
