"""Which country is meant, however it is written.

A name is compared by its words: without case, accents, signs, their order and words such as "the"
and "of". So "Korea, Republic of" is "Republic of Korea". Similar letters decide nothing: Niger is
not Nigeria.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache

from babel.core import get_global
from rapidfuzz.distance import OSA

from dealgate.kinds.verify import lists
from dealgate.kinds.verify.terms import VerifyParameters
from dealgate.kinds.verify.texts import cleaned
from dealgate.model.leads import COUNTRIES
from dealgate.v1 import verify_pb2 as pb

WORDS = re.compile(r"[^\s\-\u2013\u2014,;:()/\"'\u2019.]+")
SMALL = frozenset({"the", "of", "and", "de", "la", "le", "les", "del", "el"})
# As people shorten them in names of countries.
SHORT = {
    "st": "saint",
    "ste": "saint",
    "rep": "republic",
    "dem": "democratic",
    "fed": "federated",
    "is": "islands",
    "isl": "islands",
    "gt": "great",
}
# A letter is wrong in a name of five, two in one of ten: less is another word.
LETTERS_EACH = 5
LONG = 6
# What people write behind the name of a territory, by ISO 3166-1.
BELONGS_TO = {
    **dict.fromkeys(("HK", "MO", "TW"), "CN"),
    **dict.fromkeys(("AS", "GU", "MP", "PR", "VI"), "US"),
    **dict.fromkeys(("AW", "BQ", "CW", "SX"), "NL"),
    **dict.fromkeys(("FO", "GL"), "DK"),
    **dict.fromkeys(("AI", "BM", "FK", "GG", "GI", "IM", "JE", "KY", "MS", "SH", "TC", "VG"), "GB"),
    **dict.fromkeys(("BL", "GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "WF", "YT"), "FR"),
    **dict.fromkeys(("CK", "NU", "TK"), "NZ"),
    **dict.fromkeys(("CC", "CX", "NF"), "AU"),
    "AX": "FI",
    "SJ": "NO",
}
BRACKETS = re.compile(r"\s*[(,/]\s*|\s*\)\s*$")


def country_finding(text: str, parameters: VerifyParameters) -> pb.CountryFinding:
    """Return the country of this name or code, or a suggestion if it is only misspelt."""
    code = country_code(text, parameters)
    if code:
        return pb.CountryFinding(code=code, source=pb.VALUE_SOURCE_CUSTOMER)
    return pb.CountryFinding(typed=cleaned(text), suggestion=_suggestion(text) or None)


def country_code(text: str, parameters: VerifyParameters) -> str:
    """Return the ISO 3166-1 alpha-2 code; "" if it is not a country's name or code.

    The rule set's own names go before those of the lists. "Hong Kong, China" is Hong Kong: the
    second is what the first belongs to. "Germany/Austria" is not a country.
    """
    bare = cleaned(text)
    if not bare:
        return ""
    found = _named(bare, parameters) or _of_code(bare.upper().replace(".", ""))
    if found:
        return found
    parts = [part for part in BRACKETS.split(bare) if part]
    first, *others = [_named(part, parameters) for part in parts] or [""]
    meant = all(other and other in {first, BELONGS_TO.get(first)} for other in others)
    return first if others and meant else ""


def _named(text: str, parameters: VerifyParameters) -> str:
    plain = text.casefold()
    own = parameters.country_names.get(plain) or parameters.country_names.get(
        plain.removeprefix("the ")
    )
    key = name_key(text)
    return own or _own(parameters).get(key) or _names().get(key, "")


@lru_cache(4096)
def name_key(text: str) -> str:
    """Return a name's words, each once, in an order of their own."""
    spelt = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss").replace("&", " and "))
    latin = "".join(one for one in spelt if not "\u0300" <= one <= "\u036f")
    joined = re.sub(r"(?<=\w)['\u2019\u02bc`.](?=\w)|\.", "", latin)
    words = {SHORT.get(word, word) for word in WORDS.findall(joined)}
    return " ".join(sorted(words - SMALL or words))


def _of_code(code: str) -> str:
    if code in COUNTRIES:
        return code
    # CLDR's aliases hold alpha-3 and numeric codes, and codes that were withdrawn.
    aliases: Mapping[str, list[str]] = get_global("territory_aliases")
    meant = aliases.get(code, [])
    return meant[0] if len(meant) == 1 and meant[0] in COUNTRIES else ""


def _suggestion(text: str) -> str:
    """Return the country whose name has as many words and nearly these letters.

    None if another's is nearly as like: "Zambja" may be Gambia.
    """
    key = name_key(text)
    if len(key) < LONG:
        return ""
    most = len(key) // LETTERS_EACH
    near: dict[str, int] = {}
    for name, code in _names().items():
        if abs(len(name) - len(key)) <= most + 1 and name.count(" ") == key.count(" "):
            distance = OSA.distance(key, name, score_cutoff=most + 1)
            near[code] = min(distance, near.get(code, distance))
    likely = {code for code, distance in near.items() if distance <= most + 1}
    return likely.pop() if len(likely) == 1 and min(near.values()) <= most else ""


@lru_cache(16)
def _own_names(names: frozenset[tuple[str, str]]) -> Mapping[str, str]:
    return {name_key(name): code for name, code in names}


def _own(parameters: VerifyParameters) -> Mapping[str, str]:
    """Return the rule set's own names by key."""
    return _own_names(parameters.own_countries)


@cache
def _names() -> Mapping[str, str]:
    """Return the country of every name in the lists; of two, the one whose name is commoner."""
    found: dict[str, tuple[int, str]] = {}
    for code, names in lists.country_names().items():
        if code in COUNTRIES:
            for rank, name in enumerate(names):
                key = name_key(name)
                found[key] = min(found.get(key, (rank, code)), (rank, code))
    return {key: code for key, (_, code) in found.items()}
