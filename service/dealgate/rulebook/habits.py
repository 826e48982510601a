"""What Excel makes of cells on its own, reported by name and with the cure.

It rewrites dates and decimals as the country it is set to has them, shortens long numbers, drops
the zeros that a postcode begins with, and bends quotes.
"""

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal

from dealgate.model.money import exponent
from dealgate.rulebook.habit_dates import (
    Told,
    date_habit,
    looks_like_a_date,
    serial_habit,
    written_date,
)

EXPONENT = re.compile(r"-?\d+([.,]\d+)?[eE][+-]?\d+")
# With commas they never come here: in a cell, a comma separates values.
GROUPED = re.compile(r"-?[1-9]\d{0,2}([.' \u00a0\u202f])\d{3}(\1\d{3})*")
ERRORS = re.compile(r"#(REF!|NAME\?|VALUE!|DIV/0!|N/A|NUM!|NULL!|SPILL!|CALC!)")
DIGITS = re.compile(r"\d+")
CURLY = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u00ab\u00bb"
CODES = {"\u20ac": "EUR", "\u00a3": "GBP", "$": "USD", "US$": "USD", "USD$": "USD", "\u00a5": "JPY"}
THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
CURRENCY = re.compile(
    r"(?P<minus>-?) ?(?:(?P<before>[A-Za-z]{3}|\u20ac|\u00a3|\u00a5|(?:USD?)?\$)\s*)?"
    r"(?P<amount>(?:\d[\d.' ]*)?(?:\.?\d)(?:\.)?)\s*(?P<after>[A-Za-z]{3}|\u20ac|\u00a3|\u00a5|\$)?"
)
SIGNS = {"≥": ">=", "≤": "<=", "≠": "!=", "…": ".."} | dict.fromkeys("\u2013\u2014\u2212", "-")
# Letters, digits and signs as wide as an ideograph, which compare with none of ours.
WIDE = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
NUMBERS = ("int", "uint", "double", "google.type.Decimal", "google.type.Money")
TIMES = ("google.type.Date", "timestamp")
TURNED = {"=<": "<=", "=>": ">=", "<>": "!="}


def habit(text: str, type_: str) -> Told | None:
    """Return what happened to `text`, in a column of `type_`, and the cure; None: no idea."""
    finders: list[Callable[[str], Told | None]] = [anywhere]
    if type_ in TIMES:
        finders += [date_habit, serial_habit, _clock]
    if type_ == "google.type.Date":
        finders += [written_date]
    if type_ in NUMBERS:
        finders += [
            _shortened,
            _too_large,
            _percent,
            _exponent,
            _separated,
            looks_like_a_date,
            _dashed,
        ]
    if type_ == "google.type.Money":
        finders += [_no_currency, _currency]
    if type_ == "string":
        finders += [_digits, _truth]
    return next((told for find in finders if (told := find(text))), None)


def spoilt(text: str) -> Told | None:
    """Return what Excel left in place of a value, in a cell of any column."""
    if re.fullmatch("#{3,}", text):
        return "the column was too narrow for this value", "widen it in Excel, and save again"
    if ERRORS.fullmatch(text):
        return "a formula failed here", "write the value itself"
    if text.startswith(tuple(TURNED)):
        return f"the sign {text[:2]} is not used here", f"write {TURNED[text[:2]]}"
    if text.startswith("="):
        return "a cell that begins with = is a formula to Excel", "write the value without ="
    return None


def anywhere(text: str) -> Told | None:
    """Return what spoils a condition on facts of any type."""
    bent = [letter for letter in text if letter in CURLY]
    if bent:
        return f"the quote {bent[0]} is not a straight one", 'write straight quotes: "DE"'
    odd = [letter for letter in text if letter in SIGNS]
    if odd:
        return f"the sign {odd[0]} is not used here", f"write {SIGNS[odd[0]]}"
    return spoilt(text)


def unseen(text: str) -> tuple[int, str, str] | None:
    """Return where a text holds what nobody sees, which is then compared; None if nowhere."""
    for position, sign in enumerate(text):
        category = unicodedata.category(sign)
        if category == "Cf" or (category == "Zs" and sign != " "):
            name = unicodedata.name(sign, "a sign without a name").lower()
            hint = "type an ordinary space" if category == "Zs" else "delete it"
            return position, f"this is U+{ord(sign):04X} {name}", hint
        if sign in WIDE:
            name = unicodedata.name(sign).lower()
            return position, f"this is U+{ord(sign):04X} {name}", f"type {WIDE[sign]}"
    composed = unicodedata.normalize("NFC", text)
    if composed != text:
        position = next(
            i for i, pair in enumerate(zip(text, composed, strict=False)) if len({*pair}) > 1
        )
        return (
            position,
            f"'{composed[position]}' is written as two signs",
            f"retype it: {composed}",
        )
    return None


def _percent(text: str) -> Told | None:
    match = re.fullmatch(r"(-?\d+(?:\.\d+)?) ?%", text)
    if match is None:
        return None
    return (
        f"'{text}' is a percentage",
        f"write {Decimal(match[1]) / 100:f}, or {match[1]} if the fact is in percent",
    )


def _exponent(text: str) -> Told | None:
    if not EXPONENT.fullmatch(text):
        return None
    number = Decimal(text.replace(",", "."))
    return f"Excel shortened this number to '{text}'", f"write it out: {number:f}"


def _separated(text: str) -> Told | None:
    amount = re.sub(r"^[A-Z]{3} ", "", text)
    match = GROUPED.fullmatch(amount)
    if match is None:
        return None
    plain = amount.replace(match[1], "")
    return f"'{text}' has separators between thousands", f"write {text[: -len(amount)]}{plain}"


def _no_currency(text: str) -> Told | None:
    bare = re.fullmatch(r"-?\d+(\.\d+)?", text)
    return (f"'{text}' is an amount of no currency", f"write EUR {text}") if bare else None


def _currency(text: str) -> Told | None:
    """The code after the amount, without a blank, in small letters, or as a sign."""
    match = CURRENCY.fullmatch(text)
    written = match and (match["before"] or match["after"])
    if not match or not written:
        return None
    code = CODES.get(written, written.upper())
    minus = "-" if match["minus"] else ""
    amount = match["amount"]
    amount = f"0{amount}" if amount.startswith(".") else amount.rstrip(".")
    amount = re.sub(r"(?<=\d)[' ](?=\d{3})", "", amount)
    if THOUSANDS.fullmatch(amount):  # as it would be told of once the code stands before it
        amount = amount.replace(".", "")
    if exponent(code) is None:
        return None
    return f"'{text}' is not how an amount is written here", f"write {code} {minus}{amount}"


def _shortened(text: str) -> Told | None:
    match = re.fullmatch(r"((?:[A-Z]{3} )?-?)(\d+(?:\.\d+)?) ?([kKmM])", text)
    if match is None:
        return None
    number = Decimal(match[2]) * (1000 if match[3] in "kK" else 1_000_000)
    return f"'{text}' is a shortened number", f"write {match[1]}{number:f}"


def _too_large(text: str) -> Told | None:
    if not re.fullmatch(r"(?:[A-Z]{3} )?-?\d{19,}", text):
        return None
    return f"'{text}' does not fit into 64 bits", "write a smaller number"


def _clock(text: str) -> Told | None:
    if text.lower() not in {"today", "now", "as_of", "date(as_of)", "yesterday", "tomorrow"}:
        return None
    hint = "count days in the header: days_between(lead.day, as_of)"
    return f"'{text}' is another day tomorrow, and a cell stays as it is", hint


def _digits(text: str) -> Told | None:
    if not DIGITS.fullmatch(text):
        return None
    message = f"this column holds text, and Excel drops the zeros that '{text}' may have begun with"
    return message, in_quotes(text)


def _truth(text: str) -> Told | None:
    if text.lower() not in {"true", "false"}:
        return None
    return f"this column holds text, and '{text}' is not text to Excel", in_quotes(text)


def in_quotes(text: str) -> str:
    """Return how a text is put in quotes, by typing into Excel or into the file."""
    return f'put it in quotes: "{text}"; in a text editor, the cell reads """{text}"""'


def _dashed(text: str) -> Told | None:
    ends = re.fullmatch(r"(\d+(?:\.\d+)?) ?- ?(\d+(?:\.\d+)?)", text)
    if ends is None:
        return None
    hint = f"write [{ends[1]}..{ends[2]}], with a round bracket at an end that is left out"
    return "a range is written in brackets", hint
