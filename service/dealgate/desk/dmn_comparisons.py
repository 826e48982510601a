"""Cells of DMN that compare an input with other facts, as the condition that they are.

`> dateE` under `dateD` is `dateD > dateE`, and `[low..high]` is two comparisons: a table of ours
has them as columns of their own, and `true` in the rows that ask.
"""

import re
from collections.abc import Callable

NAME = r"(?!(?:true|false|null|not|unknown|known)\b)[A-Za-z_]\w*(?:[ ]\w+)*(?:\.[A-Za-z_]\w*)*"
LITERAL = r'-?\d+(?:\.\d+)?|"[^"]*"|date\("[\d-]+"\)'
END = rf"{NAME}|{LITERAL}"
ONE = re.compile(rf"(?P<sign><=|>=|<|>|=)?\s*(?P<name>{NAME})")
OTHER = re.compile(rf"not\(\s*(?P<name>{NAME})\s*\)")
BETWEEN = re.compile(rf"(?P<a>[\[\](])\s*(?P<low>{END})\s*\.\.\s*(?P<high>{END})\s*(?P<b>[\])\[])")
PATH = re.compile(r"[A-Za-z_][\w .]*")


def comparison(
    column: str, type_: str, test: str, is_list: Callable[[str], bool] = lambda _: False
) -> str:
    """Return what a cell compares, as a header in CEL; empty if it names no other fact.

    A fact that is a list holds the values that match.
    """
    test = test.strip()
    own = column if PATH.fullmatch(column) else f"({column})"
    if match := OTHER.fullmatch(test):
        name = match["name"]
        equal = f"{own} in {name}" if is_list(name) else _equal(own, type_, name)
        return f"{own} != {name}" if equal == f"{own} == {name}" else f"!({equal})"
    if match := ONE.fullmatch(test):
        sign, name = match["sign"], match["name"]
        if not sign and is_list(name):
            return f"{own} in {name}"
        return f"{own} {sign} {name}" if sign and sign != "=" else _equal(own, type_, name)
    match = BETWEEN.fullmatch(test)
    if match is None or not (re.match(NAME, match["low"]) or re.match(NAME, match["high"])):
        return ""
    above, below = ">=" if match["a"] == "[" else ">", "<=" if match["b"] == "]" else "<"
    return f"{own} {above} {match['low']} && {own} {below} {match['high']}"


def _equal(column: str, type_: str, name: str) -> str:
    """Compare numbers from both sides: a decimal takes no ==, which would compare its spelling."""
    if type_ == "number":
        return f"{column} >= {name} && {column} <= {name}"
    return f"{column} == {name}"
