"""Texts of ZEN, cut into tokens."""

import re
from typing import NamedTuple

TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>'[^']*'|"[^"]*")
    |(?P<template>`[^`]*`)
    |(?P<number>\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?)
    |(?P<name>\$?[A-Za-z_]\w*|\$|\#)
    |(?P<mark>\.\.|\?\?|[=!<>]=|[-+*/%^<>?:.,()\[\]{};=!])
    )""",
    re.VERBOSE,
)
WORDS = frozenset({"and", "or", "not", "in"})


class NotRead(ValueError):
    """A text that is not an expression of ZEN as far as it is known here; says why."""


class Token(NamedTuple):
    """One token; `kind` is a group of the pattern, or `word` for an operator in letters."""

    kind: str
    text: str


END = Token("end", "")


def tokens_of(text: str) -> list[Token]:
    """Cut a text into tokens, `END` behind them."""
    found, at = list[Token](), 0
    stripped = text.rstrip()
    while at < len(stripped):
        match = TOKEN.match(stripped, at)
        if match is None:
            raise NotRead(f"`{text}` has an unexpected character: {stripped[at:].strip()[:1]}")
        kind, part = match.lastgroup or "", match[match.lastgroup or 0]
        found.append(Token("word" if part in WORDS and kind == "name" else kind, part))
        at = match.end()
    return [*found, END]
