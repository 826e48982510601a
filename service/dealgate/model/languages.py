"""Languages as people and systems write them: "de-DE", "DE", "German" and "Deutsch" are "de".

The names are those of CLDR, in English and in the language itself.
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from babel import Locale
from babel.core import get_global

CODE = re.compile("[a-z]{2,3}")
NORWEGIAN = "no"
# Whose own names are known. CLDR holds all, but reading every locale would take seconds.
OF_BUSINESS = (
    "ar bg ca cs da de el en es et fi fr he hi hr hu id it ja ko lt lv ms nb nl no pl pt ro ru sk"
    " sl sr sv th tr uk vi zh"
)


@lru_cache(maxsize=1024)
def language_code(text: str) -> str | None:
    """Return a language's ISO 639-1 code (or 639-2 where there is none); None: it is not one."""
    written = " ".join(text.split()).casefold()
    code = written.replace("_", "-").partition("-")[0]
    code = _aliases().get(code, code)
    if code in _codes():
        return code
    return _english().get(written) or _own().get(written)


def speaks(languages: Iterable[str], wanted: str) -> bool:
    """Tell whether the wanted language is among these, however each is written."""
    code = _spoken(wanted)
    return code in {_spoken(language) for language in languages}


def _spoken(text: str) -> str | None:
    """Two ways of writing Norwegian are one language to those who speak it."""
    code = language_code(text)
    return NORWEGIAN if code in {"nb", "nn"} else code


@cache
def _codes() -> frozenset[str]:
    return frozenset(filter(CODE.fullmatch, map(str, Locale("en").languages)))


@cache
def _english() -> dict[str, str]:
    languages = Locale("en").languages
    return {str(languages[code]).casefold(): code for code in _codes()}


@cache
def _own() -> dict[str, str]:
    """Languages by their own names, read only once somebody writes one: it takes a while."""
    return {str(Locale(code).languages.get(code)).casefold(): code for code in OF_BUSINESS.split()}


@cache
def _aliases() -> dict[str, str]:
    """Former codes and those of three letters: "iw" is "he", "ger" and "deu" are "de"."""
    aliases = get_global("language_aliases").items()
    return {str(code): str(current) for code, current in aliases if current in _codes()}
