"""Tests as other tools write them, told by name and with ours: a cure that quotes them is a trap.

Whoever puts `[DE, FR]` or `any` in quotes gets a row that never fires. Only whole cells are looked
at, and in a column of text only what text hardly ever is.
"""

import re
from collections.abc import Callable, Sequence

from dealgate.rulebook.habits import in_quotes

Told = tuple[str, str]

ANY = {"*", "any", "else", "otherwise"}
MISSING = {"null", "nil", "n/a", "nan", "undefined"}
NOT_TEXT = {"all", "every", "default", "none", "na"}  # these are text as often as not
# Whether a fact is there, in the words of other tools, and in ours with capitals.
ABSENT = re.compile(
    r"unknown|(?:is\s*)?(?:null|unknown|missing|empty|blank|unset)|n\.a\.|(?:is\s+)?not\s+"
    r"(?:known|set|there|present|filled)|[(<](?:blank|empty|none|null)[)>]",
    re.IGNORECASE,
)
PRESENT = re.compile(
    r"known|(?:is\s+)?(?:known|present|set)|exists|(?:is\s*)?not\s*(?:null|unknown|missing|empty|"
    r"blank|unset)|[!<]=?>?\s*(?:null|unknown|empty)",
    re.IGNORECASE,
)
ASKED = "`known` and `unknown` must be the whole cell"
NEGATION = re.compile(r"not(\s*\(.*\))", re.IGNORECASE | re.DOTALL)
LISTED = re.compile(
    r"(?P<no>not\s+)?(?P<in>in\s*)?(?:\[(?P<a>[^][(){}]*)\]|\{(?P<b>[^][(){}]*)\}|\((?P<c>[^][(){}]*)\))",
    re.IGNORECASE,
)
EITHER = re.compile(r"\s+(?:or|oder)\s+|\s*(?:;|\|{1,2})\s*", re.IGNORECASE)
BETWEEN = re.compile(r"(?:between\s+)?(\S+)\s+(?:and|to)\s+(\S+)", re.IGNORECASE)
BOTH = re.compile(r"(>=?)\s*(\S+)\s*(?:and|&&?)\s*(<=?)\s*(\S+)", re.IGNORECASE)
MORE = re.compile(r"(\d[\d.]*)\+")
SIGNED = re.compile(r"\+(\d[\d.]*)")
PADDED = re.compile(r"0+(\d+)")
PATTERN = re.compile(
    r"/.+/\w*|(?:starts ?with|ends ?with|contains|matches|like)\b.*", re.IGNORECASE
)
PLAIN_TEXT = re.compile(r"""[^"';|]+""")


def foreign(cell: str, *, is_text: bool) -> Told | None:
    """Return what a cell is meant to say, and how it is said here; None: no idea."""
    finders: Sequence[Callable[[str], Told | None]] = (
        [_in_text, _presence_in_text, _negation, _pattern, _listed, _either_text]
        if is_text
        else [_word, _presence, _negation, _listed, _both, _between, _either, _number]
    )
    return next((told for find in finders if (told := find(cell))), None)


def _word(cell: str) -> Told | None:
    word = cell.lower()
    if word in ANY or word in NOT_TEXT - {"none", "na"}:
        return f"'{cell}' is not a value", "leave the cell empty, or write -, for any value"
    if word in MISSING | {"none", "na"}:
        return f"'{cell}' is not a value", "write `unknown` for a missing fact"
    return None


def _in_text(cell: str) -> Told | None:
    told = _word(cell) if cell.lower() in ANY | MISSING and cell != "*" else None
    return told and (told[0], f"{told[1]}; or if it is text, {in_quotes(cell)}")


def _presence(cell: str) -> Told | None:
    """`unknown` and `known` themselves are ours; any other way to ask is told."""
    if cell in {"known", "unknown"}:
        return None
    for words, test in ((ABSENT, "unknown"), (PRESENT, "known")):
        if words.fullmatch(cell):
            return f"'{cell}' reads as a test", f"write `{test}`"
    return None


def _presence_in_text(cell: str) -> Told | None:
    told = _presence(cell)
    return told and (told[0], f"{told[1]}; or if it is text, {in_quotes(cell)}")


def _negation(cell: str) -> Told | None:
    match = NEGATION.fullmatch(cell)
    if match is None or cell.startswith("not("):
        return None
    return "`not` is written in small letters, with its bracket", f"write not{match[1].strip()}"


def _pattern(cell: str) -> Told | None:
    if not PATTERN.fullmatch(cell) or cell.lower() in {"contains", "matches", "like"}:
        return None
    test = "give the test a column of its own, as lead.email.startsWith('a') in its header"
    return f"'{cell}' reads as a test", f"{test}; or if it is text, {in_quotes(cell)}"


def _listed(cell: str) -> Told | None:
    match = LISTED.fullmatch(cell)
    if match is None or ".." in cell or (match["no"] and not match["in"]):
        return None
    held = match["a"] or match["b"] or match["c"] or ""
    if not match["in"] and "," not in held:
        return None  # a range with a dot too few
    items = ", ".join(part.strip() for part in held.split(","))
    write = f"not({items})" if match["no"] else items
    return "values are listed without brackets", f"write {write}"


def _either(cell: str) -> Told | None:
    parts = EITHER.split(cell)
    if len(parts) == 1 or not all(parts):
        return None
    return "tests are joined by commas", f"write {', '.join(parts)}"


def _either_text(cell: str) -> Told | None:
    """Text may hold the word `or`; quotes around its sides, `;` and `|` say that it does not."""
    parts = EITHER.split(cell)
    asks = any(part.lower() in {"known", "unknown"} for part in parts)
    if len(parts) == 1 or not all(parts) or (PLAIN_TEXT.fullmatch(cell) and not asks):
        return None
    if asks:
        return ASKED, f"give each of these tests a row; or if it is text, {in_quotes(cell)}"
    return (
        "tests are joined by commas",
        f"write {', '.join(parts)}; or if it is text, {in_quotes(cell)}",
    )


def _both(cell: str) -> Told | None:
    match = BOTH.fullmatch(cell)
    if match is None:
        return None
    opening, closing = "[" if "=" in match[1] else "(", "]" if "=" in match[3] else ")"
    return (
        "two tests that must both hold are a range",
        f"write {opening}{match[2]}..{match[4]}{closing}",
    )


def _between(cell: str) -> Told | None:
    match = BETWEEN.fullmatch(cell)
    return match and ("a range is written in brackets", f"write [{match[1]}..{match[2]}]")


def _number(cell: str) -> Told | None:
    if match := MORE.fullmatch(cell):
        return f"'{cell}' is not a test", f"write >= {match[1]}"
    if match := SIGNED.fullmatch(cell) or PADDED.fullmatch(cell):
        return f"'{cell}' is not how a number is written here", f"write {match[1]}"
    return None
