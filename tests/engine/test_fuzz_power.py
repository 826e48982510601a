"""The fuzz can fail: it finds mistakes that were made on purpose."""

from random import Random

import pytest

from dealgate.language.operations import OPERATIONS, Operation
from tests.engine.test_fuzz import Fuzz

BUDGET = 6_000
MISTAKES = {
    "less_int64": "({0} <= {1})",
    "ends_with_string": "{0}.startswith({1})",
    "index_map": "{0}[{1}]",
    "in_list": "({0} not in {1})",
}


@pytest.mark.parametrize("id_", MISTAKES)
def test_the_fuzz_finds_a_wrong_operation(monkeypatch: pytest.MonkeyPatch, id_: str) -> None:
    """An operation that is subtly wrong does not survive a few thousand comparisons."""
    monkeypatch.setitem(OPERATIONS, id_, Operation(MISTAKES[id_], OPERATIONS[id_].total))
    fuzz = Fuzz(Random(1))

    while not fuzz.differences and fuzz.compared < BUDGET:
        fuzz.run()

    assert fuzz.differences
