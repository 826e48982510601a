"""What a kind said before is used again under the same parameters, and under no others."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from dealgate.model.errors import Violation
from dealgate.proof.checking import analysed
from dealgate.proof.kept import Kept, Shelf
from dealgate.proof.remembered import Memory
from tests.proof.proving import SPECIMEN, rules


class Parameters(BaseModel):
    """The most that a count may be."""

    most: int


def _check(facts: Any, parameters: Parameters, _as_of: int) -> Sequence[Violation]:
    beyond = facts.thing.count > parameters.most
    return [Violation("thing.count", f"is more than {parameters.most}")] if beyond else []


KIND = replace(SPECIMEN, parameters=Parameters, check=_check)


def test_other_parameters_refuse_other_values() -> None:
    """With one memory, from edit to edit, the same is found as without any."""
    memory = Memory()
    for most in (10, 30, 10, 20):
        of = replace(rules("thing.count == 20"), parameters=Parameters(most=most))
        kept, fresh = analysed(of, KIND, memory=memory), analysed(of, KIND)
        assert [str(each) for each in kept.findings] == [str(each) for each in fresh.findings]
        assert bool(fresh.findings) == (most < 20)


def test_true_is_not_one() -> None:
    """A dictionary takes them for the same; what is refused of one says nothing of the other."""
    kept = Kept(KIND)
    assert kept.refusal("thing.flag", value=True, ask=lambda: "") == ""
    assert kept.refusal("thing.flag", 1, lambda: "is not a flag") == "is not a flag"


def test_another_kind_of_the_same_name_is_asked_anew() -> None:
    """A declared kind is read again when its file changes."""
    shelf, of = Shelf(), rules("thing.count == 20")
    assert shelf.of(KIND, of) is shelf.of(KIND, of)
    assert shelf.of(KIND, of) is not shelf.of(replace(KIND), of)
