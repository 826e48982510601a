"""Every operation a rule may use: its CEL overload, and the Python it becomes.

An overload id is what the checker resolves a call to, so each has exactly one meaning here. The
text of an operation serves twice: it is pasted into compiled rule sets, and wrapped as a function
for the exact evaluator, so the two cannot drift apart.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

from dealgate.language import arithmetic, decimals, extensions, functions, lists, strings, times
from dealgate.language.extensions import DATE, DECIMAL, MONEY

NUMBERS = {"int64": "int", "uint64": "uint", "double": "double"}
COMPARISONS = {"_<_": "less", "_<=_": "less_equals", "_>_": "greater", "_>=_": "greater_equals"}
TIME_PARTS = {
    "year": ".year",
    "month": ".month - 1",
    "day_of_month_1_based": ".day",
    "day_of_month": ".day - 1",
    "hours": ".hour",
    "minutes": ".minute",
    "seconds": ".second",
    "day_of_year": ".timetuple().tm_yday - 1",
    "day_of_week": ".isoweekday() % 7",
}


# What the texts of operations may mention.
NAMES = {
    name: value
    for module in (arithmetic, decimals, functions, lists, strings, times)
    for name, value in vars(module).items()
    if not name.startswith("_")
}


@dataclass(frozen=True)
class Operation:
    """One overload. `text` is Python with operands {0}, {1}; a `total` one never fails."""

    text: str
    total: bool

    @cached_property
    def call(self) -> Callable[..., Any]:
        """The operation as a function of its operands."""
        count = sum(f"{{{position}}}" in self.text for position in range(8))
        parameters = [f"x{position}" for position in range(count)]
        source = f"lambda {', '.join(parameters)}: {self.text.format(*parameters)}"
        compiled: Callable[..., Any] = eval(source, NAMES)  # noqa: S307  # our own table
        return compiled


@dataclass(frozen=True)
class Declaration:
    """An overload that the checker must know."""

    function: str
    id: str
    arguments: tuple[str, ...]
    result: str
    target: str = ""

    @property
    def operands(self) -> tuple[str, ...]:
        """The types of all operands, the receiver's first."""
        return (self.target, *self.arguments) if self.target else self.arguments


OPERATIONS: dict[str, Operation] = {}
DECLARATIONS: list[Declaration] = []
# Excluded from the standard library and declared again, because they get more overloads.
REDECLARED = [*COMPARISONS, "_+_", "_-_", *extensions.REDECLARED]


def _define(ids: str, text: str, *, total: bool = False) -> None:
    for id_ in ids.split():
        OPERATIONS[id_] = Operation(text, total)


def _declare(
    function: str, id_: str, arguments: str, result: str, text: str, *, total: bool = False
) -> None:
    DECLARATIONS.append(Declaration(function, id_, tuple(arguments.split()), result))
    _define(id_, text, total=total)


for _operator, _name in COMPARISONS.items():
    _symbol = _operator.strip("_")
    for (_a, _left), (_b, _right) in product(NUMBERS.items(), NUMBERS.items()):
        _suffix = _a if _a == _b else f"{_a}_{_b}"
        _text = f"({{0}} {_symbol} {{1}})"
        _declare(_operator, f"{_name}_{_suffix}", f"{_left} {_right}", "bool", _text, total=True)
    for _a in ("timestamp", "duration", "string", "bool", "bytes"):
        _text = f"({{0}} {_symbol} {{1}})"
        _declare(_operator, f"{_name}_{_a}", f"{_a} {_a}", "bool", _text, total=True)
    for _a, _type in (("date", DATE), ("decimal", DECIMAL)):
        _declare(_operator, f"{_name}_{_a}", f"{_type} {_type}", "bool", _text, total=True)
    _text = f"({{0}}[1] {_symbol} same_currency({{0}}, {{1}}))"
    _declare(_operator, f"{_name}_money", f"{MONEY} {MONEY}", "bool", _text)

_declare("_+_", "add_int64", "int int", "int", "int64({0} + {1})")
_declare("_+_", "add_uint64", "uint uint", "uint", "uint64({0} + {1})")
_declare("_+_", "add_double", "double double", "double", "({0} + {1})", total=True)
_declare("_+_", "add_string", "string string", "string", "({0} + {1})", total=True)
_declare("_+_", "add_bytes", "bytes bytes", "bytes", "({0} + {1})", total=True)
_declare("_+_", "add_timestamp_duration", "timestamp duration", "timestamp", "instant({0} + {1})")
_declare("_+_", "add_duration_timestamp", "duration timestamp", "timestamp", "instant({0} + {1})")
_declare("_+_", "add_duration_duration", "duration duration", "duration", "duration({0} + {1})")
_declare("_+_", "add_list", "list(A) list(A)", "list(A)", "[*{0}, *{1}]", total=True)
_declare("_+_", "add_money", f"{MONEY} {MONEY}", MONEY, "money_sum({0}, {1}, 1)")
_declare("_-_", "subtract_int64", "int int", "int", "int64({0} - {1})")
_declare("_-_", "subtract_uint64", "uint uint", "uint", "uint64({0} - {1})")
_declare("_-_", "subtract_double", "double double", "double", "({0} - {1})", total=True)
_declare(
    "_-_",
    "subtract_timestamp_timestamp",
    "timestamp timestamp",
    "duration",
    "duration({0} - {1})",
)
_declare(
    "_-_", "subtract_timestamp_duration", "timestamp duration", "timestamp", "instant({0} - {1})"
)
_declare(
    "_-_", "subtract_duration_duration", "duration duration", "duration", "duration({0} - {1})"
)
_declare("_-_", "subtract_money", f"{MONEY} {MONEY}", MONEY, "money_sum({0}, {1}, -1)")
_declare("_+_", "add_decimal", f"{DECIMAL} {DECIMAL}", DECIMAL, "decimal_sum({0}, {1}, 1)")
_declare("_-_", "subtract_decimal", f"{DECIMAL} {DECIMAL}", DECIMAL, "decimal_sum({0}, {1}, -1)")
_declare("decimal", "decimal_of_int", "int", DECIMAL, "decimal_of_int({0})", total=True)
_declare("money", "money_of_strings", "string string", MONEY, "money_of_strings({0}, {1})")
_declare("decimal", "decimal_of_string", "string", DECIMAL, "decimal_of_string({0})")
_declare("date", "date_of_string", "string", DATE, "date_of_string({0})")
_declare("date", "date_of_timestamp", "timestamp", DATE, "date_of_timestamp({0})")
_declare("date", "date_of_timestamp_zone", "timestamp string", DATE, "date_of_timestamp({0}, {1})")
_declare("lower", "lower_string", "string", "string", "{0}.lower()", total=True)

for _function in ("days_between", "business_days_between"):
    for _left, _right in product((DATE, "timestamp"), (DATE, "timestamp")):
        _kinds = [_a.rsplit(".", 1)[-1].lower() for _a in (_left, _right)]
        _dates = [
            f"{{{_i}}}" if _kind == "date" else f"date_of_timestamp({{{_i}}})"
            for _i, _kind in enumerate(_kinds)
        ]
        _text = f"{_function}({', '.join(_dates)})"
        if _function == "days_between" and _kinds == ["timestamp", "timestamp"]:
            _text = "days_between_instants({0}, {1})"
        _declare(_function, f"{_function}_{'_'.join(_kinds)}", f"{_left} {_right}", "int", _text)

_define("divide_int64", "divide({0}, {1})")
_define("divide_uint64", "divide_uint({0}, {1})")
_define("divide_double", "divide_double({0}, {1})", total=True)
_define("modulo_int64", "modulo({0}, {1})")
_define("modulo_uint64", "modulo_uint({0}, {1})")
_define("negate_int64", "int64(-{0})")
_define("negate_double", "(-{0})", total=True)
_define("logical_not", "(not {0})", total=True)
_define("index_list", "index({0}, {1})")
_define("index_map", "lookup({0}, {1})")
_define("in_map", "({0} in {1})", total=True)
_define("in_list", "contains({0}, {1})", total=True)
_define(
    "size_string string_size size_bytes bytes_size size_list list_size size_map map_size",
    "len({0})",
    total=True,
)
_define("contains_string", "({1} in {0})", total=True)
_define("starts_with_string", "{0}.startswith({1})", total=True)
_define("ends_with_string", "{0}.endswith({1})", total=True)
_define("matches_string matches", "matches({0}, {1})")
_define(
    "int64_to_int64 uint64_to_uint64 double_to_double string_to_string bool_to_bool"
    " bytes_to_bytes timestamp_to_timestamp duration_to_duration",
    "{0}",
    total=True,
)
_define("int64_to_double uint64_to_double", "float({0})", total=True)
_define("double_to_int64", "int_of_double({0})")
_define("double_to_uint64", "uint_of_double({0})")
_define("int64_to_uint64", "uint64({0})")
_define("uint64_to_int64", "int64({0})")
_define("string_to_int64", "int_of_string({0})")
_define("string_to_uint64", "uint_of_string({0})")
_define("string_to_double", "double_of_string({0})")
_define("string_to_bool", "bool_of_string({0})")
_define("string_to_bytes", "{0}.encode()", total=True)
_define("bytes_to_string", "string_of_bytes({0})")
_define("int64_to_string uint64_to_string", "str({0})", total=True)
_define("double_to_string", "string_of_double({0})", total=True)
_define("bool_to_string", "('true' if {0} else 'false')", total=True)
_define("string_to_timestamp", "timestamp_of_string({0})")
_define("int64_to_timestamp", "instant({0} * NANOS)")
_define("timestamp_to_int64", "({0} // NANOS)", total=True)
_define("timestamp_to_string", "string_of_timestamp({0})", total=True)
_define("string_to_duration", "duration_of_string({0})")
_define("duration_to_string", "string_of_duration({0})", total=True)
_define("duration_to_int64", "truncate({0}, NANOS)", total=True)
_define("duration_to_hours", "truncate({0}, 3600 * NANOS)", total=True)
_define("duration_to_minutes", "truncate({0}, 60 * NANOS)", total=True)
_define("duration_to_seconds", "truncate({0}, NANOS)", total=True)
_define(
    "duration_to_milliseconds",
    "truncate({0} - truncate({0}, NANOS) * NANOS, 1_000_000)",
    total=True,
)
_define("timestamp_to_milliseconds", "({0} % NANOS // 1_000_000)", total=True)
_define("timestamp_to_milliseconds_with_tz", "milliseconds({0}, {1})")
for _part, _access in TIME_PARTS.items():
    _define(f"timestamp_to_{_part}", f"(local({{0}}){_access})")
    # cel-cpp gives this one an id unlike the others'.
    _zoned = "tz" if _part == "seconds" else "with_tz"
    _define(f"timestamp_to_{_part}_{_zoned}", f"(local({{0}}, {{1}}){_access})")

for _row in extensions.ROWS:
    _define(_row.id, _row.text, total=_row.total)
    if _row.function not in extensions.DECLARED_BY_WHEEL:
        _operands = tuple(_row.arguments.split())
        DECLARATIONS.append(
            Declaration(_row.function, _row.id, _operands, _row.result, _row.target)
        )
for _id, (_text, _is_total) in extensions.TYPED_BY_WHEEL.items():
    _define(_id, _text, total=_is_total)


def takes_money(overload: str) -> bool:
    """Tell whether an operation is on amounts, which cannot be read if their currencies differ."""
    return "money" in overload.split("_")
