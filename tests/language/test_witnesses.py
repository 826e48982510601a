"""Values that stand for all that a fact can be."""

import pytest

from dealgate.language.operations import DECLARATIONS, OPERATIONS, Declaration
from dealgate.language.witnesses import always_fails, witnesses

FALLIBLE = [each for each in DECLARATIONS if not OPERATIONS[each.id].total]


@pytest.mark.parametrize("declared", FALLIBLE, ids=[each.id for each in FALLIBLE])
def test_every_operation_succeeds_on_some_witness(declared: Declaration) -> None:
    """So what fails on all of them is told by what is written out, never by a poor choice."""
    choices = [witnesses(type_.replace("list(A)", "list(int)")) for type_ in declared.operands]

    assert all(choices)
    assert always_fails(declared.id, choices) is None


ZONED = [each for each in OPERATIONS if each.endswith("_tz")]


@pytest.mark.parametrize("overload", ZONED)
def test_no_getter_takes_what_is_not_a_zone(overload: str) -> None:
    """All ten of them, the milliseconds too, which no zone changes."""
    assert len(ZONED) == 10
    assert always_fails(overload, [witnesses("timestamp"), ["+99:99"]]) == "unknown time zone"
    assert always_fails(overload, [witnesses("timestamp"), ["+23:59"]]) is None
