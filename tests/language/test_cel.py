"""What the checker accepts, and how it says what is wrong."""

import pytest

from dealgate.language.cel import CelChecker
from dealgate.language.failing import CURES, PATTERN, PATTERNS, WRITE_PATTERN, ZONE
from dealgate.language.foreign import ARITHMETIC, FOREIGN, OPERANDS
from dealgate.language.foreign import REFUSED as REFUSED_FUNCTIONS
from dealgate.language.resolving import RENAME
from dealgate.language.syntax import Tree, names
from dealgate.language.syntax_wording import JOIN
from dealgate.language.wording import COMPARE, NEW_NAME, NO_FIELD
from dealgate.model.rules import ExpressionFaults
from dealgate.v1 import close_pb2
from tests.engine.specimen import FACTS

UNFINISHED = "write what follows, or delete what it belongs to"
REFUSED = {
    'thing.nmae == "a"': (6, "Thing has no field 'nmae'", "did you mean 'name'?"),
    'thnig.name == "a"': (0, "unknown name 'thnig'", "did you mean 'thing'?"),
    "lowr(thing.name) == thing.name": (0, "unknown function 'lowr'", "did you mean 'lower'?"),
    'thing.count == "5"': (
        12,
        "cannot compare an int with a string",
        "write numbers without quotes, and values of an enum by name: INDUSTRY_BANKING",
    ),
    "thing.price > 5": (
        12,
        "cannot compare a Money with an int",
        'write amounts as money("EUR", "1000.50")',
    ),
    'thing.day < "2026-01-01"': (
        10,
        "cannot compare a Date with a string",
        'write dates as date("2026-01-31")',
    ),
    "thing.share >= 0.2": (
        12,
        "cannot compare a Decimal with a double",
        'write shares as decimal("0.2")',
    ),
    'thing.at > "2026-01-01"': (
        9,
        "cannot compare a timestamp with a string",
        'write instants as timestamp("2026-01-31T00:00:00Z")',
    ),
    "thing.count = 5": (12, "'=' is not CEL", "compare with =="),
    "thing.flag and true": (11, "'and' is not CEL", "write &&"),
    "not thing.flag": (0, "'not' is not CEL", "write !"),
    "thing.name ==": (13, "the expression ends too early", UNFINISHED),
    'thing.name == "abc': (14, "this string does not end on its line", "close its quote"),
    "thing.count + 1": (0, "this is an int, not a bool", COMPARE),
    "thing.name.first == 1": (11, "a string has no fields", FOREIGN["first"]),
    "thing.name ? true : false": (11, "what precedes '?' is a string, not a bool", COMPARE),
    "thing.flag ? 1 : 2.0": (11, "both sides of ':' must have one type", "they are int and double"),
    "thing.name == null": (
        11,
        "cannot compare a string with null",
        "ask has(…) whether a fact is known",
    ),
    "thing.color == 1": (
        15,
        "this is not a constant of Color",
        "write one of COLOR_RED, COLOR_BLUE",
    ),
    "thing.color == COLOR_GREEN": (15, "unknown name 'COLOR_GREEN'", "did you mean 'COLOR_RED'?"),
    "thing.color > COLOR_RED": (12, "Color has no order", "list the constants with `in [...]`"),
    "thing.color in [COLOR_RED, 2]": (
        27,
        "this is not a constant of Color",
        "write one of COLOR_RED, COLOR_BLUE",
    ),
    "thing == thing": (
        6,
        "Thing cannot be compared as a whole",
        "compare its fields, or ask has(…)",
    ),
    "thing.share == thing.share": (
        12,
        "== would compare how decimals are spelt, 0.2 and 0.20",
        "compare with >= and <=",
    ),
    'thing.at > timestamp("noon")': (
        20,
        "this can only fail: not a timestamp",
        'write instants as timestamp("2026-01-31T00:00:00Z")',
    ),
    'thing.span > duration("1 day")': (
        21,
        "this can only fail: not a duration",
        'write spans as duration("72h")',
    ),
    'thing.day > date("2026-02-30")': (
        16,
        "this can only fail: not a date",
        'write dates as date("2026-01-31")',
    ),
    'thing.price > money("EUR", "lots")': (
        19,
        "this can only fail: not a decimal",
        'write amounts as money("EUR", "1000.50")',
    ),
    'thing.price > money("euro", "1")': (
        19,
        "this can only fail: not a currency code",
        'write amounts as money("EUR", "1000.50")',
    ),
    'thing.name.matches("(")': (
        19,
        "this is not a regular expression: missing ): (",
        PATTERN,
    ),
    'thing.name.matches("(?=x)y")': (
        19,
        "this is not a regular expression: invalid perl operator: (?=",
        PATTERNS["invalid perl operator"],
    ),
    'as_of.getHours("Europe/Berln") >= 9': (
        15,
        "this can only fail: unknown time zone",
        "did you mean 'Europe/Berlin'?",
    ),
    'date(as_of, "+24:00") == thing.day': (12, "this can only fail: unknown time zone", ZONE),
    'as_of.getMilliseconds("Mars") > 1': (22, "this can only fail: unknown time zone", ZONE),
    'thing.tags[-1] == "a"': (
        11,
        "this can only fail: index out of bounds",
        CURES["index out of bounds"],
    ),
    'as_of > timestamp("2026-01-31T00:00:00+99:99")': (
        17,
        "this can only fail: not a timestamp",
        'write instants as timestamp("2026-01-31T00:00:00Z")',
    ),
    'int("' + "1" * 5000 + '") > thing.count': (
        3,
        "this can only fail: overflow",
        CURES["overflow"],
    ),
    'thing.price > money("EUR", "1e999999")': (
        19,
        "this can only fail: not an amount of money",
        'write amounts as money("EUR", "1000.50")',
    ),
    "items.exists(thing, thing.count > 1)": (13, "'thing' means something else already", RENAME),
    **{
        f"items.exists({name}, true)": (13, f"'{name}' means something else already", RENAME)
        for name in ("size", "money", "math", "int", "timestamp", "has", "uint")
    },
    'thing.name == "a\u200b"': (
        16,
        "this text has U+200B zero width space",
        "type an ordinary space, or none; if it is intended, write \\u200b",
    ),
    'thing.name == "e\u0301"': (
        15,
        "this letter is written in two parts, with U+0301",
        "type it again: keyboards write one",
    ),
    "thing.tags.length > 1": (11, "a list(string) has no fields", FOREIGN["length"]),
    "thing.name.lastly > 1": (11, "a string has no fields", NO_FIELD),
    "thing.price / 2 > thing.price": (
        12,
        "'/' cannot be applied to (Money, int)",
        ARITHMETIC["Money"],
    ),
    "-thing.price > thing.price": (0, "'-' cannot be applied to (Money)", ARITHMETIC["Money"]),
    "thing.day == as_of": (
        10,
        "cannot compare a Date with a timestamp",
        "make a day of the instant: date(as_of), or date(as_of, zone)",
    ),
    "1 < thing.count < 5": (
        16,
        "cannot compare a bool with an int",
        "true and false need no comparison: write x, or !x; a < x && x < b for a range",
    ),
    "math.round(thing.ratio, 2) > 1.0": (
        10,
        "'math.round' cannot be applied to (double, int)",
        (
            "write math.round(double) -> double or math.round(Decimal) -> Decimal "
            "or math.round(Decimal, int) -> Decimal"
        ),
    ),
    "math.floor(thing.ratio, 2) > 1.0": (
        0,
        "'math.floor' is not called like this",
        "write math.floor(double) -> double or math.floor(Decimal) -> Decimal",
    ),
    "math.max(1, 2) > 1": (0, "unknown function 'math.max'", FOREIGN["math.max"]),
    'thing.color == "COLOR_RED"': (
        12,
        "cannot compare an int with a string",
        "write it without quotes, in capitals: COLOR_RED",
    ),
    "thing.color == Color.RED": (15, "unknown name 'Color'", "write the whole name: COLOR_RED"),
    "thing.flag && && thing.flag": (
        14,
        "'&&' joins two conditions, and one is missing",
        "write it, or delete the sign",
    ),
    "thing.count === 5": (12, "'===' is not CEL", "write two signs: == or !="),
    "thing.count \u2265 5": (12, "'\u2265' is not CEL", "write >="),
    "thing.count += 1": (
        12,
        "'+=' is not CEL",
        "a condition changes nothing: name a value under `facts:`",
    ),
    "thing.flag # why": (11, "'#' is not CEL", "a comment in an expression begins with //"),
    "items.exists(x => x.flag)": (15, "'=>' is not CEL", "write a comma: list.exists(x, x > 1)"),
    r'thing.name.matches("\d")': (
        20,
        r"'\d' is not an escape of CEL",
        r'write backslashes in pairs, "\\d", or a raw text: r"\d"',
    ),
    'thing.name == "a" "b"': (18, "an operator is missing here", JOIN),
    "thing.count 5": (12, "an operator is missing here", JOIN),
    "thing.ratio > 1e999": (
        14,
        "this number is too large for a double",
        'write it as decimal("…"), or a smaller number',
    ),
    "thing.price > EUR 5": (18, "an operator is missing here", 'write money("EUR", "5")'),
    "thing.price > 5 EUR": (16, "an operator is missing here", 'write money("EUR", "5")'),
    "thing.count > 10'000": (
        16,
        "cannot read this: '000",
        "write numbers without separators: 10000",
    ),
    "thing.count > 1_000": (15, "cannot read this: _000", "write numbers without separators: 1000"),
    "thing.price > EUR 10.000": (
        18,
        "an operator is missing here",
        'write money("EUR", "10000"), without separators, if that is the amount',
    ),
    "thing.price > EUR 10,50": (18, "an operator is missing here", 'write money("EUR", "10.50")'),
    'thing.name in ("a", "b")': (
        18,
        'cannot read this: , "b")',
        'write lists in square brackets: x in ["DE", "AT"]',
    ),
    "thing.count > 3 \u2014 1": (16, "'\u2014' is not CEL", "write -"),
    'thing.price > money("EUR", "10.000")': (
        27,
        "10.000 may be 10.00, or 10000",
        'write "10.00" or "10000"',
    ),
    "thing.count > 1 000": (
        16,
        "an operator is missing here",
        "write numbers without separators: 1000",
    ),
    "thing.count > +5": (14, "'+' is not CEL", "write the number without its sign"),
    "thing.count > 1,000": (
        15,
        "cannot read this: ,000",
        "write numbers without separators: 1000",
    ),
    "thing.count > 99999999999999999999": (
        14,
        "this number does not fit into 64 bits",
        'write it as a double, 1e20, or decimal("…")',
    ),
    "th\u0456ng.flag": (
        2,
        "this is U+0456 cyrillic small letter byelorussian-ukrainian i",
        "names have the letters a to z; put text in quotes",
    ),
    "items.exists(1, true)": (13, "a macro's variable is a new name", NEW_NAME),
    "items.exists(x, x, true)": (
        13,
        "both variables of this macro have one name",
        "give the second one another name",
    ),
    "items.exists(x, .x.flag)": (
        17,
        "unknown name 'x'",
        "elements of a list get a name by `each: {x: activities}`",
    ),
    "items.distinct().size() > 1": (
        14,
        "Thing cannot be compared as a whole",
        "compare its fields, or ask has(…)",
    ),
    "items.exists(COLOR_RED, true)": (13, "'COLOR_RED' means something else already", RENAME),
    'items.exists(x, x.tags.exists(x, x == ""))': (
        30,
        "'x' means something else already",
        RENAME,
    ),
    "thing.name.matches(thing.name)": (24, "a pattern must be written out", WRITE_PATTERN),
    "1 / 0 == 1": (2, "this can only fail: divide by zero", "write another number"),
    "dyn(thing.count) == 1": (3, "rules do not use dyn(…)", REFUSED_FUNCTIONS["dyn"]),
    "type(thing.count) == int": (4, "rules do not use type(…)", REFUSED_FUNCTIONS["type"]),
    '"%s".format([1]) == "1"': (11, "rules do not use format(…)", FOREIGN["format"]),
    'thing.name.lower() == "a"': (
        11,
        "'lower' is not called like this",
        "write lower(string) -> string",
    ),
    "thing.tags.exists(i, t, u, true)": (
        11,
        "'exists' is not called like this",
        "write list.exists(x, e) -> bool or list.exists(i, x, e) -> bool",
    ),
    'thing.name.toLowerCase() == "a"': (
        11,
        "unknown function 'toLowerCase'",
        FOREIGN["tolowercase"],
    ),
    "optional.none() == 1": (0, "unknown function 'optional.none'", FOREIGN["optional"]),
    "math.flor(1.0) == 1.0": (0, "unknown function 'math.flor'", "did you mean 'math.floor'?"),
    "thing.color == RED": (15, "unknown name 'RED'", "write the whole name: COLOR_RED"),
    "if thing.flag then true": (0, "'if' is a word of CEL", FOREIGN["if"]),
    "47.5 % 5.5 == 1.0": (
        5,
        "'%' cannot be applied to (double, double)",
        OPERANDS["_%_"],
    ),
    '{1: "a"} < {2: "b"}': (
        9,
        "cannot compare a map(int, string) with a map(int, string)",
        "maps have no order: compare with == or !=",
    ),
    "thing.flag\u00a0&& true": (
        10,
        "this is U+00A0 no-break space",
        "type an ordinary space, or none",
    ),
    "x" * 100_001: (
        0,
        "this is longer than 100,000 characters",
        "name parts of it under `facts:`, or write a table",
    ),
    " + ".join(["thing.count"] * 40) + " == 1": (
        0,
        "this is nested too deeply",
        "name parts of it under `facts:`",
    ),
    '[1, "a"].size() > 1': (0, "this has no definite type", "give both sides one type"),
    "google.type.Money{units: 1} == thing.price": (
        0,
        "rules do not build messages",
        "use money(…), date(…) or decimal(…)",
    ),
}


DEEP = "(" * 40 + "thing.flag" + ")" * 40
REFUSED[DEEP] = (0, "this is nested too deeply", "name parts of it under `facts:`")


@pytest.mark.parametrize("source", REFUSED)
def test_a_fault_names_its_offset_what_is_wrong_and_the_cure(
    checker: CelChecker, source: str
) -> None:
    """What an author got wrong is said where it stands, in words that help."""
    with pytest.raises(ExpressionFaults) as caught:
        checker.check(source, facts=FACTS, variables={}, expected="bool")

    fault = caught.value.faults[0]
    assert (fault.offset, fault.message, fault.hint) == REFUSED[source]


def test_all_faults_of_an_expression_are_reported_at_once(checker: CelChecker) -> None:
    """An author mends a condition once, not once per fault."""
    source = 'thing.nmae == "a" && thing.cuont > 1'
    with pytest.raises(ExpressionFaults) as caught:
        checker.check(source, facts=FACTS, variables={}, expected="bool")

    assert [fault.offset for fault in caught.value.faults] == [6, 27]


def test_what_follows_from_a_fault_is_not_a_fault(checker: CelChecker) -> None:
    """A comparison with something of no type is not blamed for it."""
    with pytest.raises(ExpressionFaults) as caught:
        checker.check("dyn(thing.count) < 5", facts=FACTS, variables={}, expected="bool")

    assert [fault.message for fault in caught.value.faults] == ["rules do not use dyn(…)"]


def test_offsets_count_code_points(checker: CelChecker) -> None:
    """Text beyond ASCII before a fault does not move it."""
    with pytest.raises(ExpressionFaults) as caught:
        checker.check('"é€𝄞" == thing.nmae', facts=FACTS, variables={}, expected="bool")

    assert caught.value.faults[0].offset == 15


def test_a_constant_may_not_read_facts(checker: CelChecker) -> None:
    """Without facts in scope, naming one is a fault."""
    with pytest.raises(ExpressionFaults):
        checker.check("thing.count", facts=None, variables={}, expected=None)


@pytest.mark.parametrize(
    ("source", "type_"),
    [
        ("50", "int"),
        ("0.5", "double"),
        ('"DE"', "string"),
        ('["DE", "FR"]', "list(string)"),
        ('money("EUR", "1000.50")', "google.type.Money"),
        ('date("2026-01-31")', "google.type.Date"),
        ('duration("24h")', "duration"),
    ],
)
def test_a_constant_has_a_type(checker: CelChecker, source: str, type_: str) -> None:
    """The loader learns what a constant is, so that conditions using it are typed too."""
    assert checker.check(source, facts=None, variables={}, expected=None).type == type_


def test_reserved_names_are_all_that_expressions_know(checker: CelChecker) -> None:
    """Facts, the clock, enum constants and declared functions cannot be declared again."""
    reserved = checker.reserved(FACTS)

    assert {"thing", "items", "as_of", "COLOR_RED", "money", "days_between"} <= reserved
    assert "COLOR_UNSPECIFIED" not in reserved


def test_names_are_the_free_identifiers(checker: CelChecker) -> None:
    """A macro's own variable is not free; what it ranges over is."""
    names = checker.names("big && items.exists(x, x.count > limit)")

    assert names == {"big", "items", "limit"}


def test_a_leading_dot_reads_the_fact_of_that_name(checker: CelChecker) -> None:
    """It has done its work once the name is resolved, and is not part of what is read."""
    checked = checker.check(".thing.count < 5", facts=FACTS, variables={}, expected="bool")

    assert list(names(Tree(checked.ast).root)) == ["thing"]
    assert checker.names("items.exists(x, .thing.count < x.count)") == {"items", "thing"}


def test_a_constant_decides_as_a_literal_does(checker: CelChecker) -> None:
    """What can only fail because of a named constant is refused at load, where it is used."""
    variables = {"zone": "string"}
    zone = checker.check('"Europe/Berln"', facts=None, variables={}, expected=None)
    checked = checker.check(
        "as_of.getHours(zone) > 8", facts=FACTS, variables=variables, expected="bool"
    )
    with pytest.raises(ExpressionFaults) as caught:
        checker.check_constants(checked.ast, {"zone": zone.ast})

    assert [(fault.offset, fault.hint) for fault in caught.value.faults] == [
        (15, "did you mean 'Europe/Berlin'?")
    ]


def test_numbers_of_different_types_compare(checker: CelChecker) -> None:
    """`thing.ratio > 75` needs no decimal point."""
    checked = checker.check("thing.ratio > 75", facts=FACTS, variables={}, expected="bool")

    assert checked.type == "bool"


def test_a_fact_at_the_root_may_be_an_enum(checker: CelChecker) -> None:
    """Its own constants are known, and those of other enums are refused."""
    facts = close_pb2.CloseFacts.DESCRIPTOR
    own, other = "ending == DEAL_ENDING_WON", "ending == CONTRACT_KIND_NEW"

    assert checker.check(own, facts=facts, variables={}, expected="bool").type == "bool"
    with pytest.raises(ExpressionFaults, match="not a constant of DealEnding"):
        checker.check(other, facts=facts, variables={}, expected="bool")
