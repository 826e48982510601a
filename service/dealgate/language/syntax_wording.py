"""Says what an author meant who wrote something that is not CEL."""

import re
import unicodedata

from dealgate.model.rules import ExpressionFault

METHODS = ("contains", "matches", "startsWith", "endsWith")
WORDS = {
    "and": "&&",
    "or": "||",
    "not": "!",
    "is": "==",
    "equals": "==",
    "then": "condition ? this : that",
    "between": "a <= x && x <= b",
    "like": 'x.matches("…"), or x.contains("…")',
    **{method.lower(): f"x.{method}(y)" for method in METHODS},
}
# Longest first. cel-cpp stops at the second sign of `<>`, and at the first of the others.
SIGNS = {
    "=~": "x.matches(y)",
    "~": "x.matches(y)",
    "=>": ">=",
    "=<": "<=",
    "<>": "!=",
    "&": "&&",
    "|": "||",
    "=": "==",
}
QUOTES = "\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019"
SPACES = "\u00a0\u2007\u2009\u202f\u200b\u200c\u200d\u2060\ufeff\u00ad\u3000\u2028\u2029"


def fault(source: str, offset: int) -> ExpressionFault:
    """Return the fault of `source`, which cel-cpp cannot read from `offset` on."""
    if before := re.search(r"\b(not)\s+$", source[:offset], re.IGNORECASE):
        return _no_cel(before.start(), before[1], "write !")
    word = re.match(r"\w+", source[offset:])
    if word and word[0].lower() in WORDS:
        return _no_cel(offset, word[0], f"write {WORDS[word[0].lower()]}")
    start = offset - 1 if source[max(offset - 1, 0) :].startswith("<>") else offset
    for sign, cure in SIGNS.items():
        if source.startswith(sign, start):
            return _no_cel(start, sign, f"{'compare with' if sign == '=' else 'write'} {cure}")
    if wanted := re.search(r"\?\s*\.\s*\w+", source[:offset]):
        hint = "write a point alone: what is missing makes the rule undecided, and has(a.b) asks"
        return _no_cel(wanted.start(), "?.", hint)
    if share := re.search(r"([\d.]+)\s*%\s*$", source[: offset + 1]):
        hint = f"write {share[1]}, or the share that it is: 0.25"
        return _no_cel(share.end() - 1, "%", hint)
    if offset >= len(source.rstrip()):
        hint = _ending_hint(source)
        return ExpressionFault(offset, "the expression ends too early", hint)
    return _unreadable(source, offset)


def _ending_hint(source: str) -> str:
    if source.count("(") > source.count(")"):
        return "close the bracket: )"
    if "?" in source:
        return "give both answers: condition ? this : that"
    return "write what follows, or delete what it belongs to"


def _no_cel(offset: int, text: str, hint: str) -> ExpressionFault:
    return ExpressionFault(offset, f"'{text}' is not CEL", hint)


def _unreadable(source: str, offset: int) -> ExpressionFault:
    sign = source[offset]
    if sign in "\"'":
        return ExpressionFault(offset, "this string does not end on its line", "close its quote")
    if sign in QUOTES:
        return ExpressionFault(
            offset, f"{sign} is not a quotation mark in CEL", 'write straight ones: "text"'
        )
    if sign in SPACES:
        text = f"this is U+{ord(sign):04X} {unicodedata.name(sign).lower()}"
        return ExpressionFault(offset, text, "type an ordinary space, or none")
    if source[max(offset - 1, 0) : offset + 1] == "??" or source.startswith("??", offset):
        return _no_cel(offset, "??", "write has(a.b) ? a.b : other")
    hint = "delete it, or write CEL: && || ! == != < <= > >= in"
    if sign.isalpha() and source[:offset][-1:].isdigit():
        hint = 'put text in quotes: "90d"; a span of time is duration("72h")'
    if sign in "_,." and source[:offset][-1:].isdigit():
        hint = "write numbers without separators: 1000.5"
    return ExpressionFault(offset, f"cannot read this: {source[offset : offset + 20]}", hint)
