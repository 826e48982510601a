"""Conversions of what callers send come to a value or to CEL's error, never to one of Python's."""

from itertools import product

import pytest

from dealgate.language.operations import OPERATIONS
from dealgate.language.values import CelError

TEXTS = (
    *("", "1" * 5000, "-" + "9" * 5000, "0" * 5000 + "7", "1e999999999", "9" * 40_000, "NaN"),
    *("inf", "-Infinity", "0x1", "١٢٣", "1_0", " 1", "1\n", "\x00", "é", "1e5", "9" * 5000 + "s"),
    *("2026-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "0001-01-01T00:00:00+23:59"),
    *("-9223372036854775808ns", "2026-02-30", "EUR", "Europe/Berlin", "../../etc/passwd", "(("),
)
SOME, LONG = TEXTS[:2], 1000
NUMBERS = (0, -1, 2**63 - 1, -(2**63), 2**64 - 1)
DOUBLES = (float("nan"), float("inf"), -float("inf"), 1e308, -0.0, 2.0**63)
TEXTUAL = ("string_to_", "decimal_of_string", "date_of_string", "lower_", "matches")


def operands(id_: str) -> tuple[object, ...]:
    """Return what an operation of this name converts; nothing if it is no conversion."""
    if id_.startswith(TEXTUAL):
        return TEXTS
    if id_.startswith("bytes_to"):
        return (b"", b"\xff", b"1" * 5000)
    if id_.startswith("double_to"):
        return DOUBLES
    converts = (
        "int64_to",
        "uint64_to",
        "decimal_of_int",
        "timestamp_to",
        "duration_to",
        "date_of_timestamp",
    )
    return NUMBERS if id_.startswith(converts) else ()


@pytest.mark.parametrize("id_", [id_ for id_ in OPERATIONS if operands(id_)])
def test_conversions_fail_like_cel(id_: str) -> None:
    """Thousands of digits, far instants, wrong zones: a value, or an error that rules know."""
    operation = OPERATIONS[id_]
    count = sum(f"{{{rank}}}" in operation.text for rank in range(4))
    for arguments in product(operands(id_), *[TEXTS] * (count - 1)):
        if id_.startswith("matches") and arguments[0] not in SOME and len(str(arguments[1])) > LONG:
            continue  # such a pattern takes a tenth of a second to read: two texts are enough
        try:
            operation.call(*arguments)
        except CelError as error:
            assert str(error)  # noqa: PT017 - any of its words will do


@pytest.mark.parametrize("amount", TEXTS)
def test_amounts_fail_like_cel(amount: str) -> None:
    """An amount that no money holds is not an amount."""
    try:
        OPERATIONS["money_of_strings"].call("EUR", amount)
    except CelError as error:
        assert str(error)  # noqa: PT017 - any of its words will do


def test_leading_zeros_are_read() -> None:
    """What is long is not wrong for that."""
    assert OPERATIONS["string_to_int64"].call("-" + "0" * 5000 + "7") == -7
