"""Suggests what the author of something that is not CEL meant."""

import re
import unicodedata
from collections.abc import Iterator

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
    "xor": "a != b",
    "for": "list.map(x, …), list.filter(x, …) or list.exists(x, …)",
    "satisfies": "list.exists(x, …) or list.all(x, …)",
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
    "^": "a != b of two conditions",
    "\u2265": ">=",
    "\u2264": "<=",
    "\u2260": "!=",
    "\u2212": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u00d7": "*",
    "\u00f7": "/",
    "\u00ac": "!",
    "\u2227": "&&",
    "\u2228": "||",
    "\u2208": "in",
}
# What stands before the place that cel-cpp names, or begins there, and what it was meant for.
HABITS = (
    (r"(?P<is>[!=]==)$", "write two signs: == or !="),
    (r"(?P<is>[-+*/:]=)$", "a condition changes nothing: name a value under `facts:`"),
    (r"(?P<is>\+\+)$", "a condition changes nothing: write x + 1"),
    (r"\(\s*\w+\s*(?P<is>[-=]>|:|\|)$", "write a comma: list.exists(x, x > 1)"),
    (r"\[[^\]]*(?P<is>:)$", "write list.slice(0, 2)"),
    (r"(?P<is>\?:)$", "write has(a.b) ? a.b : other"),
    (r"(?P<is>#)$", "a comment in an expression begins with //"),
    (r"(?P<is>/\*)$", "a comment in an expression begins with //"),
    (r"(?P<is>;)$", "write one condition: join its parts with && or ||"),
    (r"(?:^|[^\d\s])(?P<is>[$@%])$", "write the name alone: lead.email"),
    (r"(?P<is>[\u20ac\u00a3])$", 'write amounts as money("EUR", "1000.50")'),
    (r"\.(?P<is>\.)$", "write one point"),
    (r"\bhas\s+(?P<is>\w)$", "write has(a.b)"),
    (r"(?:^|[(=<>&|,])\s*(?P<is>\+)$", "write the number without its sign"),
    (r"[A-Za-z_\])](?P<is>\.\d)$", "read a list by position: list[0]"),
    (r"\b0(?P<is>[ob])$", "write it in decimal digits"),
    (r"\d(?P<is>k)$", "write all digits: 5000"),
)
AMOUNT = re.compile(r"\b(?P<a>[A-Z]{3})\s+(?P<b>\d[\d.,']*)|(?P<c>\d[\d.,']*)\s+(?P<d>[A-Z]{3})\b")
# What may be a number with separators, and one whose separators are those of thousands.
SEPARATED = re.compile(r"\d[\d.,'_\u2019 ]*\d")
GROUPS = re.compile(r"[1-9]\d{0,2}([.,'_\u2019 ])\d{3}(?:\1\d{3})*")
JOINER = "\u200d"  # of emoji
MISSING = "an operator is missing here"
JOIN = "write && or || between conditions, == or + between values"
# A text up to a backslash that begins none of CEL's escapes.
BAD_ESCAPE = re.compile(
    r"""(["'])(?:(?!\1)[^\\]|\\[abfnrtv\\?"'`]|\\[xX][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}"""
    r"""|\\U[0-9a-fA-F]{8}|\\[0-3][0-7]{2})*\\(?![abfnrtv\\?"'`]|[xX][0-9a-fA-F]{2}"""
    r"""|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})"""
)
QUOTES = "\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019"
SPACES = "\u00a0\u2007\u2009\u202f\u200b\u200c\u200d\u2060\ufeff\u00ad\u3000\u2028\u2029"


def fault(source: str, offset: int) -> ExpressionFault:
    """Return the fault of `source`, which cel-cpp cannot read from `offset` on."""
    for said in (_word, _habitual, _doubled, _foreign_sign, _optional, _ended):
        told = said(source, offset)
        if told is not None:
            return told
    return _unreadable(source, offset)


def hidden(source: str) -> Iterator[ExpressionFault]:
    """Yield the first character that nobody sees, which no text that is compared will hold."""
    for offset, sign in enumerate(source):
        if sign.isascii() or sign == JOINER:
            continue
        if unicodedata.category(sign) in {"Cf", "Zs", "Zl", "Zp", "Cc"}:
            text = f"this text has U+{ord(sign):04X} {unicodedata.name(sign, '').lower()}"
            hint = f"type an ordinary space, or none; if it is intended, write \\u{ord(sign):04x}"
            yield ExpressionFault(offset, text, hint)
            return
        if unicodedata.combining(sign) and not unicodedata.is_normalized("NFC", source):
            text = f"this letter is written in two parts, with U+{ord(sign):04X}"
            yield ExpressionFault(max(offset - 1, 0), text, "type it again: keyboards write one")
            return


def _word(source: str, offset: int) -> ExpressionFault | None:
    if before := re.search(r"\b(not)\s+$", source[:offset], re.IGNORECASE):
        return _no_cel(before.start(), before[1], "write !")
    word = re.match(r"\w+", source[offset:])
    if word and word[0].lower() in WORDS:
        return _no_cel(offset, word[0], f"write {WORDS[word[0].lower()]}")
    return None


def _habitual(source: str, offset: int) -> ExpressionFault | None:
    for pattern, cure in HABITS:
        if habit := _habit(pattern, source, offset):
            return _no_cel(habit.start("is"), habit["is"], cure)
    return None


def _doubled(source: str, offset: int) -> ExpressionFault | None:
    sign = source[offset : offset + 2]
    if sign not in {"&&", "||"}:
        return None
    text = f"'{sign}' joins two conditions, and one is missing"
    return ExpressionFault(offset, text, "write it, or delete the sign")


def _foreign_sign(source: str, offset: int) -> ExpressionFault | None:
    start = offset - 1 if source[max(offset - 1, 0) :].startswith("<>") else offset
    for sign, cure in SIGNS.items():
        if source.startswith(sign, start):
            return _no_cel(start, sign, f"{'compare with' if sign == '=' else 'write'} {cure}")
    return None


def _optional(source: str, offset: int) -> ExpressionFault | None:
    if wanted := re.search(r"\?\s*\.\s*\w+", source[:offset]):
        hint = "write a point alone: what is missing makes the rule undecided, and has(a.b) asks"
        return _no_cel(wanted.start(), "?.", hint)
    if share := re.search(r"([\d.]+)\s*%\s*$", source[: offset + 1]):
        hint = f"write {share[1]}, or the share that it is: 0.25"
        return _no_cel(share.end() - 1, "%", hint)
    return None


def _ended(source: str, offset: int) -> ExpressionFault | None:
    if offset < len(source.rstrip()):
        return None
    return ExpressionFault(offset, "the expression ends too early", _ending_hint(source))


def _ending_hint(source: str) -> str:
    for opening, closing in ("()", "[]", "{}"):
        if source.count(opening) > source.count(closing):
            return f"close the bracket: {closing}"
    if re.search(r"\d\.\s*$", source):
        return "write a digit after the point: 1000.0"
    if "?" in source:
        return "give both answers: condition ? this : that"
    return "write what follows, or delete what it belongs to"


def _no_cel(offset: int, text: str, hint: str) -> ExpressionFault:
    return ExpressionFault(offset, f"'{text}' is not CEL", hint)


def _unreadable(source: str, offset: int) -> ExpressionFault:
    sign = source[offset]
    if sign in "\"'":
        return _text(source, offset)
    if sign in QUOTES:
        return ExpressionFault(
            offset, f"{sign} is not a quotation mark in CEL", 'write straight ones: "text"'
        )
    if sign in SPACES:
        text = f"this is U+{ord(sign):04X} {unicodedata.name(sign).lower()}"
        return ExpressionFault(offset, text, "type an ordinary space, or none")
    if source[max(offset - 1, 0) : offset + 1] == "??" or source.startswith("??", offset):
        return _no_cel(offset, "??", "write has(a.b) ? a.b : other")
    if (sign.isalpha() and not sign.isascii()) or not sign.isprintable():
        text = f"this is U+{ord(sign):04X} {unicodedata.name(sign, 'a control character').lower()}"
        return ExpressionFault(offset, text, "names have the letters a to z; put text in quotes")
    if re.search(r"[\w)\]\"']\s+$", source[:offset]) and (sign.isalnum() or sign in "([{"):
        return ExpressionFault(offset, MISSING, _joining_hint(source, offset))
    hint = _unread_hint(source, offset)
    return ExpressionFault(offset, f"cannot read this: {source[offset : offset + 20]}", hint)


def _joining_hint(source: str, offset: int) -> str:
    """Two values side by side: an amount, a number with gaps, or what an operator should join."""
    sides = AMOUNT.search(source, max(offset - 30, 0))
    if sides is not None and sides.start() <= offset <= sides.end():
        code, amount = sides["a"] or sides["d"], sides["b"] or sides["c"]
        if GROUPS.fullmatch(amount):  # 10.000, 10,000: ten, or ten thousand
            digits = re.sub(r"\D", "", amount)
            return f'write money("{code}", "{digits}"), without separators, if that is the amount'
        return f'write money("{code}", "{amount.replace(",", ".")}")'
    if re.search(r"\d\s+$", source[:offset]) and source[offset].isdigit():
        return _without_separators(source, offset)
    return JOIN


def _without_separators(source: str, offset: int) -> str:
    """Return the number around a place as CEL writes it, if its separators are of thousands."""
    for number in SEPARATED.finditer(source):
        if number.start() <= offset <= number.end() and GROUPS.fullmatch(number[0]):
            digits = re.sub(r"\D", "", number[0])
            return f"write numbers without separators: {digits}"
    return "write numbers without separators: 1000.5"


def _unread_hint(source: str, offset: int) -> str:
    before, sign = source[:offset], source[offset]
    if sign in "_,." and before[-1:].isdigit():
        return _without_separators(source, offset)
    if sign == ",":
        if re.search(r"\bin\s*\([^()]*$", before):
            return 'write lists in square brackets: x in ["DE", "AT"]'
        return "write one condition: join its parts with && or ||"
    if sign.isalpha() and before[-1:].isdigit():
        return 'put text in quotes: "90d"; a span of time is duration("72h")'
    if sign.isalpha() and re.search(r"\w['\"]$", before):
        return 'put text with an apostrophe in double quotes: "it\'s"'
    return "delete it, or write CEL: && || ! == != < <= > >= in"


def _habit(pattern: str, source: str, offset: int) -> "re.Match[str] | None":
    """Find a habit that ends a sign before the place where reading stopped, or up to two after."""
    for end in (offset + 1, offset, offset + 2):
        match = re.search(pattern, source[:end])
        if match is not None and match.end("is") >= offset:
            return match
    return None


def _text(source: str, offset: int) -> ExpressionFault:
    """Say what is wrong with a text that begins where cel-cpp cannot read on."""
    sign = source[offset]
    line = source[offset:].partition("\n")[0]
    if (escape := BAD_ESCAPE.match(line)) is not None:
        at = offset + escape.end() - 1
        text = f"'{source[at : at + 2]}' is not an escape of CEL"
        return ExpressionFault(
            at, text, 'write backslashes in pairs, "\\\\d", or a raw text: r"\\d"'
        )
    if sign == "'" and source[offset - 1 : offset].isdigit() and line[1:2].isdigit():
        text = f"cannot read this: {line[:20]}"
        return ExpressionFault(offset, text, _without_separators(source, offset))
    if line.count(sign) > 1:
        return ExpressionFault(offset, MISSING, JOIN)
    return ExpressionFault(offset, "this string does not end on its line", "close its quote")
