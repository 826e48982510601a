"""What is made quickly is what a frozen dataclass is."""

import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest

from dealgate.model.quick import quick


@quick
@dataclass(frozen=True, slots=True)
class Quick:
    """Made quickly."""

    first: int
    second: str = "two"
    third: list[int] = field(default_factory=list)


def test_it_takes_what_the_dataclass_takes() -> None:
    """By position and by name, with defaults, which are made anew where they are made."""
    assert Quick(1) == Quick(first=1, second="two", third=[])
    assert Quick(1, "b", [3]) == replace(Quick(1), second="b", third=[3])
    assert Quick(1).third is not Quick(1).third
    with pytest.raises(TypeError, match="first"):
        Quick()  # type: ignore[call-arg]


def test_it_is_frozen_and_can_be_pickled() -> None:
    """Only how it is made has changed."""
    one = Quick(1)
    with pytest.raises(FrozenInstanceError):
        one.first = 2  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(one)) == one
    assert repr(one) == "Quick(first=1, second='two', third=[])"
