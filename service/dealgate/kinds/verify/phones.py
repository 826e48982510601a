"""What a phone number is: E.164, extension, region, kind of line.

People write words beside numbers: (mobile), Zentrale, ask for Ann, Durchwahl 12. Words are cut off
and reported; they do not make a number invalid. Letters are read as keys (1-800-FLOWERS) only where
the number fits no other way and the whole is one that is given out.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

import phonenumbers
from phonenumbers import (
    Leniency,
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberMatcher,
    PhoneNumberType,
)

from dealgate.kinds.verify.texts import cleaned
from dealgate.v1 import verify_pb2 as pb

SEPARATORS = re.compile(r"\s*(?:[;,|/]|\b(?:or|oder|ou|o|and|und|et|y)\b)\s*")
APART = re.compile(r"\s+[/|]\s+|\s*;\s*")
LETTERS = re.compile(r"[^\W\d_]")
# A word, with the brackets and the digits that belong to it: (after 5pm).
NOTES = re.compile(r"[(\[][^()\[\]]*[^\W\d_][^()\[\]]*[)\]]")
WORDS = re.compile(r"[(\[]?[^\W\d_][^\W\d_.'\u2019:]*[.:)\]]*")
EMPTY_BRACKETS = re.compile(r"[(\[]\W*[)\]]")
URI = re.compile(
    r"tel:([^;]+)(?:;ext=(\d{1,8}))?(?:;[^;]*)*|([+\d][^;]*);ext=(\d{1,8})", re.IGNORECASE
)
FLOAT = re.compile(r"^'?(\+?\d{7,15})\.0$")
BESIDE = " ,;:/.-\u2013\u2014"
UNCLEAR = "holds words that leave no number"
NO_REGION = "has no country code, and no region was given to dial it in"
SEVERAL = "holds several numbers; give one"
NO_RANGE = "is in no range of numbers that is given out"
PROBLEMS = {
    NumberParseException.INVALID_COUNTRY_CODE: "begins with a country code that nobody has",
    NumberParseException.NOT_A_NUMBER: "is not a phone number",
    NumberParseException.TOO_SHORT_AFTER_IDD: "is too short",
    NumberParseException.TOO_SHORT_NSN: "is too short",
    NumberParseException.TOO_LONG: "is too long",
}
TYPES = {
    PhoneNumberType.FIXED_LINE: pb.PHONE_TYPE_FIXED_LINE,
    PhoneNumberType.MOBILE: pb.PHONE_TYPE_MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: pb.PHONE_TYPE_FIXED_LINE_OR_MOBILE,
    PhoneNumberType.TOLL_FREE: pb.PHONE_TYPE_TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE: pb.PHONE_TYPE_PREMIUM_RATE,
    PhoneNumberType.VOIP: pb.PHONE_TYPE_VOIP,
}
# Numbers of no country, such as +800, are in region 001.
WORLD = "001"


@dataclass(frozen=True, slots=True)
class _Written:
    """What is written: the number's characters, an extension, words beside them."""

    number: str
    extension: str = ""
    note: str = ""


def phone_finding(text: str, region: str | None, words: Iterable[str]) -> pb.PhoneFinding:
    """Return what the number is, dialled in `region` (ISO 3166-1 alpha-2) if it says no country.

    `words` stand before an extension.
    """
    return pb.PhoneFinding.FromString(_read_number(cleaned(text), region, frozenset(words)))


@lru_cache(1024)
def _read_number(text: str, region: str | None, words: frozenset[str]) -> bytes:
    """Return the finding's bytes: one number is asked about several times in a question."""
    written = _split_extension(text, words)
    if LETTERS.search(written.number):
        return _with_words(written, region).SerializeToString()
    return _dialled(written, region).SerializeToString()


def _with_words(written: _Written, region: str | None) -> pb.PhoneFinding:
    """Without its words it is a number, or holds one that is valid; or its letters are keys."""
    bare = _without_words(written)
    numbers = {match.number.national_number: match for match in _matches(bare.number, region)}
    if len(numbers) > 1:
        return pb.PhoneFinding(is_readable=False, problem=SEVERAL, note=bare.note)
    finding = _of_one_piece(written, bare, region) or _dialled(bare, region)
    if finding.is_valid:
        return finding
    keyed = _dialled(replace(written, number=NOTES.sub(" ", written.number).strip(BESIDE)), region)
    if keyed.is_valid:
        return keyed
    within = {match.number.national_number: match for match in _matches(written.number, region)}
    if len(within) == 1:
        (match,) = within.values()
        rest = f"{written.number[: match.start]} {written.number[match.end :]}"
        return _dialled(replace(bare, number=match.raw_string, note=_note(rest)), region)
    if finding.is_possible:
        return finding
    return pb.PhoneFinding(is_readable=False, problem=finding.problem or UNCLEAR, note=bare.note)


def _of_one_piece(written: _Written, bare: _Written, region: str | None) -> pb.PhoneFinding | None:
    """Of digits on both sides of a word, one side may be the number: 030 123-0 / Fax -9."""
    pieces = [piece.strip(BESIDE) for piece in WORDS.split(NOTES.sub(" ", written.number))]
    dialled = [_dialled(replace(bare, number=piece), region) for piece in pieces if piece]
    valid = [finding for finding in dialled if finding.is_valid]
    return valid[0] if len(dialled) > 1 and len(valid) == 1 else None


def _dialled(written: _Written, region: str | None) -> pb.PhoneFinding:
    bare = written.number
    if _goes_on(bare, region):
        return pb.PhoneFinding(is_readable=False, problem=SEVERAL, note=written.note or None)
    try:
        number = _parsed(bare, region)
    except NumberParseException as error:
        problem = _problem(error, bare, region)
        return pb.PhoneFinding(is_readable=False, problem=problem, note=written.note or None)
    valid = phonenumbers.is_valid_number(number)
    if not valid and _holds_several(bare, region):
        return pb.PhoneFinding(is_readable=False, problem=SEVERAL, note=written.note or None)
    return _finding(number, written, valid=valid)


def _parsed(text: str, region: str | None) -> PhoneNumber:
    """Read a number; 4917… in Germany is +4917…, where numbers at home begin with a 0."""
    number = phonenumbers.parse(text, region)
    digits = re.sub(r"\D", "", text)
    if region is None or text.lstrip().startswith("+") or not digits.startswith(_code(region)):
        return number
    if _trunk_prefix(region) != "0":
        return number
    try:
        abroad = phonenumbers.parse(f"+{digits}", None)
    except NumberParseException:
        return number
    return abroad if phonenumbers.is_valid_number(abroad) else number


def _finding(number: PhoneNumber, written: _Written, *, valid: bool) -> pb.PhoneFinding:
    finding = pb.PhoneFinding(
        is_readable=True,
        is_possible=phonenumbers.is_possible_number(number),
        is_valid=valid,
        extension=written.extension or number.extension,
        note=written.note or None,
    )
    if not valid:
        finding.problem = NO_RANGE
        return finding
    finding.e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    finding.type = TYPES.get(phonenumbers.number_type(number), pb.PHONE_TYPE_OTHER)
    region = phonenumbers.region_code_for_number(number)
    if region and region != WORLD:
        finding.region = region
    return finding


@lru_cache(64)
def _extension(words: frozenset[str]) -> re.Pattern[str]:
    named = "|".join(re.escape(word) for word in sorted(words, key=lambda item: (-len(item), item)))
    return re.compile(rf"(?:^|[\s,;(/.\d-])(?:({named})[.:\s-]*)(\d{{1,8}})\)?\s*$", re.IGNORECASE)


def _split_extension(text: str, words: frozenset[str]) -> _Written:
    # As RFC 3966 writes it, and as a spreadsheet does that took it for an amount.
    if uri := URI.fullmatch(text):
        return _Written(uri[1] or uri[3], extension=uri[2] or uri[4] or "")
    text = FLOAT.sub(r"\1", text)
    match = _extension(words).search(text) if words else None
    if match is None:
        return _Written(text)
    return _Written(text[: match.start(1)].rstrip(" ,;(/.-"), extension=match[2])


def _without_words(written: _Written) -> _Written:
    held = [*NOTES.findall(written.number)]
    left = NOTES.sub(" ", written.number)
    held += WORDS.findall(left)
    number = EMPTY_BRACKETS.sub(" ", WORDS.sub(" ", left)).strip(BESIDE)
    return replace(written, number=number, note=" ".join(held))


def _note(text: str) -> str:
    return " ".join(text.split())


def _matches(text: str, region: str | None) -> list[phonenumbers.PhoneNumberMatch]:
    return [*PhoneNumberMatcher(text, region or "ZZ", leniency=Leniency.VALID)]


def _code(region: str) -> str:
    return str(phonenumbers.country_code_for_region(region))


def _trunk_prefix(region: str) -> str:
    return phonenumbers.ndd_prefix_for_region(region, strip_non_digits=True) or ""


def _problem(error: NumberParseException, text: str, region: str | None) -> str:
    if _holds_several(text, region):
        return SEVERAL
    if error.error_type == NumberParseException.INVALID_COUNTRY_CODE and not text.startswith("+"):
        return NO_REGION
    return PROBLEMS[error.error_type]


def _holds_several(text: str, region: str | None) -> bool:
    """Some write 030/123456, which is one number: each part has to be one by itself.

    Or the first, and the others are short for what differs: +1 212 736 5000 / 5001.
    """
    first, *others = SEPARATORS.split(text)
    if not others:
        return False
    return all(_is_possible(part, region) for part in (first, *others)) or bool(
        all(part.isdigit() for part in others) and _is_given_out(first, region)
    )


def _goes_on(text: str, region: str | None) -> bool:
    """Of 030 12345678 / 79 the first is whole, and the rest is how another one ends.

    Where numbers may have any length, both together would be one that nobody has.
    """
    first, *others = APART.split(text)
    return bool(others) and all(map(str.isdigit, others)) and _is_given_out(first, region)


def _is_given_out(text: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, region))
    except NumberParseException:
        return False


def _is_possible(text: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(text, region))
    except NumberParseException:
        return False
