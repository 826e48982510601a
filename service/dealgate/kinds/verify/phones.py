"""What a phone number is: E.164, extension, region, kind of line."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from dealgate.kinds.verify.texts import cleaned
from dealgate.v1 import verify_pb2 as pb

SEPARATORS = re.compile(r"\s*(?:[;,|/]|\bor\b|\boder\b|\bou\b)\s*")
NO_REGION = "has no country code, and no region was given to dial it in"
SEVERAL = "holds several numbers; give one"
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


def phone_finding(text: str, region: str | None) -> pb.PhoneFinding:
    """Return what the number is, dialled in `region` (ISO 3166-1 alpha-2) if it says no country."""
    bare = cleaned(text)
    try:
        number = phonenumbers.parse(bare, region)
    except NumberParseException as error:
        return pb.PhoneFinding(is_readable=False, problem=_problem(error, bare, region))
    valid = phonenumbers.is_valid_number(number)
    if not valid and _holds_several(bare, region):
        return pb.PhoneFinding(is_readable=False, problem=SEVERAL)
    return _finding(number, valid=valid)


def _finding(number: PhoneNumber, *, valid: bool) -> pb.PhoneFinding:
    finding = pb.PhoneFinding(
        is_readable=True,
        is_possible=phonenumbers.is_possible_number(number),
        is_valid=valid,
        extension=number.extension,
    )
    if not valid:
        finding.problem = "is in no range of numbers that is given out"
        return finding
    finding.e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    finding.type = TYPES.get(phonenumbers.number_type(number), pb.PHONE_TYPE_OTHER)
    region = phonenumbers.region_code_for_number(number)
    if region and region != WORLD:
        finding.region = region
    return finding


def _problem(error: NumberParseException, text: str, region: str | None) -> str:
    if _holds_several(text, region):
        return SEVERAL
    if error.error_type == NumberParseException.INVALID_COUNTRY_CODE and not text.startswith("+"):
        return NO_REGION
    return PROBLEMS[error.error_type]


def _holds_several(text: str, region: str | None) -> bool:
    """Some write 030/123456, which is one number: each part has to be one by itself."""
    parts = SEPARATORS.split(text)
    return len(parts) > 1 and all(_is_possible(part, region) for part in parts)


def _is_possible(text: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(text, region))
    except NumberParseException:
        return False
