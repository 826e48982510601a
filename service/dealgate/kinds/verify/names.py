"""People's names: their parts, in the forms that one name is written in.

Umlauts are written as ü, ue and u; names come in either order, with titles, with middle names or
their initials.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from dealgate.kinds.verify.texts import cleaned

Forms: TypeAlias = frozenset[str]

ADDRESS = frozenset(
    {
        *("dr", "prof", "professor", "mr", "mrs", "ms", "miss", "mx", "herr", "frau", "fräulein"),
        *("mme", "mlle", "madame", "monsieur", "sig", "sigra", "signor", "signora", "dott"),
        *("dottssa", "ing", "dipl", "mag", "sra", "srta", "don", "doña", "dhr", "mevr", "mw"),
        *("sir", "dame", "rev"),
    }
)
# Behind a name; "sr" before one is señor.
DEGREES = frozenset(
    {
        *("phd", "md", "mba", "msc", "bsc", "ma", "ba", "esq", "cpa", "llm", "jd", "dds"),
        *("pmp", "cfa"),
    }
)
GENERATIONS: Mapping[str, str] = {
    **dict.fromkeys(("jr", "junior", "jun", "jnr", "fils", "filho", "hijo"), "jr"),
    **dict.fromkeys(("sr", "senior", "sen", "snr", "père", "padre"), "sr"),
    **dict.fromkeys(("ii", "2nd"), "ii"),
    **dict.fromkeys(("iii", "3rd"), "iii"),
    **dict.fromkeys(("iv", "4th"), "iv"),
}
# Letters that do not come apart into one of Latin's 26 and a mark.
PLAIN = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "\u0131": "i"}
)
GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
SOUNDS = (
    *(("ph", "f"), ("ck", "k"), ("th", "t"), ("c", "k"), ("z", "s"), ("y", "i"), ("w", "v")),
    *(("ie", "i"), ("j", "i")),
)
DOUBLED = re.compile(r"([^aeiou])\1+")
SILENT = re.compile(r"(?<=[^aeiou])h|h$|(?<=o)h(?=n)")
SPLIT = re.compile("[\\s\\-\u2010\u2013'\u2019`,]+")
INITIALS = re.compile(r"(?:[^\W\d_]\.){2,}")


@dataclass(frozen=True, slots=True)
class PersonName:
    """Given and family names, in order, each in all its forms; such as "jr" is the generation."""

    given: tuple[Forms, ...] = ()
    family: tuple[Forms, ...] = ()
    generation: str = ""

    @property
    def words(self) -> tuple[Forms, ...]:
        """All of it."""
        return self.given + self.family


def person_name(first: str, last: str) -> PersonName:
    """Take a name apart, as two fields hold it or one alone: "Smith, John", "Dr. J. Smith Jr."."""
    if not first and "," in last:
        before, _, behind = last.partition(",")
        if not GENERATIONS.keys() & set(_words(behind)):
            first, last = behind, before
    given, _ = _stripped(_words(first))
    names, generation = _stripped(_words(last))
    if len(given) > 1 and len(names) == 1 and names[0] in GENERATIONS:
        given, names, generation = given[:-1], given[-1:], GENERATIONS[names[0]]
    if not given and len(names) > 1:
        given, names = names[:-1], names[-1:]
    return PersonName(tuple(map(forms_of, given)), tuple(map(forms_of, names)), generation)


@lru_cache(8192)
def forms_of(word: str) -> Forms:
    """Return what a word in lower case may be written as: müller, mueller, muller."""
    return frozenset({bare(word), bare(word.translate(GERMAN))})


def is_initial(forms: Forms) -> bool:
    """Tell whether a name is a single letter."""
    return all(len(form) == 1 and form.isascii() for form in forms)


@lru_cache(8192)
def sound(word: str) -> str:
    """Return what is left of a name where spelling differs and sound does not.

    Its last vowel stays, for Mario and Maria are two; so do doubled vowels, for René and Renée.
    """
    spelt = word
    for written, spoken in SOUNDS:
        spelt = spelt.replace(written, spoken)
    return DOUBLED.sub(r"\1", SILENT.sub("", spelt))


def bare(word: str) -> str:
    """Return a word in Latin's 26 letters, without accents."""
    letters = unicodedata.normalize("NFKD", word.translate(PLAIN))
    return "".join(letter for letter in letters if not "\u0300" <= letter <= "\u036f")


def _words(text: str) -> list[str]:
    spaced = INITIALS.sub(lambda match: match[0].replace(".", " "), cleaned(text).casefold())
    # An accent without a letter, as a broken copy leaves it, is not a word.
    return [word for word in SPLIT.split(spaced.replace(".", " ")) if bare(word)]


def _stripped(words: list[str]) -> tuple[list[str], str]:
    """Return a name's words without titles and degrees, and the generation behind it."""
    while len(words) > 1 and words[0] in ADDRESS | {"sr"}:
        words = words[1:]
    generation = _generation(words)
    while len(words) > 1 and words[-1] in DEGREES | GENERATIONS.keys():
        words = words[:-1]
    return words, generation


def _generation(words: Sequence[str]) -> str:
    behind = [GENERATIONS[word] for word in words[-2:] if word in GENERATIONS]
    alone = len(words) == 1 and len(behind) == 1
    return behind[-1] if behind and not alone else ""
