"""Claims about the pipeline's own laws: which moves its stages allow."""

import pytest

from dealgate.v1 import advance_pb2 as pb
from tests.kinds.advancing import advanced, codes, deal, decided

WHY = "reason: 'The champion left.'"


@pytest.mark.parametrize(
    ("source", "target", "move", "expected"),
    [
        ("New", "Talk", "FORWARD", []),
        ("Talk", "Trial", "FORWARD", []),
        ("Talk", "Offer", "FORWARD", []),
        ("Offer", "Won", "FORWARD", []),
        ("New", "Trial", "SKIP", ["STAGE_SKIPPED"]),
        ("New", "Offer", "SKIP", ["STAGE_SKIPPED"]),
        ("New", "Won", "SKIP", ["STAGE_SKIPPED"]),
        ("Talk", "Won", "SKIP", ["STAGE_SKIPPED"]),
        ("Trial", "Won", "SKIP", ["STAGE_SKIPPED"]),
        ("New", "Lost", "LOSE", []),
        ("Offer", "Lost", "LOSE", []),
        ("Offer", "Talk", "BACKWARD", []),
        ("Trial", "Talk", "BACKWARD", []),
        ("Talk", "New", "BACKWARD", ["BACK_TO_PRE_QUALIFIED"]),
        ("Offer", "New", "BACKWARD", ["BACK_TO_PRE_QUALIFIED"]),
        ("Won", "Offer", "REOPEN", ["CLOSED_IS_FINAL"]),
        ("Won", "Lost", "REOPEN", ["CLOSED_IS_FINAL"]),
        ("Lost", "Talk", "REOPEN", ["CLOSED_IS_FINAL"]),
        ("Lost", "Won", "REOPEN", ["CLOSED_IS_FINAL"]),
        ("Won", "Won", "NONE", []),
        ("Talk", "Talk", "NONE", []),
    ],
)
def test_every_move_has_a_name_and_its_reasons(
    source: str, target: str, move: str, expected: list[str]
) -> None:
    """Forward, skip, backward, lose and reopen are told apart; with a reason given."""
    outcome = advanced(deal(source, target, WHY))
    assert outcome.move == pb.StageMove.Value(f"STAGE_MOVE_{move}")
    assert codes(outcome) == expected
    assert (decided(outcome) == "BLOCK") == bool(expected)


def test_a_skip_names_the_stages_that_it_leaves_out() -> None:
    """Only those that may not be left out are named."""
    (reason,) = advanced(deal("New", "Won")).reasons
    assert reason.message == "These stages may not be left out: Talk, Offer."


@pytest.mark.parametrize("why", ["", "reason: ''", "reason: '  '"])
def test_a_move_backward_needs_a_reason(why: str) -> None:
    """Without one the answer asks for it, and a blank one is none."""
    outcome = advanced(deal("Offer", "Talk", why))
    assert codes(outcome) == ["REASON_REQUIRED"]
    assert [(item.field, item.unknown) for item in outcome.missing] == [("reason", True)]
    assert outcome.next_actions == ["Tell reason."]


def test_a_move_forward_needs_none() -> None:
    """Only what goes against the grain has to be explained."""
    assert decided(advanced(deal("Talk", "Trial"))) == "ALLOW"


def test_every_fault_of_a_move_is_told_at_once() -> None:
    """A stale record that is to go back too far for no reason has three faults."""
    more = "expected_version: 1 opportunity { version: 2 }"
    assert codes(advanced(deal("Talk", "New", more))) == [
        "VERSION_CONFLICT",
        "BACK_TO_PRE_QUALIFIED",
        "REASON_REQUIRED",
    ]
