"""Which country is meant, however it is written."""

from collections.abc import Mapping
from functools import cache

from babel import Locale
from babel.core import get_global
from rapidfuzz import process

from dealgate.kinds.verify.texts import cleaned
from dealgate.model.leads import COUNTRIES
from dealgate.v1 import verify_pb2 as pb

# Whose names for countries are understood.
LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "nb", "fi", "cs", "ja")
LIKE_ENOUGH = 85


def country_finding(text: str, names: Mapping[str, str]) -> pb.CountryFinding:
    """Return the country of this name or code; `names`, in lower case, go before CLDR's.

    A name that is only similar is a suggestion: Niger is not Nigeria.
    """
    code = country_code(text, names)
    if code:
        return pb.CountryFinding(code=code, source=pb.VALUE_SOURCE_CUSTOMER)
    known = _names()
    likely = process.extractOne(cleaned(text).casefold(), known.keys(), score_cutoff=LIKE_ENOUGH)
    return pb.CountryFinding(suggestion=None if likely is None else known[likely[0]])


def country_code(text: str, names: Mapping[str, str]) -> str:
    """Return the ISO 3166-1 alpha-2 code; "" if it is no country's name or code."""
    bare = cleaned(text)
    plain = bare.casefold().removeprefix("the ")
    named = names.get(plain) or _names().get(plain)
    return named or _of_code(bare.upper().replace(".", ""))


def _of_code(code: str) -> str:
    if code in COUNTRIES:
        return code
    # CLDR's aliases hold alpha-3 and numeric codes, and codes that were withdrawn.
    aliases: Mapping[str, list[str]] = get_global("territory_aliases")
    meant = aliases.get(code, [])
    return meant[0] if len(meant) == 1 and meant[0] in COUNTRIES else ""


@cache
def _names() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in COUNTRIES:
                found.setdefault(name.casefold(), code)
    return found
