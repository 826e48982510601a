"""Dates as Excel rewrites them, reported by name and with the cure."""

import datetime as dt
import re
from collections.abc import Sequence

DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.(\d{4}|\d{2})")
SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})")
YEAR_FIRST = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})")
SERIAL = re.compile(r"[1-9]\d{4}")
EPOCH = dt.date(1899, 12, 30)
HYPHEN = r"[-\u2010\u2011]?"
LOOSE_DATE = re.compile(
    rf"([1-9]\d{{3}}){HYPHEN}(\d{{1,2}}){HYPHEN}(\d{{1,2}})(?:[T ][\d:.]+(?:Z|[+-][\d:]+)?)?",
    re.ASCII,
)
Told = tuple[str, str]


def date_habit(text: str) -> Told | None:
    """Return what is wrong with a date in the order of some country."""
    for pattern, orders in ((DOTTED, ["dmy"]), (SLASHED, ["mdy", "dmy"]), (YEAR_FIRST, ["ymd"])):
        match = pattern.fullmatch(text)
        if match:
            days = _readings(match.groups(), orders)
            hint = f"write {' or '.join(days)}" if days else "write 2026-01-31"
            return f"'{text}' is a date as Excel rewrites it", hint
    return None


def _readings(parts: Sequence[str], orders: Sequence[str]) -> list[str]:
    readings = []
    for order in orders:
        by = {name: int(part) for name, part in zip(order, parts, strict=True)}
        year = by["y"] + (2000 if by["y"] < 100 else 0)
        try:
            readings.append(dt.date(year, by["m"], by["d"]).isoformat())
        except ValueError:
            continue
    return list(dict.fromkeys(readings))


def serial_habit(text: str) -> Told | None:
    """Return what is wrong with a day as Excel counts it."""
    if not SERIAL.fullmatch(text):
        return None
    day = EPOCH + dt.timedelta(days=int(text))
    return f"'{text}' is how Excel counts days", f"write {day.isoformat()}"


def looks_like_a_date(text: str) -> Told | None:
    """Return what is wrong with a number that became a date."""
    if DOTTED.fullmatch(text) or SLASHED.fullmatch(text):
        return f"Excel took this number for a date: '{text}'", "write the number again"
    return None


def written_date(text: str) -> Told | None:
    """Return what is wrong with a date that is written otherwise."""
    match = LOOSE_DATE.fullmatch(text)
    days = _readings(match.groups(), ["ymd"]) if match else []
    return (f"'{text}' is not how a date is written here", f"write {days[0]}") if days else None
