"""Cells of decision tables: DMN's unary tests, typed by their column, become CEL conditions.

- or empty            anything          DE                    this value
>= 250  < 5  != 5     compared          DE, FR                one of these
[50..250)  (1..5]     between           not(DE, FR)           none of these
known  unknown        whether it is     in core_markets       one of a constant list
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from dealgate.rulebook.cell_values import NAMES, CellFault, Value, value_of
from dealgate.rulebook.foreign import foreign
from dealgate.rulebook.habits import anywhere, in_quotes, unseen
from dealgate.rulebook.spans import Allowed, Span
from dealgate.rulebook.written import TOKENS

ANY = {"", "-"}
FACT = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", re.ASCII)
LEXEMES = re.compile(
    r"""(?P<text>\s*"(?:\\.|[^"\\])*"|\s*'[^']*')|(?P<sign>>=|<=|!=|==|=|<|>)|(?P<dots>\.\.)"""
    r"""|(?P<mark>[\[\](),])|(?P<quote>\s*["'])|(?P<word>(?:(?!\.\.)[^\[\](),<>=!"]|!(?!=))+)"""
)
NEGATED = re.compile(r"(?:not|!)\s+(?:in\s+)?", re.IGNORECASE)
NULLS = {"null", "nil"}
SIGNS = {">=", "<=", ">", "<", "!="}
FORMULA = "a cell that begins with = is a formula to Excel"
# Messages are not looked for in lists, and neither are doubles: 1 and 1.0 would differ.
LISTED = {"int", "uint", "string"}
UNORDERED = {"bool"}
EXAMPLES = "write for example >= 250, [50..250) or DE, FR"
COMMA = "some countries write decimals or thousands with this comma"


@dataclass(frozen=True, slots=True)
class Column:
    """What its cells are about: CEL text that stands as an operand, and its type.

    `enum` has the short and long names of an enum's constants, each with the long one;
    `constants` the types of the rule set's own constants, which cells may name, and `facts` the
    names of the kind's facts, which they may not. `allowed` are the values that they may name, if
    the table lists them.
    """

    operand: str
    type: str
    enum: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    facts: frozenset[str] = frozenset()
    allowed: Allowed | None = None


class Lexeme(NamedTuple):
    """A piece of a cell."""

    kind: str
    text: str
    at: int


class Test(NamedTuple):
    """A condition; `joined` tells by which operator it falls apart without brackets, if any."""

    text: str
    joined: str = ""

    @property
    def closed(self) -> str:
        """The condition as it can stand beside any operator."""
        return f"({self.text})" if self.joined else self.text


def operand(source: str) -> str:
    """Return an expression as it can stand beside an operator."""
    depth = 0
    for token in TOKENS.finditer(source):
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        loose = token.lastgroup == "blank" or (
            token.lastgroup == "other" and not re.fullmatch(r"\w+|\.", token[0])
        )
        if depth == 0 and loose:
            return f"({source})"
    return source


def short_names(constants: tuple[str, ...]) -> Mapping[str, str]:
    """Return an enum's constants by the names cells may use: VP and SENIORITY_VP."""
    words = [name.split("_") for name in constants]
    shared = 0
    while words and all(len(w) > shared + 1 and w[shared] == words[0][shared] for w in words):
        shared += 1
    if len(words) == 1:
        shared = 0
    short = {"_".join(w[shared:]): name for w, name in zip(words, constants, strict=True)}
    return {**short, **{name: name for name in constants}}


def condition(cell: str, column: Column) -> str:
    """Return what a cell says, as CEL; empty: nothing. Raises CellFault."""
    if cell in ANY:
        return ""
    if hidden := unseen(cell):
        raise CellFault(*hidden)
    spoilt = anywhere(cell) if not cell.startswith(('"', "'")) else None
    if spoilt:
        raise CellFault(0, *spoilt)
    is_text = column.type == "string" and not column.enum
    names = {*column.constants, *column.enum}
    elsewhere = None if cell in names else foreign(cell, is_text=is_text)
    if elsewhere:
        raise CellFault(0, *elsewhere)
    read = _Cell(cell, column)
    said = read.read()
    if column.allowed is not None:
        column.allowed.check(read.spans)
    return said


def named_in(cell: str, column: Column) -> Sequence[Span]:
    """Return the values and ranges that a cell lists; raises CellFault if it says anything else."""
    read = _Cell(cell, column)
    read.read()
    if read.spans and not read.denies:
        return read.spans
    raise CellFault(0, f"'{cell}' is not a value, nor a range of values", EXAMPLES)


class _Cell:
    """Reads one cell, left to right."""

    def __init__(self, text: str, column: Column) -> None:
        self._column = column
        self._text = text
        self._lexemes = [_lexeme(match) for match in LEXEMES.finditer(text)]
        self._lexemes = [lexeme for lexeme in self._lexemes if lexeme.text]
        self._bounds: list[tuple[str, Value]] = []
        self._next = 0
        self.spans: list[Span] = []  # what it names
        self.denies = False  # whether that is what it leaves out

    def read(self) -> str:
        if self._text in {"known", "unknown"}:
            return self._known()
        if self._word("not") and self._peek("mark", "(", 1):
            return self._negated()
        self._check_commas()
        tests = self._tests()
        self._expect_end()
        return tests.closed if tests.joined == "||" else tests.text

    def _known(self) -> str:
        if not FACT.fullmatch(self._column.operand):
            raise CellFault(0, *_not_asked(self._column.operand))
        has = f"has({self._column.operand})"
        return has if self._text == "known" else f"!{has}"

    def _negated(self) -> str:
        self._next += 2
        self.denies = True
        inner = self._tests()
        if not self._peek("mark", ")"):
            raise CellFault(self._at(), "the bracket of `not(` is not closed", "write not(DE, FR)")
        self._next += 1
        self._expect_end()
        equal = f"{self._column.operand} == "
        if not inner.joined and inner.text.startswith(equal):
            return f"{self._column.operand} != {inner.text.removeprefix(equal)}"
        return f"!{inner.text}" if inner.text == self._column.operand else f"!({inner.text})"

    def _tests(self) -> Test:
        plain: list[Value] = []
        tests: list[Test] = []
        while True:
            self._test(plain, tests)
            if not self._peek("mark", ","):
                break
            self._next += 1
        self._check_bounds()
        return self._joined(plain, tests)

    def _check_bounds(self) -> None:
        """A comma joins by `or`: above one number or below a greater one is every number."""
        lows = [value.key for sign, value in self._bounds if sign in {">", ">="}]
        highs = [value.key for sign, value in self._bounds if sign in {"<", "<="}]
        keys = {key[0] if isinstance(key, tuple) else "" for key in (*lows, *highs)}
        if not lows or not highs or len(keys) > 1:
            return
        low, high = min(lows), max(highs)
        if low < high:
            ends = [str(key[1] if isinstance(key, tuple) else key) for key in (low, high)]
            message = "one of these tests holds for every value: a comma joins them by `or`"
            raise CellFault(0, message, f"for both at once write a range: [{'..'.join(ends)}]")

    def _joined(self, plain: list[Value], tests: list[Test]) -> Test:
        column = self._column
        if len(plain) > 1 and column.type in LISTED:
            listed = f"{column.operand} in [{', '.join(value.cel for value in plain)}]"
            tests = [Test(listed), *tests]
        else:
            tests = [*(self._equal(value) for value in plain), *tests]
        return tests[0] if len(tests) == 1 else Test(" || ".join(t.closed for t in tests), "||")

    def _equal(self, value: Value) -> Test:
        operand_, type_ = self._column.operand, self._column.type
        if type_ == "bool" and value.cel in {"true", "false"}:
            return Test(operand_ if value.cel == "true" else f"!{operand_}")
        if type_ == "google.type.Decimal":  # == would compare how they are spelt
            return Test(f"{operand_} >= {value.cel} && {operand_} <= {value.cel}", "&&")
        return Test(f"{operand_} == {value.cel}")

    def _test(self, plain: list[Value], tests: list[Test]) -> None:
        lexeme = self._here("a value")
        if lexeme.kind == "sign":
            tests.append(self._compared(lexeme))
        elif lexeme.kind == "mark" and lexeme.text in "[(]":
            tests.append(self._range(lexeme))
        elif lexeme.kind == "word" and lexeme.text.startswith("in "):
            tests.append(self._member(lexeme))
        else:
            plain.append(self._value())
            self._name(lexeme, plain[-1], plain[-1])

    def _compared(self, sign: Lexeme) -> Test:
        if sign.text in {"=", "=="}:
            raise CellFault(sign.at, FORMULA, "write the value alone: 250")
        self._check_order(sign)
        self._next += 1
        value = self._value()
        if value.key is not None:
            self._bounds.append((sign.text, value))
        self.denies |= sign.text == "!="
        low, high = (value, None) if sign.text[0] == ">" else (None, value)
        if sign.text == "!=":
            low = high = value
        self._name(sign, low, high, "()" if len(sign.text) == 1 else "[]")
        if sign.text == "!=" and self._column.type == "google.type.Decimal":
            return Test(f"!{self._equal(value).closed}")
        return Test(f"{self._column.operand} {sign.text} {value.cel}")

    def _check_order(self, lexeme: Lexeme) -> None:
        if lexeme.text != "!=" and (self._column.enum or self._column.type in UNORDERED):
            name = "this column's constants have" if self._column.enum else "true and false have"
            raise CellFault(lexeme.at, f"{name} no order", "list those you mean, with commas")

    def _range(self, opening: Lexeme) -> Test:
        self._check_order(opening)
        self._next += 1
        low = self._value()
        if self._here("..").kind != "dots":
            raise CellFault(self._at(), "two dots are expected here", "write a range as [50..250)")
        self._next += 1
        if self._here("a value").text in {"]", ")"}:
            sign = ">=" if opening.text == "[" else ">"
            hint = f"write {sign} {low.cel}" if low.key is not None else "write it as [50..250)"
            raise CellFault(self._at(), "a range has two ends", hint)
        high = self._value()
        closing = self._here("a bracket")
        if closing.kind != "mark" or closing.text not in "])[":
            raise CellFault(closing.at, "a bracket must end the range", "write it as [50..250)")
        self._next += 1
        above, below = opening.text == "[", closing.text == "]"
        self._check_not_empty(opening, low, high, closed=above and below)
        self._name(opening, low, high, "[("[not above] + "])"[not below])
        operand_ = self._column.operand
        signs = (">=" if above else ">", "<=" if below else "<")
        text = f"{operand_} {signs[0]} {low.cel} && {operand_} {signs[1]} {high.cel}"
        return Test(text, "&&")

    def _check_not_empty(self, opening: Lexeme, low: Value, high: Value, *, closed: bool) -> None:
        if low.key is None or high.key is None:
            return
        if isinstance(low.key, tuple) and low.key[0] != high.key[0]:
            message = "the two ends of this range differ in currency"
            raise CellFault(opening.at, message, "write both in one")
        if low.key > high.key or (low.key == high.key and not closed):
            raise CellFault(opening.at, "nothing lies in this range", "write the lower end first")

    def _member(self, lexeme: Lexeme) -> Test:
        name = lexeme.text.removeprefix("in ").strip()
        wanted = f"list({self._column.type})"
        if self._column.constants.get(name) != wanted:
            lists = [
                constant for constant, type_ in self._column.constants.items() if type_ == wanted
            ]
            hint = f"known: {', '.join(sorted(lists))}" if lists else "declare one in the YAML file"
            message = f"'{name}' is not a constant that lists {_plural(self._column)}"
            raise CellFault(lexeme.at, message, hint)
        self._next += 1
        self.spans.append(Span(lexeme.at, name))
        return Test(f"{self._column.operand} in {name}")

    def _name(self, first: Lexeme, low: Value | None, high: Value | None, ends: str = "[]") -> None:
        """Note what the test that begins with `first` and ends here names; () leave an end out."""
        last = self._lexemes[self._next - 1]
        if low is high and low is not None:
            is_constant = low.key is None and low.cel in self._column.constants
            text = _unquoted(last.text) if last.kind == "text" else last.text
            self.spans.append(Span(last.at, text, "" if is_constant else low.cel, low.key, low.key))
        elif all(value is None or value.key is not None for value in (low, high)):
            text = self._text[first.at : last.at + len(last.text)]
            keys = (low and low.key, high and high.key)
            self.spans.append(Span(first.at, text, "", *keys, ends[0] == "(", ends[1] == ")"))

    def _value(self) -> Value:
        lexeme = self._here("a value")
        self._next += 1
        if lexeme.kind == "text":
            return self._typed(_unquoted(lexeme.text), lexeme.at, quoted=True)
        if lexeme.kind == "quote":
            message = "the quote that opens here is never closed"
            raise CellFault(lexeme.at, message, f"close it: {lexeme.text}…{lexeme.text}")
        if lexeme.kind != "word":
            raise CellFault(lexeme.at, f"a value is expected here, not '{lexeme.text}'", EXAMPLES)
        type_ = self._column.constants.get(lexeme.text)
        if type_ is None:
            self._check_plain(lexeme)
            return self._typed(lexeme.text, lexeme.at, quoted=False)
        if type_ == f"list({self._column.type})":
            raise CellFault(lexeme.at, f"{lexeme.text} is a list", f"write: in {lexeme.text}")
        if self._column.type == "string":
            message = f"'{lexeme.text}' could be text, or the constant of this name"
            raise CellFault(lexeme.at, message, "put text in quotes, or rename the constant")
        return Value(lexeme.text)

    def _check_plain(self, lexeme: Lexeme) -> None:
        """Text that reads as a test, of cells or of another tool, must say which it is."""
        column, text = self._column, lexeme.text
        if FACT.fullmatch(text) and text.partition(".")[0] in column.facts and not column.enum:
            hint = "compare facts in the header: a == b"
            if column.type == "string":
                hint = f"{hint}; or if it is text, {in_quotes(text)}"
            raise CellFault(lexeme.at, f"'{text}' names a fact", hint)
        if column.type != "string" or column.enum:
            return
        if text.lower() in {"known", "unknown"}:
            message, test = f"'{text}' must be the whole cell, or quoted text", ""
        elif NEGATED.match(text):
            message, test = f"'{text}' reads as a test", f"write not({NEGATED.sub('', text)}); or "
        elif text.lower() in NULLS:
            message, test = f"'{text}' is not a value", "write `unknown` for a missing fact; or "
        elif "*" in (text[0], text[-1]):
            message, test = "a cell has no wildcards", "give matches(…) a column; or "
        else:
            return
        raise CellFault(lexeme.at, message, f"{test}if it is text, {in_quotes(text)}")

    def _typed(self, text: str, at: int, *, quoted: bool) -> Value:
        return value_of(text, self._column.type, self._column.enum, quoted=quoted, at=at)

    def _check_commas(self) -> None:
        """A comma without a blank, in a column of numbers, may be any country's decimals."""
        if self._column.type in {"string", "bool"} or self._column.enum:
            return
        match = re.search(r"\d,\d", self._text)
        if match:
            left, right = self._text[: match.start() + 1], self._text[match.end() - 1 :]
            hint = f"write one number without a comma; two are written {left}, {right}"
            raise CellFault(match.start() + 1, COMMA, hint)

    def _word(self, text: str) -> bool:
        return self._peek("word", text)

    def _peek(self, kind: str, text: str, ahead: int = 0) -> bool:
        rest = self._lexemes[self._next + ahead :]
        return bool(rest) and (rest[0].kind, rest[0].text) == (kind, text)

    def _here(self, wanted: str) -> Lexeme:
        if self._next < len(self._lexemes):
            return self._lexemes[self._next]
        message = f"the cell ends where {wanted} must stand"
        raise CellFault(len(self._text), message, EXAMPLES)

    def _at(self) -> int:
        rest = self._lexemes[self._next :]
        return rest[0].at if rest else len(self._text)

    def _expect_end(self) -> None:
        if self._next < len(self._lexemes):
            lexeme = self._lexemes[self._next]
            if lexeme.kind == "dots":
                low, _, high = self._text.partition("..")
                hint = f"write [{low.strip()}..{high.strip()}]"
                if not low.strip() or not high.strip():
                    hint = f"write {'>=' if low.strip() else '<='} {low.strip() or high.strip()}"
                raise CellFault(lexeme.at, "a range is written in brackets", hint)
            message = f"after this test, '{lexeme.text}' may not follow"
            raise CellFault(lexeme.at, message, "put a comma between tests, and text in quotes")


def _not_asked(operand: str) -> tuple[str, str]:
    if operand.isidentifier():
        message = f"whether {operand} is known cannot be asked: has(…) needs a field of something"
        return message, "ask for values, and leave the cell empty for any"
    message = "only of a fact can be asked whether it is known, and this is computed"
    return message, "give the fact itself a column"


def _lexeme(match: re.Match[str]) -> Lexeme:
    text = match[0]
    lead = len(text) - len(text.lstrip())
    return Lexeme(match.lastgroup or "", text.strip(), match.start() + lead)


def _unquoted(text: str) -> str:
    inner = text[1:-1]
    return re.sub(r"\\(.)", r"\1", inner) if text[0] == '"' else inner


def _plural(column: Column) -> str:
    return "constants of this enum" if column.enum else NAMES[column.type].removeprefix("a ") + "s"
