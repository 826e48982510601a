"""Text as people paste it: one form of each letter, invisible characters, mixed alphabets."""

import re
import unicodedata
from functools import lru_cache

WORD = re.compile(r"[^\W\d_]+")
ZWNJ, ZWJ = "\u200c", "\u200d"
# Shown differently by width alone, as forms in East Asia have them; other variants stay.
WIDTHS = ("<wide>", "<narrow>")
# Marks of direction and soft hyphens come with pasting and deceive nobody. Overrides do: but one
# from left to right changes nothing of digits and Latin letters, and telephones put it around a
# number that is copied.
HARMLESS = frozenset(
    "\u00ad\u200e\u200f\u061c\ufeff\u2060\u2066\u2067\u2068\u2069\u202a\u202b\u202c"
)
LEFT_TO_RIGHT_OVERRIDE = "\u202d"
# Scripts whose letters look like Latin ones wherever they stand.
LOOKALIKE_SCRIPTS = ("CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC")
# Greek stands among Latin letters as a sign, such as in µTorrent and ΔTech, unless it looks Latin:
# those that Unicode calls confusable with a Latin letter (TR39, confusables.txt).
GREEK_LOOKALIKES = frozenset(
    map(
        chr,
        (
            *(0x391, 0x392, 0x395, 0x396, 0x397, 0x399, 0x39A, 0x39C, 0x39D, 0x39F, 0x3A1, 0x3A4),
            *(0x3A5, 0x3A7, 0x3B1, 0x3B3, 0x3B9, 0x3BA, 0x3BD, 0x3BF, 0x3C1, 0x3C3, 0x3C5),
        ),
    )
)
# Scripts whose letters join, so that a joiner between them is spelling: RFC 5892, appendix A.
JOINING = ("ARABIC", "SYRIAC", "MONGOLIAN", "NKO", "MANDAIC")
VIRAMA = 9  # the combining class of the signs that a joiner follows in the scripts of India


@lru_cache(1024)
def cleaned(text: str) -> str:
    """Return the text composed, of one width, without what cannot be seen, singly spaced."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    folded = unicodedata.normalize("NFC", "".join(map(_of_one_width, text)))
    kept = (one for at, one in enumerate(folded) if _is_visible(one) or _joins(folded, at))
    return " ".join("".join(kept).split())


@lru_cache(1024)
def is_suspicious(text: str) -> bool:
    """Tell whether it hides something: unseen characters, or letters that look like others'.

    A joiner that Persian, Arabic or the languages of India are spelt with hides nothing; nor does
    a mark of direction.
    """
    if text.isascii():
        return any(unicodedata.category(one) == "Cc" and not one.isspace() for one in text)
    harmless = HARMLESS if _turns(text) else HARMLESS | {LEFT_TO_RIGHT_OVERRIDE}
    hidden = any(
        not _is_visible(one) and one not in harmless and not _joins(text, at)
        for at, one in enumerate(text)
    )
    return hidden or any(map(_is_deceptive, WORD.findall(text)))


def _turns(text: str) -> bool:
    """Tell whether any of it is written from right to left."""
    return any(unicodedata.bidirectional(one) in {"R", "AL", "AN", "RLO"} for one in text)


def _is_visible(text: str) -> bool:
    return text.isspace() or unicodedata.category(text) not in {"Cf", "Cc"}


def _of_one_width(text: str) -> str:
    if text.isascii() or not unicodedata.decomposition(text).startswith(WIDTHS):
        return text
    return unicodedata.normalize("NFKC", text)


def _joins(text: str, at: int) -> bool:
    """Tell whether a joiner at `at` is spelling, or holds an emoji together."""
    if text[at] not in {ZWNJ, ZWJ} or not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at + 1 : at + 2]
    if unicodedata.combining(before) == VIRAMA:
        return True
    if text[at] == ZWJ and after and {_kind(before), _kind(after)} <= {"So", "Sk", "Mn", "Sm"}:
        return True
    return bool(after) and _script(before) in JOINING and _script(after) in JOINING


def _kind(text: str) -> str:
    return unicodedata.category(text)


@lru_cache(8192)
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ", 1)[0]


def _is_deceptive(word: str) -> bool:
    scripts = {_script(letter) for letter in word}
    if len(scripts) < 2:  # one alphabet
        return False
    if "GREEK" in scripts and "LATIN" in scripts:
        return not GREEK_LOOKALIKES.isdisjoint(word)
    return len(scripts.intersection(("LATIN", "GREEK", *LOOKALIKE_SCRIPTS))) > 1
