"""What authors know from other languages, and what rules leave out of CEL: the cures."""

import re
from collections.abc import Iterable, Mapping

TEXT = "write lower(…), or text.lowerAscii()"
LIST_SIZE = "write size(…)"
ELEMENT = "ask for the size and read by position: size(list) > 0 && list[0] …"
NUMBER = "write it with its name: math.{}(…)"
DAYS = "count days with days_between(a, b), or add a span: t + duration(…)"
SWITCH = "write condition ? this : that"
PARTS = "write it on an instant: t.getFullYear(), t.getMonth(), t.getDayOfWeek()"
DAY_WORDS = ("days", "daysuntil", "dayssince", "daysago", "hours", "minutes")
# By their name in lower case.
FOREIGN: Mapping[str, str] = {
    "now": "write as_of, the instant to judge at",
    "today": "write date(as_of), the day to judge at",
    **dict.fromkeys(("any", "some", "anymatch"), "write list.exists(a, …)"),
    **dict.fromkeys(("every", "allmatch"), "write list.all(a, …)"),
    **dict.fromkeys(("length", "len", "count"), LIST_SIZE),
    **dict.fromkeys(("isempty", "empty"), "write size(…) == 0"),
    **dict.fromkeys(("math.max", "math.maximum"), "write math.greatest(a, b)"),
    **dict.fromkeys(("math.min", "math.minimum"), "write math.least(a, b)"),
    **dict.fromkeys(("reduce", "fold"), "write list.map(x, …).sum(), list.all(x, …) or exists"),
    "get": 'read a map by its key: map["DE"]',
    **dict.fromkeys(("tolowercase", "tolower", "lowercase", "lcase"), TEXT),
    **dict.fromkeys(
        ("touppercase", "toupper", "uppercase", "upper", "ucase"), "write text.upperAscii()"
    ),
    **dict.fromkeys(("strip", "trimmed"), "write text.trim()"),
    **dict.fromkeys(("includes", "has_text", "contain"), "write text.contains(…), or a in list"),
    **dict.fromkeys(("match", "regex", "regexp", "test"), 'write text.matches("…")'),
    **dict.fromkeys(("concat", "concatenate"), "add texts and lists with +"),
    **dict.fromkeys(("first", "last", "head", "find"), ELEMENT),
    "flatten": "its elements have no definite type: add lists with +, or use transformList",
    "format": "rules write no text for people: compare values, or add texts with +",
    **{name: NUMBER.format(name) for name in ("abs", "ceil", "floor", "round", "sqrt", "trunc")},
    **dict.fromkeys(("average", "mean"), "write list.avg()"),
    **dict.fromkeys(("pow", "power"), "multiply: a * a"),
    **dict.fromkeys(("coalesce", "ifnull", "nvl", "default"), "write has(a.b) ? a.b : other"),
    **dict.fromkeys(("if", "iif", "ifelse", "switch", "case"), SWITCH),
    **dict.fromkeys(("isnull", "isblank", "exists_field", "defined", "isset"), "ask has(a.b)"),
    **dict.fromkeys(("null", "none", "nil", "undefined"), "ask has(a.b) whether a fact is known"),
    **dict.fromkeys((*("adddays", "datediff", "dateadd", "date_add", "datesub"), *DAY_WORDS), DAYS),
    **dict.fromkeys(("year", "month", "day", "weekday", "hour"), PARTS),
    **dict.fromkeys(("tostring", "str", "text"), "write string(…)"),
    **dict.fromkeys(("parseint", "tonumber", "number", "integer"), "write int(…) or double(…)"),
    **dict.fromkeys(("float", "parsefloat"), "write double(…)"),
    "optional": "rules do not use optional values: ask has(a.b), and write a ? b : c",
    "base64": "rules do not decode bytes: give the fact as text",
    **dict.fromkeys(("ip", "cidr", "isip", "iscidr"), "rules know no networks: compare text"),
    **dict.fromkeys(("type", "dyn"), "types are known here: convert with int(…), string(…) …"),
    **dict.fromkeys(("true", "false"), "write it in lower case"),
}
# Why a rule may not use what cel-cpp knows.
REFUSED: Mapping[str, str] = {
    **{name: FOREIGN[name] for name in ("format", "flatten", "first", "last", "type", "dyn")},
}
# What an operator asks for, where its operands are of no type that it takes.
OPERANDS: Mapping[str, str] = {
    "_%_": "a remainder is of whole numbers: int(a) % int(b)",
    "!_": "! takes true or false: compare first, as in !(a == 0)",
    "_&&_": "&& takes true or false on both sides: compare first",
    "_||_": "|| takes true or false on both sides: compare first",
}


# What arithmetic there is of a type, if an operator does not take it.
ARITHMETIC: Mapping[str, str] = {
    "Money": 'amounts take + and -, and * by a number: price * decimal("1.5")',
    "Date": "count days with days_between(a, b); date(as_of - duration(…)) is an earlier day",
    "timestamp": 'instants take + and - of a span, as_of - duration("24h"); date(as_of) is a day',
    "Decimal": 'decimals take + - * of decimals: decimal("2"); divide(a, b, 4) divides them',
    "duration": 'spans take + and - of spans and * by an int: duration("24h") * 2',
    "uint": "a uint is never negative: write 5u, or int(…)",
    "string": "texts take + of texts: string(…) writes a number as text",
    "bytes": "bytes take + of bytes: string(…) reads them as text",
    "bool": "join conditions with && and ||",
}


def of_operands(function: str, kinds: Iterable[str]) -> str:
    """Return what an operator's operands take instead; empty if nothing is known of them."""
    types = [*kinds]
    if function == "_[_]" and types[0] not in {"string", "int", "bool", "double"}:
        return "read fields by a point: lead.email"
    if function == "_[_]" and types[0] == "string":
        return "write text.charAt(0)"
    if function == "@in" and not types[-1].startswith(("list", "map")):
        return "what follows `in` is a list or a map: x in [1, 2]"
    arithmetic = function[:1] in {"_", "-"}
    return next((ARITHMETIC[type_] for type_ in ARITHMETIC if type_ in types and arithmetic), "")


def of_enum(name: str, constants: Iterable[str]) -> str:
    """Return the enum's constant that is written without its prefix: "INVALID"."""
    end = f"_{name.upper()}"
    if name.upper() in constants:
        return f"write it without quotes, in capitals: {name.upper()}"
    matching = sorted(
        constant for constant in constants if constant.isupper() and constant.endswith(end)
    )
    return f"write the whole name: {' or '.join(matching[:3])}" if matching else ""


def split_types(types: str) -> list[str]:
    """Return the types in "map(int, string), int" one by one."""
    parts, depth = [""], 0
    for sign in re.split(r"(\(|\)|, )", types):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == ", " and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return parts
