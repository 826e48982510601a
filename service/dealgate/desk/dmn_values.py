"""inputValues, outputValues and default outputs of a DMN table, as a table of ours says them."""

import json
import re
from collections.abc import Mapping, Sequence

from dealgate.rulebook.cell_values import BARE, TRUTHS

PART = re.compile(
    r'"(?:[^"\\]|\\.)*"|[\[\](](?:(?!\.\.)[^\[\]()])*\.\.[^\[\]()]*[\])\[]|[^,"\s][^,"]*'
)
BETWEEN = re.compile(r"[\s,]*")
NUMBER = r"-?\d+(?:\.\d+)?"
END = rf"{NUMBER}|\d{{4}}-\d\d-\d\d(?:T[\d:.]+Z)?|(?:\d+[dhms])+"
VALUE = re.compile(
    rf'"(?:[^"\\]|\\.)*"|true|false|(?:[<>]=?\s*)?(?:{END})|[\[(](?:{END})\.\.(?:{END})[\])]',
    re.ASCII,
)
PLAIN = re.compile(r"[\w.+-]+(?: [\w.+-]+)*")


def listed(text: str) -> Sequence[str] | None:
    """Return the values and ranges that a list of unary tests names; None: it says more."""
    parts, at = list[str](), 0
    while at < len(text):
        part = PART.match(text, at)
        if part is None:
            return None
        parts.append(part[0].strip())
        at = BETWEEN.match(text, part.end()).end()  # type: ignore[union-attr]  # may be empty
    return None if not parts or len(set(parts)) < len(parts) else parts


def is_value(cell: str) -> bool:
    """Tell whether a cell is a value or a range that is written out."""
    return VALUE.fullmatch(cell) is not None


def asked(value: str) -> str:
    """Return a value as a cell that asks has it: text without quotes, if it can do without."""
    text = value[1:-1] if value.startswith('"') else ""
    return text if BARE.fullmatch(text) and text.lower() not in TRUTHS else value


def claimed(value: str) -> str:
    """Return a value as a cell that claims has it."""
    return value[1:-1] if value.startswith('"') else value


def declared(allowed: Mapping[str, Sequence[str]]) -> str:
    """Return what stands under `allowed:`, in one line of YAML."""
    columns = [f"{_scalar(key)}: [{', '.join(map(_scalar, of))}]" for key, of in allowed.items()]
    return f"{{{', '.join(columns)}}}"


def _scalar(text: str) -> str:
    return text if PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
