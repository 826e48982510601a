"""Text as people paste it: invisible characters, mixed alphabets, placeholders."""

import re
import unicodedata
from collections.abc import Set as AbstractSet
from functools import lru_cache

WORD = re.compile(r"[^\W\d_]+")
# Alphabets with letters that look like those of another.
ALPHABETS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC")
PUNCTUATION = " .-_/?!*'\"()"


def cleaned(text: str) -> str:
    """Return the text without invisible characters, and one space wherever there were several."""
    return " ".join("".join(filter(_is_visible, text)).split())


def is_suspicious(text: str) -> bool:
    """Tell whether it holds invisible characters, or a word in letters of several alphabets."""
    if text.isascii():
        return any(unicodedata.category(one) == "Cc" and not one.isspace() for one in text)
    invisible = any(not _is_visible(one) for one in text)
    return invisible or any(len(_alphabets(word)) > 1 for word in WORD.findall(text))


def is_placeholder(text: str, placeholders: AbstractSet[str]) -> bool:
    """Tell whether people type that to be left alone: nothing, signs, one letter again and again.

    `placeholders` are in lower case. Signs around the word do not count: "-- Select --".
    """
    bare = cleaned(text).casefold()
    word = bare.strip(PUNCTUATION)
    repeated = len(word) > 2 and len(set(word)) == 1
    return not word or repeated or bare in placeholders or word in placeholders


def _is_visible(one: str) -> bool:
    return one.isspace() or unicodedata.category(one) not in {"Cf", "Cc"}


@lru_cache(4096)
def _alphabet(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ", 1)[0]


def _alphabets(word: str) -> set[str]:
    return {_alphabet(letter) for letter in word}.intersection(ALPHABETS)
