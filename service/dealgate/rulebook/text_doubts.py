"""Unquoted text that a reader would take for a test; in quotes it is text.

`VP or CTO`, `except DE` and `Gold and above` are rows that never fire if they are silently texts.
What is a name as often as not (`None`, `Under Review`, `R&D`) stays text.
"""

import re
from collections.abc import Callable, Sequence

from dealgate.rulebook.foreign import ANY, ASKED, MISSING, Told, listed, negation, presence, word
from dealgate.rulebook.habits import in_quotes

PATTERN_CURE = "give the test a column of its own, as lead.email.startsWith('a') in its header"
CONDITION_CURE = "write the condition in a column `when`"
LIST_CURE = "list the values you mean, with commas"
# What joins two values, in words or signs. Signs without blanks are names: R&D, C++.
JOINTS = re.compile(
    r"\s+(?:and/or|or|and|nor|xor|oder|und|ou|et)\s+|\s*(?:&&|[;|\u2227\u2228]+|(?<!\d)/|/(?!\d))\s*"
    r"|\s+[&+]\s+",
    re.IGNORECASE,
)
QUOTED = re.compile(r'"(?:\\.|[^"\\])*"|(?<!\w)\'[^\']*\'')
LONGEST = 400  # characters of a text that still reads as a test
BEGUN = re.compile(r"(?:or|and|oder|und|either)\s+(?P<rest>.+)", re.IGNORECASE)
RANKS = (
    r"(?:above|below|better|worse|higher|lower|more|less|later|earlier|up|down|upwards|over|under"
    r"|darüber|darunter|höher|niedriger|mehr|weniger|besser|später|früher)"
)
# No text begins so, whatever its capitals are.
NEGATED = re.compile(
    r"(?:not(?:\s+in)?\s|[!¬~]|is\s+not\s|isn't\s|(?:is\s+)?(?:other|different)\s+(?:than|from)\s"
    r"|(?:anything|everything|all)\s+(?:but|except)\s|except(?:ing|\s+for)?\s|excluding\s"
    r"|none\s+of\s|neither\s|nicht\s|außer\s|ausser\s)\s*(?P<rest>.+)",
    re.IGNORECASE,
)
SAME = re.compile(
    r"(?:equals|(?:is\s+)?equal\s+to|(?:is\s+)?(?:one|any|either)\s+of)\s+(?P<rest>.+)",
    re.IGNORECASE,
)
RANKED = re.compile(
    r"(?:at\s+(?:least|most)|(?:greater|more|less|fewer|higher|lower|better|worse|larger|smaller)"
    r"\s+than|mindestens|höchstens|mehr\s+als|weniger\s+als)\s.+"
    rf"|.+\s(?:or|and|oder|und)\s+{RANKS}|.*[^\W\d_]\+",
    re.IGNORECASE,
)
BETWEEN = re.compile(
    r"(?:between|zwischen)\s.+\s(?:and|und)\s.+|(?:from|von)\s.+\s(?:to|until|through|till|bis)\s.+"
    r"|\S+\s+(?:to|through|until|till|bis)\s+\S+",
    re.IGNORECASE,
)
SHORT_RANGE = re.compile(r"[A-Z0-9]{1,3}\s+-\s+[A-Z0-9]{1,3}")
PATTERN = re.compile(
    r"/.+/\w*|(?:(?:starts?|begins?|ends?) ?with|startswith|endswith|contains|contain|includes"
    r"|matches|like|regexp?)\b(?:\s|[:(]).*|[\^%?].+|.+[%?]",
    re.IGNORECASE,
)
# Text that is a name begins these with a capital: Under Review, In Progress, Without Tax.
SMALL_NEGATED = re.compile(r"(?P<op>without|unless|ne|keine?)\s+(?P<rest>.+)", re.IGNORECASE)
SMALL_SAME = re.compile(r"(?P<op>is|in|is\s+in|eq)\s+(?P<rest>.+)", re.IGNORECASE)
SMALL_RANKED = re.compile(
    r"(?P<op>above|below|over|under|up\s+to|down\s+to|from|since|before|after|gte?|lte?|über|unter"
    r"|ab|bis)\s.+",
    re.IGNORECASE,
)
CONDITIONAL = re.compile(r"(?:.+\s)?(?P<op>if|when|unless|wenn)\s.+", re.IGNORECASE)


def bare_test(text: str) -> Told | None:
    """Return what a bare text reads as, and how that is said; None: it is text."""
    if len(text) > LONGEST:
        return None
    told = next((told for find in BARE_FINDERS if (told := find(text))), None)
    cures = told and [told[1], f"if it is text, {in_quotes(text)}"]
    return told and (told[0], "; or ".join(filter(None, cures or ())))


def whole_test(cell: str) -> Told | None:
    """Return what a cell reads as that is no list of values at all; None: it may be one."""
    if len(cell) > LONGEST:
        return None
    if told := _word(cell) or presence(cell):
        return told[0], f"{told[1]}; or if it is text, {in_quotes(cell)}"
    return negation(cell) or listed(cell) or _joined_quotes(cell)


def _joined_quotes(cell: str) -> Told | None:
    """Quoted texts that something else than commas joins."""
    texts = QUOTED.findall(cell)
    parts = [part for part in JOINTS.split(QUOTED.sub("\0", cell)) if part]
    if not texts or len(parts) == 1 or "," in "".join(parts) or "\0" in cell:
        return None
    quoted = iter(texts)
    whole = [re.sub("\0", lambda _: next(quoted), part) for part in parts]
    return "tests are joined by commas", f"write {', '.join(whole)}"


def _asked(text: str) -> Told | None:
    """`known` and `unknown` are no values that are joined with others."""
    parts = JOINTS.split(text)
    if not any(part.lower() in {"known", "unknown"} for part in parts):
        return None
    if len(parts) == 1:
        return f"'{text}' must be the whole cell, or quoted text", ""
    return ASKED, "give each of these tests a row"


def _word(text: str) -> Told | None:
    return word(text) if text.lower() in (ANY | MISSING) - {"*"} else None


def _pattern(text: str) -> Told | None:
    if "*" in {text[0], text[-1]}:
        return "a cell has no wildcards", "give matches(…) a column"
    return _reads(text, PATTERN_CURE) if PATTERN.fullmatch(text) else None


def _ranked(text: str) -> Told | None:
    is_ranked = any(
        pattern.fullmatch(text) for pattern in (RANKED, BETWEEN, SHORT_RANGE)
    ) or _as_operator(text, SMALL_RANKED)
    return _reads(text, LIST_CURE) if is_ranked else None


def _negated(text: str) -> Told | None:
    match = NEGATED.fullmatch(text) or _as_operator(text, SMALL_NEGATED)
    return _reads(text, f"write not({_list(match['rest'])})") if match else None


def _same(text: str) -> Told | None:
    match = SAME.fullmatch(text) or BEGUN.fullmatch(text) or _as_operator(text, SMALL_SAME)
    return _reads(text, f"write {_list(match['rest'])}") if match else None


def _conditional(text: str) -> Told | None:
    return _reads(text, CONDITION_CURE) if _as_operator(text, CONDITIONAL) else None


def _joined(text: str) -> Told | None:
    parts = [part for part in JOINTS.split(text) if part]
    return _reads(text, f"write {', '.join(parts)}") if len(parts) > 1 else None


def _as_operator(text: str, pattern: re.Pattern[str]) -> re.Match[str] | None:
    """Match a text whose operator is not written as the beginning of a name is."""
    match = pattern.fullmatch(text)
    return match if match and (match["op"].islower() or match["op"].isupper()) else None


def _list(rest: str) -> str:
    """Return values as a cell lists them, without what joined them."""
    begun = BEGUN.fullmatch(rest)
    return ", ".join(part for part in JOINTS.split(begun["rest"] if begun else rest) if part)


def _reads(text: str, cure: str) -> Told:
    return f"'{text}' reads as a test", cure


BARE_FINDERS: Sequence[Callable[[str], Told | None]] = (
    *(_asked, _word, presence, _pattern, _negated, _same),
    *(_ranked, _conditional, _joined),
)
