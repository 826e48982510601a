"""Reads expressions of ZEN, and the unary tests that cells of its tables hold.

Precedence and the meaning of a bare value in a cell are those of ZEN's own parser.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal

from dealgate.desk.gorules.zen_tokens import END, NotRead, Token, tokens_of
from dealgate.desk.gorules.zen_tree import (
    Call,
    Choice,
    Fields,
    Index,
    Interval,
    Items,
    Literal,
    Member,
    Name,
    Node,
    Pair,
    Prefixed,
)

COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "not in"})
BINDS: Mapping[str, int] = {
    "or": 10,
    "and": 15,
    **dict.fromkeys(COMPARISONS, 20),
    "+": 30,
    "-": 30,
    "*": 60,
    "/": 60,
    "%": 60,
    "^": 70,
    "??": 80,
}
PREFIXES: Mapping[str, int] = {"not": 50, "!": 50, "+": 200, "-": 200}
CONSTANTS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}
JOINTS: Mapping[str, str] = {"and": "and", "or": "or", ",": "or"}
PART = re.compile(r"\$\{[^}]*\}|(?:(?!\$\{).)+", re.DOTALL)
SELF = Name("$")
TRUTHS = frozenset(
    {"contains", "startsWith", "endsWith", "matches", "some", "all", "none", "one", "isNumeric"}
)
LISTS = frozenset({"filter", "map", "flatMap", "split", "extract", "flatten", "keys", "values"})
DEEPEST = 60  # parts within parts


def expression(text: str) -> Node:
    """Read an expression; raises NotRead."""
    return _Reader(text).whole()


def unary_test(text: str) -> Node:
    """Read what a cell tests: a condition on `$`, what its column holds; raises NotRead."""
    return _Reader(text).cell()


class _Reader:
    """Reads one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens_of(text)
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        found = self._binary(0)
        self._must_end()
        return found

    def cell(self) -> Node:
        found = self._test()
        while self._next.text in JOINTS and self._next.kind != "text":
            joint = JOINTS[self._take().text]
            found = Pair(joint, found, self._test())
        self._must_end()
        return found

    def _must_end(self) -> None:
        if self._next is not END:
            raise NotRead(f"`{self._text}` is not read beyond `{self._next.text}`")

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        self._at += 1
        return token

    def _is(self, text: str) -> bool:
        return self._next.text == text and self._next.kind in {"mark", "word"}

    def _expect(self, text: str) -> None:
        if not self._is(text):
            raise NotRead(f"`{self._text}` lacks `{text}`")
        self._take()

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotRead(f"`{self._text[:40]}…` is nested too deeply")
        yield
        self._depth -= 1

    # ── Cells ───────────────────────────────────────────────────────────────────────────────

    def _test(self) -> Node:
        """Read one test: `> 5`, `$ > 5`, or a value that `$` must equal."""
        left: Node = SELF if self._operator() in COMPARISONS else self._binary(21)
        operator = self._operator()
        if operator in COMPARISONS:
            self._skip(operator)
            return Pair(operator, left, self._choice(self._binary(21)))
        left = self._choice(left)
        wanted = _compared(left)
        return Pair(wanted, SELF, left) if wanted else left

    # ── Expressions ─────────────────────────────────────────────────────────────────────────

    def _operator(self) -> str:
        """Name the operator that comes next, empty: none."""
        token, after = self._next, self._tokens[min(self._at + 1, len(self._tokens) - 1)]
        if token.text == "not" and token.kind == "word":
            return "not in" if after.text == "in" and after.kind == "word" else ""
        return token.text if token.kind in {"mark", "word"} else ""

    def _skip(self, operator: str) -> None:
        self._at += 2 if operator == "not in" else 1

    def _binary(self, least: int) -> Node:
        with self._deeper():
            left = self._prefixed()
            while BINDS.get(operator := self._operator(), -1) >= least:
                self._skip(operator)
                right = self._binary(BINDS[operator] + (operator != "^"))
                left = Pair(operator, left, right)
        return self._choice(left) if least == 0 else left

    def _choice(self, test: Node) -> Node:
        if not self._is("?"):
            return test
        self._take()
        yes = self._binary(0)
        self._expect(":")
        return Choice(test, yes, self._binary(0))

    def _prefixed(self) -> Node:
        token = self._next
        if token.text in PREFIXES and token.kind in {"mark", "word"}:
            self._take()
            operator = "not" if token.text == "!" else token.text
            return Prefixed(operator, self._binary(PREFIXES[operator]))
        return self._postfixed(self._primary())

    def _postfixed(self, of: Node) -> Node:
        while self._is(".") or self._is("["):
            if self._take().text == ".":
                of = self._member(of)
                continue
            at = self._binary(0)
            if self._is(":"):
                raise NotRead(f"`{self._text}` takes a slice of a list")
            self._expect("]")
            of = Index(of, at)
        return of

    def _member(self, of: Node) -> Node:
        name = self._take()
        if name.kind not in {"name", "word"}:
            raise NotRead(f"`{self._text}` lacks a name behind `.`")
        if self._is("("):
            raise NotRead(f"`{self._text}` calls the method {name.text}")
        return Member(of, name.text)

    def _primary(self) -> Node:
        token = self._take()
        match token.kind:
            case "number":
                return Literal(Decimal(token.text.replace("_", "")))
            case "text":
                return Literal(token.text[1:-1])
            case "name":
                return self._named(token.text)
            case "template":
                return _template(token.text[1:-1])
        if token.text == "(":
            return self._grouped()
        if token.text == "[":
            return self._bracketed()
        if token.text in {")", "]"}:
            return self._outside(has_low=token.text == "]")
        if token.text == "{":
            return Fields(tuple(self._fields()))
        raise NotRead(f"`{self._text}` is not complete")

    def _named(self, name: str) -> Node:
        if name in CONSTANTS:
            return Literal(CONSTANTS[name])
        if not self._is("("):
            return Name(name)
        self._take()
        return Call(name, self._listed(")"))

    def _listed(self, end: str) -> tuple[Node, ...]:
        found = list[Node]()
        while not self._is(end):
            found.append(self._binary(0))
            if not self._is(end):
                self._expect(",")
        self._expect(end)
        return tuple(found)

    def _grouped(self) -> Node:
        inner = self._binary(0)
        if self._is(".."):
            return self._interval(inner, has_low=False)
        self._expect(")")
        return inner

    def _bracketed(self) -> Node:
        if self._is("]"):
            self._take()
            return Items(())
        first = self._binary(0)
        if self._is(".."):
            return self._interval(first, has_low=True)
        if self._is(","):
            self._take()
            return Items((first, *self._listed("]")))
        self._expect("]")
        return Items((first,))

    def _interval(self, low: Node, *, has_low: bool) -> Node:
        self._expect("..")
        high = self._binary(0)
        end = self._take().text
        if end not in {"]", ")"}:
            raise NotRead(f"`{self._text}` has a range without an end")
        return Interval(low, high, has_low, end == "]")

    def _outside(self, *, has_low: bool) -> Node:
        low = self._binary(0)
        self._expect("..")
        high = self._binary(0)
        end = self._take().text
        if end not in {"[", "("}:
            raise NotRead(f"`{self._text}` has a range without an end")
        return Interval(low, high, has_low, end == "[", is_outside=True)

    def _fields(self) -> Iterator[tuple[str, Node]]:
        while not self._is("}"):
            name = self._take()
            if name.kind not in {"name", "text"}:
                raise NotRead(f"`{self._text}` has a field without a name")
            self._expect(":")
            yield name.text.strip("'\""), self._binary(0)
            if not self._is("}"):
                self._expect(",")
        self._take()


def _template(text: str) -> Node:
    """Read a text that is put together: `${a} and ${b}`."""
    parts: list[Node] = [
        expression(part[2:-1]) if part.startswith("${") else Literal(part)
        for part in PART.findall(text)
    ]
    found: Node = Literal("")
    for part in parts:
        found = part if found == Literal("") else Pair("+", found, part)
    return found if parts and isinstance(parts[0], Literal) else Pair("+", Literal(""), found)


def _compared(node: Node) -> str:
    """Say how a value that stands alone in a cell is compared with `$`; empty: it is a test."""
    match node:
        case Items() | Interval():
            return "in"
        case Prefixed(_, of):
            return _compared(of)
        case Choice(_, yes, no):
            return _both(_compared(yes), _compared(no))
        case Pair(operator, left, right):
            if operator in COMPARISONS or operator in JOINTS:
                return ""
            return _both(_compared(left), _compared(right))
        case Call(name, _):
            return "" if name in TRUTHS else "in" if name in LISTS else "=="
        case Name("#"):
            return ""
    return "=="


def _both(left: str, right: str) -> str:
    return left if left == right else "=="
