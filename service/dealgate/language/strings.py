"""What the functions of CEL's strings extension do with text; positions are code points."""

import re
from collections.abc import Sequence
from itertools import islice

from dealgate.language.functions import compiled
from dealgate.language.values import fail

# Unicode's White_Space: Python's strip() takes U+001C to U+001F too.
WHITE_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
# Characters of a text that functions make of others; the cost model refuses more at load.
LONGEST = 1_000_000
LETTERS = "abcdefghijklmnopqrstuvwxyz"
LOWER = str.maketrans(LETTERS.upper(), LETTERS)
UPPER = str.maketrans(LETTERS, LETTERS.upper())
ESCAPES = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    "\\": "\\\\",
    '"': '\\"',
}
GROUP = re.compile(r"\\(\d)")


def char_at(text: str, at: int) -> str:
    """Return the character at a position; one past the end it is ""."""
    return text[at : at + 1] if 0 <= at <= len(text) else fail("index out of bounds")


def index_of(text: str, part: str, start: int) -> int:
    """Return where `part` first stands from `start` on; -1 if nowhere."""
    if not part:
        return start if start >= 0 else fail("index out of bounds")
    return text.find(part, start) if 0 <= start < len(text) else fail("index out of bounds")


def last_index_of(text: str, part: str, start: int) -> int:
    """Return where `part` last begins, at `start` at the latest; -1 if nowhere."""
    if not part:
        return start if start >= 0 else fail("index out of bounds")
    is_within = 0 <= start < len(text)
    return text.rfind(part, 0, start + len(part)) if is_within else fail("index out of bounds")


def replaced(text: str, old: str, new: str, limit: int) -> str:
    """Replace the first `limit`; all if that is negative."""
    count = text.count(old) if limit < 0 else min(limit, text.count(old))
    _bounded(len(text) + count * (len(new) - len(old)))
    return text.replace(old, new, count)


def joined(texts: Sequence[str], by: str) -> str:
    """Write texts one after the other, `by` between them."""
    _bounded(sum(map(len, texts)) + len(by) * len(texts))
    return by.join(texts)


def _bounded(length: int) -> None:
    if length > LONGEST:
        fail("the text would be too long")


def split(text: str, by: str, limit: int) -> list[str]:
    """Split at every `by` into `limit` parts at most; as many as there are if that is negative."""
    if limit == 0:
        return []
    count = min(limit, len(text) + 1)
    if by:
        return text.split(by, count - 1 if limit > 0 else -1)
    if 0 < count < len(text):
        return [*text[: count - 1], text[count - 1 :]]
    return [*text]


def substring(text: str, start: int, end: int) -> str:
    """Return the characters from `start` up to, and without, `end`."""
    return text[start:end] if 0 <= start <= end <= len(text) else fail("index out of bounds")


def quoted(text: str) -> str:
    """Write text in double quotes, with escapes."""
    _bounded(len(text))
    return '"' + "".join(ESCAPES.get(sign, sign) for sign in text) + '"'


def pattern_replaced(text: str, pattern: str, new: str, limit: int) -> str:
    r"""Replace what a pattern finds; \1 to \9 are its groups."""
    rule = compiled(pattern)
    plain = new.replace("\\\\", "")
    if any(int(group) > rule.groups for group in GROUP.findall(plain)):
        fail("no such group")
    if "\\" in GROUP.sub("", plain):
        fail("not a replacement")
    if limit == 0:
        return text
    if len(text) * (len(new) + len(text) * len(GROUP.findall(plain)) + 1) > LONGEST:
        _bounded(_replaced_length(rule, text, new, limit))
    return rule.sub(new, text, max(limit, 0))


def _replaced_length(rule: "re.Pattern[str]", text: str, new: str, limit: int) -> int:
    """Return about how long a text becomes: what is replaced, and groups that are repeated."""
    groups = [int(group) for group in GROUP.findall(new)]
    length = len(text)
    for match in islice(rule.finditer(text), limit if limit > 0 else None):
        length += len(new) + sum(len(match[group] or "") for group in groups)
        if length > LONGEST:
            break
    return length


def extracted(text: str, pattern: str) -> list[str]:
    """Return everything that a pattern finds, or its one group."""
    rule = compiled(pattern)
    if rule.groups > 1:
        fail("more than one group")
    groups = (match[rule.groups] for match in rule.finditer(text))
    return [part for part in groups if part is not None]
