r"""Where the code points of a YAML scalar's value are in the file.

YAML moves blanks about (folding, indentation) but keeps every other code point in order, so the
n-th visible one of the value is the n-th visible one of the raw text. Quoted scalars are decoded
first: `''` stands for one quote, `\u00e9` for one letter. So are the quoted cells of a CSV file,
where `""` stands for one quote.
"""

import re
from collections.abc import Iterator

DOUBLE = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|\r?\n[ \t]*|(.))|([^\\])",
    re.DOTALL,
)
CELL = "csv"
DOUBLED = re.compile(r'("")|([^"])', re.DOTALL)
SINGLE = re.compile(r"('')|([^'])", re.DOTALL)
ESCAPES = dict(zip("0abt\tnvfre N_LP", "\0\a\b\t\t\n\v\f\r\x1b \x85\xa0\u2028\u2029", strict=True))


def index_of(raw: str, style: str, value: str, offset: int) -> int:
    """Return the index in `raw` of the code point at `offset` in `value`.

    A blank gives the visible code point after it; the end gives the place after the last one.
    """
    wanted = sum(not letter.isspace() for letter in value[:offset])
    end = 0
    for letter, start, stop in _letters(raw, style):
        if letter.isspace():
            continue
        if wanted == 0:
            return start
        wanted, end = wanted - 1, stop
    return end


def _letters(raw: str, style: str) -> Iterator[tuple[str, int, int]]:
    """Yield each code point of the value with its start and end in `raw`."""
    if style == '"':
        for match in DOUBLE.finditer(raw, 1, len(raw) - 1):
            yield _decoded(match), match.start(), match.end()
    elif style == "'" or (style == CELL and raw.startswith('"')):
        for match in (DOUBLED if style == CELL else SINGLE).finditer(raw, 1, len(raw) - 1):
            yield match[0][0], match.start(), match.end()
    else:
        start = raw.find("\n") + 1 if style in {"|", ">"} else 0
        yield from ((letter, start + i, start + i + 1) for i, letter in enumerate(raw[start:]))


def _decoded(match: re.Match[str]) -> str:
    """Return the letter an escape stands for; a line continuation counts as a blank."""
    number = match[1] or match[2] or match[3]
    if number:
        return chr(int(number, 16))
    if match[4]:
        return ESCAPES.get(match[4], match[4])
    return match[5] or " "
