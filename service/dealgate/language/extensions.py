"""CEL's own extension functions under CEL's names and ids, and sums of lists: one row for each.

A row serves the checker (as a declaration), compiled rule sets, the exact evaluator and the pages
on functions. Whose macros are needed too is taken from the wheel (`EXTENSIONS`), and declares its
functions itself; a function may be declared once only, so what shall take money or decimals as
well (`math.*`, `==`, `*`) is declared here, with its extension left out.
"""

from typing import NamedTuple

MONEY, DATE, DECIMAL = "google.type.Money", "google.type.Date", "google.type.Decimal"


class Row(NamedTuple):
    """An overload; `target` is the type of its receiver, `text` as in operations.py."""

    function: str
    id: str
    target: str
    arguments: str
    result: str
    text: str
    total: bool = True


FAILS = False
MOST_OPERANDS = 5  # of math.greatest; there is a list for more
NUMBERS = ("int", "uint", "double")
SORTED = (*NUMBERS, "string", "bool", "bytes", "timestamp", "duration")
# Whose elements have an order, and what CEL calls them in ids.
ORDERED = {
    **{type_: type_ for type_ in (*NUMBERS, "timestamp", "duration")},
    DECIMAL: "decimal",
    DATE: "date",
    MONEY: "money",
}

STRINGS = (
    Row("charAt", "string_char_at_int", "string", "int", "string", "char_at({0}, {1})", FAILS),
    Row("indexOf", "string_index_of_string", "string", "string", "int", "{0}.find({1})"),
    Row("indexOf", "string_index_of_string_int", "string", "string int", "int",
        "index_of({0}, {1}, {2})", FAILS),
    Row("lastIndexOf", "string_last_index_of_string", "string", "string", "int",
        "{0}.rfind({1})"),
    Row("lastIndexOf", "string_last_index_of_string_int", "string", "string int", "int",
        "last_index_of({0}, {1}, {2})", FAILS),
    Row("lowerAscii", "string_lower_ascii", "string", "", "string", "{0}.translate(LOWER)"),
    Row("upperAscii", "string_upper_ascii", "string", "", "string", "{0}.translate(UPPER)"),
    Row("replace", "string_replace_string_string", "string", "string string", "string",
        "replaced({0}, {1}, {2}, -1)", FAILS),
    Row("replace", "string_replace_string_string_int", "string", "string string int", "string",
        "replaced({0}, {1}, {2}, {3})", FAILS),
    Row("split", "string_split_string", "string", "string", "list(string)", "split({0}, {1}, -1)"),
    Row("split", "string_split_string_int", "string", "string int", "list(string)",
        "split({0}, {1}, {2})"),
    Row("substring", "string_substring_int", "string", "int", "string",
        "substring({0}, {1}, len({0}))", FAILS),
    Row("substring", "string_substring_int_int", "string", "int int", "string",
        "substring({0}, {1}, {2})", FAILS),
    Row("trim", "string_trim", "string", "", "string", "{0}.strip(WHITE_SPACE)"),
    Row("join", "list_join", "list(string)", "", "string", "joined({0}, '')", FAILS),
    Row("join", "list_join_string", "list(string)", "string", "string", "joined({0}, {1})", FAILS),
    Row("reverse", "string_reverse", "string", "", "string", "{0}[::-1]"),
    Row("strings.quote", "strings_quote", "", "string", "string", "quoted({0})", FAILS),
    Row("regex.replace", "regex_replace_string_string_string", "", "string string string",
        "string", "pattern_replaced({0}, {1}, {2}, -1)", FAILS),
    Row("regex.replace", "regex_replace_string_string_string_int", "",
        "string string string int", "string", "pattern_replaced({0}, {1}, {2}, {3})", FAILS),
    Row("regex.extractAll", "regex_extractAll_string_string", "", "string string",
        "list(string)", "extracted({0}, {1})", FAILS),
)  # fmt: skip

SETS = (
    Row("sets.contains", "list_sets_contains_list", "", "list(A) list(A)", "bool",
        "within({0}, {1})"),
    Row("sets.equivalent", "list_sets_equivalent_list", "", "list(A) list(A)", "bool",
        "(within({0}, {1}) and within({1}, {0}))"),
    Row("sets.intersects", "list_sets_intersects_list", "", "list(A) list(A)", "bool",
        "meets({0}, {1})"),
)  # fmt: skip

MATH = (
    Row("math.abs", "math_abs_int", "", "int", "int", "absolute({0})", FAILS),
    Row("math.abs", "math_abs_uint", "", "uint", "uint", "{0}"),
    Row("math.abs", "math_abs_double", "", "double", "double", "abs({0})"),
    Row("math.abs", "math_abs_decimal", "", DECIMAL, DECIMAL, "{0}.copy_abs()"),
    *(
        Row(f"math.{name}", f"math_{name}_double", "", "double", "double", text)
        for name, text in {
            **{name: f"whole(math.{name}, {{0}})" for name in ("ceil", "floor", "trunc")},
            "round": "rounded({0})",
        }.items()
    ),
    *(
        Row(f"math.{name}", f"math_{name}_decimal", "", DECIMAL, DECIMAL,
            f"decimal_rounded({{0}}, 0, 'ROUND_{way}')", FAILS)
        for name, way in {
            "ceil": "CEILING", "floor": "FLOOR", "trunc": "DOWN", "round": "HALF_UP"
        }.items()
    ),
    Row("math.round", "math_round_decimal_int", "", f"{DECIMAL} int", DECIMAL,
        "decimal_rounded({0}, {1})", FAILS),
    Row("divide", "divide_decimal_decimal_int", "", f"{DECIMAL} {DECIMAL} int", DECIMAL,
        "decimal_quotient({0}, {1}, {2})", FAILS),
    *(
        Row(f"math.{name}", f"math_{name}_double", "", "double", "bool", text)
        for name, text in {
            "isNaN": "({0} != {0})",
            "isInf": "math.isinf({0})",
            "isFinite": "math.isfinite({0})",
        }.items()
    ),
    *(Row("math.sign", f"math_sign_{type_}", "", type_, type_, "sign({0})") for type_ in NUMBERS),
    *(
        Row("math.sqrt", f"math_sqrt_{type_}", "", type_, "double", "square_root({0})")
        for type_ in NUMBERS
    ),
)  # fmt: skip

BITS = tuple(
    row
    for type_ in ("int", "uint")
    for row in (
        *(
            Row(f"math.bit{name}", f"math_bit{name}_{type_}_{type_}", "", f"{type_} {type_}",
                type_, f"({{0}} {sign} {{1}})")
            for name, sign in (("And", "&"), ("Or", "|"), ("Xor", "^"))
        ),
        Row("math.bitNot", f"math_bitNot_{type_}_{type_}", "", type_, type_,
            "(~{0})" if type_ == "int" else "({0} ^ UINT64_MAX)"),
        *(
            Row(f"math.bitShift{way}", f"math_bitShift{way}_{type_}_int", "", f"{type_} int",
                type_, f"shift_{way.lower()}({{0}}, {{1}}, signed={type_ == 'int'})", FAILS)
            for way in ("Left", "Right")
        ),
    )
)  # fmt: skip


def _extremes(type_: str, id_: str) -> list[Row]:
    """`math.greatest` and `math.least` of a few values or of a list, and the list's own methods."""
    apply = "extreme_money" if type_ == MONEY else "extreme"
    rows = []
    for name, pick in (("greatest", "max"), ("least", "min")):
        for count in range(1, MOST_OPERANDS + 1):
            operands = ", ".join(f"{{{rank}}}" for rank in range(count))
            ids = "_".join([id_] * count)
            rows.append(
                Row(f"math.{name}", f"math_{name}_{ids}", "", " ".join([type_] * count), type_,
                    f"{apply}({pick}, ({operands},))", type_ != MONEY)
            )  # fmt: skip
        text, of = f"{apply}({pick}, {{0}})", f"list({type_})"
        rows += [
            Row(f"math.{name}", f"math_{name}_list_{id_}", "", of, type_, text, FAILS),
            Row(pick, f"list_{id_}_{pick}", of, "", type_, text, FAILS),
        ]
    return rows


LISTS = (
    *(row for type_, id_ in ORDERED.items() for row in _extremes(type_, id_)),
    Row("sum", "list_int_sum", "list(int)", "", "int", "int64(sum({0}))", FAILS),
    Row("sum", "list_double_sum", "list(double)", "", "double", "sum({0}, 0.0)"),
    Row("sum", "list_duration_sum", "list(duration)", "", "duration", "duration(sum({0}))", FAILS),
    Row("sum", "list_decimal_sum", f"list({DECIMAL})", "", DECIMAL, "sum_decimal({0})", FAILS),
    Row("sum", "list_money_sum", f"list({MONEY})", "", MONEY, "sum_money({0})", FAILS),
    Row("sum", "list_money_sum_money", f"list({MONEY})", MONEY, MONEY,
        "sum_money({0}, {1})", FAILS),
    Row("avg", "list_int_avg", "list(int)", "", "double", "average({0})", FAILS),
    Row("avg", "list_double_avg", "list(double)", "", "double", "average({0})", FAILS),
    Row("avg", "list_decimal_avg", f"list({DECIMAL})", "", DECIMAL, "average_decimal({0})", FAILS),
    Row("avg", "list_money_avg", f"list({MONEY})", "", MONEY, "average_money({0})", FAILS),
)  # fmt: skip

OPERATORS = (
    Row("_==_", "equals", "", "A A", "bool", "equal({0}, {1})"),
    Row("_!=_", "not_equals", "", "A A", "bool", "(not equal({0}, {1}))"),
    *(
        Row(f"_{sign}_", f"{name}_{left}_{right}", "", f"{left} {right}", "bool",
            f"({{0}} {sign} {{1}})")
        for sign, name in (("==", "equals"), ("!=", "not_equals"))
        for left, right in (("int", "double"), ("double", "int"))
    ),
    Row("_*_", "multiply_int64", "", "int int", "int", "int64({0} * {1})", FAILS),
    Row("_*_", "multiply_uint64", "", "uint uint", "uint", "uint64({0} * {1})", FAILS),
    Row("_*_", "multiply_double", "", "double double", "double", "({0} * {1})"),
    Row("_*_", "multiply_duration_int", "", "duration int", "duration", "scaled({0}, {1})", FAILS),
    Row("_*_", "multiply_int_duration", "", "int duration", "duration", "scaled({1}, {0})", FAILS),
    Row("_*_", "multiply_decimal", "", f"{DECIMAL} {DECIMAL}", DECIMAL,
        "decimal_product({0}, {1})", FAILS),
    *(
        Row("_*_", f"multiply_money_{name}", "", f"{MONEY} {type_}", MONEY,
            "money_times({0}, {1})", FAILS)
        for name, type_ in (("decimal", DECIMAL), ("int", "int"))
    ),
    *(
        Row("_*_", f"multiply_{name}_money", "", f"{type_} {MONEY}", MONEY,
            "money_times({1}, {0})", FAILS)
        for name, type_ in (("decimal", DECIMAL), ("int", "int"))
    ),
)  # fmt: skip

ROWS: tuple[Row, ...] = (*STRINGS, *SETS, *MATH, *BITS, *LISTS, *OPERATORS)
REDECLARED = ("_==_", "_!=_", "_*_")
EXTENSIONS = ("bindings", "two-var-comprehensions", "lists", "strings", "sets")
DECLARED_BY_WHEEL = {
    row.function for row in (*STRINGS, *SETS) if not row.function.startswith("regex.")
}
# What the wheel's extensions declare and type: Python, and whether it cannot fail.
TYPED_BY_WHEEL: dict[str, tuple[str, bool]] = {
    "list_distinct": ("distinct({0})", True),
    "list_slice": ("sliced({0}, {1}, {2})", False),
    "list_reverse": ("[*{0}][::-1]", True),
    "list_range": ("counted({0})", False),
    **{f"list_{type_}_sort": ("sorted({0})", True) for type_ in SORTED},
    **{f"list_{type_}_sortByAssociatedKeys": ("sort_by({0}, {1})", True) for type_ in SORTED},
    "@mapInsert_map_key_value": ("map_insert({0}, {1}, {2})", False),
    "@mapInsert_map_map": ("map_join({0}, {1})", False),
}
