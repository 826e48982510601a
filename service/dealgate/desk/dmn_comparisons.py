"""Cells of DMN that compare an input with other facts, as the condition that they are.

`> dateE` under `dateD` is `dateD > dateE`, and `[low..high]` is two comparisons: a table of ours
has them as columns of their own, and `true` in the rows that ask.
"""

import re

NAME = r"(?!(?:true|false|null|not|unknown|known)\b)[A-Za-z_]\w*(?:[ ]\w+)*(?:\.[A-Za-z_]\w*)*"
LITERAL = r'-?\d+(?:\.\d+)?|"[^"]*"|date\("[\d-]+"\)'
END = rf"{NAME}|{LITERAL}"
ONE = re.compile(rf"(?P<sign><=|>=|<|>|=)?\s*(?P<name>{NAME})")
OTHER = re.compile(rf"not\(\s*(?P<name>{NAME})\s*\)")
BETWEEN = re.compile(rf"(?P<a>[\[\](])\s*(?P<low>{END})\s*\.\.\s*(?P<high>{END})\s*(?P<b>[\])\[])")
PATH = re.compile(r"[A-Za-z_][\w .]*")


def comparison(column: str, type_: str, test: str) -> str:
    """Return what a cell compares, as a header in CEL; empty if it names no other fact."""
    test = test.strip()
    own = column if PATH.fullmatch(column) else f"({column})"
    if match := OTHER.fullmatch(test):
        equal = _equal(own, type_, match["name"])
        return f"!({equal})" if "&&" in equal else f"{own} != {match['name']}"
    if match := ONE.fullmatch(test):
        sign, name = match["sign"], match["name"]
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
