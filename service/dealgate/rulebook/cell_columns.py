"""What the cells of a column are about."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from dealgate.rulebook.spans import Allowed
from dealgate.rulebook.written import TOKENS


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
