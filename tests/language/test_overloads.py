"""Every overload that cel-cpp knows is supported, or refused with a reason."""

import pytest

from dealgate.language.cel import CelChecker
from dealgate.model.rules import ExpressionFaults
from tests.engine.specimen import FACTS

SUPPORTED = """
!true | -1 | -1.0 | 1 + 1 | 1u + 1u | 1.0 + 1.0 | "a" + "b" | b"a" + b"b" | [1] + [2]
as_of + duration("1s") | duration("1s") + as_of | duration("1s") + duration("1s")
1 - 1 | 1u - 1u | 1.0 - 1.0 | as_of - as_of | as_of - duration("1s")
duration("1s") - duration("1s")
2 * 2 | 2u * 2u | 2.0 * 2.0 | duration("1s") * 2 | 2 * duration("1s")
4 / 2 | 4u / 2u | 4.0 / 2.0 | 4 % 3 | 4u % 3u | true && true | true || true | true ? 1 : 2
1 == 1 | 1 == 1.0 | 1.0 == 1 | 1 != 2 | 1 < 2 | 1 < 2u | 1 < 2.0 | 1u < 2 | 1u < 2.0
1.0 < 2 | 1.0 < 2u
1u <= 2u | "a" < "b" | b"a" >= b"b" | true > false
as_of <= as_of | duration("1s") < duration("2s")
1 in [1] | "a" in {"a": 1} | [1][0] | {"a": 1}["a"]
size("a") | size(b"a") | size([1]) | size({"a": 1})
"a".size() | b"a".size() | [1].size() | {"a": 1}.size()
"a".contains("b") | "a".startsWith("b") | "a".endsWith("b") | "a".matches("b") | matches("a", "b")
int(1) | int(1u) | int(1.0) | int("1") | int(as_of) | int(duration("1s")) | uint(1) | uint(1u)
uint(1.0) | uint("1") | double(1) | double(1u)
double(1.0) | double("1") | bool(true) | bool("true")
string(1) | string(1u) | string(1.0) | string("a") | string(true) | string(b"a") | string(as_of)
string(duration("1s")) | bytes("a") | bytes(b"a") | timestamp("2026-01-31T00:00:00Z") | timestamp(1)
timestamp(as_of) | duration("1s") | duration(duration("1s"))
as_of.getFullYear() | as_of.getMonth()
as_of.getDate() | as_of.getDayOfMonth() | as_of.getDayOfWeek()
as_of.getDayOfYear() | as_of.getHours()
as_of.getMinutes() | as_of.getSeconds() | as_of.getMilliseconds()
as_of.getFullYear("UTC") | as_of.getMonth("UTC") | as_of.getDate("UTC") | as_of.getDayOfMonth("UTC")
as_of.getDayOfWeek("UTC") | as_of.getDayOfYear("UTC")
as_of.getHours("UTC") | as_of.getMinutes("UTC")
as_of.getSeconds("UTC") | as_of.getMilliseconds("UTC")
duration("1s").getHours() | duration("1s").getMinutes() | duration("1s").getSeconds()
duration("1s").getMilliseconds()
"a".charAt(0) | "a".indexOf("a")
"a".indexOf("a", 0) | "a".lastIndexOf("a") | "a".lastIndexOf("a", 0)
["a"].join() | ["a"].join(",") | "a".lowerAscii() | "a".upperAscii() | "a".replace("a", "b")
"a".replace("a", "b", 1) | "a".split(",")
"a".split(",", 1) | "a".substring(0) | "a".substring(0, 1)
"a".trim() | "a".reverse() | strings.quote("a")
[1].distinct() | [1].slice(0, 1) | [1].sort() | [1].reverse() | lists.range(1) | [1].sortBy(n, -n)
sets.contains([1], [1]) | sets.equivalent([1], [1]) | sets.intersects([1], [1])
math.greatest(1, 2) | math.least(1.0) | math.ceil(1.0)
math.floor(1.0) | math.round(1.0) | math.trunc(1.0)
math.abs(-1) | math.sign(1) | math.isNaN(1.0) | math.isInf(1.0) | math.isFinite(1.0) | math.sqrt(1)
math.bitAnd(1, 1) | math.bitOr(1u, 1u)
math.bitXor(1, 1) | math.bitNot(1u) | math.bitShiftLeft(1, 1)
math.bitShiftRight(1u, 1)
"""
REFUSED = """
dyn(1) == 1 | type(1) == int | {"a": 1} == {"a": dyn(1)}
[1, "a"] | {"a": 1, "b": "c"} | null == null
"%s".format(["a"]) | [[1]].flatten() | [1].first() | [1].last() | optional.of(1) | optional.none()
base64.encode(b"a") | ip("127.0.0.1") | cidr("10.0.0.0/8") | 1 == 1u | math.greatest(1, 2.0)
google.protobuf.Duration{seconds: 1}
"""


def _split(text: str) -> list[str]:
    return [each.strip() for each in text.strip().replace("\n", " | ").split(" | ")]


@pytest.mark.parametrize("source", _split(SUPPORTED))
def test_an_overload_is_supported(checker: CelChecker, source: str) -> None:
    """It types, and is told at load if it can only fail."""
    checker.check(source, facts=FACTS, variables={}, expected=None)


@pytest.mark.parametrize("source", _split(REFUSED))
def test_what_is_left_out_is_refused_with_a_reason(checker: CelChecker, source: str) -> None:
    """And a way to say it otherwise."""
    with pytest.raises(ExpressionFaults) as caught:
        checker.check(source, facts=FACTS, variables={}, expected=None)

    assert [fault.hint for fault in caught.value.faults if not fault.hint] == []
