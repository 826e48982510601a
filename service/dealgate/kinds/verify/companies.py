"""Companies' names: what is left of them without legal forms, and how alike two are."""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

from rapidfuzz.fuzz import token_set_ratio

from dealgate.kinds.verify.texts import cleaned
from dealgate.model.points import millionths

SIGNS = re.compile(r"[^\w\s]")
# What joins a name and its legal form: GmbH & Co. KG.
JOINS = frozenset({"and", "und", "et", "y", "e"})


@lru_cache(4096)
def company_core(name: str, legal_forms: frozenset[str]) -> str:
    """Return a company's name without signs and legal forms, in lower case and without accents.

    "Foo S.A. de C.V." is "foo", and so is "The Foo Company". A name that is nothing but such
    words stays as it is.
    """
    words = _words(name)
    core = _without_forms(words, _forms(legal_forms))
    return " ".join(core or words)


def company_similarity(text: str, other: str) -> Decimal | None:
    """Return the token-set similarity of two cores of names; None if either is not known."""
    if not text or not other:
        return None
    return millionths(Decimal(token_set_ratio(text, other)) / 100)


@lru_cache(4096)
def _words(name: str) -> tuple[str, ...]:
    spelt = cleaned(name).casefold().replace("ß", "ss").replace("&", " and ").replace(".", "")
    letters = unicodedata.normalize("NFKD", spelt)
    bare = "".join(letter for letter in letters if not "\u0300" <= letter <= "\u036f")
    words = SIGNS.sub(" ", re.sub("([aou])e", r"\1", bare)).split()
    return tuple(words[1:] if len(words) > 1 and words[0] == "the" else words)


@lru_cache(64)
def _forms(legal_forms: frozenset[str]) -> tuple[tuple[str, ...], ...]:
    """Return each form's words, the longest first."""
    return tuple(
        sorted((_words(form) for form in legal_forms), key=lambda wordse: (-len(wordse), wordse))
    )


def _without_forms(words: tuple[str, ...], forms: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    """Forms stand behind a name, several in a row; some stand before it (OOO, PT)."""
    ends = next((form for form in forms if form and words[-len(form) :] == form), ())
    if ends:
        return _without_forms(_unjoined(words[: -len(ends)]), forms)
    begins = next((form for form in forms if form and words[: len(form)] == form), ())
    rest = words[len(begins) :]
    return _without_forms(rest, forms) if begins and rest else words


def _unjoined(words: tuple[str, ...]) -> tuple[str, ...]:
    return words[:-1] if words and words[-1] in JOINS else words
