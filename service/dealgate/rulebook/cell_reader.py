"""Reads one cell, left to right: tests joined by commas, each a value, a comparison or a range."""

from typing import NamedTuple

from dealgate.rulebook.cell_columns import Column
from dealgate.rulebook.cell_doubts import FACT, check_commas, check_ordered, check_plain
from dealgate.rulebook.cell_lexemes import EXAMPLES, Lexeme, Lexemes, unquoted
from dealgate.rulebook.cell_values import NAMES, CellFault, Value, value_of
from dealgate.rulebook.spans import Span

FORMULA = "a cell that begins with = is a formula to Excel"
# Messages are not looked for in lists, and neither are doubles: 1 and 1.0 would differ.
LISTED = {"int", "uint", "string"}
UNORDERED = {"bool"}


class Test(NamedTuple):
    """A condition; `joined` tells by which operator it falls apart without brackets, if any."""

    text: str
    joined: str = ""

    @property
    def closed(self) -> str:
        """The condition as it can stand beside any operator."""
        return f"({self.text})" if self.joined else self.text


class CellReader:
    """Reads one cell, left to right."""

    def __init__(self, text: str, column: Column) -> None:
        self._column = column
        self._text = text
        self._lexemes = Lexemes(text)
        self._bounds: list[tuple[str, Value]] = []
        self.spans: list[Span] = []  # what it names
        self.denies = False  # whether that is what it leaves out

    def read(self) -> str:
        """Return what the cell says, as CEL; raises CellFault."""
        if self._text in {"known", "unknown"}:
            return self._known()
        if self._lexemes.peek("word", "not") and self._lexemes.peek("mark", "(", 1):
            return self._negated()
        check_commas(self._text, self._column)
        tests = self._tests()
        self._lexemes.expect_end()
        return tests.closed if tests.joined == "||" else tests.text

    def _known(self) -> str:
        if not FACT.fullmatch(self._column.operand):
            raise CellFault(0, *_not_asked(self._column.operand))
        has = f"has({self._column.operand})"
        return has if self._text == "known" else f"!{has}"

    def _negated(self) -> str:
        self._lexemes.skip(2)
        self.denies = True
        inner = self._tests()
        if not self._lexemes.peek("mark", ")"):
            raise CellFault(
                self._lexemes.at(), "the bracket of `not(` is not closed", "write not(DE, FR)"
            )
        self._lexemes.skip()
        self._lexemes.expect_end()
        equal = f"{self._column.operand} == "
        if not inner.joined and inner.text.startswith(equal):
            return f"{self._column.operand} != {inner.text.removeprefix(equal)}"
        return f"!{inner.text}" if inner.text == self._column.operand else f"!({inner.text})"

    def _tests(self) -> Test:
        plain: list[Value] = []
        tests: list[Test] = []
        while True:
            self._test(plain, tests)
            if not self._lexemes.peek("mark", ","):
                break
            self._lexemes.skip()
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
        lexeme = self._lexemes.here("a value")
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
        self._lexemes.skip()
        if sign.text != "!=":
            check_ordered(self._lexemes.here("a value"), self._column)
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
        self._lexemes.skip()
        check_ordered(self._lexemes.here("a value"), self._column)
        low = self._value()
        if self._lexemes.here("..").kind != "dots":
            raise CellFault(
                self._lexemes.at(), "two dots are expected here", "write a range as [50..250)"
            )
        self._lexemes.skip()
        if self._lexemes.here("a value").text in {"]", ")"}:
            sign = ">=" if opening.text == "[" else ">"
            hint = f"write {sign} {low.cel}" if low.key is not None else "write it as [50..250)"
            raise CellFault(self._lexemes.at(), "a range has two ends", hint)
        check_ordered(self._lexemes.here("a value"), self._column)
        high = self._value()
        closing = self._lexemes.here("a bracket")
        if closing.kind != "mark" or closing.text not in "])[":
            raise CellFault(closing.at, "a bracket must end the range", "write it as [50..250)")
        self._lexemes.skip()
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
            raise CellFault(opening.at, "this range is empty", "write the lower end first")

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
        self._lexemes.skip()
        self.spans.append(Span(lexeme.at, name))
        return Test(f"{self._column.operand} in {name}")

    def _name(self, first: Lexeme, low: Value | None, high: Value | None, ends: str = "[]") -> None:
        """Note what the test that begins with `first` and ends here names; () leave an end out."""
        last = self._lexemes.last()
        if low is high and low is not None:
            is_constant = low.key is None and low.cel in self._column.constants
            text = unquoted(last.text) if last.kind == "text" else last.text
            self.spans.append(Span(last.at, text, "" if is_constant else low.cel, low.key, low.key))
        elif all(value is None or value.key is not None for value in (low, high)):
            text = self._text[first.at : last.at + len(last.text)]
            keys = (low and low.key, high and high.key)
            self.spans.append(Span(first.at, text, "", *keys, ends[0] == "(", ends[1] == ")"))

    def _value(self) -> Value:
        lexeme = self._lexemes.here("a value")
        self._lexemes.skip()
        if lexeme.kind == "text":
            return self._typed(unquoted(lexeme.text), lexeme.at, quoted=True)
        if lexeme.kind == "quote":
            message = "the quote that opens here is never closed"
            raise CellFault(lexeme.at, message, f"close it: {lexeme.text}…{lexeme.text}")
        if lexeme.kind != "word":
            raise CellFault(lexeme.at, f"a value is expected here, not '{lexeme.text}'", EXAMPLES)
        type_ = self._column.constants.get(lexeme.text)
        if type_ is None:
            check_plain(lexeme, self._column)
            return self._typed(lexeme.text, lexeme.at, quoted=False)
        if type_ == f"list({self._column.type})":
            raise CellFault(lexeme.at, f"{lexeme.text} is a list", f"write: in {lexeme.text}")
        if self._column.type == "string":
            message = f"'{lexeme.text}' could be text, or the constant of this name"
            raise CellFault(lexeme.at, message, "put text in quotes, or rename the constant")
        return Value(lexeme.text)

    def _typed(self, text: str, at: int, *, quoted: bool) -> Value:
        return value_of(text, self._column.type, self._column.enum, quoted=quoted, at=at)


def _not_asked(operand: str) -> tuple[str, str]:
    if operand.isidentifier():
        message = f"whether {operand} is known cannot be asked: has(…) needs a field of something"
        return message, "ask for values, and leave the cell empty for any"
    message = "whether it is known can only be asked of a fact, and this is computed"
    return message, "give the fact itself a column"


def _plural(column: Column) -> str:
    return "constants of this enum" if column.enum else NAMES[column.type].removeprefix("a ") + "s"
