"""Tests as other tools write them, told by name and with ours: a cure that quotes them is a trap.

A cell with `[DE, FR]` or `any` in quotes makes a row that never fires. Only whole cells are looked
at.
"""

import re
from collections.abc import Callable, Sequence

Told = tuple[str, str]

ANY = {
    *("*", "any", "anything", "all", "every", "everything", "whatever"),
    *("else", "otherwise"),
}
MISSING = {"null", "nil", "n/a", "nan", "undefined"}
NOT_TEXT = {"default", "none", "na"}  # these are text as often as not
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
NEGATION = re.compile(r"(?:not|!)(\s*\(.*\))", re.IGNORECASE | re.DOTALL)
LISTED = re.compile(
    r"(?P<no>not\s+)?(?P<in>(?:in|one of|any of)\s*)?"
    r"(?:\[(?P<a>[^][(){}]*)\]|\{(?P<b>[^][(){}]*)\}|\((?P<c>[^][(){}]*)\))",
    re.IGNORECASE,
)
EITHER = re.compile(r"\s+(?:or|oder)\s+|\s*(?:;|\|{1,2})\s*", re.IGNORECASE)
BETWEEN = re.compile(r"(?:between\s+)?(\S+)\s+(?:and|to)\s+(\S+)", re.IGNORECASE)
BOTH = re.compile(r"(>=?)\s*(\S+)\s*(?:and|&&?)\s*(<=?)\s*(\S+)", re.IGNORECASE)
MORE = re.compile(r"(\d[\d.]*)\+")
SIGNED = re.compile(r"\+(\d[\d.]*)")
PADDED = re.compile(r"0+(\d+)")


def foreign(cell: str) -> Told | None:
    """Return what a cell is meant to say, and how it is said here; None: no idea.

    It is about numbers, dates, amounts or constants; of text, see `text_doubts.py`.
    """
    return next((told for find in FINDERS if (told := find(cell))), None)


def word(cell: str) -> Told | None:
    """Return what a word is that stands for any value, or for none."""
    word = cell.lower()
    if word in ANY or word in NOT_TEXT - {"none", "na"}:
        return f"'{cell}' is not a value", "leave the cell empty, or write -, for any value"
    if word in MISSING | {"none", "na"}:
        return f"'{cell}' is not a value", "write `unknown` for a missing fact"
    return None


def presence(cell: str) -> Told | None:
    """`unknown` and `known` themselves are ours; any other way to ask is reported."""
    if cell in {"known", "unknown"}:
        return None
    for words, test in ((ABSENT, "unknown"), (PRESENT, "known")):
        if words.fullmatch(cell):
            return f"'{cell}' reads as a test", f"write `{test}`"
    return None


def negation(cell: str) -> Told | None:
    """Return how `NOT (DE)` and `!(DE)` are said here."""
    match = NEGATION.fullmatch(cell)
    if match is None or cell.startswith("not("):
        return None
    return "`not` is written in small letters, with its bracket", f"write not{match[1].strip()}"


def listed(cell: str) -> Told | None:
    """Return how a list in brackets is said here."""
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


FINDERS: Sequence[Callable[[str], Told | None]] = (
    *(word, presence, negation, listed),
    *(_both, _between, _either, _number),
)
