"""What stands for one value in a cell, typed by the cell's column, as CEL writes it.

A value comes with a key that orders it, so that an empty range can be detected; None: it has none.
"""

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from dealgate.model.money import exponent
from dealgate.rulebook.faults import did_you_mean
from dealgate.rulebook.habits import GROUPED, habit, in_quotes
from dealgate.rulebook.instants import nanoseconds
from dealgate.rulebook.literals import read_date, read_decimal, read_money

WHOLE = re.compile(r"-?(0|[1-9]\d{0,19})", re.ASCII)
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?", re.ASCII)
# A whole number with separators, as half of Europe writes it, or one with three zeros to spare.
ROUND = re.compile(r"-?[1-9]\d{0,2}(\.000)+", re.ASCII)
SPAN = re.compile(r"(-?)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", re.ASCII)
SECONDS = (86_400, 3_600, 60, 1)
BARE = re.compile(r"[^\W\d_][\w &./+*#@'-]*")
TRUTHS = ("true", "false")
THOUSANDTHS = 3
RANGES = {"int": (-(2**63), 2**63 - 1), "uint": (0, 2**64 - 1)}
MONEY, DATE, DECIMAL = "google.type.Money", "google.type.Date", "google.type.Decimal"


class Value(NamedTuple):
    """CEL text, and a key that orders it among values of its type."""

    cel: str
    key: Any = None


class CellFault(Exception):
    """What is wrong with a cell at `offset` (code points from its start), and the cure."""

    def __init__(self, offset: int, message: str, hint: str = "") -> None:
        """All three are for the author."""
        super().__init__(message)
        self.offset = offset
        self.message = message
        self.hint = hint


def value_of(text: str, type_: str, enum: Mapping[str, str], *, quoted: bool, at: int) -> Value:
    """Return what `text` stands for in a column of `type_`; raises CellFault, at `at`.

    `enum` maps the names of an enum column's constants, short and long, to the long ones.
    """
    if enum:
        return _constant(text, enum, at)
    if quoted and type_ != "string":
        hint = "delete the quotes: only text is quoted"
        raise CellFault(at, f"this column holds {NAMES[type_]}, not text", hint)
    value = (Value(json.dumps(text, ensure_ascii=False), text)) if quoted else READERS[type_](text)
    if value is not None:
        return value
    message, hint = habit(text, type_) or _wrong(text, type_)
    raise CellFault(at, message, hint)


def _wrong(text: str, type_: str) -> tuple[str, str]:
    hint = in_quotes(text) if type_ == "string" else EXAMPLES[type_]
    return f"'{text}' is not {NAMES[type_]}", hint


def _constant(text: str, enum: Mapping[str, str], at: int) -> Value:
    if text in enum:
        return Value(enum[text])
    short = sorted(enum, key=len)[: max(1, len(enum) // 2)]
    hint = did_you_mean(text, short) or f"known: {', '.join(sorted(short)[:8])}, …"
    raise CellFault(at, f"'{text}' is not one of this column's constants", hint)


def _whole(type_: str, suffix: str) -> Callable[[str], Value | None]:
    low, high = RANGES[type_]

    def read(text: str) -> Value | None:
        fits = WHOLE.fullmatch(text) and low <= int(text) <= high
        return Value(f"{int(text)}{suffix}", int(text)) if fits else None

    return read


def _double(text: str) -> Value | None:
    if not NUMBER.fullmatch(text) or ROUND.fullmatch(text):
        return None
    return Value(text if "." in text else f"{text}.0", Decimal(text))


def _text(text: str) -> Value | None:
    bare = BARE.fullmatch(text) and text.lower() not in TRUTHS
    return Value(json.dumps(text, ensure_ascii=False), text) if bare else None


def _truth(text: str) -> Value | None:
    # Excel writes them in capitals whatever was typed.
    return Value(text.lower()) if text.lower() in TRUTHS else None


def _instant(text: str) -> Value | None:
    instant = nanoseconds(text)
    return None if instant is None else Value(f'timestamp("{text}")', instant)


def _duration(text: str) -> Value | None:
    match = SPAN.fullmatch(text)
    if match is None or not any(match.groups()[1:]):
        return None
    pairs = zip(match.groups()[1:], SECONDS, strict=True)
    seconds = sum(int(number or 0) * unit for number, unit in pairs)
    signed = -seconds if match[1] else seconds
    return Value(f'duration("{signed}s")', signed)


def _money(text: str) -> Value | None:
    if read_money(text) is None:
        return None
    currency, amount = text.split(" ")
    if GROUPED.fullmatch(amount) and exponent(currency) != THOUSANDTHS:
        return None  # EUR 1.000 is a thousand to whoever writes it
    return Value(f'money("{currency}", "{amount}")', (currency, Decimal(amount)))


def _date(text: str) -> Value | None:
    return (
        None if read_date(text) is None else Value(f'date("{text}")', dt.date.fromisoformat(text))
    )


def _decimal(text: str) -> Value | None:
    if read_decimal(text) is None or ROUND.fullmatch(text):
        return None
    return Value(f'decimal("{text}")', Decimal(text))


READERS: Mapping[str, Callable[[str], Value | None]] = {
    "int": _whole("int", ""),
    "uint": _whole("uint", "u"),
    "double": _double,
    "string": _text,
    "bool": _truth,
    "timestamp": _instant,
    "duration": _duration,
    MONEY: _money,
    DATE: _date,
    DECIMAL: _decimal,
}
NAMES = {
    "int": "a whole number",
    "uint": "a whole number from 0 on",
    "double": "a number",
    "string": "text",
    "bool": "true or false",
    "timestamp": "an instant",
    "duration": "a length of time",
    MONEY: "an amount of money",
    DATE: "a date",
    DECIMAL: "a decimal number",
}
EXAMPLES = {
    "int": "write for example 250, >= 250 or [50..250)",
    "uint": "write for example 250, >= 250 or [50..250)",
    "double": "write for example 0.5, >= 0.5 or [0.5..1)",
    "bool": "write true or false",
    "timestamp": "write it in UTC: 2026-01-31T12:00:00Z",
    "duration": "write days, hours, minutes and seconds: 30d, 1h30m",
    MONEY: "write the currency, a blank and the amount: EUR 1000.50",
    DATE: "write 2026-01-31",
    DECIMAL: "write for example 0.2",
}
